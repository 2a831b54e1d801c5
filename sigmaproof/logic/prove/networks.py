"""Languages of the addresses in a network, as texts.

IPv6 is written in groups, with or without `::`; of the forms that end in dotted decimals only
`::ffff:a.b.c.d` is meant, and no zone (`%eth0`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_network

from msgspec import Struct

from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.texts import Pattern
from sigmaproof.text.fold import Fold
from sigmaproof.text.regex import ANY_CHAR, Chars, Complement, Concat, Intersection, Repeat, literal, search

_GROUPS = 8

Interval = tuple[int, int] | None
Rest = tuple[Interval, ...]
"""For each number of digits that may still come, between which two numbers they must be; or not so many."""


class Number(Struct, frozen=True, cache_hash=True):
    """A number between two others, in the digits of a base."""

    base: int
    rest: Rest

    @property
    def done(self) -> bool:
        """Whether the number may end here."""
        return self.rest[0] is not None


@lru_cache(maxsize=16384)
def _behind(number: Number, digit: int) -> Number | None:
    """What is left to read of a number behind a first digit."""
    base = number.base
    rest = tuple(_within(found, digit * base**more, base**more) for more, found in enumerate(number.rest[1:]))
    return Number(base, rest) if any(rest) else None


def _within(interval: Interval, offset: int, size: int) -> Interval:
    """The part of an interval that lies in `size` numbers from `offset` on, counted from there."""
    if interval is None:
        return None
    low, high = max(interval[0] - offset, 0), min(interval[1] - offset, size - 1)
    return (low, high) if low <= high else None


@cache
def _octet(low: int, high: int) -> Number:
    """One to three decimal digits, without zeros in front."""
    sizes = ((0, 9), (10, 99), (100, 255))
    clipped = [(max(low, least), min(high, most)) for least, most in sizes]
    return Number(10, (None, *(pair if pair[0] <= pair[1] else None for pair in clipped)))


@cache
def _group(low: int, high: int) -> Number:
    """One to four hexadecimal digits, with zeros in front or not."""
    return Number(16, (None, *(_within((low, high), 0, 16**size) for size in range(1, 5))))


Form = tuple[str | Number, ...]
"""Signs, in small letters, and numbers. No two numbers are beside each other."""

_MAPPED = tuple("::ffff:")


def _forms(network: str, mapped: bool) -> Iterator[Form]:
    found = ip_network(network)
    if isinstance(found, IPv4Network):
        yield _v4(found)
        if mapped:
            yield (*_MAPPED, *_v4(found))
            yield from _v6(IPv6Network((f"::ffff:{found.network_address}", 96 + found.prefixlen)))
        return
    yield from _v6(found)
    inner = found.network_address.ipv4_mapped
    if inner is not None and found.prefixlen >= 96:
        four = _v4(IPv4Network((inner, found.prefixlen - 96)))
        yield (*_MAPPED, *four)
        if mapped:
            yield four
    elif found.overlaps(IPv6Network("::ffff:0:0/96")):
        yield (*_MAPPED, *_v4(IPv4Network((IPv4Address(0), 0))))


def _v4(network: IPv4Network) -> Form:
    first, last = network.network_address.packed, network.broadcast_address.packed
    return _joined([_octet(*ends) for ends in zip(first, last, strict=True)], ".")


def _v6(network: IPv6Network) -> Iterator[Form]:
    """One form for all eight groups, and one for each run of zeros that `::` can stand for."""
    first, last = (int(end) for end in (network.network_address, network.broadcast_address))
    spans = [((first >> shift) & 0xFFFF, (last >> shift) & 0xFFFF) for shift in range(112, -1, -16)]
    groups = [_group(*span) for span in spans]
    yield _joined(groups, ":")
    for start in range(_GROUPS):
        for end in range(start + 1, _GROUPS + 1):
            if all(low == 0 for low, _ in spans[start:end]):
                yield (*_joined(groups[:start], ":"), ":", ":", *_joined(groups[end:], ":"))


def _joined(numbers: Sequence[Number], sign: str) -> Form:
    return tuple(one for number in numbers for one in (sign, number))[1:]


_SIGNS = "0123456789abcdef:."


def _blocks() -> tuple[Chars, ...]:
    signs = [Chars.one(sign, Fold.ASCII) for sign in _SIGNS]
    other = ANY_CHAR
    for one in signs:
        other &= ~one
    return (*signs, other)


@dataclass(slots=True)
class AddressMachine:
    """Reads all forms at once. State: what is left of those that still fit."""

    start: frozenset[Form]
    outside: bool = False
    """Texts in none of the forms are meant."""
    blocks: Sequence[Chars] = _blocks()

    def step(self, state: frozenset[Form], block: int) -> frozenset[Form]:
        if block >= len(_SIGNS):
            return frozenset()
        return frozenset(left for form in state for left in _after(form, block))

    def accepts(self, state: frozenset[Form]) -> bool:
        return any(map(_complete, state)) is not self.outside

    def final(self, state: frozenset[Form]) -> bool | None:
        return None if state else self.outside


@lru_cache(maxsize=65536)
def _after(form: Form, sign: int) -> tuple[Form, ...]:
    """What is left of a form behind one more sign, given by its place in `_SIGNS`."""
    if not form:
        return ()
    first, following = form[0], form[1:]
    if isinstance(first, str):
        return (following,) if first == _SIGNS[sign] else ()
    number = _behind(first, sign) if sign < first.base else None
    if number is not None:
        return ((number, *following),)
    return (following[1:],) if first.done and following and following[0] == _SIGNS[sign] else ()


def _complete(form: Form) -> bool:
    return not form or (len(form) == 1 and isinstance(form[0], Number) and form[0].done)


class Addresses(Struct, frozen=True):
    """The texts of the addresses in a network."""

    network: str
    mapped: bool = False
    """IPv4 addresses are also those that IPv6 writes as `::ffff:…`."""

    def machine(self) -> AddressMachine:
        """Its automaton."""
        return AddressMachine(frozenset(_forms(self.network, self.mapped)))


class NoAddress(Struct, frozen=True):
    """The texts that are no address."""

    def machine(self) -> AddressMachine:
        """Its automaton."""
        every = [*_forms("0.0.0.0/0", False), *_forms("::/0", False)]
        return AddressMachine(frozenset(every), outside=True)


NO_ADDRESS: Language = NoAddress()
_DECIMALS = Repeat(Chars.of((0x30, 0x39), (0x2E, 0x2E)), 1, None)
_V4_AT_END = Concat((literal("".join(_MAPPED), Fold.ASCII), _DECIMALS))
ODD: Language = Pattern(
    Intersection(
        (
            search(literal(":")),
            search(Chars.of((0x25, 0x25), (0x2E, 0x2E))),
            Complement(_V4_AT_END),
        )
    )
)
"""Addresses in forms that are left out."""
