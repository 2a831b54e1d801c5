"""When an event happened, in whole microseconds since 1970."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sigmaproof.logic.values import Cell, Read, Value, number_of

TIMES = ("@timestamp", "_time", "TimeCreated", "SystemTime", "UtcTime")
"""Where events keep their time; the first field that holds one counts."""

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    since = (found if found.tzinfo else found.replace(tzinfo=UTC)) - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def moments(cells: Iterable[Cell]) -> list[int | None]:
    """The earliest time that each cell holds."""
    found: list[int | None] = []
    for cell in cells:  # asked of every event: what most events have is tried here, without a call
        try:
            (text,) = cell  # type: ignore[misc]
            since = datetime.fromisoformat(text) - _EPOCH  # type: ignore[arg-type]
        except (TypeError, ValueError):
            found.append(None if cell is None else _earliest(cell))
        else:
            found.append((since.days * 86_400 + since.seconds) * SECOND + since.microseconds)
    return found


def _earliest(values: Iterable[Value]) -> int | None:
    return min((time for value in values if (time := moment(value)) is not None), default=None)


def _of_number(number: int | float) -> int | None:
    if not abs(number) < _FARTHEST:
        return None
    return round(number * (1000 if number > _MILLISECONDS else SECOND))


def time_of(read: Read, fields: Iterable[str] = TIMES) -> int | None:
    """When an event happened: the earliest time in the first of the fields that holds one."""
    found = (_earliest(read(field) or ()) for field in fields)
    return next((time for time in found if time is not None), None)


def told(time: int) -> str:
    """A time as ISO 8601 text, in UTC."""
    return (_EPOCH + timedelta(microseconds=time)).isoformat().replace("+00:00", "Z")
