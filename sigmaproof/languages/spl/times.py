"""Times: spans, relative times, and the letters of `strftime`. All in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from sigmaproof.index.splunk import epoch
from sigmaproof.logic.values import number_of

_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400,
    "w": 604800, "week": 604800, "weeks": 604800,
    "mon": -1, "month": -1, "months": -1,
    "q": -3, "qtr": -3, "quarter": -3, "y": -12, "yr": -12, "year": -12, "years": -12,
}  # fmt: skip
"""Seconds; months are counted below zero."""

_SPAN = re.compile(r"(\d*)([a-z]*)")
_STEP = re.compile(r"([+-]\d*)([a-z]+)|@([a-z]+?)([0-7]?)(?=[+@-]|$)")


def span_seconds(text: str) -> int | None:
    """A span in seconds; months are counted below zero; None if it is no span."""
    found = _SPAN.fullmatch(text)
    if found is None or not text or (found[2] or "s") not in _UNITS:
        return None
    return int(found[1] or 1) * _UNITS[found[2] or "s"] or None


def floored(time: float, span: int) -> int:
    """The start of the span that a time is in; spans of months begin with a month."""
    if span > 0:
        return int(time // span * span)
    moment = datetime.fromtimestamp(time, UTC)
    month = moment.year * 12 + moment.month - 1
    month -= month % -span
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())


def relative(now: float, text: str) -> float | None:
    """`-1d@d` and its like, counted from `now`; None if it is no relative time, or beyond all calendars."""
    try:
        return _relative(now, text)
    except (OverflowError, ValueError):
        return None


def _relative(now: float, text: str) -> float | None:
    text = text.strip().removeprefix("now")
    at, time = 0, now
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (found[2] or found[3]) not in _UNITS:
            return None
        time = _moved(time, found[1], found[2]) if found[2] else _snapped(time, found[3], found[4])
        at = found.end()
    return time


def time_of(text: str, now: float | None) -> float | None:
    """A time as `earliest=` takes it: epoch seconds, `%m/%d/%Y:%H:%M:%S`, ISO 8601, or relative to `now`."""
    try:
        return datetime.strptime(text, "%m/%d/%Y:%H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        pass
    absolute = epoch(text)
    return relative(now, text) if absolute is None and now is not None else absolute


def is_relative(text: str) -> bool:
    """Whether it counts from now."""
    return relative(0, text) is not None and not text.isdigit()


def formatted(time: float, form: str) -> str:
    """`strftime`, with Splunk's `%Q %3N %s` beside C's letters."""
    moment = datetime.fromtimestamp(time, UTC)
    millis = f"{moment.microsecond // 1000:03}"
    form = re.sub(r"%(?:Q|3N|3Q)", millis, form).replace("%6N", f"{moment.microsecond:06}")
    form = form.replace("%s", str(int(time))).replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d")
    return moment.strftime(form)


def parsed(text: str, form: str) -> float | None:
    """`strptime`."""
    form = form.replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d")
    if form == "%s":
        return number_of(text)
    form = re.sub(r"%(?:Q|3N|3Q|6N|9N)", "%f", form)
    try:
        moment = datetime.strptime(text, form)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _moved(time: float, count: str, unit: str) -> float:
    number = int(count) if len(count) > 1 else int(count + "1")
    if _UNITS[unit] > 0:
        return time + number * _UNITS[unit]
    moment = datetime.fromtimestamp(time, UTC)
    month = moment.year * 12 + moment.month - 1 - number * _UNITS[unit]
    first = moment.replace(year=month // 12, month=month % 12 + 1, day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(moment.day, last.day)).timestamp()


def _snapped(time: float, unit: str, weekday: str) -> float:
    if unit != "w":
        return floored(time, _UNITS[unit])
    moment = datetime.fromtimestamp(floored(time, 86400), UTC)
    return (moment - timedelta(days=(moment.isoweekday() - int(weekday or 0)) % 7)).timestamp()
