"""What a correlation sees of an event: its time, the groups it is in, and what is counted in it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from enum import Enum
from itertools import product
from typing import NamedTuple

from sigmaproof.logic.plans.measures import exact
from sigmaproof.logic.values import Cell, Value, number_of, text_of

Groups = dict[tuple[str, ...], tuple[Value, ...]]
"""What identifies each group, and its values as an event has them."""


class Counted(Enum):
    """What a measure looks at in an event."""

    EVENTS = "events"
    RULES = "rules"
    VALUES = "values"
    NUMBERS = "numbers"


class Hit(NamedTuple):
    """An event in one group, with one token. Hits sort as their first three fields do."""

    time: int
    row: int
    rule: int
    group: tuple[str, ...]
    shown: tuple[Value, ...]
    """The group's values as this event has them."""
    token: Hashable
    carried: tuple[Cell, ...]
    """What a correlation above asks of it."""


def same(value: Value) -> str:
    """What values have in common that are one and the same to groups and counts: 5, 5.0 and `5`."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text_of(value)


def groups(cells: Sequence[Cell]) -> Groups:
    """The groups that an event with these values is in: one per combination; none if it lacks a value."""
    if len(cells) == 1:
        cell = cells[0] or ()
        if len(cell) == 1:
            return {} if cell[0] is None else {(same(cell[0]),): cell}
        return {(same(value),): (value,) for value in reversed(cell) if value is not None}
    values = [[value for value in cell or () if value is not None] for cell in cells]
    found: Groups = {}
    for shown in product(*values):
        found.setdefault(tuple(map(same, shown)), shown)
    return found


def tokens(counted: Counted, rule: int, event: Hashable, cells: Sequence[Cell]) -> Collection[Hashable]:
    """What a measure looks at in one event of a rule; nothing if the event has no value to look at."""
    match counted:
        case Counted.EVENTS:
            return (event,)
        case Counted.RULES:
            return (rule,)
        case Counted.VALUES:
            return groups(cells)
    numbers = (number_of(value) for cell in cells for value in cell or ())
    # neither infinite nor no number at all
    return [exact(number) for number in numbers if number is not None and number - number == 0]
