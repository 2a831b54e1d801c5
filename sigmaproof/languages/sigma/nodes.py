"""A rule as it was understood: frozen values, modifiers already applied, nothing lowered yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as field_
from enum import Enum

from sigmaproof.languages.sigma.errors import Path
from sigmaproof.logic.checks import InNetwork, Number
from sigmaproof.text.glob import Wild

Scalar = str | int | float | bool | None
"""A value as the rule's YAML gives it."""

TIME_PARTS = ("minute", "hour", "day", "week", "month", "year")
DASHES = "-/–—―"


class Dash(Enum):
    """A place where `windash` lets any of `DASHES` stand."""

    ANY = "dash"


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`%name%` under `expand`: stands for values that the environment knows."""

    name: str


Part = str | Wild | Dash | Placeholder


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text with wildcards, matched against a whole value."""

    parts: tuple[Part, ...]
    cased: bool = False
    positioned: bool = False
    """`contains` or one of its kind put wildcards around it already."""
    encoded: bool = False
    """Each character stands for one byte."""
    source: str | None = field_(default=None, compare=False)
    """As the rule writes it, while no modifier has changed it."""


@dataclass(frozen=True, slots=True)
class Regexp:
    """A regular expression, searched for; `flags` out of `i`, `m` and `s`."""

    source: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether the field is there."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """Another field of the same event, whose value is where `position` says."""

    field: str
    position: str = "whole"
    cased: bool = False


Pattern = Text | int | float | bool | None | Regexp | Number | InNetwork | Presence | Reference
"""What a value becomes under modifiers. A number, a boolean and null stand for themselves."""


@dataclass(frozen=True, slots=True)
class Item:
    """One detection item: a field with its modifiers and values; keywords have no field."""

    field: str | None
    modifiers: tuple[str, ...]
    values: tuple[Scalar, ...]
    patterns: tuple[tuple[Pattern, ...], ...] = field_(repr=False)
    """For each value, what it may be under the modifiers."""
    path: Path = field_(default=(), compare=False, repr=False)

    @property
    def time_part(self) -> str | None:
        """`hour` and the like: the patterns are about that part of a timestamp."""
        return next((name for name in self.modifiers if name in TIME_PARTS), None)

    def __str__(self) -> str:
        key = "|".join([self.field or "", *self.modifiers]) or "keyword"
        more = ", …" if len(self.values) > 4 else ""
        return f"{key} {', '.join(map(shown, self.values[:4]))}{more}"


@dataclass(frozen=True, slots=True)
class Name:
    """A search identifier in a condition."""

    name: str


@dataclass(frozen=True, slots=True)
class Quantified:
    """`1 of sel*`, `all of them`: at least so many identifiers (None: all) of a pattern (None: them)."""

    least: int | None
    pattern: str | None


@dataclass(frozen=True, slots=True)
class Denied:
    """`not`."""

    inner: Node


@dataclass(frozen=True, slots=True)
class Every:
    """A map of items, or `and`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """A list, or `or`."""

    parts: tuple[Node, ...]


Node = Item | Name | Quantified | Denied | Every | Some
"""A detection, whose leaves are items, or a condition, whose leaves are identifiers."""


def walk(node: Node) -> Iterator[Node]:
    """The node and everything in it, in order."""
    yield node
    inner = (
        node.parts if isinstance(node, Every | Some) else (node.inner,) if isinstance(node, Denied) else ()
    )
    for part in inner:
        yield from walk(part)


@dataclass(frozen=True, slots=True)
class LogSource:
    """Where a rule's events come from. A part that is None says nothing."""

    category: str | None = None
    product: str | None = None
    service: str | None = None

    def covers(self, other: LogSource) -> bool:
        """Every part given here is the same there."""
        mine = (self.category, self.product, self.service)
        others = (other.category, other.product, other.service)
        return all(part in (None, theirs) for part, theirs in zip(mine, others, strict=True))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, or a filter: that is a rule with `rules`, which others take in."""

    title: str
    logsource: LogSource
    detections: tuple[tuple[str, Node], ...]
    conditions: tuple[Node, ...]
    """Any of them."""
    written: tuple[str, ...] = field_(repr=False)
    """The same as the rule writes them."""
    id: str = ""
    name: str = ""
    status: str = ""
    level: str = ""
    taxonomy: str = "sigma"
    tags: tuple[str, ...] = ()
    timeframe: bool = False
    """There is a `timeframe`, which means nothing since Sigma 2."""
    rules: tuple[str, ...] | None = None
    """A filter's rules by id or name; () means any rule. None: this is no filter."""
    filters: tuple[Rule, ...] = ()
    placeholders: tuple[tuple[str, tuple[str, ...]], ...] = field_(default=(), compare=False, repr=False)
    """What `%name%` stands for, where whoever reads the rule knows it."""

    @property
    def section(self) -> str:
        """The YAML key that holds detections and condition."""
        return "detection" if self.rules is None else "filter"

    @property
    def items(self) -> list[Item]:
        """Every detection item, in order, without those of filters."""
        nodes = (node for _, detection in self.detections for node in walk(detection))
        return [node for node in nodes if isinstance(node, Item)]

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the rule and its filters look at, in order of appearance."""
        own = [name for item in self.items for name in _fields(item)]
        return tuple(dict.fromkeys(own + [name for rule in self.filters for name in rule.fields]))


def shown(value: Scalar) -> str:
    """A value as a rule would write it."""
    if isinstance(value, str):
        return f"'{value}'"
    return "null" if value is None else str(value).lower()


def _fields(item: Item) -> list[str]:
    patterns = (pattern for value in item.patterns for pattern in value)
    other = [pattern.field for pattern in patterns if isinstance(pattern, Reference)]
    return other if item.field is None else [item.field, *other]
