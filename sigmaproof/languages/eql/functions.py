"""EQL's functions. https://www.elastic.co/docs/reference/query-languages/eql/eql-function-ref"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import fmod

from msgspec.structs import replace

from sigmaproof.index.elastic import utf16_length
from sigmaproof.languages.eql.scripts import Function, Kind
from sigmaproof.logic.values import Value, text_of
from sigmaproof.text.fold import Fold, fold

Number = int | float

PARAMETERS = {
    "S": (Kind.TEXT, Kind.NULL),
    "N": (Kind.NUMBER, Kind.NULL),
    "B": (Kind.BOOLEAN, Kind.NULL),
    "I": (Kind.ADDRESS, Kind.NULL),
    "A": (Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.VERSION, Kind.ADDRESS, Kind.NULL),
}
"""The types that each letter of `Function.takes` stands for."""

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def _modulo(left: Number, right: Number) -> Number:
    if isinstance(left, float) or isinstance(right, float):
        return fmod(left, right)
    return left - right * int(_divide(left, right))


def _between(rule: Fold, text: str, left: str, right: str, greedy: bool | None = None) -> str:
    folded = fold(text, rule)
    found = folded.find(fold(left, rule))
    start = found + len(left)
    end = (folded.rfind if greedy else folded.find)(fold(right, rule), start)
    return text[start:end] if found >= 0 and end >= 0 else ""


def _index_of(rule: Fold, text: str, part: str, start: Number | None = None) -> int | None:
    found = fold(text, rule).find(fold(part, rule), max(int(start or 0), 0))
    return found if found >= 0 else None


def _folding(ask: Callable[[str, str], bool]) -> Callable[[Fold, str, str], bool]:
    return lambda rule, text, part: ask(fold(text, rule), fold(part, rule))


def _number(text: str, base: Number | None = None) -> Number:
    text = text.strip().lower()
    if base in (None, 16) and text.lstrip("+-").startswith("0x"):
        return int(text, 16)
    if base not in (None, 10):
        return int(text.replace("_", "?"), int(base or 10))
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"not a number: {text}")
    return float(text) if set(text) & set(".e") else int(text)


def _concat(*values: Value) -> str:
    return "".join(map(text_of, values))


def _substring(text: str, start: Number | None, end: Number | None = None) -> str:
    return text[int(start or 0) : len(text) if end is None else int(end)]


_VERSION = re.compile(r"(\d+(?:\.\d+)*)(?:-([\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*))?(\+.*)?", re.ASCII)


def version_order(version: str) -> str:
    """A text that sorts as the version does: numbers by value, pre-releases before releases, junk last."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return "1" + version
    numbers, before, build = found.groups()
    main = "".join(map(_part_order, numbers.split(".")))
    tail = "\x02" if before is None else "\x01" + "".join(map(_part_order, before.split(".")))
    return f"0{main}\x00{tail}\x00{build or ''}"


def _part_order(part: str) -> str:
    digits = part.lstrip("0")
    return f"\x01{chr(32 + len(digits))}{digits}" if part.isdigit() else f"\x02{part}\x01"


VERSION_ORDER = Function("version", "A", Kind.TEXT, version_order)


_PLAIN = (
    Function("add", "NN", Kind.NUMBER, operator.add),
    Function("subtract", "NN", Kind.NUMBER, operator.sub),
    Function("multiply", "NN", Kind.NUMBER, operator.mul),
    Function("divide", "NN", Kind.NUMBER, _divide),
    Function("modulo", "NN", Kind.NUMBER, _modulo),
    Function("cidrMatch", "IS*", Kind.BOOLEAN, lambda *_: None),
    Function("concat", "A*", Kind.TEXT, _concat),
    Function("length", "S", Kind.NUMBER, utf16_length),
    Function("number", "Sn", Kind.NUMBER, _number, 1),
    Function("string", "A", Kind.TEXT, text_of),
    Function("substring", "SNn", Kind.TEXT, _substring, 1),
)
_WITH_A_TILDE = (
    Function("between", "SSSb", Kind.TEXT, _between, 3),
    Function("endsWith", "SS", Kind.BOOLEAN, _folding(str.endswith)),
    Function("indexOf", "SSn", Kind.NUMBER, _index_of, 2),
    Function("startsWith", "SS", Kind.BOOLEAN, _folding(str.startswith)),
    Function("stringContains", "SS", Kind.BOOLEAN, _folding(lambda text, part: part != "" and part in text)),
)
"""These exist twice; their first argument is the case rule."""


def _table() -> Iterator[Function]:
    yield from _PLAIN
    for known in _WITH_A_TILDE:
        yield replace(known, apply=partial(known.apply, Fold.EXACT))
        yield replace(known, name=f"{known.name}~", apply=partial(known.apply, Fold.SIMPLE))


FUNCTIONS: Mapping[str, Function] = {known.name.lower(): known for known in _table()}
"""Every function by its name in lower case, with the tilde."""

NEGATIVE = Function("neg", "N", Kind.NUMBER, operator.neg)
ARITHMETIC: Mapping[str, Function] = dict(zip("+-*/%", _PLAIN[:5], strict=True))
