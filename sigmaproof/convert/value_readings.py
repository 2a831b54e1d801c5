"""Fields that an index does not keep as they were: each value says what it looks like there.

What is said is exact for the values that the product writes. Values whose trace is lost in the index are
refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import IPv6Address
from typing import Any

from msgspec import Struct
from sigma.rule import SigmaDetection, SigmaDetectionItem
from sigma.types import (
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaExists,
    SigmaNull,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaType,
    SpecialChars,
)

from sigmaproof.convert.addresses import networks
from sigmaproof.convert.nodes import Node, all_of, any_of, negated
from sigmaproof.convert.values import (
    Flag,
    Network,
    Number,
    OneOf,
    Pattern,
    Presence,
    Text,
    Unsayable,
    Value,
    read_value,
)
from sigmaproof.convert.xml_text import glob_in_xml
from sigmaproof.logic.checks import Order
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.texts import regex_languages
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import ANY_TEXT, Concat, Regex


class InvalidReading(ValueError):
    """A pipeline describes a field in a way that has no meaning."""


Write = Callable[[Value], Node]


class InParts(Struct, frozen=True):
    """A field whose values are looked up one by one."""

    kind: str
    fields: tuple[tuple[str, str], ...]
    """Fields of the index by their role."""
    table: tuple[tuple[str, str], ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(field for _, field in self.fields)

    def read(self, item: Node) -> Node:
        """Every value by itself, linked as they were."""
        write = PARTS[self.kind](dict(self.fields), dict(self.table))
        nodes = [self._value(item, value, write) for value in map(read_value, item.value)]
        linked = nodes[0] if len(nodes) == 1 else SigmaDetection(nodes, item.source, item.value_linking)
        return negated(linked) if item.negated else linked

    def _value(self, item: Node, value: Value, write: Write) -> Node:
        if isinstance(value, OneOf):
            return any_of([self._value(item, one, write) for one in value.values])
        try:
            return write(value)
        except Unsayable as error:
            raise Unsayable(f"cannot be said: {item.field}: {error}") from error


def in_parts(kind: str, details: Any) -> InParts:
    """The reading of a kind. Raises `InvalidReading`."""
    if not isinstance(details, Mapping) or not details:
        raise InvalidReading(f"`{kind}` needs a mapping of roles to fields")
    table = details.get("values", {})
    fields = {str(role): field for role, field in details.items() if role != "values"}
    if set(fields) - {*ROLES[kind]} or not set(fields) >= {*ROLES[kind][:1]}:
        raise InvalidReading(f"`{kind}` takes {', '.join(ROLES[kind])}")
    if not all(isinstance(field, str) for field in fields.values()) or not isinstance(table, Mapping):
        raise InvalidReading(f"`{kind}` needs names of fields")
    return InParts(kind, tuple(fields.items()), tuple((str(k).lower(), str(v)) for k, v in table.items()))


def _test(field: str, *values: SigmaType) -> Node:
    return SigmaDetectionItem(field, [], list(values), auto_modifiers=False)


def _text(field: str, glob: Glob, cased: bool = False) -> Node:
    if glob == Glob.of(MANY):
        return _test(field, SigmaExists(True))
    made = SigmaCasedString() if cased else SigmaString()
    made.s = [_SPECIAL[part] if isinstance(part, Wild) else part for part in glob.parts]
    return _test(field, made)


_SPECIAL = {MANY: SpecialChars.WILDCARD_MULTI, ONE: SpecialChars.WILDCARD_SINGLE}


def _presence(field: str, wanted: bool) -> Node:
    return _test(field, SigmaExists(True) if wanted else SigmaNull())


def _account(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    r"""`DOMAIN\NAME`, cut at the backslash."""

    def write(value: Value) -> Node:
        match value:
            case Presence(wanted):
                return _presence(fields["name"], wanted)
            case Text(glob, cased):
                ways = [_side(fields, left, right, cased) for left, right in _cuts(glob)]
                if ways:
                    return any_of(ways)
                raise Unsayable("an account without a domain, of which the index keeps nothing")
        raise Unsayable("the index keeps domain and name apart")

    return write


def _side(fields: Mapping[str, str], left: Glob, right: Glob, cased: bool) -> Node:
    anything = Glob.of(MANY)
    sides = [("domain", left), ("name", right)]
    kept = [_text(fields[role], glob, cased) for role, glob in sides if glob != anything]
    return all_of(kept) if kept else _presence(fields["name"], True)


def _cuts(glob: Glob) -> Iterator[tuple[Glob, Glob]]:
    """Every way in which a text that matches can fall into two parts around its one backslash."""
    for at, part in enumerate(glob.parts):
        before, after = glob.parts[:at], glob.parts[at + 1 :]
        if part is MANY:
            ways = [((*before, MANY), (MANY, *after))]
        elif part is ONE:
            ways = [(before, after)]
        else:
            pieces = str(part).split("\\")
            ways = [((*before, pieces[0]), (pieces[1], *after))] if len(pieces) == 2 else []
        for left, right in ways:
            if not any("\\" in one for one in (*left, *right) if isinstance(one, str)):
                yield Glob.of(*left), Glob.of(*right)


_HASH = re.compile(r"(?:(?P<name>[a-z0-9]+)=)?(?P<value>[0-9a-f]+)", re.IGNORECASE)


def _hashes(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    """`NAME=VALUE,NAME=VALUE`, a field for each name."""

    def write(value: Value) -> Node:
        match value:
            case Text(Glob((Wild.MANY, str(text), Wild.MANY)), _) if found := _HASH.fullmatch(text):
                return _hash(fields, (found["name"] or "").lower(), found["value"].lower())
            case Presence(wanted):
                parts = [_presence(field, wanted) for field in fields.values()]
                return any_of(parts) if wanted else all_of(parts)
        raise Unsayable("the index keeps each hash in a field of its own")

    return write


def _hash(fields: Mapping[str, str], name: str, value: str) -> Node:
    if not value.strip("0"):
        raise Unsayable("the index does not keep a hash of zeros")
    if not name:
        return any_of([_text(field, Glob.of(MANY, value, MANY)) for field in fields.values()])
    if name not in fields:
        raise Unsayable(f"the index has no field for {name} hashes")
    return _text(fields[name], Glob.of(value, MANY))


_DWORD = ["d", "w", "o", "r", "d", " ", "(", "0", "x", *["0123456789abcdef"] * 8, ")"]
_QWORD = ["q", *_DWORD[1:-1], "-", "0", "x", *["0123456789abcdef"] * 8, ")"]
_DWORD_TEXT = re.compile(r"DWORD \(0x([0-9a-f]{8})\)", re.IGNORECASE)


def _registry_data(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    """Sysmon's `Details`: texts as they are, `DWORD (0x…)` and `QWORD (0x…-0x…)` in decimal digits."""

    def write(value: Value) -> Node:
        match value:
            case Presence(wanted):
                return _presence(fields["data"], wanted)
            case Text(glob, cased):
                return _registry_text(fields, glob, cased)
            case Number(Order.EQ, int(number)):
                return _registry_text(fields, Glob.of(str(number)), False)
            case Pattern(regex, source, flags) if not _finds_number(regex):
                return _test(fields["data"], SigmaRegularExpression(source, {_FLAGS[one] for one in flags}))
        raise Unsayable("the index keeps numbers in decimal digits")

    return write


