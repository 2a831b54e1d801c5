"""Expressions whose fields, functions and types are known, and their value for one event.

Null logic lives here, inside one leaf of a query: a null operand makes a null result, and a leaf that comes
out null does not match. https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import islice, product

from sigmaproof.index.elastic import FieldType
from sigmaproof.languages.eql.ast import Exact
from sigmaproof.logic.checks import Check
from sigmaproof.logic.values import Cell, Read, Value
from sigmaproof.text.fold import fold

MOST_CHOICES = 100_000
"""Combinations of several fields' values that one leaf looks at."""


class Kind(Enum):
    """Types that EQL tells apart, by the name that its messages use."""

    NULL = "null"
    TEXT = "string"
    NUMBER = "numeric"
    BOOLEAN = "boolean"
    DATE = "date"
    ADDRESS = "ip"
    VERSION = "version"


@dataclass(frozen=True, slots=True)
class Function:
    """`takes`: a letter per parameter, see functions.py; small ones are optional, `*` repeats the last."""

    name: str
    takes: str
    gives: Kind
    apply: Callable[..., Value]
    needs: int = 99
    """How many parameters must not be null; with a null there, the result is null."""


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Exact):
    """A value that does not depend on the event."""

    value: Value
    kind: Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A field. `declared`: the mapping names it; `optional`: the query calls it so."""

    type: FieldType
    kind: Kind
    declared: bool = True
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """A function of other values."""

    function: Function
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whether a value satisfies a check."""

    node: Node
    check: Check


@dataclass(frozen=True, slots=True)
class Junction:
    """All (`every`) or any of the conditions."""

    every: bool
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    node: Node


@dataclass(frozen=True, slots=True)
class NullTest:
    """Whether there is no value."""

    node: Node


Node = Constant | Column | Applied | Asked | Junction | Negation | NullTest
NULL = Constant(None, Kind.NULL)


def kind_of(node: Node) -> Kind:
    """The type of a node's value."""
    match node:
        case Constant(_, kind) | Column(_, kind):
            return kind
        case Applied(function):
            return function.gives
    return Kind.BOOLEAN


def evaluate(node: Node, bound: Mapping[str, Value]) -> Value:
    """The node's value, with a value for each field. Raises what its functions raise."""
    match node:
        case Constant(value):
            return value
        case Column(type):
            return bound[type.name]
        case Applied(function, arguments):
            values = [evaluate(argument, bound) for argument in arguments]
            return None if None in values[: function.needs] else function.apply(*values)
        case Asked(inner, check):
            value = evaluate(inner, bound)
            return None if value is None else check.predicate()(value)
        case Junction(every, nodes):
            truths = [evaluate(part, bound) for part in nodes]
            return (not every) if (not every) in truths else None if None in truths else every
        case Negation(inner):
            value = evaluate(inner, bound)
            return None if value is None else not value
        case NullTest(inner):
            return evaluate(inner, bound) is None


def columns(node: Node) -> Iterator[Column]:
    """Every field that the node reads."""
    match node:
        case Column():
            yield node
        case Applied(_, parts) | Junction(_, parts):
            for part in parts:
                yield from columns(part)
        case Asked(inner) | Negation(inner) | NullTest(inner):
            yield from columns(inner)


@dataclass(frozen=True, slots=True)
class Script:
    """A node as the subject of a test: its value for every combination of its fields' values."""

    node: Node

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column.type.name for column in columns(self.node)))

    def cell(self, read: Read) -> Cell:
        held = {column.type.name: _held(column, read) for column in columns(self.node)}
        choices = islice(product(*held.values()), MOST_CHOICES)
        return tuple(self._value(dict(zip(held, values, strict=True))) for values in choices)

    def _value(self, bound: Mapping[str, Value]) -> Value:
        try:
            return evaluate(self.node, bound)
        except (ArithmeticError, ValueError):
            return None

    def __str__(self) -> str:
        return _shown(self.node)


def _held(column: Column, read: Read) -> list[Value]:
    values = [value for value in read(column.type.name) or () if value is not None]
    rule = column.type.fold
    return [fold(value, rule) if isinstance(value, str) else value for value in values] or [None]


def _shown(node: Node) -> str:
    match node:
        case Constant(value):
            return repr(value)
        case Column(type):
            return type.name
        case Applied(function, arguments):
            return f"{function.name}({', '.join(map(_shown, arguments))})"
        case Asked(inner, _) | Negation(inner) | NullTest(inner):
            return _shown(inner)
        case Junction(every, nodes):
            return (" and " if every else " or ").join(map(_shown, nodes))
