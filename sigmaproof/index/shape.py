"""How a raw event becomes the document that an index holds.

Which value a field of the document gets depends only on where the event comes from: channel, provider and
event id. So for one such place every field has one *origin*, a small expression over raw fields, which a
prover can read as well as run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from sigmaproof.index.derive import FUNCTIONS, integer
from sigmaproof.logic.values import text_of

RawEvent = Mapping[str, Any]
EVENT = "*"
"""The raw field that stands for the whole event."""


class Constant(Struct, frozen=True):
    """Always the same value, or values."""

    value: Any

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def of(self, _: RawEvent) -> Any:
        """The value for one event."""
        return list(self.value) if isinstance(self.value, tuple) else self.value


class Raw(Struct, frozen=True):
    """A raw field as it is."""

    field: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def of(self, event: RawEvent) -> Any:
        """The value for one event; None if it has none."""
        return event if self.field == EVENT else event.get(self.field)


class Derived(Struct, frozen=True):
    """What a function of `derive` makes of its sources."""

    function: str
    sources: tuple[Origin, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for source in self.sources for name in source.fields)

    def of(self, event: RawEvent) -> Any:
        """The value for one event; None if it has none."""
        return FUNCTIONS[self.function].apply(*(source.of(event) for source in self.sources))


@dataclass(frozen=True, slots=True)
class Looked:
    """What a table says of the source's text; a text that is not in it has no value, or stays with `keep`."""

    source: Origin
    table: tuple[tuple[str, Any], ...]
    keep: bool = False
    _values: dict[str, Any] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_values", dict(self.table))

    @property
    def fields(self) -> tuple[str, ...]:
        return self.source.fields

    def of(self, event: RawEvent) -> Any:
        """The value for one event; None if it has none."""
        key = self.source.of(event)
        if key is None:
            return None
        found = self._values.get(text_of(key), key if self.keep else None)
        return list(found) if isinstance(found, tuple) else found


Origin = Constant | Raw | Derived | Looked


class When(Struct, frozen=True):
    """Which events an entry is about; an empty set does not restrict."""

    channels: frozenset[str] = frozenset()
    """Case-folded."""
    event_ids: frozenset[int] = frozenset()
    providers: frozenset[str] = frozenset()

    def __call__(self, place: Place) -> bool:
        """Whether events from there are meant. An event that does not name its provider has the right one."""
        return (
            (not self.channels or place.channel in self.channels)
            and (not self.event_ids or place.event_id in self.event_ids)
            and (not self.providers or not place.provider or place.provider in self.providers)
        )


class Place(Struct, frozen=True):
    """Where an event comes from, as far as shapes depend on it."""

    channel: str = ""
    """Case-folded."""
    event_id: int | None = None
    provider: str = ""

    @staticmethod
    def of(event: RawEvent) -> Place:
        """The place of one event. (Of two channels, the first is the one that it was read from.)"""
        number = integer(_scalar(event.get("EventID")))
        return Place(_name(event.get("Channel")).casefold(), number, _name(event.get("Provider_Name")))


class Entry(Struct, frozen=True):
    """What the events that `when` is about get; later entries win."""

    name: str
    when: When
    origins: Mapping[str, Origin]
    moved: frozenset[str] = frozenset()
    """Raw fields that are not left over."""
    rest: str | None = None
    """The prefix under which the left-over raw fields are kept."""
    blank: frozenset[str] = frozenset()
    """Texts that count as no value."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How events of one place look: an origin per field, and what becomes of the other raw fields."""

    origins: Mapping[str, Origin]
    moved: frozenset[str]
    rest: str | None
    blank: frozenset[str]
    entries: tuple[str, ...]
    """The names of the entries that apply, beyond those for every event."""
    _reads: tuple[tuple[str, Origin, frozenset[str]], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        reads = tuple((target, origin, frozenset(origin.fields)) for target, origin in self.origins.items())
        object.__setattr__(self, "_reads", reads)

    def document(self, event: RawEvent) -> dict[str, Any]:
        """The document of one event: flat, with dotted names."""
        present = {name: value for name, value in event.items() if not self._is_blank(value)}
        found: dict[str, Any] = {}
        for target, origin, fields in self._reads:
            # most fields are about some other event: nothing to compute without any of their sources
            if fields and EVENT not in fields and fields.isdisjoint(present):
                continue
            value = origin.of(present)
            if value is not None:
                found[target] = value
        if self.rest is not None:
            for name, value in self.left_over(present):
                found.setdefault(self.rest + name, value)
        return found

    def left_over(self, event: RawEvent) -> Iterator[tuple[str, Any]]:
        """The raw fields that no entry moved elsewhere, and are not hidden by a field of the same name."""
        for name, value in event.items():
            if name not in self.moved and f"{self.rest}{name}" not in self.origins:
                yield name, value

    def _is_blank(self, value: Any) -> bool:
        return value is None or value == [] or (isinstance(value, str) and value in self.blank)


@dataclass(frozen=True, slots=True)
class Shape:
    """The documents of one index model."""

    entries: tuple[Entry, ...]
    only_described: bool = False
    """The product does not hold events that no entry describes."""
    _plans: dict[Place, Plan] = field(default_factory=dict, compare=False, repr=False)

    def plan(self, place: Place) -> Plan:
        """How events of that place look."""
        found = self._plans.get(place)
        if found is None:
            found = self._plans[place] = _plan([entry for entry in self.entries if entry.when(place)], place)
        return found

    def describes(self, place: Place) -> bool:
        """Whether an entry is about events of that place in particular."""
        return bool(self.plan(place).entries)

    def places(self) -> frozenset[Place]:
        """Every channel and event id that an entry names."""
        return frozenset(
            Place(channel, event_id)
            for entry in self.entries
            for channel in entry.when.channels
            for event_id in entry.when.event_ids or {None}
        )

    def providers(self) -> frozenset[Place]:
        """Every channel and provider that an entry names together."""
        return frozenset(
            Place(channel, provider=provider)
            for entry in self.entries
            for channel in entry.when.channels
            for provider in entry.when.providers
        )


def _plan(entries: list[Entry], place: Place) -> Plan:
    origins: dict[str, Origin] = {}
    for entry in entries:
        origins.update(entry.origins)
    origins = {target: _settled(origin, place) for target, origin in origins.items()}
    rest = [entry.rest for entry in entries if entry.rest is not None]
    return Plan(
        origins,
        frozenset().union(*(entry.moved for entry in entries)),
        rest[-1] if rest else None,
        frozenset().union(*(entry.blank for entry in entries)),
        tuple(entry.name for entry in entries if entry.when != When()),
    )


def _settled(origin: Origin, place: Place) -> Origin:
    """What depends on nothing but the event id is a constant at any one place."""
    if place.event_id is None or set(origin.fields) != {"EventID"} or isinstance(origin, Raw):
        return origin
    value = origin.of({"EventID": place.event_id})
    return Constant(tuple(value) if isinstance(value, list) else value)


def _scalar(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and value else value


def _name(value: Any) -> str:
    return text_of(_scalar(value))
