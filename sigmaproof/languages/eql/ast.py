"""What an EQL query says, as written: frozen nodes, equal when their meaning-bearing text is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Exact:
    """Base of constants: 1, 1.0 and true are three of them."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Exact):
    """A constant: text, number, boolean or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its whole dotted name; `?name` is optional. `indexed`: it is written with an array index."""

    name: str
    optional: bool = False
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus before a value."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`+ - * / %`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Comparison:
    """`== != < <= > >=`."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Matching:
    """`:`, `like`, `like~`, `regex` and `regex~`, with one constant or a list of them."""

    operator: str
    operand: Expression
    patterns: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Membership:
    """`in` and `in~`, also negated."""

    operand: Expression
    items: tuple[Expression, ...]
    insensitive: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function; `name` as written, without the tilde."""

    name: str
    arguments: tuple[Expression, ...]
    insensitive: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression


@dataclass(frozen=True, slots=True)
class AllOf:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    operands: tuple[Expression, ...]


Condition = Comparison | Matching | Membership | Not | AllOf | AnyOf
"""What is a condition by its form; a call and a field can be one by their type."""

Expression = Literal | Field | Negative | Arithmetic | Call | Condition


@dataclass(frozen=True, slots=True)
class EventFilter:
    """`category where condition`; the category `any` is None."""

    category: str | None
    condition: Expression


@dataclass(frozen=True, slots=True)
class Stage:
    """One bracket of a sequence or sample: `[…] by … with runs=…`, or `![…]`."""

    event: EventFilter
    by: tuple[Field, ...] = ()
    runs: int = 1
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """`maxspan=2h`."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Sequence:
    stages: tuple[Stage, ...]
    by: tuple[Field, ...] = ()
    span: Span | None = None
    until: Stage | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    stages: tuple[Stage, ...]
    by: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipe:
    """`| head 5`."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    body: EventFilter | Sequence | Sample
    pipes: tuple[Pipe, ...] = ()


def children(node: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside one."""
    match node:
        case Literal() | Field():
            return ()
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case Negative(operand) | Not(operand) | Matching(_, operand):
            return (operand,)
        case Membership(operand, items):
            return (operand, *items)
        case Call(_, parts) | AllOf(parts) | AnyOf(parts):
            return parts


def conditions(query: Query) -> Iterator[Expression]:
    """Every expression of a query that does not stand inside another."""
    body = query.body
    if isinstance(body, EventFilter):
        yield body.condition
    else:
        yield from (stage.event.condition for stage in body.stages)
        if isinstance(body, Sequence) and body.until:
            yield body.until.event.condition
    for pipe in query.pipes:
        yield from pipe.arguments


def depth(node: Expression, limit: int) -> int:
    """How deeply expressions nest, counted no further than `limit`."""
    level, found = [node], 0
    while level and found <= limit:
        found += 1
        level = [below for above in level for below in children(above)]
    return found
