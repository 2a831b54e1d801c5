"""Value modifiers: each a small function from a value to a value, applied from left to right."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from ipaddress import ip_network

from sigmaproof.errors import nearest
from sigmaproof.languages.sigma import encodings, strings
from sigmaproof.languages.sigma.errors import Misused
from sigmaproof.languages.sigma.nodes import (
    TIME_PARTS,
    Compared,
    Flag,
    Network,
    Null,
    Num,
    OneOf,
    Part,
    Pattern,
    Placeholder,
    Presence,
    Reference,
    Regexp,
    Scalar,
    Text,
)
from sigmaproof.logic.checks import Order
from sigmaproof.logic.values import number_of, text_of
from sigmaproof.text.glob import MANY

Step = Callable[[Pattern], Pattern]

POSITIONS = {"contains": (MANY, MANY), "startswith": (None, MANY), "endswith": (MANY, None)}
ORDERS = {"lt": Order.LT, "lte": Order.LE, "gt": Order.GT, "gte": Order.GE}
FLAGS = {"i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s"}
WIDE = {"wide": "utf16le", "utf16le": "utf16le", "utf16be": "utf16be", "utf16": "utf16"}
_OF_THE_LIST = ("all", "neq", *TIME_PARTS)
_NEEDS_FIELD = {"exists", "fieldref", "cidr", *ORDERS, *TIME_PARTS}


def check_modifiers(field: str | None, names: Sequence[str], values: Sequence[Scalar]) -> None:
    """Whether these modifiers exist and go together, whatever the values. Raises `Misused`."""
    for name in names:
        if name not in MODIFIERS:
            hint = nearest(name.lower(), sorted(MODIFIERS))
            raise Misused(f'unknown modifier "{name}"{hint}', f"there are {', '.join(sorted(MODIFIERS))}")
    for exclusive in (POSITIONS, TIME_PARTS):
        found = [name for name in names if name in exclusive]
        if len(found) > 1:
            raise Misused(f"`{found[0]}` and `{found[1]}` exclude each other", "keep one of them")
    needy = next((name for name in names if name in _NEEDS_FIELD), None)
    if field is None and needy:
        raise Misused(f"`{needy}` needs a field", "name the field before the modifier")
    if "exists" in names and len(values) != 1:
        raise Misused("`exists` takes one value", "write true or false")


def modify(names: Sequence[str], value: Scalar) -> Pattern:
    """What a value becomes under modifiers, applied from left to right. Raises `Misused`."""
    pattern = _written(value, "expand" in names)
    for name in names:
        if step := _STEPS.get(name):
            pattern = step(pattern)
    part = next((name for name in names if name in TIME_PARTS), None)
    return _number_of_part(part, pattern) if part else pattern


def _written(value: Scalar, expand: bool) -> Pattern:
    """A value before any modifier."""
    match value:
        case None:
            return Null()
        case bool():
            return Flag(value)
        case int() | float():
            if not math.isfinite(value):
                raise Misused(f"{value} is not a number that an event can hold", "quote it")
            return Num(value)
        case str():
            return Text(strings.parse(value, expand=expand), source=value)
    raise Misused(f"a value of type {type(value).__name__}", _remedy(value))


def _remedy(value: object) -> str:
    if isinstance(value, date):
        return "quote it: YAML reads it as a date"
    if isinstance(value, dict):
        return "name nested fields with dots: `outer.inner: value`"
    return "write text, a number, true, false or null"


def _step(*names: str) -> Callable[[Callable[[str, Pattern], Pattern]], Callable[[str, Pattern], Pattern]]:
    """Registers a modifier under its names; the function is told which one was written."""

    def register(function: Callable[[str, Pattern], Pattern]) -> Callable[[str, Pattern], Pattern]:
        _STEPS.update({name: partial(function, name) for name in names})
        return function

    return register


_STEPS: dict[str, Step] = {}


@_step(*POSITIONS)
def _position(name: str, value: Pattern) -> Pattern:
    match value:
        case OneOf(options):
            return OneOf(tuple(_positioned(option, name) for option in options))
        case Regexp() if name == "contains":
            return value  # it is searched for anyway
        case Regexp():
            raise Misused(f"`{name}` cannot follow `re`", "use the anchors ^ and $")
        case Reference(position="whole"):
            return replace(value, position=name)
    return _positioned(_text(name, value), name)


def _positioned(text: Text, name: str) -> Text:
    before, after = POSITIONS[name]
    parts = [part for part in (before, *text.parts, after) if part is not None]
    return replace(text, parts=tuple(parts), positioned=True, source=None)


@_step("cased")
def _cased(_: str, value: Pattern) -> Pattern:
    match value:
        case Text() | Reference():
            return replace(value, cased=True)
        case OneOf(options):
            return OneOf(tuple(replace(option, cased=True) for option in options))
        case Regexp(flags=flags) if "i" not in flags:
            return value
        case Num() | Flag():
            return value
    raise Misused(f"`cased` does not fit {_kind(value)}", "remove it")


@_step("exists")
def _exists(_: str, value: Pattern) -> Pattern:
    if isinstance(value, Flag):
        return Presence(value.value)
    raise Misused(f"`exists` needs true or false, not {_kind(value)}", "write true or false without quotes")


@_step("expand")
def _expand(name: str, value: Pattern) -> Pattern:
    return _text(name, value)


@_step("windash")
def _windash(name: str, value: Pattern) -> Pattern:
    text = _text(name, value)
    if text.encoded:
        raise Misused("`windash` cannot follow an encoding", "put it first")
    return replace(text, parts=tuple(strings.joined(encodings.with_dashes(text.parts))), source=None)


@_step("re")
def _re(name: str, value: Pattern) -> Pattern:
    return Regexp(_source(name, value))


@_step(*FLAGS)
def _flag(name: str, value: Pattern) -> Pattern:
    if not isinstance(value, Regexp):
        raise Misused(f"`{name}` is a modifier of `re`", f"write `re|{name}`")
    return replace(value, flags=value.flags | {FLAGS[name]})


@_step(*ORDERS)
def _order(name: str, value: Pattern) -> Pattern:
    number = number_of(value.source) if isinstance(value, Text) else None
    if isinstance(value, Num):
        number = value.value
    if number is None:
        raise Misused(f"`{name}` needs a number, not {_kind(value)}", "write a number without quotes")
    return Compared(ORDERS[name], number)


@_step("cidr")
def _cidr(name: str, value: Pattern) -> Pattern:
    source = _source(name, value)
    try:
        return Network(str(ip_network(source)))
    except ValueError as error:
        raise Misused(
            f"not a network: {error}", "write an address and a prefix length, such as 10.0.0.0/8"
        ) from None


@_step("fieldref")
def _fieldref(name: str, value: Pattern) -> Pattern:
    source = _source(name, value)
    if not source:
        raise Misused("`fieldref` needs a field's name")
    return Reference(source, cased=isinstance(value, Text) and value.cased)


@_step(*WIDE)
def _wide(name: str, value: Pattern) -> Pattern:
    texts = [
        replace(text, parts=(encodings.utf16(plain, WIDE[name]).decode("latin-1"),), encoded=True)
        for text, plain in _plain(name, value)
    ]
    return _one_of(texts)


@_step("base64")
def _base64(name: str, value: Pattern) -> Pattern:
    return _one_of(
        [
            replace(text, parts=(encodings.base64(_bytes(text, plain)),), encoded=False)
            for text, plain in _plain(name, value)
        ]
    )


@_step("base64offset")
def _base64offset(name: str, value: Pattern) -> Pattern:
    texts = []
    for text, plain in _plain(name, value):
        offsets = encodings.base64_offsets(_bytes(text, plain))
        if "" in offsets:
            raise Misused(
                "the value is too short for `base64offset`: nothing of it is certain", "lengthen it"
            )
        texts += [replace(text, parts=(offset,), encoded=False) for offset in offsets]
    return _one_of(texts)


MODIFIERS = frozenset({*_STEPS, *_OF_THE_LIST})


def _one_of(texts: list[Text]) -> Pattern:
    texts = [replace(text, source=None) for text in texts]
    return texts[0] if len(texts) == 1 else OneOf(tuple(texts))


def _plain(name: str, value: Pattern) -> list[tuple[Text, str]]:
    """Every text without wildcards that an encoding has to encode."""
    texts = value.options if isinstance(value, OneOf) else (_text(name, value),)
    return [(text, _literal(name, parts)) for text in texts for parts in encodings.spellings(text.parts)]


def _literal(name: str, parts: list[Part]) -> str:
    if any(isinstance(part, Placeholder) for part in parts):
        raise Misused(f"`{name}` cannot encode a placeholder")
    if not all(isinstance(part, str) for part in parts):
        raise Misused(
            f"`{name}` cannot encode a wildcard", f"escape it, and put `contains` and its like after `{name}`"
        )
    return "".join(str(part) for part in parts)


def _bytes(text: Text, plain: str) -> bytes:
    return plain.encode("latin-1") if text.encoded else plain.encode("utf-8", "surrogatepass")


def _text(name: str, value: Pattern) -> Text:
    """The value as text; numbers and booleans as they are written."""
    match value:
        case Text():
            return value
        case Num(number):
            return Text((text_of(number),), source=text_of(number))
        case Flag(truth):
            return Text((text_of(truth),), source=text_of(truth))
    raise Misused(f"`{name}` needs text, not {_kind(value)}")


def _source(name: str, value: Pattern) -> str:
    """The value as the rule writes it, for modifiers that read it in their own way."""
    if isinstance(value, OneOf):
        raise Misused(f"`{name}` must be the first modifier")
    text = _text(name, value)
    if any(isinstance(part, Placeholder) for part in text.parts):
        raise Misused(f"`{name}` cannot read a placeholder")
    if text.source is None:
        raise Misused(f"`{name}` must be the first modifier", f"drop what stands before `{name}`")
    return text.source


def _number_of_part(part: str, value: Pattern) -> Pattern:
    if isinstance(value, Text) and value.source is not None and value.source.isascii():
        value = Num(int(value.source)) if value.source.isdigit() and len(value.source) < 6 else value
    if not isinstance(value, Num | Compared):
        raise Misused(f"`{part}` needs a number, not {_kind(value)}", "write a number without quotes")
    return value


_KINDS: dict[type, str] = {
    Text: "text",
    OneOf: "several texts",
    Num: "a number",
    Flag: "true or false",
    Null: "null",
    Regexp: "a regular expression",
    Compared: "a comparison",
    Network: "a network",
    Presence: "a test of existence",
    Reference: "a field",
}


def _kind(value: Pattern) -> str:
    return _KINDS[type(value)]
