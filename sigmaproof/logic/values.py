"""What a field of one event holds."""

from __future__ import annotations

import re
from collections.abc import Callable

Value = str | int | float | bool | None
"""One scalar; None is an explicit null."""

Cell = tuple[Value, ...] | None
"""All values of one field of one event. None: the field is absent. (): it is there and holds no scalar."""

Read = Callable[[str], Cell]
"""Looks a field of one event up."""

ANY_FIELD = "*"
"""The field name that stands for every leaf value of the event."""

_LONGEST_NUMBER = 310
"""Digits of the largest double, and then some: a longer run of digits is text, not a number."""

_CANONICAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def text_of(value: Value) -> str:
    """The value as text: booleans as true and false, numbers in decimal, null as nothing."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def number_of(value: Value) -> int | float | None:
    """The value as a number: a number, or a text that is one in canonical form (no sign +, no leading 0)."""
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, str):
        return value
    if len(value) > _LONGEST_NUMBER or _CANONICAL.fullmatch(value) is None:
        return None
    return int(value) if value.lstrip("-").isdigit() else float(value)
