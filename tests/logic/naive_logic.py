"""What terms mean, said as plainly as possible: the reference that the executor is held against.

Loops, `re` and the words of the docstrings in `logic/checks.py`; nothing of `logic/run.py`, nothing fast.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from typing import Any

from sigmaproof.logic import checks
from sigmaproof.logic.expressions import Related, TimePart
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Term
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import ONE, Glob

Event = dict[str, Any]
"""Field → list of scalars (possibly none), one scalar, or None; a field that is not there is absent."""

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


def holds(term: Term, event: Event) -> bool:
    match term:
        case Const(value):
            return value
        case Not(inner):
            return not holds(inner, event)
        case Label(_, inner):
            return holds(inner, event)
        case And(terms):
            return all(holds(part, event) for part in terms)
        case Or(terms):
            return any(holds(part, event) for part in terms)
    return tested(term.check, cell_of(term.subject, event))


def cell_of(subject: Any, event: Event) -> list[Any] | None:
    match subject:
        case str():
            if subject not in event:
                return None
            value = event[subject]
            return value if isinstance(value, list) else [value]
        case Related(left, right, position, rule):
            pairs = [(a, b) for a in cell_of(left, event) or [] for b in cell_of(right, event) or []]
            return [any(related(a, b, position, rule) for a, b in pairs if a is not None and b is not None)]
        case TimePart(field, part):
            values = cell_of(field, event)
            if values is None:
                return None
            return [time for value in values if (time := time_part(value, part)) is not None]
    raise AssertionError(subject)


def tested(check: Any, cell: list[Any] | None) -> bool:
    if isinstance(check, checks.Exists):
        return cell is not None
    if isinstance(check, checks.IsNull):
        return cell is None or None in cell
    return any(value is not None and passes(check, value) for value in cell or [])


def passes(check: Any, value: Any) -> bool:
    """Whether a value that is not null satisfies a check."""
    match check:
        case checks.Matches(Glob(parts), rule):
            regex = "".join(
                re.escape(folded(part, rule)) if isinstance(part, str) else "." if part is ONE else ".*"
                for part in parts
            )
            return re.fullmatch(regex, folded(text(value), rule), re.DOTALL) is not None
        case checks.Matches(regex, rule):
            return re.search(PATTERNS[regex], folded(text(value), rule), re.DOTALL | re.ASCII) is not None
        case checks.Number(order, than, texts):
            if isinstance(value, str) and not texts:
                return False
            found = number(value)
            return found is not None and ordered(found, order, than)
        case checks.Lexical(order, than, rule):
            return ordered(folded(text(value), rule), order, folded(than, rule))
        case checks.InNetwork(network, mapped):
            return in_network(value, network, mapped)
        case checks.AllOf(parts):
            return all(passes(part, value) for part in parts)
        case checks.AnyOf(parts):
            return any(passes(part, value) for part in parts)
        case checks.Other(inner):
            return not passes(inner, value)
        case checks.IsTrue():
            return value is True
        case checks.Present() | checks.Exists():
            return True
        case checks.IsNull():
            return False
    raise AssertionError(check)


PATTERNS: dict[Any, str] = {}
"""Each expression of the tests, as Python's `re` writes what is searched for."""


def folded(text: str, rule: Fold) -> str:
    return "".join(fold_one(char, rule) for char in text)


def fold_one(char: str, rule: Fold) -> str:
    match rule:
        case Fold.EXACT:
            return char
        case Fold.ASCII:
            return char.lower() if "A" <= char <= "Z" else char
        case Fold.LOWER:
            return {"İ": "i"}.get(char, char.lower())
        case Fold.SIMPLE:
            return {"ẞ": "ß", "ß": "ß", "İ": "İ"}.get(char, char.casefold())


def text(value: Any) -> str:
    return {"True": "true", "False": "false"}[str(value)] if isinstance(value, bool) else str(value)


def number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if not isinstance(value, str):
        return value
    if not _NUMBER.fullmatch(value):
        return None
    return int(value) if re.fullmatch("-?[0-9]+", value) else float(value)


def ordered(left: Any, order: checks.Order, right: Any) -> bool:
    sign = (left > right) - (left < right)
    return {"=": sign == 0, "<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[order.value]


def in_network(value: Any, network: str, mapped: bool) -> bool:
    try:
        address, inside = ip_address(value if isinstance(value, str) else "-"), ip_network(network)
    except ValueError:
        return False
    if mapped:
        # everything as IPv6, where an IPv4 address is a mapped one
        width = inside.prefixlen + (96 if inside.version == 4 else 0)
        return as_ipv6(address) >> (128 - width) == as_ipv6(inside.network_address) >> (128 - width)
    bits = inside.max_prefixlen - inside.prefixlen
    same = int(address) >> bits == int(inside.network_address) >> bits
    return address.version == inside.version and same


def as_ipv6(address: Any) -> int:
    return int(address) if address.version == 6 else 0xFFFF << 32 | int(address)


def related(left: Any, right: Any, position: str, rule: Fold) -> bool:
    if position == "whole" and not (isinstance(left, str) and isinstance(right, str)):
        numbers = number(left), number(right)
        if None not in numbers:
            return numbers[0] == numbers[1]
    a, b = folded(text(left), rule), folded(text(right), rule)
    return {
        "whole": a == b,
        "contains": b in a,
        "startswith": a[: len(b)] == b,
        "endswith": b == a[len(a) - len(b) :],
    }[position] and len(b) <= len(a)


def time_part(value: Any, part: str) -> int | None:
    found = (
        re.match(r"\s*(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d))?", value)
        if isinstance(value, str)
        else None
    )
    if found is None or not 1 <= int(found[2]) <= 12 or not 1 <= int(found[3]) <= 28 or found[1] == "0000":
        return None
    place = {"year": 1, "month": 2, "day": 3, "hour": 4, "minute": 5}[part]
    top = {"hour": 23, "minute": 59}.get(part, 9999)
    return int(found[place]) if found[place] and int(found[place]) <= top else None
