"""The condition's grammar, read by recursive descent:

    condition  = conjunction { "or" conjunction }
    conjunction = denial { "and" denial }
    denial     = { "not" } operand
    operand    = "(" condition ")" | quantifier "of" ( "them" | pattern ) | identifier

Keywords are whole words. An identifier is any run of characters without blanks, parentheses and bars.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#condition
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.languages.sigma.errors import InvalidRule, Path
from sigmaproof.languages.sigma.nodes import Both, Condition, Denied, Either, Name, Quantified

MAX_DEPTH = 50

_TOKEN = re.compile(r"[()|]|[^\s()|]+")
_OPERATORS = ("and", "or", "not")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    offset: int

    @property
    def word(self) -> str:
        """Keywords are lower case; capitals are understood, and `lint` complains."""
        return self.text.lower()


def parse_condition(source: str, names: Sequence[str], path: Path = ()) -> Condition:
    """The condition over these identifiers. Raises `InvalidRule` with the offset of what is wrong."""
    parser = _Parser(source, frozenset(names), path)
    condition = parser.condition(0)
    parser.finish()
    return condition


def show(condition: Condition) -> str:
    """The condition as text, with the parentheses it needs."""
    match condition:
        case Name(name):
            return name
        case Denied(inner):
            return f"not {_inside(inner, Both | Either)}"
        case Both(parts):
            return " and ".join(_inside(part, Both | Either) for part in parts)
        case Either(parts):
            return " or ".join(_inside(part, Either) for part in parts)
        case Quantified(least, pattern):
            return f"{'all' if least is None else least} of {pattern or 'them'}"


def selected(pattern: str | None, names: Iterable[str]) -> list[str]:
    """The identifiers that a pattern means; those with `_` in front only if the pattern has one too."""
    wanted = re.compile("".join(_PIECES.get(char, re.escape(char)) for char in pattern or "*"), re.DOTALL)
    hidden = (pattern or "").startswith("_")
    return [name for name in names if wanted.fullmatch(name) and (hidden or not name.startswith("_"))]


def capitals(source: str, names: Sequence[str]) -> list[str]:
    """The keywords that a condition writes in capitals."""
    tokens = [token[0] for token in _TOKEN.finditer(source)]
    words = {"and", "or", "not", "them"}
    found = [token for token in tokens if token.lower() in words]
    found += [token for token, after in pairwise(tokens) if after.lower() == "of"]
    return [token for token in found if token != token.lower() and token not in names]


_PIECES = {"*": ".*", "?": "."}


def _inside(condition: Condition, kinds: object) -> str:
    text = show(condition)
    return f"({text})" if isinstance(condition, kinds) else text  # type: ignore[arg-type]


class _Parser:
    def __init__(self, source: str, names: frozenset[str], path: Path) -> None:
        self._source, self._names, self._path = source, names, path
        self._tokens = [_Token(found[0], found.start()) for found in _TOKEN.finditer(source)]
        self._at = 0
        if bar := next((token for token in self._tokens if token.text == "|"), None):
            self._refuse_aggregation(bar)

    def condition(self, depth: int) -> Condition:
        parts = [self._conjunction(depth)]
        while self._accept("or"):
            parts.append(self._conjunction(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def finish(self) -> None:
        if token := self._peek():
            reason = "an unmatched parenthesis" if token.text == ")" else "`and` or `or` is missing"
            raise self._wrong(f"{reason} before {token.text!r}" if token.text != ")" else reason, token)

    def _conjunction(self, depth: int) -> Condition:
        parts = [self._denial(depth)]
        while self._accept("and"):
            parts.append(self._denial(depth))
        return parts[0] if len(parts) == 1 else Both(tuple(parts))

    def _denial(self, depth: int) -> Condition:
        denials = 0
        while self._accept("not"):
            denials += 1
        if depth + denials > MAX_DEPTH:
            raise self._wrong(f"more than {MAX_DEPTH} levels of nesting", self._tokens[self._at - 1])
        inner = self._operand(depth + denials)
        for _ in range(denials):
            inner = Denied(inner)
        return inner

    def _operand(self, depth: int) -> Condition:
        token = self._next("an identifier")
        if token.text == "(":
            inner = self.condition(depth + 1)
            if (closing := self._next("a closing parenthesis")).text != ")":
                raise self._wrong("`and`, `or` or a closing parenthesis is missing", closing)
            return inner
        if (following := self._peek()) and following.word == "of":
            self._at += 1
            return self._quantified(token)
        return self._identifier(token)

    def _quantified(self, token: _Token) -> Condition:
        pattern = self._next("`them`, or a pattern such as selection_*,")
        if pattern.text in "()":
            raise self._wrong("a quantifier takes `them` or one pattern", pattern)
        them = pattern.word == "them"
        return Quantified(self._least(token), None if them else pattern.text, token.text, offset=token.offset)

    def _least(self, token: _Token) -> int | None:
        if token.word == "all":
            return None
        if token.word == "any":
            return 1
        if re.fullmatch(r"[1-9][0-9]{0,2}", token.text):
            return int(token.text)
        raise self._wrong(f"{token.text!r} is no quantifier", token, "write `1 of` or `all of`")

    def _identifier(self, token: _Token) -> Condition:
        name = token.text
        if name in self._names:
            return Name(name, token.offset)
        if name == ")" or name.lower() in _OPERATORS:
            raise self._wrong(f"an identifier is missing before {name!r}", token)
        if "*" in name:
            raise self._wrong(
                f"{name!r} needs a quantifier", token, f"write `1 of {name}` or `all of {name}`"
            )
        hint = nearest(name, sorted(self._names))
        known = ", ".join(sorted(self._names))
        raise self._wrong(f'undefined identifier "{name}"{hint}', token, f"the detection defines {known}")

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _accept(self, word: str) -> bool:
        token = self._peek()
        found = token is not None and token.word == word
        self._at += found
        return found

    def _next(self, wanted: str) -> _Token:
        token = self._peek()
        if token is None:
            raise self._wrong(f"{wanted} is missing at the end", _Token("", len(self._source)))
        self._at += 1
        return token

    def _wrong(self, message: str, token: _Token, help: str = "") -> InvalidRule:
        return InvalidRule(f"condition: {message}", self._path, help, self._source, token.offset)

    def _refuse_aggregation(self, bar: _Token) -> None:
        rest = self._source[bar.offset :].strip()
        raise UnsupportedQuery(
            f"the aggregation `{rest}` left Sigma with version 2; write a correlation rule instead"
        )