def _finds_number(regex: Regex) -> bool:
    """Whether the expression finds something in a number, as the event or as the index writes it."""
    found = regex_languages(Concat((ANY_TEXT, regex, ANY_TEXT)))
    limits = Limits(float("inf"), most_states=20_000)
    try:
        return any(shortest([one, form], [], limits) is not None for one in found for form in _NUMBERS)
    except OutOfBudget:
        return True


_FLAGS = {
    "i": SigmaRegularExpressionFlag.IGNORECASE,
    "m": SigmaRegularExpressionFlag.MULTILINE,
    "s": SigmaRegularExpressionFlag.DOTALL,
}
_NUMBERS = regex_languages(
    parse(r"(?i)\A(?:[0-9]+|DWORD \(0x[0-9A-F]{8}\)|QWORD \(0x[0-9A-F]{8}-0x[0-9A-F]{8}\))\z")
)


def _registry_text(fields: Mapping[str, str], glob: Glob, cased: bool) -> Node:
    number = _DWORD_TEXT.fullmatch(glob.literal or "")
    if number:
        dword = _text(fields["type"], Glob.of("SZ_DWORD"))
        return all_of([dword, _text(fields["data"], Glob.of(str(int(number[1], 16))))])
    text = _text(fields["data"], glob, cased)
    if _may_match(glob.parts, _DWORD) or _may_match(glob.parts, _QWORD):
        return any_of([_dwords(fields, glob), text])
    if not all(part.isdecimal() for part in glob.parts if isinstance(part, str)):
        return text
    numbers = _test(fields["type"], SigmaString("SZ_DWORD"), SigmaString("SZ_QWORD"))
    return all_of([text, negated(numbers)])


