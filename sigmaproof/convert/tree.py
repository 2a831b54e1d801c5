"""A rule's condition as a writer needs it: no nesting without need, alternatives on one field together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)

from sigmaproof.convert.values import OneOf, Presence, Text, Unsayable, Value, read_value
from sigmaproof.text.glob import MANY, Glob


class Leaf(Struct, frozen=True):
    """Some of the values is in the field; without a field, anywhere in the event."""

    field: str | None
    values: tuple[Value, ...]


class Every(Struct, frozen=True):
    """All of at least two."""

    parts: tuple[Tree, ...]


class Some(Struct, frozen=True):
    """Any of at least two."""

    parts: tuple[Tree, ...]


class Denied(Struct, frozen=True):
    """The complement of something that is no complement itself."""

    part: Tree


Tree = Leaf | Every | Some | Denied


def read_condition(cond: Any) -> Tree:
    """The tree of a condition that pySigma has parsed. Raises `Unsayable` for a value without words."""
    match cond:
        case ConditionAND():
            return every(map(read_condition, cond.args))
        case ConditionOR():
            return some(map(read_condition, cond.args))
        case ConditionNOT():
            return denied(read_condition(cond.args[0] if cond.args else None))
        case ConditionFieldEqualsValueExpression():
            return _test(cond.field, read_value(cond.value))
        case ConditionValueExpression():
            return _test(None, read_value(cond.value))
    # pySigma leaves a hole where nothing is selected, and writes the condition as if it were not there
    raise Unsayable("the condition asks for identifiers that the rule does not have")


def every(parts: Iterable[Tree]) -> Tree:
    """All of them."""
    flat = list(dict.fromkeys(inner for part in parts for inner in _inside(part, Every)))
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def some(parts: Iterable[Tree]) -> Tree:
    """Any of them; tests of one field become one, where the first of them stood."""
    values: dict[str | None, list[Value]] = {}
    places: dict[Any, None] = {}
    for part in [inner for outer in parts for inner in _inside(outer, Some)]:
        if isinstance(part, Leaf):
            values.setdefault(part.field, []).extend(part.values)
            places[part.field] = None
        else:
            places[part] = None
    flat = [Leaf(one, tuple(dict.fromkeys(values[one]))) if one in values else one for one in places]
    return flat[0] if len(flat) == 1 else Some(tuple(flat))


def denied(part: Tree) -> Tree:
    """The complement."""
    return part.part if isinstance(part, Denied) else Denied(part)


def _inside(part: Tree, kind: type[Every] | type[Some]) -> Sequence[Tree]:
    return part.parts if isinstance(part, kind) else (part,)


def _test(field: str | None, value: Value) -> Tree:
    if isinstance(value, OneOf):
        return some(_test(field, one) for one in value.values)
    if field is not None and value == Presence(False):
        return denied(Leaf(field, (Presence(True),)))
    if field is not None and isinstance(value, Text) and value.glob == Glob.of(MANY):
        return Leaf(field, (Presence(True),))
    return Leaf(field, (value,))


def leaves(tree: Tree) -> Iterator[Leaf]:
    """Every leaf, from left to right."""
    match tree:
        case Leaf():
            yield tree
        case Denied(part):
            yield from leaves(part)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from leaves(part)
