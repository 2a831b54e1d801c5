"""Whether a rule can match events with certain event ids at all, as far as it names event ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sigma.conditions import ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT, ConditionOR

from sigmaproof.convert.events import Events
from sigmaproof.convert.values import Number, Text, Unsayable, read_value
from sigmaproof.logic.checks import Order

EVENT_ID = "EventID"
_OTHER = -1
"""Stands for every event id that the rule does not name."""


def possible(conditions: Sequence[Any], events: Events) -> bool:
    """Whether one of the conditions may hold on such events. They are over the taxonomy's names."""
    ids = events.ids if events.only is None else events.only
    if ids is None:
        named = {number for condition in conditions for number in _named(condition)}
        ids = frozenset({*named, _OTHER}) - events.but
    return any(_truth(condition, number) is not False for condition in conditions for number in ids)


def _truth(cond: Any, event_id: int) -> bool | None:
    """Whether the condition holds on an event with that id, if that decides it."""
    match cond:
        case ConditionAND():
            found = [_truth(one, event_id) for one in cond.args]
            return False if False in found else None if None in found else True
        case ConditionOR():
            found = [_truth(one, event_id) for one in cond.args]
            return True if True in found else None if None in found else False
        case ConditionNOT():
            inner = _truth(cond.args[0], event_id) if cond.args else None
            return None if inner is None else not inner
        case ConditionFieldEqualsValueExpression() if cond.field == EVENT_ID:
            number = _number(cond)
            return None if number is None else number == event_id
    return None


def _named(cond: Any) -> Iterator[int]:
    args: Iterable[Any] = getattr(cond, "args", ())
    for one in args:
        yield from _named(one)
    if isinstance(cond, ConditionFieldEqualsValueExpression) and cond.field == EVENT_ID:
        number = _number(cond)
        if number is not None:
            yield number


def _number(cond: Any) -> int | None:
    try:
        value = read_value(cond.value)
    except Unsayable:
        return None
    match value:
        case Number(Order.EQ, int(number)):
            return number
        case Text(glob) if glob.literal and glob.literal.isdecimal():
            return int(glob.literal)
    return None
