"""Numbers, booleans, addresses and dates: values that are compared, and not spelt."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, summarize_address_range
from math import isfinite

from sigmaproof.index.elastic_dates import DEFAULT_FORMATS, resolve_date
from sigmaproof.index.elastic_kinds import Bounds, Kind, Scope, all_of, exists, read_regex
from sigmaproof.index.elastic_values import INTEGERS, address_of, decimal_of, double_of, single
from sigmaproof.logic.checks import AnyOf, Check, InNetwork, Number, Order
from sigmaproof.logic.checks import Matches as TextMatches
from sigmaproof.logic.terms import FALSE, Term
from sigmaproof.text.glob import Glob

Equal = Callable[[Scope, str], Term]
Between = Callable[[Scope, Bounds], Term]


def _kind(equal: Equal, between: Between) -> Kind:
    return Kind(
        words=lambda scope, text: (equal(scope, text),),
        phrase=lambda scope, text, slop, begun: _phrase(equal, scope, text, begun),
        prefix=lambda scope, text, analyze: (_refuse("prefix query", scope),),
        wildcard=lambda scope, pattern: _refuse("wildcard query", scope),
        pattern=_pattern,
        between=between,
        near=lambda scope, text, edits, prefix: _refuse("fuzzy query", scope),
        exact=lambda scope, text, insensitive: equal(scope, text),
        glob=lambda scope, pattern, insensitive: _refuse("wildcard query", scope),
        begins=lambda scope, text, insensitive: _refuse("prefix query", scope),
        regexp=lambda scope, text, insensitive, operators: _refuse("regexp query", scope),
    )


def _refuse(question: str, scope: Scope) -> Term:
    raise scope.refusal(question)


def _phrase(equal: Equal, scope: Scope, text: str, begun: bool) -> Term:
    return _refuse("match_phrase_prefix", scope) if begun else equal(scope, text)


def _pattern(scope: Scope, text: str) -> Term:
    if scope.engine.opensearch != 2:
        return _refuse("regexp query", scope)
    read_regex(scope.engine, text)  # OpenSearch 2 reads the pattern, then asks terms that are not there
    return FALSE


# Numbers


def _number(scope: Scope, text: str) -> int | float:
    found = double_of(text)
    exact = decimal_of(text) if scope.field.type in ("long", "unsigned_long") else None
    if found is None or (exact is None and scope.field.type in ("long", "unsigned_long") and isfinite(found)):
        raise scope.refusal(f"{text!r} is not a number: query")
    if exact is not None and exact.adjusted() < _MOST_DIGITS:
        return int(exact) if exact == int(exact) else float(exact)
    return int(found) if isfinite(found) and found == int(found) else found


_MOST_DIGITS = 30
"""An integer with more is out of every range."""


def _equal_number(scope: Scope, text: str) -> Term:
    number = _number(scope, text)
    if scope.field.type in INTEGERS:
        if isinstance(number, float) or not (scope.engine.opensearch or _fits(scope, number)):
            return FALSE
        return scope.test(Number(Order.EQ, _in_range(scope, number), text=False))
    if not isfinite(number):
        if scope.engine.opensearch:
            raise scope.refusal(f"{text!r} is not finite: query")
        return FALSE
    return scope.test(Number(Order.EQ, single(number) if scope.field.type == "float" else number, text=False))


def _in_range(scope: Scope, number: int) -> int:
    if not _fits(scope, number):
        raise scope.refusal(f"{number} is out of range: query")
    return number


def _fits(scope: Scope, number: int) -> bool:
    least, greatest = INTEGERS[scope.field.type]
    return least <= number <= greatest


def _numbers_between(scope: Scope, bounds: Bounds) -> Term:
    checks: list[Check] = []
    for end, inside, orders in (
        (bounds.low, bounds.with_low, (Order.GE, Order.GT)),
        (bounds.high, bounds.with_high, (Order.LE, Order.LT)),
    ):
        if end is not None:
            number = _number(scope, end)
            if scope.field.type in INTEGERS and isinstance(number, int):
                _in_range(scope, number)
            checks.append(Number(orders[0] if inside else orders[1], number, text=False))
    return scope.test(all_of(checks)) if checks else exists(scope)


# Booleans


def _equal_boolean(scope: Scope, text: str) -> Term:
    if text not in ("true", "false"):
        raise scope.refusal(f"{text!r} is not a boolean: query")
    return scope.test(TextMatches(Glob.of(text)))


def _booleans_between(scope: Scope, bounds: Bounds) -> Term:
    low = "false" if bounds.low is None else bounds.low
    high = "true" if bounds.high is None else bounds.high
    if {low, high} - {"true", "false"}:
        raise scope.refusal("not a boolean: range query")
    first = (low == "true") + (bounds.low is not None and not bounds.with_low)
    last = (high == "true") - (bounds.high is not None and not bounds.with_high)
    inside = [TextMatches(Glob.of(text)) for at, text in enumerate(("false", "true")) if first <= at <= last]
    return scope.test(AnyOf(tuple(inside))) if inside else FALSE


# Addresses


def _equal_address(scope: Scope, text: str) -> Term:
    address, slash, bits = text.partition("/")
    found = address_of(address)
    if slash and ":" in address and isinstance(found, IPv4Address):
        raise scope.refusal(f"{text!r} is an IPv4 address in IPv6: query")
    width = 0 if found is None else found.max_prefixlen
    if found is None or (
        slash and not (bits.isdecimal() and bits.isascii() and len(bits) < 4 and int(bits) <= width)
    ):
        raise scope.refusal(f"{text!r} is not an address: query")
    prefix = int(bits) if slash else width
    low = _as_v6(found) >> (width - prefix) << (width - prefix)
    return _in_span(scope, low, low + (1 << (width - prefix)) - 1)


_V4 = 0xFFFF << 32
_ALL = (1 << 128) - 1


def _as_v6(address: IPv4Address | IPv6Address) -> int:
    return int(address) | (_V4 if isinstance(address, IPv4Address) else 0)


def _in_span(scope: Scope, low: int, high: int) -> Term:
    """Addresses between two places in the space of IPv6, where those of IPv4 have a corner of their own."""
    v4_last = _V4 | 0xFFFFFFFF
    networks: list[str] = []
    for first, last in ((low, min(high, _V4 - 1)), (max(low, v4_last + 1), high)):
        if first <= last:
            networks += map(str, summarize_address_range(IPv6Address(first), IPv6Address(last)))
    first, last = max(low, _V4), min(high, v4_last)
    if first <= last:
        span = summarize_address_range(IPv4Address(first & 0xFFFFFFFF), IPv4Address(last & 0xFFFFFFFF))
        networks += map(str, span)
    checks = [InNetwork(network) for network in networks]
    return scope.test(checks[0] if len(checks) == 1 else AnyOf(tuple(checks))) if checks else FALSE


def _addresses_between(scope: Scope, bounds: Bounds) -> Term:
    if bounds.low is None and bounds.high is None:
        return exists(scope)
    low, high = (_end(scope, end) for end in (bounds.low, bounds.high))
    first = 0 if low is None else low + (not bounds.with_low)
    last = _ALL if high is None else high - (not bounds.with_high)
    return _in_span(scope, first, last) if first <= last else FALSE


def _end(scope: Scope, text: str | None) -> int | None:
    found = None if text is None else address_of(text)
    if text is not None and found is None:
        raise scope.refusal(f"{text!r} is not an address: range query")
    return None if found is None else _as_v6(found)


# Dates


def _equal_date(scope: Scope, text: str) -> Term:
    return _dates_between(scope, Bounds(text, text))


def _moment(scope: Scope, text: str, last: bool) -> int:
    millis = resolve_date(text, scope.field.formats or DEFAULT_FORMATS, scope.engine.clock, last=last)
    if millis is None:
        raise scope.refusal(f"{text!r} is not a date: query")
    return millis


def _dates_between(scope: Scope, bounds: Bounds) -> Term:
    checks: list[Check] = []
    if bounds.low is not None:
        order = Order.GE if bounds.with_low else Order.GT
        checks.append(Number(order, _moment(scope, bounds.low, not bounds.with_low), text=False))
    if bounds.high is not None:
        order = Order.LE if bounds.with_high else Order.LT
        checks.append(Number(order, _moment(scope, bounds.high, bounds.with_high), text=False))
    return scope.test(all_of(checks)) if checks else exists(scope)


# Identities


def _equal_id(scope: Scope, text: str) -> Term:
    return scope.test(TextMatches(Glob.of(text)))


def _ids_between(scope: Scope, _bounds: Bounds) -> Term:
    return _refuse("range query", scope)


IDS = _kind(_equal_id, _ids_between)
NUMBERS = _kind(_equal_number, _numbers_between)
BOOLEANS = _kind(_equal_boolean, _booleans_between)
ADDRESSES = _kind(_equal_address, _addresses_between)
DATES = _kind(_equal_date, _dates_between)
