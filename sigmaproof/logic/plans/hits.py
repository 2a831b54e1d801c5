"""What a correlation sees of an event: its time, the groups it is in, and what is counted in it."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from enum import Enum
from fractions import Fraction
from itertools import product, repeat

from msgspec import Struct

from sigmaproof.logic.plans.measures import exact
from sigmaproof.logic.values import Cell, Value, number_of, text_of

Group = tuple[tuple[str, ...], tuple[Value, ...]]
"""What identifies a group, and its values as an event has them."""

Column = list[Cell]
"""What one field holds in each of some events."""


class Counted(Enum):
    """What a measure looks at in an event."""

    EVENTS = "events"
    RULES = "rules"
    VALUES = "values"
    NUMBERS = "numbers"


class Origins(Struct, frozen=True):
    """The events that hits come from, in columns."""

    times: Sequence[int]
    rows: Sequence[int]
    events: Sequence[Hashable]
    """What makes each the same event to a count as another, or a different one."""


class Hit(Struct, frozen=True, gc=False):
    """An event in one group, with one token. Hits are in the order of their first three fields."""

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


def hits_of(
    counted: Counted,
    rule: int,
    origins: Origins,
    by: Sequence[Column],
    values: Sequence[Column],
    carried: Sequence[Column],
) -> list[Hit]:
    """The hits of a rule's events.

    The columns are what the events hold of the groups, of what is counted, and of what a correlation above
    asks of them.
    """
    size = len(origins.rows)
    tokens = _tokens(counted, rule, origins, values)
    each = zip(origins.times, origins.rows, _groups(by, size), tokens, _rows(carried, size), strict=True)
    return [
        Hit(time, row, rule, group, shown, token, cells)
        for time, row, groups, found, cells in each
        for group, shown in groups
        for token in found
    ]


def _rows(columns: Sequence[Column], size: int) -> Iterable[tuple[Cell, ...]]:
    return zip(*columns, strict=True) if columns else repeat((), size)


def _groups(by: Sequence[Column], size: int) -> Iterable[Collection[Group]]:
    """The groups that each event is in: one per combination of values; none if it lacks one."""
    if len(by) != 1:
        return map(_combined, _rows(by, size))
    return (  # what one text holds is its own group; the rest needs a call
        ((cell, cell),)  # type: ignore[misc]
        if cell is not None and len(cell) == 1 and isinstance(cell[0], str)
        else _combined((cell,))
        for cell in by[0]
    )


def _combined(cells: Sequence[Cell]) -> Collection[Group]:
    values = [[value for value in cell or () if value is not None] for cell in cells]
    found: dict[tuple[str, ...], tuple[Value, ...]] = {}
    for shown in product(*values):
        found.setdefault(tuple(map(same, shown)), shown)
    return found.items()


def _tokens(
    counted: Counted, rule: int, origins: Origins, values: Sequence[Column]
) -> Iterable[Collection[Hashable]]:
    """What a measure looks at in each event of a rule; nothing if the event has no value to look at."""
    match counted:
        case Counted.EVENTS:
            return zip(origins.events, strict=True)
        case Counted.RULES:
            return repeat((rule,), len(origins.rows))
        case Counted.VALUES:
            return ([token for token, _ in groups] for groups in _groups(values, len(origins.rows)))
    (numbers,) = values
    return [
        cell if cell is not None and len(cell) == 1 and type(cell[0]) is int else _numbers(cell)
        for cell in numbers
    ]


def _numbers(cell: Cell) -> list[int | Fraction]:
    found = []
    for value in cell or ():
        number = number_of(value)
        if number is not None and number - number == 0:  # neither infinite nor no number at all
            found.append(exact(number))
    return found
