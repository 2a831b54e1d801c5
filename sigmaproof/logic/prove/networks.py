"""Languages of the addresses in a network, as texts.

IPv6 is written in groups, with or without `::`; of the forms that end in dotted decimals only
`::ffff:a.b.c.d` is meant, and no zone (`%eth0`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct

from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.texts import Pattern, PatternMachine
from sigmaproof.text.fold import Fold
from sigmaproof.text.regex import (
    EMPTY,
    NOTHING,
    Chars,
    Complement,
    Concat,
    Intersection,
    Regex,
    Repeat,
    choice,
    concat,
    literal,
    search,
)

_COLON, _DOT = literal(":"), literal(".")
_MAPPED = Concat((literal("::"), literal("ffff", Fold.ASCII), _COLON))
_GROUPS = 8


class Addresses(Struct, frozen=True):
    """The texts of the addresses in a network."""

    network: str
    mapped: bool = False
    """IPv4 addresses are also those that IPv6 writes as `::ffff:…`."""

    def machine(self) -> PatternMachine:
        """Its automaton."""
        return Pattern(_expression(self.network, self.mapped)).machine()


def _expression(network: str, mapped: bool) -> Regex:
    found = ip_network(network)
    if isinstance(found, IPv4Network):
        plain = _v4(found)
        return choice([plain, *_as_mapped(found, plain)] if mapped else [plain])
    forms = list(_v6(found))
    inner = found.network_address.ipv4_mapped
    if inner is not None and found.prefixlen >= 96:
        four = _v4(IPv4Network((inner, found.prefixlen - 96)))
        forms += [Concat((_MAPPED, four)), *([four] if mapped else [])]
    elif found.overlaps(IPv6Network("::ffff:0:0/96")):
        forms.append(Concat((_MAPPED, _v4(IPv4Network("0.0.0.0/0")))))
    return choice(forms)


_V4_AT_END = Concat((_MAPPED, Repeat(Chars.of((0x30, 0x39), (0x2E, 0x2E)), 1, None)))
ODD: Language = Pattern(
    Intersection(
        (
            search(_COLON),
            search(Chars.of((0x25, 0x25), (0x2E, 0x2E))),
            Complement(_V4_AT_END),
        )
    )
)
"""Addresses in forms that are left out."""


def _as_mapped(network: IPv4Network, plain: Regex) -> Iterator[Regex]:
    yield Concat((_MAPPED, plain))
    yield from _v6(IPv6Network((f"::ffff:{network.network_address}", 96 + network.prefixlen)))


def _v4(network: IPv4Network) -> Regex:
    first, last = network.network_address.packed, network.broadcast_address.packed
    parts: list[Regex] = []
    for low, high in zip(first, last, strict=True):
        parts += [_octet(low, high), _DOT]
    return concat(parts[:-1])


@cache
def _octet(low: int, high: int) -> Regex:
    return choice([literal(str(number)) for number in range(low, high + 1)])


def _v6(network: IPv6Network) -> Iterator[Regex]:
    """One expression for all eight groups, and one for each run of zeros that `::` can stand for."""
    first, last = (int(end) for end in (network.network_address, network.broadcast_address))
    spans = [((first >> shift) & 0xFFFF, (last >> shift) & 0xFFFF) for shift in range(112, -1, -16)]
    groups = [_group(*span) for span in spans]
    yield _joined(groups)
    for start in range(_GROUPS):
        for end in range(start + 1, _GROUPS + 1):
            if all(low == 0 for low, _ in spans[start:end]):
                yield concat([_joined(groups[:start]), literal("::"), _joined(groups[end:])])


def _joined(groups: Sequence[Regex]) -> Regex:
    parts: list[Regex] = []
    for group in groups:
        parts += [_COLON, group]
    return concat(parts[1:]) if parts else EMPTY


@cache
def _group(low: int, high: int) -> Regex:
    """A group between two numbers: one to four digits, zeros in front or not."""
    options = [_digits(max(low, 0), min(high, 16**size - 1), size) for size in range(1, 5) if low < 16**size]
    return choice(options) if options else NOTHING


def _digits(low: int, high: int, size: int) -> Regex:
    """The numbers between two bounds in exactly `size` digits. Networks share their first ones."""
    if size == 0:
        return EMPTY
    unit = 16 ** (size - 1)
    options: list[Regex] = []
    digit = low // unit
    while digit <= high // unit:
        inside = max(low, digit * unit), min(high, digit * unit + unit - 1)
        top = digit
        if inside == (digit * unit, digit * unit + unit - 1):  # whole digits together
            while top < high // unit and high >= (top + 2) * unit - 1:
                top += 1
        rest = _digits(inside[0] - digit * unit, inside[1] - digit * unit, size - 1)
        options.append(concat([_hex(digit, top), rest]))
        digit = top + 1
    return choice(options)


def _hex(low: int, high: int) -> Chars:
    chars = [char for number in range(low, high + 1) for char in (f"{number:x}", f"{number:X}")]
    return Chars.of(*((ord(char), ord(char)) for char in chars))


NO_ADDRESS: Language = Pattern(
    Complement(choice([_expression("0.0.0.0/0", False), _expression("::/0", False)]))
)
"""Texts that are no address."""
