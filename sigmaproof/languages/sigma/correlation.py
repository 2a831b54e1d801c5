"""A correlation rule as it was understood: frozen values, references still by name.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-correlation-rules-specification.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from operator import eq, ge, gt, le, lt, ne

from sigmaproof.languages.sigma.nodes import Denied, Every, Name, Node, Rule, Some, walk


class Type(StrEnum):
    """What a correlation rule looks at; the value is its name in rules."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"
    VALUE_SUM = "value_sum"
    VALUE_AVG = "value_avg"
    VALUE_PERCENTILE = "value_percentile"
    VALUE_MEDIAN = "value_median"

    @property
    def temporal(self) -> bool:
        """It is about which rules have events, not about how many or which values."""
        return self in (Type.TEMPORAL, Type.TEMPORAL_ORDERED)

    @property
    def reads_values(self) -> bool:
        """It needs a field to read values from."""
        return self.value.startswith("value_")


OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "=", "neq": "!="}
"""Of a condition, with their signs."""
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
    "eq": eq,
    "neq": ne,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """One comparison of a condition."""

    operator: str
    """A name from `OPERATORS`."""
    than: int | float

    def holds(self, amount: float) -> bool:
        """Whether an amount compares so."""
        return _COMPARE[self.operator](amount, self.than)

    def __str__(self) -> str:
        return f"{OPERATORS[self.operator]} {self.than}"


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation rule."""

    title: str
    type: Type
    rules: tuple[str, ...]
    """Ids or names, as they are written and in their order."""
    span: int
    """In seconds."""
    condition: tuple[Threshold, ...] | Node
    """Comparisons that all hold; or, of a temporal type, an expression over its rules.

    A temporal type without any asks for all of its rules.
    """
    fields: tuple[str, ...] = ()
    """Whose values are counted or added up; several are one value together."""
    percentile: float = 50
    group_by: tuple[str, ...] = ()
    aliases: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """Alias → reference → field."""
    generate: bool = False
    """The rules that it refers to are meant to alert by themselves, too."""
    id: str = ""
    name: str = ""
    status: str = ""
    level: str = ""
    tags: tuple[str, ...] = ()
    written_span: str = ""
    idle: tuple[str, ...] = ()
    """Keys of its condition that mean nothing under its type."""

    @property
    def used(self) -> tuple[str, ...]:
        """The references that its condition is about."""
        if isinstance(self.condition, tuple):
            return self.rules
        return tuple(node.name for node in walk(self.condition) if isinstance(node, Name))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A correlation rule with what it refers to, in the order of its `rules`."""

    correlation: Correlation
    parts: tuple[Rule | Resolved, ...]

    @property
    def title(self) -> str:
        return self.correlation.title

    @property
    def base_rules(self) -> tuple[Rule, ...]:
        """The rules about single events under it, each once, in order of appearance."""
        return tuple(dict.fromkeys(_base_rules(self)))


def told_node(node: Node) -> str:
    """An expression as it might be written."""
    match node:
        case Name(name):
            return name
        case Denied(inner):
            return f"not {told_node(inner)}" if isinstance(inner, Name) else f"not ({told_node(inner)})"
        case Every(parts):
            return " and ".join(
                f"({told_node(part)})" if isinstance(part, Some) else told_node(part) for part in parts
            )
        case Some(parts):
            return " or ".join(map(told_node, parts))
    return str(node)


def _base_rules(found: Resolved) -> Iterator[Rule]:
    for part in found.parts:
        if isinstance(part, Rule):
            yield part
        else:
            yield from _base_rules(part)
