"""Expressions whose fields, functions and types are known, and their value for one event.

Null logic lives here, inside one leaf of a query: a null operand makes a null result, and a leaf that comes
out null does not match. https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from itertools import islice, product

from msgspec import Struct

from sigmaproof.errors import InvalidQuery
from sigmaproof.index.elastic import FieldType
from sigmaproof.languages.eql.ast import Literal
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


class Function(Struct, frozen=True):
    """`takes`: a letter per parameter, see functions.py; small ones are optional, `*` repeats the last."""

    name: str
    takes: str
    gives: Kind
    apply: Callable[..., Value]
    needs: int = 99
    """How many parameters must not be null; with a null there, the result is null."""

    @property
    def arity(self) -> tuple[int, int]:
        """The least and the greatest number of arguments."""
        return sum(map(str.isupper, self.takes)), 10**6 if self.takes[-1] == "*" else len(self.takes)

    def letters(self, count: int) -> str:
        """The parameters of so many arguments, a capital letter each."""
        takes = self.takes.rstrip("*").upper()
        return takes.ljust(count, takes[-1])[:count]


class Question(Struct, frozen=True):
    """The function that says whether a value satisfies a check."""

    check: Check
    needs = 1
    gives = Kind.BOOLEAN

    def apply(self, value: Value) -> Value:
        return self.check.predicate()(value)


class Constant(Literal, frozen=True, eq=False):
    """A value that does not depend on the event."""

    kind: Kind
    columns = ()

    def of(self, _: Mapping[str, Value]) -> Value:
        return self.value


class Column(Struct, frozen=True):
    """A field. `declared`: the mapping names it; `optional`: the query calls it so."""

    type: FieldType
    kind: Kind
    declared: bool = True
    optional: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self,)

    def of(self, bound: Mapping[str, Value]) -> Value:
        return bound[self.type.name]

    def held(self, read: Read) -> list[Value]:
        """Its values for one event, as its normalizer leaves them; null if there is none."""
        values = [value for value in read(self.type.name) or () if value is not None]
        return [fold(value, self.type.fold) if isinstance(value, str) else value for value in values] or [
            None
        ]

    def __str__(self) -> str:
        return self.type.name


class Applied(Struct, frozen=True):
    """A function of other values. As the subject of a test: its value for each combination of its fields'."""

    function: Function | Question
    arguments: tuple[Node, ...]

    @property
    def kind(self) -> Kind:
        return self.function.gives

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for argument in self.arguments for column in argument.columns)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(str, self.columns)))

    def of(self, bound: Mapping[str, Value]) -> Value:
        """The value, with one for each field. Raises what its functions raise."""
        values = [argument.of(bound) for argument in self.arguments]
        return None if None in values[: self.function.needs] else self.function.apply(*values)

    def cell(self, read: Read) -> Cell:
        held = {str(column): column.held(read) for column in self.columns}
        choices = islice(product(*held.values()), MOST_CHOICES)
        return tuple(self._value(dict(zip(held, values, strict=True))) for values in choices)

    def _value(self, bound: Mapping[str, Value]) -> Value:
        try:
            return self.of(bound)
        except (ArithmeticError, ValueError):
            return None

    def __str__(self) -> str:
        arguments = ", ".join(map(str, self.arguments))
        return f"{self.function.name}({arguments})" if isinstance(self.function, Function) else arguments


Node = Constant | Column | Applied

NULL = Constant(None, Kind.NULL)
NOTHING = Constant(None, Kind.BOOLEAN)
"""A condition without an answer."""


def applied(function: Function | Question, *arguments: Node) -> Node:
    """A function of other values, or its own if nothing in it depends on the event."""
    found = Applied(function, arguments)
    if found.columns:
        return found
    try:
        return Constant(found.of({}), found.kind)
    except (ArithmeticError, ValueError) as error:
        raise InvalidQuery(f"{found}: {error}") from None


def asked(node: Node, check: Check) -> Node:
    """Whether a value satisfies a check."""
    return applied(Question(check), node)


def _every(*truths: Value) -> Value:
    return False if False in truths else None if None in truths else True


def _some(*truths: Value) -> Value:
    return True if True in truths else None if None in truths else False


AND = Function("and", "B*", Kind.BOOLEAN, _every, 0)
OR = Function("or", "B*", Kind.BOOLEAN, _some, 0)
NOT = Function("not", "B", Kind.BOOLEAN, lambda truth: not truth)
IS_NULL = Function("null", "A", Kind.BOOLEAN, lambda value: value is None, 0)
