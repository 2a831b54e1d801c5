"""ES|QL's dates, which are milliseconds since 1970, and spans of time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sigmaproof.logic.values import Cell, Value, number_of

SPANS: Mapping[str, int] = {
    **dict.fromkeys(("millisecond", "milliseconds", "ms"), 1),
    **dict.fromkeys(("second", "seconds", "sec", "s"), 1000),
    **dict.fromkeys(("minute", "minutes", "min", "m"), 60_000),
    **dict.fromkeys(("hour", "hours", "h"), 3_600_000),
    **dict.fromkeys(("day", "days", "d"), 86_400_000),
    **dict.fromkeys(("week", "weeks", "w"), 604_800_000),
}
"""Units of time spans, in milliseconds; those of the calendar are not modelled."""

_WEEK_BEGINS = 345_600_000
"""The first Monday of 1970."""


def date_text(millis: Value) -> str:
    """A date as text: `2026-01-31T10:00:00.000Z`."""
    number = int(number_of(millis) or 0)
    moment = datetime.fromtimestamp(number // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{number % 1000:03}Z"


def truncated(span: int, millis: int) -> int:
    """The beginning of the span that a date is in; weeks begin with Monday."""
    offset = _WEEK_BEGINS if span % SPANS["week"] == 0 else 0
    return (millis - offset) // span * span + offset


def date_texts(cell: Cell) -> Cell:
    """Dates as texts."""
    return tuple(map(date_text, cell or ())) or None


def date_truncated(span: Cell, date: Cell) -> Cell:
    """DATE_TRUNC of one date."""
    if not span or not date or len(date) != 1:
        return None
    return (truncated(int(str(span[0])), int(str(date[0]))),)


def elapsed(unit: Cell, start: Cell, end: Cell) -> Cell:
    """DATE_DIFF of two dates, without the remainder."""
    if not (unit and start and end and len(start) == len(end) == 1):
        return None
    return (int((int(str(end[0])) - int(str(start[0]))) / int(str(unit[0]))),)
