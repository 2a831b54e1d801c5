"""Value modifiers: each a small function from a pattern to a pattern, applied from left to right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from ipaddress import ip_network

from sigmaproof.errors import nearest
from sigmaproof.languages.sigma import encodings, nodes, strings
from sigmaproof.languages.sigma.errors import Misused
from sigmaproof.languages.sigma.nodes import TIME_PARTS, Part, Pattern, Reference, Regexp, Scalar, Text, shown
from sigmaproof.logic.checks import InNetwork, Number, Order
from sigmaproof.logic.values import number_of, text_of
from sigmaproof.text.glob import MANY
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import Regex, RegexError, RegexTooLarge, UnsupportedRegex, search

Step = Callable[[str, Pattern], Pattern]
"""What a modifier does to a pattern, given the name it was called by."""

POSITIONS: dict[str, tuple[Part, Part]] = {
    "contains": (MANY, MANY),
    "startswith": ("", MANY),
    "endswith": (MANY, ""),
}
ORDERS = {"lt": Order.LT, "lte": Order.LE, "gt": Order.GT, "gte": Order.GE}
FLAGS = {"i": "i", "m": "m", "s": "s", "ignorecase": "i", "multiline": "m", "dotall": "s"}
UTF16 = {"wide": "utf16le", "utf16le": "utf16le", "utf16be": "utf16be", "utf16": "utf16"}
BASE64 = {"base64": encodings.base64, "base64offset": encodings.base64_offsets}
_WHOLE_ITEM = ("all", "neq", *TIME_PARTS)
_NEEDS_FIELD = {"exists", "fieldref", "cidr", *ORDERS, *TIME_PARTS}


def check_modifiers(field: str | None, names: Sequence[str], values: Sequence[Scalar]) -> None:
    """Whether these modifiers exist and go together, whatever the values. Raises `Misused`."""
    known = sorted({*_STEPS, *UTF16, *BASE64, *_WHOLE_ITEM})
    for name in names:
        if name not in known:
            hint = nearest(name.lower(), known)
            raise Misused(f'unknown modifier "{name}"{hint}', f"there are {', '.join(known)}")
    for exclusive in (POSITIONS, TIME_PARTS):
        found = [name for name in names if name in exclusive]
        if len(found) > 1:
            raise Misused(f"`{found[0]}` and `{found[1]}` exclude each other", "keep one of them")
    needy = next((name for name in names if name in _NEEDS_FIELD), None)
    if field is None and needy:
        raise Misused(f"`{needy}` needs a field", "name the field before the modifier")
    if "exists" in names and len(values) != 1:
        raise Misused("`exists` takes one value", "write true or false")


def modify(names: Sequence[str], value: Scalar) -> tuple[Pattern, ...]:
    """What a value becomes under modifiers: any of the patterns. Raises `Misused`."""
    patterns = [_written(value, "expand" in names)]
    for name in names:
        if step := _STEPS.get(name):
            patterns = [step(name, pattern) for pattern in patterns]
        elif name in UTF16 or name in BASE64:
            patterns = [code for pattern in patterns for code in _encoded(name, pattern)]
    for pattern in patterns:
        if isinstance(pattern, Regexp):
            _check_regex(pattern)
    part = next((name for name in names if name in TIME_PARTS), None)
    return tuple(_of_a_time(part, pattern) if part else pattern for pattern in patterns)


def _written(value: Scalar, expand: bool) -> Pattern:
    """A value before any modifier."""
    if isinstance(value, str):
        return Text(strings.parse(value, expand=expand), source=value)
    if isinstance(value, float) and not math.isfinite(value):
        raise Misused(f"{value} is not a number that an event can hold", "quote it")
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, date):
        raise Misused(f"YAML reads {value} as a date", "quote it")
    remedy = "name nested fields with dots: `outer.inner: value`" if isinstance(value, dict) else ""
    raise Misused(f"a {type(value).__name__} is no value", remedy)


def _positioned(name: str, value: Pattern) -> Pattern:
    if isinstance(value, Reference):
        return replace(value, position=name)
    if isinstance(value, Regexp):
        if name != "contains":  # which is what it does anyway
            raise Misused(f"`{name}` cannot follow `re`", "use the anchors ^ and $")
        return value
    text = _text(name, value)
    before, after = POSITIONS[name]
    parts = strings.joined((before, *text.parts, after))
    return replace(text, parts=parts, positioned=True, source=None)


def _cased(name: str, value: Pattern) -> Pattern:
    if isinstance(value, Text | Reference):
        return replace(value, cased=True)
    if not isinstance(value, Regexp) or "i" in value.flags:
        _text(name, value)  # numbers and booleans know no case
    return value


def _exists(_: str, value: Pattern) -> Pattern:
    if not isinstance(value, bool):
        raise Misused(f"`exists` needs true or false, not {_kind(value)}", "write it without quotes")
    return nodes.Presence(value)


def _windash(name: str, value: Pattern) -> Pattern:
    text = _text(name, value)
    if text.encoded:
        raise Misused("`windash` cannot follow an encoding", "put it first")
    return replace(text, parts=encodings.with_dashes(text.parts), source=None)


def _flag(name: str, value: Pattern) -> Pattern:
    if not isinstance(value, Regexp):
        raise Misused(f"`{name}` is a modifier of `re`", f"write `re|{name}`")
    return replace(value, flags=value.flags | {FLAGS[name]})


def _order(name: str, value: Pattern) -> Pattern:
    number = value.source if isinstance(value, Text) else value
    number = number_of(number) if isinstance(number, str | int | float) else None
    if number is None:
        raise Misused(f"`{name}` needs a number, not {_kind(value)}", "write it without quotes")
    return Number(ORDERS[name], number)


def _cidr(name: str, value: Pattern) -> Pattern:
    try:
        return InNetwork(str(ip_network(_source(name, value))))
    except ValueError as error:
        raise Misused(f"not a network: {error}", "write it like 10.0.0.0/8") from None


def _fieldref(name: str, value: Pattern) -> Pattern:
    return Reference(_source(name, value), cased=isinstance(value, Text) and value.cased)


def _encoded(name: str, value: Pattern) -> list[Pattern]:
    text = replace(_text(name, value), source=None, encoded=name in UTF16)
    plain = [_literal(name, parts) for parts in encodings.spellings(text.parts)]
    if name in UTF16:
        codes = [encodings.utf16(way, UTF16[name]).decode("latin-1") for way in plain]
    else:
        codec = "latin-1" if isinstance(value, Text) and value.encoded else "utf-8"
        codes = [code for way in plain for code in BASE64[name](way.encode(codec, "surrogatepass"))]
    return [replace(text, parts=strings.joined([code])) for code in codes]


_STEPS: dict[str, Step] = {
    "cased": _cased,
    "exists": _exists,
    "expand": lambda name, value: _text(name, value),
    "windash": _windash,
    "re": lambda name, value: Regexp(_source(name, value)),
    "cidr": _cidr,
    "fieldref": _fieldref,
    **dict.fromkeys(POSITIONS, _positioned),
    **dict.fromkeys(FLAGS, _flag),
    **dict.fromkeys(ORDERS, _order),
}


def _literal(name: str, parts: tuple[Part, ...]) -> str:
    match parts:
        case ():
            return ""
        case (str(text),):
            return text
    remedy = f"escape it, and put `contains` and its like after `{name}`"
    raise Misused(f"`{name}` cannot encode wildcards and placeholders", remedy)


def _text(name: str, value: Pattern) -> Text:
    """The value as text; numbers and booleans as they are written."""
    if isinstance(value, Text):
        return value
    if not isinstance(value, bool | int | float):
        raise Misused(f"`{name}` needs text, not {_kind(value)}")
    return Text((text_of(value),), source=text_of(value))


def _source(name: str, value: Pattern) -> str:
    """The value as the rule writes it, for modifiers that read it in their own way."""
    text = _text(name, value)
    if text.source is None:
        raise Misused(f"`{name}` must be the first modifier")
    if any(isinstance(part, nodes.Placeholder) for part in text.parts):
        raise Misused(f"`{name}` cannot read a placeholder")
    return text.source


def _of_a_time(part: str, value: Pattern) -> Pattern:
    if isinstance(value, Text) and value.source and re.fullmatch("[0-9]{1,4}", value.source):
        return int(value.source)
    if isinstance(value, Number) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise Misused(f"`{part}` needs a number, not {_kind(value)}", "write it without quotes")


def _kind(value: Pattern) -> str:
    if value is None or isinstance(value, bool | int | float):
        return shown(value)
    return f"a {type(value).__name__.lower()}"


@lru_cache(maxsize=4096)
def compiled(regexp: Regexp) -> Regex:
    """The expression over whole texts. Raises `RegexError`."""
    ignore_case, multiline, dotall = (flag in regexp.flags for flag in "ims")
    return search(parse(regexp.source, ignore_case=ignore_case, multiline=multiline, dotall=dotall))


def _check_regex(regexp: Regexp) -> None:
    try:
        compiled(regexp)
    except (UnsupportedRegex, RegexTooLarge):
        return  # the rule is valid; lowering refuses it
    except RegexError as error:
        message = f"not a regular expression: {error.message} at character {error.offset + 1}"
        raise Misused(message, "escape what is meant literally with a backslash") from None
