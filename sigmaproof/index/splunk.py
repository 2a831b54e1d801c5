"""Splunk: an event is text under flat names; every field is text, or several texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from sigmaproof.logic.run import Document
from sigmaproof.logic.values import Cell, Value

RAW, TIME = "_raw", "_time"
_TIMES = ("_time", "@timestamp", "TimeCreated", "SystemTime", "UtcTime")
_MILLISECONDS = 100_000_000_000
"""An `@timestamp` above this counts milliseconds, as Elastic writes it."""


class SplunkIndex(Struct, frozen=True):
    """Events as a search head sees them after search-time extraction.

    Nested JSON reads as `spath` names it (`a.b`, `a{}.b`). A missing field, null and [] are one and the same.
    `_raw` is the document's own, else its JSON text, or with `lines` its values, each on a line of its own;
    `_time` is in epoch seconds. `lookups` are the lookup tables and CSV files by name.
    """

    lookups: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    lines: bool = False

    def read(self, document: Document, field: str) -> Cell:
        """The values of a field, as text; `_time` alone is a number."""
        if field == TIME:
            return _time(document)
        found = tuple(_values(document, field))
        if not found and field == RAW and self.lines:
            return (event_lines(document),)
        if not found and field == RAW:
            return (json.dumps(document, ensure_ascii=False, default=str),)
        return found or None

    def fields(self, document: Document) -> list[str]:
        """The names under which the document has values."""
        return list(dict.fromkeys(_names(document)))

    def __hash__(self) -> int:
        return hash((tuple(self.lookups), self.lines))


def _values(document: Mapping[str, Any], name: str) -> Iterator[str]:
    if name in document:
        yield from _texts(document[name])
    for key, inner in document.items():
        if isinstance(inner, Mapping | list) and name.startswith(key) and len(name) > len(key):
            yield from _inside(inner, name[len(key) :])


def _inside(inner: Any, rest: str) -> Iterator[str]:
    """The values under what is left of a name: `.b` inside an object, `{}` or `{}.b` inside a list."""
    if isinstance(inner, Mapping):
        if rest.startswith("."):
            yield from _values(inner, rest[1:])
    elif isinstance(inner, list) and rest.startswith("{}"):
        for item in inner:
            yield from _inside(item, rest[2:]) if len(rest) > 2 else _texts(item)


def event_lines(document: Mapping[str, Any]) -> str:
    """The values of a document, one on each line."""
    return "\n".join(one for value in document.values() for one in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, Mapping):
        yield text(value)


def text(value: Any) -> str:
    """A scalar as its JSON text, without quotes."""
    return value if isinstance(value, str) else json.dumps(value, default=str).strip('"')


def cell_from(value: Any) -> Cell:
    """What a field with this value reads as."""
    return tuple(_texts(value)) or None


def _names(document: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for key, value in document.items():
        yield from _leaves(before + key, value)


def _leaves(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _names(value, name + ".")
    elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        for item in value:
            yield from _leaves(name + "{}", item)
    elif value is not None and value != []:
        yield name


def _time(document: Document) -> Cell:
    for name in _TIMES:
        value = document.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            seconds = epoch(value)
            if seconds is not None:
                scale = 1000 if name != TIME and not isinstance(value, str) and seconds > _MILLISECONDS else 1
                return (_whole(seconds / scale),)
    return None


def epoch(value: str | int | float) -> float | None:
    """A time as epoch seconds: a number, or ISO 8601 text; without a zone it is UTC."""
    try:
        return float(value)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _whole(number: float) -> Value:
    return int(number) if number.is_integer() else number
