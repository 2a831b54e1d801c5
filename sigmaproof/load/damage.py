"""What readers of event files yield: events, and damage where an event should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from msgspec import Struct

from sigmaproof.load.values import Event

MAX_RECORD = 16 * 1024 * 1024
"""Bytes or characters of one record."""
TOO_LONG = f"a record of more than {MAX_RECORD // 2**20} MiB"


class Damage(Struct, frozen=True):
    """A record that could not be read; its reader goes on or stops after it."""

    message: str
    line: int = 0
    help: str = ""


Records: TypeAlias = Iterator[Event | Damage]


def as_event(value: Any, line: int) -> Event | Damage:
    """An object as an event, anything else as damage."""
    if isinstance(value, dict):
        return value
    return Damage(f"a JSON {type(value).__name__} where an event (an object) should be", line)
