"""EQL's functions. https://www.elastic.co/docs/reference/query-languages/eql/eql-function-ref"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Address, ip_address
from math import fmod

from sigmaproof.index.elastic import utf16_length
from sigmaproof.languages.eql.nodes import Function, Kind
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


def function(name: str, insensitive: bool) -> Function | None:
    """The function of that name, whatever its case; None if there is none, or none with a tilde."""
    return _TABLE.get((name.lower(), insensitive))


def names() -> list[str]:
    """Every function's name."""
    return [found.name for found in _TABLE.values()]


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


def _starts_with(rule: Fold, text: str, head: str) -> bool:
    return fold(text, rule).startswith(fold(head, rule))


def _ends_with(rule: Fold, text: str, tail: str) -> bool:
    return fold(text, rule).endswith(fold(tail, rule))


def _contains(rule: Fold, text: str, part: str) -> bool:
    return bool(part) and fold(part, rule) in fold(text, rule)


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


def _address_order(address: str) -> int:
    found = ip_address(address)
    return int(found) + (0xFFFF << 32 if isinstance(found, IPv4Address) else 0)


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


ADDRESS_ORDER = Function("address", "I", Kind.NUMBER, _address_order)
VERSION_ORDER = Function("version", "A", Kind.TEXT, version_order)


def _with_tilde(
    name: str, takes: str, gives: Kind, apply: Callable[..., Value], needs: int = 99
) -> list[Function]:
    # The plain one and the one with a tilde.
    return [Function(name, takes, gives, partial(apply, rule), needs) for rule in (Fold.EXACT, Fold.SIMPLE)]


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
_TILDE = (
    _with_tilde("between", "SSSb", Kind.TEXT, _between, 3),
    _with_tilde("endsWith", "SS", Kind.BOOLEAN, _ends_with),
    _with_tilde("indexOf", "SSn", Kind.NUMBER, _index_of, 2),
    _with_tilde("startsWith", "SS", Kind.BOOLEAN, _starts_with),
    _with_tilde("stringContains", "SS", Kind.BOOLEAN, _contains),
)
_TABLE: dict[tuple[str, bool], Function] = {(known.name.lower(), False): known for known in _PLAIN}
_TABLE |= {(pair[tilde].name.lower(), bool(tilde)): pair[tilde] for pair in _TILDE for tilde in (0, 1)}
ARITHMETIC = {
    sign: _TABLE[name, False]
    for sign, name in zip("+-*/%", ("add", "subtract", "multiply", "divide", "modulo"), strict=True)
}