def _dwords(fields: Mapping[str, str], glob: Glob) -> Node:
    """The numbers that a glob with other texts matches: one, or all of them."""
    dword = _text(fields["type"], Glob.of("SZ_DWORD"))
    literals = [part.lower() for part in glob.parts if isinstance(part, str)]
    if literals == ["dword"]:
        return dword
    digits = re.search(r"0x([0-9a-f]{8})", " ".join(literals))
    if digits is None or _may_match(glob.parts, _QWORD):
        raise Unsayable(f"{str(glob)!r} matches numbers in hexadecimal, which the index keeps in decimal")
    return all_of([dword, _text(fields["data"], Glob.of(str(int(digits[1], 16))))])


def _may_match(parts: Sequence[str | Wild], template: Sequence[str]) -> bool:
    """Whether a glob matches some text that has one of these characters at each place."""
    places = {0}
    for part in parts:
        if part is MANY:
            places = set(range(min(places), len(template) + 1)) if places else places
        elif part is ONE:
            places = {at + 1 for at in places if at < len(template)}
        else:
            for char in str(part).lower():
                places = {at + 1 for at in places if at < len(template) and char in template[at]}
    return len(template) in places


def _table(fields: Mapping[str, str], table: Mapping[str, str]) -> Write:
    """A word for each value."""

    def write(value: Value) -> Node:
        match value:
            case Presence(wanted):
                return _presence(fields["field"], wanted)
            case Text(glob, _) if glob.literal is not None and glob.literal.lower() in table:
                return _text(fields["field"], Glob.of(table[glob.literal.lower()]))
            case Number(Order.EQ, number) if str(number) in table:
                return _text(fields["field"], Glob.of(table[str(number)]))
            case Flag(flag) if ("true" if flag else "false") in table:
                return _text(fields["field"], Glob.of(table["true" if flag else "false"]))
        raise Unsayable("the index has no word of its own for this value")

    return write


