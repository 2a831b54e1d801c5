"""Expressions that several languages have: how two fields relate, parts of a timestamp, how many values."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from msgspec import Struct

from sigmaproof.logic.values import Cell, Read, Value, number_of, text_of
from sigmaproof.text.fold import Fold, fold

_TIMESTAMP = re.compile(
    r"\s*(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:[Tt ](?P<hour>\d{2}):(?P<minute>\d{2}))?",
    re.ASCII,
)
_RANGES = {"hour": 24, "minute": 60}

_RELATIONS: dict[str, Callable[[str, str], bool]] = {
    "whole": str.__eq__,
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


class Related(Struct, frozen=True):
    """True if some value of `left` has some value of `right` where `position` says."""

    left: str
    right: str
    position: str = "whole"
    fold: Fold = Fold.SIMPLE

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.left, self.right)

    def cell(self, read: Read) -> Cell:
        rights = [value for value in read(self.right) or () if value is not None]
        lefts = [value for value in read(self.left) or () if value is not None]
        return (any(self._holds(left, right) for left in lefts for right in rights),)

    def _holds(self, left: Value, right: Value) -> bool:
        if self.position == "whole" and not (isinstance(left, str) and isinstance(right, str)):
            numbers = number_of(left), number_of(right)
            if None not in numbers:
                return numbers[0] == numbers[1]
        return _RELATIONS[self.position](fold(text_of(left), self.fold), fold(text_of(right), self.fold))

    def __str__(self) -> str:
        return f"{self.left} {self.position} {self.right}"


class Several(Struct, frozen=True):
    """True if the field has more than one value."""

    field: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def cell(self, read: Read) -> Cell:
        return (len(read(self.field) or ()) > 1,)

    def __str__(self) -> str:
        return f"several values of {self.field}"


class TimePart(Struct, frozen=True):
    """The hour, or another part, of a timestamp as it is written, whatever its time zone."""

    field: str
    part: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def cell(self, read: Read) -> Cell:
        values = read(self.field)
        if values is None:
            return None
        found = (_part(value, self.part) for value in values if isinstance(value, str))
        return tuple(number for number in found if number is not None)

    def __str__(self) -> str:
        return f"{self.part} of {self.field}"


def _part(text: str, part: str) -> int | None:
    found = _TIMESTAMP.match(text)
    if found is None:
        return None
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None
    if part == "week":
        return day.isocalendar().week
    number = found[part]
    return int(number) if number is not None and int(number) < _RANGES.get(part, 10_000) else None
