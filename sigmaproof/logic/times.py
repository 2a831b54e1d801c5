"""When an event happened, in whole microseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sigmaproof.logic.values import Read, Value, number_of

TIMES = ("@timestamp", "_time", "TimeCreated", "SystemTime", "UtcTime")
"""Where events keep their time; the first field that holds one counts."""

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECONDS = 100_000_000_000
"""A number above this counts milliseconds, as Elastic writes them; one below, seconds."""
_FARTHEST = 10**14


def moment(value: Value) -> int | None:
    """A time as ISO 8601 text (without a zone it is UTC) or as epoch seconds or milliseconds."""
    if not isinstance(value, str) or value[4:5] != "-":
        number = number_of(value)
        if number is not None or not isinstance(value, str):
            return None if number is None else _of_number(number)
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return ((found if found.tzinfo else found.replace(tzinfo=UTC)) - _EPOCH) // _MICROSECOND


def _of_number(number: int | float) -> int | None:
    if not abs(number) < _FARTHEST:
        return None
    return round(number * (1000 if number > _MILLISECONDS else SECOND))


def time_of(read: Read, fields: Iterable[str] = TIMES) -> int | None:
    """When an event happened: the earliest time in the first of the fields that holds one."""
    for field in fields:
        cell = read(field)
        if cell is not None and len(cell) == 1:
            time = moment(cell[0])
            if time is not None:
                return time
        elif cell:
            found = [time for value in cell if (time := moment(value)) is not None]
            if found:
                return min(found)
    return None


def told(time: int) -> str:
    """A time as ISO 8601 text, in UTC."""
    return (_EPOCH + timedelta(microseconds=time)).isoformat().replace("+00:00", "Z")
