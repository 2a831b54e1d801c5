"""A rule as it was understood: frozen values, modifiers already applied, nothing lowered yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as field_
from enum import Enum

from sigmaproof.languages.sigma.errors import Path
from sigmaproof.logic.checks import Order
from sigmaproof.text.glob import Wild

Scalar = str | int | float | bool | None


class Dash(Enum):
    """A place where `windash` lets any of `DASHES` stand."""

    ANY = "dash"


DASHES = "-/–—―"

TIME_PARTS = ("minute", "hour", "day", "week", "month", "year")


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
    """A position modifier put its wildcards around it already."""
    encoded: bool = False
    """Each character stands for one byte."""
    source: str | None = field_(default=None, compare=False)
    """As the rule writes it, while no modifier has changed it."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """Several texts that a modifier made out of one value."""

    options: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Num:
    """Equal to a number."""

    value: int | float


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""

    value: bool


@dataclass(frozen=True, slots=True)
class Null:
    """Absent, or null."""


@dataclass(frozen=True, slots=True)
class Regexp:
    """A regular expression, searched for; `flags` out of `i`, `m` and `s`."""

    source: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that compares so."""

    order: Order
    than: int | float


@dataclass(frozen=True, slots=True)
class Network:
    """An address inside the network."""

    network: str


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


Pattern = Text | OneOf | Num | Flag | Null | Regexp | Compared | Network | Presence | Reference


@dataclass(frozen=True, slots=True)
class Item:
    """One detection item: a field with its modifiers and values; keywords have no field."""

    field: str | None
    modifiers: tuple[str, ...]
    values: tuple[Scalar, ...]
    """As the rule writes them."""
    patterns: tuple[Pattern, ...] = field_(repr=False)
    """What each value became under the modifiers."""
    path: Path = field_(default=(), compare=False, repr=False)

    @property
    def every(self) -> bool:
        """All values must match, not any."""
        return "all" in self.modifiers

    @property
    def negated(self) -> bool:
        """The item is about what does not match."""
        return "neq" in self.modifiers

    @property
    def time_part(self) -> str | None:
        """`hour` and the like: the patterns are about that part of a timestamp."""
        return next((name for name in self.modifiers if name in TIME_PARTS), None)

    @property
    def key(self) -> str:
        """Field and modifiers, as the rule writes them."""
        return "|".join([self.field or "", *self.modifiers])


@dataclass(frozen=True, slots=True)
class Every:
    """A map: all of its items."""

    parts: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """A list: any of its elements."""

    parts: tuple[Detection, ...]


Detection = Item | Every | Some


@dataclass(frozen=True, slots=True)
class Name:
    """A search identifier."""

    name: str
    offset: int = field_(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Denied:
    """`not`."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """`and`, of two and more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """`or`, of two and more."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Quantified:
    """`1 of sel*`, `all of them`: at least so many (None: all) of the pattern's identifiers (None: them)."""

    least: int | None
    pattern: str | None
    word: str = field_(default="", compare=False)
    """The quantifier as written."""
    offset: int = field_(default=0, compare=False)


Condition = Name | Denied | Both | Either | Quantified


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
        return all(part is None or part == theirs for part, theirs in zip(mine, others, strict=True))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, or a filter: that is a rule with `rules`, which others take in."""

    title: str
    logsource: LogSource
    detections: tuple[tuple[str, Detection], ...]
    conditions: tuple[Condition, ...]
    """Any of them."""
    id: str = ""
    name: str = ""
    status: str = ""
    level: str = ""
    taxonomy: str = "sigma"
    tags: tuple[str, ...] = ()
    timeframe: bool = False
    """There is a `timeframe` in the detection, which means nothing since Sigma 2."""
    capitals: tuple[str, ...] = ()
    """Keywords that the condition writes in capitals."""
    rules: tuple[str, ...] | None = None
    """A filter's rules by id or name; () means any rule. None: this is no filter."""
    filters: tuple[Rule, ...] = ()

    @property
    def section(self) -> str:
        """The YAML key that holds detections and condition."""
        return "detection" if self.rules is None else "filter"

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that the rule and its filters look at, in order of appearance."""
        found = dict.fromkeys(name for item in self.items() for name in _fields(item))
        return tuple(found | dict.fromkeys(name for rule in self.filters for name in rule.fields))

    def items(self) -> Iterator[Item]:
        """Every detection item, in order, without those of filters."""
        for _, detection in self.detections:
            yield from items(detection)


def items(detection: Detection) -> Iterator[Item]:
    """Every item of a detection, in order."""
    if isinstance(detection, Item):
        yield detection
    else:
        for part in detection.parts:
            yield from items(part)


def _fields(item: Item) -> Iterator[str]:
    if item.field is not None:
        yield item.field
    for pattern in item.patterns:
        if isinstance(pattern, Reference):
            yield pattern.field
