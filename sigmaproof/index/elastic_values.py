"""How one JSON value becomes one indexed value of a mapping type."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from math import isfinite
from typing import Any

from msgspec import Struct

from sigmaproof.index.elastic_dates import DEFAULT_FORMATS, parse_date
from sigmaproof.logic.values import Value, text_of


class Malformed(Struct, frozen=True):
    """A value that the type does not take: the index rejects the document."""

    reason: str


Reading = Callable[[Any], Value | Malformed]
"""One value that is not null, as the index holds it; None if it counts as no value."""

INTEGERS: Mapping[str, tuple[int, int]] = {
    "byte": (-(2**7), 2**7 - 1),
    "short": (-(2**15), 2**15 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsigned_long": (0, 2**64 - 1),
}
"""Integer types with their least and greatest value."""

FLOATS = frozenset({"half_float", "float", "double", "scaled_float"})
NUMBERS = frozenset(INTEGERS) | FLOATS

_LONGEST = 1100  # digits and more that a number can need; beyond that it is text
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@cache
def reading(type_name: str, formats: str = "") -> Reading:
    """How values of a mapping type are read."""
    if type_name in INTEGERS:
        return partial(_integer, *INTEGERS[type_name])
    if type_name in FLOATS:
        return partial(_float, type_name)
    if type_name in ("date", "date_nanos"):
        return partial(_date, formats or DEFAULT_FORMATS)
    return {"boolean": _boolean, "ip": _address}.get(type_name, _text)


def decimal_of(text: str) -> Decimal | None:
    """A number as Java's BigDecimal reads it."""
    if len(text) > _LONGEST or not _DECIMAL.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def double_of(text: str) -> float | None:
    """A number as Java's Double.parseDouble reads it, hexadecimal ones aside."""
    text = text.strip("".join(map(chr, range(33))))
    if text.lstrip("+-") in ("NaN", "Infinity"):
        return float(text)
    if text[-1:] in ("d", "D", "f", "F"):
        text = text[:-1]
    return float(text) if len(text) <= _LONGEST and _DECIMAL.fullmatch(text) else None


def single(number: float) -> float:
    """The nearest number that a 32-bit float can hold."""
    try:
        rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    return rounded


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """An address as an `ip` field holds it: one mapped into IPv6 is the IPv4 one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(int(found))  # without its zone
    return found


def _text(value: Any) -> Value | Malformed:
    if isinstance(value, Mapping):
        return Malformed("an object where a value belongs")
    return text_of(value)


def _integer(least: int, greatest: int, value: Any) -> Value | Malformed:
    if value == "":
        return None
    number = None if isinstance(value, bool | Mapping) else decimal_of(str(value))
    # The exponent is looked at first: 1e999999999 must not be written out.
    if number is None or number.adjusted() > 30:
        return Malformed(f"not an integer: {value!r}")
    whole = int(number)
    return whole if least <= whole <= greatest else Malformed(f"out of range: {value!r}")


def _float(type_name: str, value: Any) -> Value | Malformed:
    if value == "":
        return None
    number = None if isinstance(value, bool | Mapping) else double_of(str(value))
    if number is not None and type_name == "float":
        number = single(number)
    return number if number is not None and isfinite(number) else Malformed(f"not a number: {value!r}")


def _boolean(value: Any) -> Value | Malformed:
    if isinstance(value, bool):
        return value
    known = {"true": True, "false": False, "": False}
    return (
        known[value] if isinstance(value, str) and value in known else Malformed(f"not a boolean: {value!r}")
    )


def _address(value: Any) -> Value | Malformed:
    found = address_of(value) if isinstance(value, str) else None
    return Malformed(f"not an address: {value!r}") if found is None else str(found)


def _date(formats: str, value: Any) -> Value | Malformed:
    millis = None if isinstance(value, bool | Mapping) else parse_date(text_of(value), formats)
    return Malformed(f"not a date: {value!r}") if millis is None else millis
