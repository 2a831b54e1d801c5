"""Dates of Elasticsearch and OpenSearch: the built-in formats, rounding, and date mathematics.

https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-date-format
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sigmaproof.errors import UnsupportedQuery

DEFAULT_FORMATS = "strict_date_optional_time||epoch_millis"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000

_TIME = r"(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
_OFFSET = r"(Z|[+-]\d{2}(?::?\d{2})?)"
_STRICT = re.compile(rf"(-?\d{{4}})(?:-(\d{{2}})(?:-(\d{{2}})(?:T(?:{_TIME}{_OFFSET}?)?)?)?)?", re.ASCII)
_SPACED = re.compile(rf"(-?\d{{4}})-(\d{{2}})-(\d{{2}})(?: {_TIME}()?)?", re.ASCII)
_LAX = re.compile(
    r"(-?\d{1,9})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?"
    rf"{_OFFSET}?)?)?)?)?",
    re.ASCII,
)
_EPOCH_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,9})?", re.ASCII)
_MATH = re.compile(r"([+-])(\d*)([yMwdhHms])|/([yMwdhHms])")

_Parser = Callable[[str, bool], int | None]


def parse_date(text: str, formats: str = DEFAULT_FORMATS, *, last: bool = False) -> int | None:
    """Milliseconds since 1970, or None. What the text leaves out is its first or its last moment."""
    for name in formats.split("||"):
        if name not in _FORMATS:
            raise UnsupportedQuery(f"date format {name!r}")
        millis = _FORMATS[name](text, last)
        if millis is not None:
            return millis
    return None


def resolve_date(text: str, formats: str, now: int, *, last: bool = False) -> int | None:
    """The same for a query, which may also calculate: `now-1d/d`, `2025-01-01||+1M`."""
    if text.startswith("now"):
        return _calculated(now, text[3:], last)
    anchor, bars, math = text.partition("||")
    start = parse_date(anchor, formats, last=last and not bars)
    return start if start is None or not bars else _calculated(start, math, last)


def _fields(pattern: re.Pattern[str]) -> _Parser:
    def parse(text: str, last: bool) -> int | None:
        found = pattern.fullmatch(text)
        return None if found is None else _millis(found.groups(), last)

    return parse


def _millis(groups: tuple[str | None, ...], last: bool) -> int | None:
    year, month, day, hour, minute, second, fraction, offset = groups
    numbers = [int(part) if part else None for part in (year, month, day, hour, minute, second)]
    # A year or month stands for its first day, even where the last moment is asked for.
    ends = (1, 1, 1, 23, 59, 59) if last else (1, 1, 1, 0, 0, 0)
    known = [end if number is None else number for number, end in zip(numbers, ends, strict=True)]
    try:
        moment = datetime(*known, tzinfo=UTC)  # type: ignore[misc, arg-type]
    except ValueError:
        return None
    thousandth = int((fraction + "00")[:3]) if fraction else 999 if last else 0
    return _since_epoch(moment) + thousandth - _shift(offset)


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _shift(offset: str | None) -> int:
    if not offset or offset == "Z":
        return 0
    digits = offset[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return minutes * 60_000 * (-1 if offset[0] == "-" else 1)


def _epoch(unit: int) -> _Parser:
    def parse(text: str, _: bool) -> int | None:
        if not _EPOCH_NUMBER.fullmatch(text):
            return None
        whole, _dot, fraction = text.partition(".")
        below = int((fraction + "000")[:3]) if unit == 1000 else 0
        return int(whole) * unit + (-below if whole.startswith("-") else below)

    return parse


def _calculated(start: int, math: str, last: bool) -> int | None:
    at, moment = 0, start
    while at < len(math):
        step = _MATH.match(math, at)
        if step is None:
            return None
        at = step.end()
        try:
            moment = _rounded(moment, step[4], last) if step[4] else _moved(moment, step)
        except (OverflowError, ValueError):
            return None
    return moment


def _moved(moment: int, step: re.Match[str]) -> int:
    amount = int(step[2] or 1) * (1 if step[1] == "+" else -1)
    if step[3] not in "yM":
        return moment + amount * _LENGTHS[step[3]]
    date = _EPOCH + timedelta(milliseconds=moment)
    month = date.year * 12 + date.month - 1 + amount * (12 if step[3] == "y" else 1)
    year, month = divmod(month, 12)
    day = min(date.day, monthrange(year, month + 1)[1])
    return _since_epoch(date.replace(year=year, month=month + 1, day=day))


def _rounded(moment: int, unit: str, last: bool) -> int:
    if unit in "yM":
        date = _EPOCH + timedelta(milliseconds=moment)
        start = datetime(date.year, 1 if unit == "y" else date.month, 1, tzinfo=UTC)
        days = (366 if monthrange(date.year, 2)[1] == 29 else 365) if unit == "y" else 0
        days = days or monthrange(date.year, date.month)[1]
        return _since_epoch(start) + (days * _DAY - 1 if last else 0)
    length = _LENGTHS[unit]
    origin = 4 * _DAY if unit == "w" else 0  # weeks begin on Mondays, 1970 on a Thursday
    first = (moment - origin) // length * length + origin
    return first + (length - 1 if last else 0)


_LENGTHS: Mapping[str, int] = {
    "w": 7 * _DAY,
    "d": _DAY,
    "h": 3_600_000,
    "H": 3_600_000,
    "m": 60_000,
    "s": 1000,
}

_FORMATS: Mapping[str, _Parser] = {
    "strict_date_optional_time": _fields(_STRICT),
    "strict_date_optional_time_nanos": _fields(_STRICT),
    "date_optional_time": _fields(_LAX),
    "iso8601": _fields(_STRICT),
    "strict_date_time": _fields(_STRICT),
    "yyyy-MM-dd": _fields(re.compile(r"(\d{4})-(\d{2})-(\d{2})()()()()()", re.ASCII)),
    "yyyy-MM-dd HH:mm:ss": _fields(_SPACED),
    "yyyy-MM-dd HH:mm:ss.SSS": _fields(_SPACED),
    "epoch_millis": _epoch(1),
    "epoch_second": _epoch(1000),
}
