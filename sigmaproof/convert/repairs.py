"""Rules that pySigma would misread, in words that it reads rightly; the rest as it is.

What is repaired here, each with what pySigma 1.5 makes of it: identifiers such as `notepad` (the operator
`not` and the rest), with a dot or a blank (a syntax error), or in a filter with `_` in front; `2 of`, and
patterns with a dash or `?` (syntax errors); patterns that select nothing (left out of the condition);
keywords in capitals; numbers above 2**53 (rounded); a number under `contains`, and a quoted one under `gt`
(errors).
https://github.com/SigmaHQ/pySigma/blob/main/sigma/conditions.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any

from msgspec import Struct

from sigmaproof.convert.values import Unsayable

_TOKEN = re.compile(r"[()]|[^\s()]+")
_KEYWORDS = frozenset({"and", "or", "not"})
_NAME = re.compile(r"(?!(?i:not|and|or|all|any|1|of|them))[A-Za-z0-9_-]+")
_PATTERN = re.compile(r"[A-Za-z0-9_*]+")
_NOT_NAMES = frozenset({"condition", "timeframe", "rules"})
_MOST_WAYS = 1000

_TIME_PARTS = frozenset({"minute", "hour", "day", "week", "month", "year"})
_POSITIONS = frozenset({"contains", "startswith", "endswith"})
_ORDERS = frozenset({"gt", "gte", "lt", "lte"})
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_EXACT = 2**53


def repaired(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same rule or filter for pySigma. Raises `Unsayable` for what no target says."""
    made = dict(document)
    for section in ("detection", "filter"):
        body = made.get(section)
        if isinstance(body, Mapping):
            made[section] = _section({str(k): v for k, v in body.items()}, filters=section == "filter")
    return made


def _section(body: Mapping[str, Any], *, filters: bool) -> dict[str, Any]:
    names = [name for name in body if name not in _NOT_NAMES]
    written = body.get("condition")
    conditions = [str(one) for one in written] if isinstance(written, list) else [str(written)]
    made = {name: _detection(value) if name in names else value for name, value in body.items()}
    if written is None or any("|" in one for one in conditions):
        return made
    reader = _Condition(names, filters)
    if not any(map(reader.is_misread, conditions)):
        return made
    renamed = {reader.safe(name): made.pop(name) for name in names}
    rewritten = [reader.rewritten(one) for one in conditions]
    return {**made, **renamed, "condition": rewritten if isinstance(written, list) else rewritten[0]}


class _Condition(Struct, frozen=True):
    """Reads conditions over these identifiers, as far as the words go: operands, not operators."""

    names: Sequence[str]
    filters: bool

    def is_misread(self, condition: str) -> bool:
        """Whether pySigma would stumble over an identifier, a pattern or a keyword."""
        words = _TOKEN.findall(condition)
        if any(word.lower() in _KEYWORDS and word not in _KEYWORDS for word in words):
            return True
        used = [word for word in words if word in self.names]
        if not all(map(self._is_safe, used)):
            return True
        return any(self._is_hard(*one) for one in _quantified(words))

    def _is_safe(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name)) and not (self.filters and name.startswith("_"))

    def _is_hard(self, quantifier: str, pattern: str) -> bool:
        selected = self.selected(pattern)
        plain = quantifier in ("1", "any", "all") and (pattern == "them" or _PATTERN.fullmatch(pattern))
        return not plain or not selected or not all(map(self._is_safe, selected))

    def safe(self, name: str) -> str:
        """A name that pySigma reads as one."""
        return name if self._is_safe(name) else f"identifier_{list(self.names).index(name)}"

    def rewritten(self, condition: str) -> str:
        """The condition over safe names, without quantifiers."""
        words, made = _TOKEN.findall(condition), []
        while words:
            word = words.pop(0)
            if len(words) > 1 and words[0].lower() == "of":
                made.append(self._spelt_out(word, words[1]))
                del words[:2]
            elif word in self.names:
                made.append(self.safe(word))
            else:
                made.append(word.lower() if word.lower() in _KEYWORDS else word)
        return " ".join(made)

    def _spelt_out(self, quantifier: str, pattern: str) -> str:
        names = [self.safe(name) for name in self.selected(pattern)]
        if not names:
            raise Unsayable(f"`{quantifier} of {pattern}` in the condition selects no identifier")
        if quantifier.lower() == "all":
            return f"({' and '.join(names)})"
        least = 1 if quantifier.lower() == "any" else int(quantifier) if quantifier.isdecimal() else 0
        if not least or comb(len(names), least) > _MOST_WAYS:
            raise Unsayable(f"`{quantifier} of` {len(names)} identifiers")
        if least > len(names):
            raise Unsayable(f"`{quantifier} of {pattern}` in the condition asks for more than there is")
        ways = [" and ".join(way) for way in combinations(names, least)]
        return f"({' or '.join(f'({way})' if least > 1 else way for way in ways)})"

    def selected(self, pattern: str) -> list[str]:
        """The identifiers that a pattern means; those with `_` in front only if it has one, too."""
        if pattern.lower() == "them":
            return [name for name in self.names if not name.startswith("_")]
        wanted = re.compile("".join({"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern))
        hidden = pattern.startswith("_")
        return [
            name for name in self.names if wanted.fullmatch(name) and (hidden or not name.startswith("_"))
        ]


def _quantified(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    for before, of, after in zip(words, words[1:], words[2:], strict=False):
        if of.lower() == "of":
            yield before, after


def _detection(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(key): _values(str(key), inner) for key, inner in value.items()}
        case list():
            return [_detection(one) for one in value]
    return _number("", value)


def _values(key: str, value: Any) -> Any:
    modifiers = frozenset(key.split("|")[1:])
    parts = sorted(modifiers & _TIME_PARTS)
    if parts:
        raise Unsayable(f"cannot be said: the {parts[0]} of a time")
    if isinstance(value, list):
        return [_scalar(modifiers, one) for one in value]
    return _scalar(modifiers, value)


def _scalar(modifiers: frozenset[str], value: Any) -> Any:
    if modifiers & _ORDERS and isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value) if "." in value else _number("gt", int(value))
    if modifiers & _POSITIONS and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _number("gt" if modifiers & _ORDERS else "", value)


def _number(order: str, value: Any) -> Any:
    if not isinstance(value, int) or abs(value) <= _EXACT:
        return value
    if order:
        raise Unsayable(f"cannot be said: a comparison with {value}, which no target holds exactly")
    return str(value)