def _codes(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    """Words such as `%%1537`, kept one by one without the signs."""

    def write(value: Value) -> Node:
        match value:
            case Presence(wanted):
                return _presence(fields["field"], wanted)
            case Text(Glob((Wild.MANY, str(text), Wild.MANY)), _) if re.fullmatch(r"%%[0-9]+", text):
                return _text(fields["field"], Glob.of(text[2:], MANY))
            case Text(glob, cased) if not any(re.search(r"[%\s]", one) for one in _literals(glob)):
                if all(part is not MANY for part in glob.parts[1:-1]):
                    return _text(fields["field"], glob, cased)
            case Number(Order.EQ, number):
                return _text(fields["field"], Glob.of(str(number)))
        raise Unsayable("the index keeps its words one by one")

    return write


def _literals(glob: Glob) -> list[str]:
    return [part for part in glob.parts if isinstance(part, str)]


def _address(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    """An address; what is none, a dash above all, stays in a field of texts."""

    def write(value: Value) -> Node:
        match value:
            case Presence(wanted):
                parts = [_presence(field, wanted) for field in fields.values()]
                return any_of(parts) if wanted else all_of(parts)
            case Text(glob, cased) if networks(glob):
                return any_of([_text(field, glob, cased) for field in fields.values()])
            case Text(glob, _) if glob.literal and _compressed(glob.literal):
                return _test(fields["address"], SigmaCIDRExpression(f"{glob.literal}/128"))
            case Text(glob, cased) if not _may_be_address(glob):
                return _text(fields["text"], glob, cased)
            case Network(cidr):
                return _test(fields["address"], SigmaCIDRExpression(cidr))
        raise Unsayable("the index keeps addresses, not their texts")

    return write


def _compressed(text: str) -> bool:
    """Whether it is an IPv6 address as Windows writes it, with groups of zeros left out."""
    try:
        return IPv6Address(text).compressed == text
    except ValueError:
        return False


def _may_be_address(glob: Glob) -> bool:
    return all(re.fullmatch(r"[0-9a-fA-F:.%]*", part) for part in _literals(glob))


def _xml_data(fields: Mapping[str, str], _: Mapping[str, str]) -> Write:
    """Event data without a name, inside the XML of all event data."""

    def write(value: Value) -> Node:
        match value:
            case Text(glob, cased) if any(isinstance(part, Wild) for part in glob.parts[1:-1]):
                return _test(fields["xml"], _xml_regex(glob_in_xml(glob), cased))
            case Text(glob, cased):
                inner = glob_in_xml(glob).parts
                front: list[str | Wild] = [] if inner[:1] == (MANY,) else [MANY, "<Data>"]
                back: list[str | Wild] = [] if inner[-1:] == (MANY,) else ["</Data>", MANY]
                return _text(fields["xml"], Glob.of(*front, *inner, *back), cased)
            case Number(Order.EQ, number):
                return _text(fields["xml"], Glob.of(MANY, f"<Data>{number}</Data>", MANY))
        raise Unsayable("event data without a name is only found inside the XML of the event")

    return write


def _xml_regex(glob: Glob, cased: bool) -> SigmaRegularExpression:
    """The glob inside one element: no wildcard crosses a tag, and one character may be an entity."""
    wild = {MANY: "[^<]*", ONE: "(?:&[a-z]+;|[^<&])"}
    parts = [wild[part] if isinstance(part, Wild) else re.escape(part) for part in glob.parts]
    front = "" if glob.parts[0] is MANY else "<Data>"
    back = "" if glob.parts[-1] is MANY else "</Data>"
    middle = "".join(parts[glob.parts[0] is MANY : len(parts) - (glob.parts[-1] is MANY)])
    flags = set() if cased else {SigmaRegularExpressionFlag.IGNORECASE}
    return SigmaRegularExpression(f"{front}{middle}{back}", flags)


PARTS: dict[str, Callable[[Mapping[str, str], Mapping[str, str]], Write]] = {
    "account": _account,
    "hashes": _hashes,
    "registry_data": _registry_data,
    "table": _table,
    "codes": _codes,
    "address": _address,
    "xml_data": _xml_data,
}
ROLES: dict[str, tuple[str, ...]] = {
    "account": ("name", "domain"),
    "hashes": ("md5", "sha1", "sha256", "imphash"),
    "registry_data": ("data", "type"),
    "table": ("field",),
    "codes": ("field",),
    "address": ("address", "text"),
    "xml_data": ("xml",),
}
