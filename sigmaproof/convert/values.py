"""A detection item's value as a writer needs it, read out of pySigma's types."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct
from sigma.exceptions import SigmaFeatureNotSupportedByBackendError
from sigma.types import (
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SpecialChars,
)

from sigmaproof.logic.checks import Order
from sigmaproof.text import perl
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.regex import Regex, RegexError


class Unsayable(SigmaFeatureNotSupportedByBackendError):  # type: ignore[misc]  # pySigma has no types here
    """What the target's language has no words for; the reason completes `cannot be said: …`."""


class Text(Struct, frozen=True):
    """A text with wildcards."""

    glob: Glob
    cased: bool


class Pattern(Struct, frozen=True):
    """A regular expression that is searched for; `source` and `flags` (of i, m, s) as the rule has them."""

    regex: Regex
    source: str
    flags: str


class Number(Struct, frozen=True):
    """A number that the field is compared with."""

    order: Order
    value: int | float


class Flag(Struct, frozen=True):
    """A boolean."""

    value: bool


class Presence(Struct, frozen=True):
    """Whether the field is there."""

    wanted: bool


class Network(Struct, frozen=True):
    """Addresses, as CIDR text."""

    cidr: str


class OneOf(Struct, frozen=True):
    """Any of several values."""

    values: tuple[Value, ...]


class OtherField(Struct, frozen=True):
    """The value of another field, with any text before it or behind it."""

    name: str
    before: bool = False
    behind: bool = False


Value = Text | Pattern | Number | Flag | Presence | Network | OneOf | OtherField

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


def number_text(glob: Glob) -> str | None:
    """The number that a text is, in decimal digits."""
    return glob.literal if glob.literal is not None and _NUMBER.fullmatch(glob.literal) else None


def boolean_of(glob: Glob) -> str | None:
    """`true` or `false`, if the text is one of them in any letter case."""
    text = (glob.literal or "").lower()
    return text if text in ("true", "false") else None


_COMPARE = {
    SigmaCompareExpression.CompareOperators.LT: Order.LT,
    SigmaCompareExpression.CompareOperators.LTE: Order.LE,
    SigmaCompareExpression.CompareOperators.GT: Order.GT,
    SigmaCompareExpression.CompareOperators.GTE: Order.GE,
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}
_WILD: dict[Any, Wild] = {SpecialChars.WILDCARD_MULTI: MANY, SpecialChars.WILDCARD_SINGLE: ONE}


def read_value(value: Any) -> Value:
    """The value of a detection item. Raises `Unsayable` for one that no target can say."""
    match value:
        case SigmaString():
            return Text(_glob(value), isinstance(value, SigmaCasedString))
        case SigmaTimestampPart():
            raise Unsayable(f"the {value.timestamp_part.name.lower()} of a time")
        case SigmaNumber():
            return Number(Order.EQ, value.number)
        case SigmaBool():
            return Flag(value.boolean)
        case SigmaNull():
            return Presence(False)
        case SigmaExists():
            return Presence(value.exists)
        case SigmaRegularExpression():
            return _pattern(value)
        case SigmaCIDRExpression():
            return Network(str(value.cidr))
        case SigmaCompareExpression():
            return _comparison(value)
        case SigmaExpansion():
            return OneOf(tuple(read_value(one) for one in value.values))
        case SigmaFieldReference():
            return OtherField(value.field, before=value.ends_with, behind=value.starts_with)
    raise Unsayable(f"a value of type {type(value).__name__}")


def _glob(value: SigmaString) -> Glob:
    parts = []
    for part in value.s:
        if not isinstance(part, str | SpecialChars):
            raise Unsayable("a placeholder that no pipeline resolves")
        parts.append(part if isinstance(part, str) else _WILD[part])
    return Glob.of(*parts)


def _comparison(value: SigmaCompareExpression) -> Number:
    if isinstance(value.number, SigmaTimestampPart):
        raise Unsayable(f"the {value.number.timestamp_part.name.lower()} of a time")
    return Number(_COMPARE[value.op], value.number.number)


def _pattern(value: SigmaRegularExpression) -> Pattern:
    source, flags = str(value.regexp), "".join(sorted(_FLAGS[flag] for flag in value.flags))
    try:
        tree = perl.parse(source, ignore_case="i" in flags, multiline="m" in flags, dotall="s" in flags)
    except RegexError as error:
        raise Unsayable(f"the regular expression {source!r}: {error.message}") from error
    return Pattern(tree, source, flags)
