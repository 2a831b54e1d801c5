"""Checks: what a test asks of a value. A check is a frozen value; `predicate` turns it into a function."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from operator import eq, ge, gt, le, lt
from typing import Protocol

from msgspec import Struct

from sigmaproof.logic.values import Value, number_of, text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.match import text_matcher
from sigmaproof.text.regex import Regex

Predicate = Callable[[Value], bool]


class Check(Hashable, Protocol):
    """What a test asks. `on_absent` and `on_empty` answer for a field that is absent, or holds no value."""

    @property
    def on_absent(self) -> bool: ...

    @property
    def on_empty(self) -> bool: ...

    def predicate(self) -> Predicate:
        """The check as a function of one value; pure, never raises."""


class Order(Enum):
    """A comparison."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


_COMPARE: dict[Order, Callable[..., bool]] = {
    Order.EQ: eq,
    Order.LT: lt,
    Order.LE: le,
    Order.GT: gt,
    Order.GE: ge,
}


class ValueCheck(Struct, frozen=True, cache_hash=True):
    """Base of the checks that only a value which is not null can satisfy."""

    @property
    def on_absent(self) -> bool:
        return False

    @property
    def on_empty(self) -> bool:
        return False


class Matches(ValueCheck, frozen=True):
    """The value's text, folded by the case rule, is in the pattern's language."""

    pattern: Glob | Regex
    fold: Fold = Fold.EXACT

    def predicate(self) -> Predicate:
        matches = text_matcher(self.pattern, self.fold)
        return lambda value: value is not None and matches(text_of(value))


class Number(ValueCheck, frozen=True):
    """The value is a number (with `text`: or a text that is one, in canonical form) that compares so."""

    order: Order
    than: int | float
    text: bool = True

    def predicate(self) -> Predicate:
        compare, than = _COMPARE[self.order], self.than

        def holds(value: Value) -> bool:
            if isinstance(value, str) and not self.text:
                return False
            number = number_of(value)
            return number is not None and compare(number, than)

        return holds


class Lexical(ValueCheck, frozen=True):
    """The value's text compares so, by code points after folding."""

    order: Order
    than: str
    fold: Fold = Fold.EXACT

    def predicate(self) -> Predicate:
        compare, than = _COMPARE[self.order], fold(self.than, self.fold)
        return lambda value: value is not None and compare(fold(text_of(value), self.fold), than)


class InNetwork(ValueCheck, frozen=True):
    """The value is an address inside the network (CIDR text, no host bits).

    `mapped`: IPv4 addresses stand among the IPv6 ones, as Lucene indexes them: 10.0.0.5 is ::ffff:10.0.0.5,
    and so in ::/0. Otherwise the two never match.
    """

    network: str
    mapped: bool = False

    def predicate(self) -> Predicate:
        network = ip_network(self.network)
        if self.mapped:
            network = _mapped_network(network)

        def holds(value: Value) -> bool:
            try:
                address = ip_address(value) if isinstance(value, str) else None
            except ValueError:
                return False
            if address is None:
                return False
            if self.mapped and address.version == 4:
                address = _mapped(address)
            return address.version == network.version and address in network

        return holds


class Exists(Struct, frozen=True, cache_hash=True):
    """The field is there, whatever it holds: a null and an empty list count."""

    on_absent: bool = False
    on_empty: bool = True

    def predicate(self) -> Predicate:
        return lambda value: True


class Present(ValueCheck, frozen=True):
    """The field has a value other than null."""

    def predicate(self) -> Predicate:
        return lambda value: value is not None


class IsNull(Struct, frozen=True, cache_hash=True):
    """The field is absent, or null. An empty list is neither."""

    on_absent: bool = True
    on_empty: bool = False

    def predicate(self) -> Predicate:
        return lambda value: value is None


class IsTrue(ValueCheck, frozen=True):
    """The value is the boolean true: what is asked of an expression that is itself a condition."""

    def predicate(self) -> Predicate:
        return lambda value: value is True


class AllOf(ValueCheck, frozen=True):
    """One and the same value satisfies every check."""

    checks: tuple[Check, ...]

    def predicate(self) -> Predicate:
        parts = [check.predicate() for check in self.checks]
        return lambda value: value is not None and all(part(value) for part in parts)


class AnyOf(ValueCheck, frozen=True):
    """The value satisfies one of the checks."""

    checks: tuple[Check, ...]

    def predicate(self) -> Predicate:
        parts = [check.predicate() for check in self.checks]
        return lambda value: value is not None and any(part(value) for part in parts)


class Other(ValueCheck, frozen=True):
    """The value does not satisfy the check: some other value is there."""

    check: Check

    def predicate(self) -> Predicate:
        inner = self.check.predicate()
        return lambda value: value is not None and not inner(value)


def _mapped_network(network: IPv4Network | IPv6Network) -> IPv6Network:
    if network.version == 6:
        return network
    return IPv6Network((_mapped(network.network_address), network.prefixlen + 96))


def _mapped(address: IPv4Address) -> IPv6Address:
    return IPv6Address(0xFFFF << 32 | int(address))
