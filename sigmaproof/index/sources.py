"""Source models (`converters/sources/*.yml`): which raw events a log source means, and their field names.

A rule means: from one of the providers of its log source, and the detection holds over that provider's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct, field
from pydantic import Field

from sigmaproof.errors import InvalidInput, nearest
from sigmaproof.index.derive import integer
from sigmaproof.index.enrichment import Added, AddedModel, At, enriched
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import Source, models
from sigmaproof.logic.checks import Matches, Number, Order
from sigmaproof.logic.terms import (
    And,
    Expression,
    Label,
    Not,
    Or,
    Subject,
    Term,
    Test,
    conjunction,
    disjunction,
    negation,
)
from sigmaproof.logic.values import Cell, Read, text_of
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob

CODE = "invalid-source"
CHANNEL, EVENT_ID, PROVIDER = "Channel", "EventID", "Provider_Name"

Names = Mapping[str, str]
"""Taxonomy name → raw name, where they differ."""
Key = tuple[str | None, str | None, str | None]
"""Category, product, service."""


class LogSource(Protocol):
    """What a rule says of its log source."""

    @property
    def category(self) -> str | None: ...

    @property
    def product(self) -> str | None: ...

    @property
    def service(self) -> str | None: ...


class ChannelModel(Model):
    """A channel of the event log."""

    channel: Text
    provider: str | None = None
    """The Provider_Name that an event written without one gets."""


class EventsModel(Model):
    """Some events of one channel, and how their fields are called."""

    channel: Text
    """A name from `channels`."""
    event_id: int | list[int] = Field(default_factory=list)
    """Without it, every event of the channel."""
    fields: dict[Text, Text] = Field(default_factory=dict)
    """Sigma's field name: raw name, where they differ."""
    defaults: dict[Text, Any] = Field(default_factory=dict)
    """What an event written without these fields gets."""


class LogSourceModel(Model):
    """A log source of Sigma, and the events it means: any of them."""

    category: str | None = None
    service: str | None = None
    events: list[EventsModel] = Field(min_length=1)


class SourceModelFile(Model):
    """The log sources of one product."""

    title: Text
    product: Text
    links: list[Text] = Field(min_length=1)
    channels: dict[Text, ChannelModel]
    everything: bool = False
    """A log source that names only the product means every event of it."""
    log_sources: list[LogSourceModel] = Field(min_length=1)
    enrichment: dict[Text, AddedModel] = Field(default_factory=dict)
    """Fields that collection adds to events, by name."""


class Provider(Struct, frozen=True):
    """Events that a log source means."""

    name: str
    """Such as `security_4688`."""
    channel: str
    event_ids: tuple[int, ...] = ()
    """None named: every event of the channel."""
    provider: str = ""
    fields: Names = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def test(self) -> Term:
        """The event comes from here. Windows does not tell the letters' case of channel names apart."""
        channel = Test(CHANNEL, Matches(Glob.of(self.channel), Fold.SIMPLE))
        ids = disjunction(Test(EVENT_ID, Number(Order.EQ, number)) for number in self.event_ids)
        return conjunction([channel, ids] if self.event_ids else [channel])

    def fits(self, event: Mapping[str, Any]) -> bool:
        """Whether the event comes from here, as far as it says where it comes from."""
        channel, event_id = event.get(CHANNEL), integer(event.get(EVENT_ID))
        if isinstance(channel, list | tuple):
            channel = channel[0] if channel else None
        if channel is not None and text_of(channel).casefold() != self.channel.casefold():
            return False
        return event_id is None or not self.event_ids or event_id in self.event_ids


class Located(Struct, frozen=True):
    """A term over raw events that holds only on those of the log source."""

    term: Term
    known: bool
    """Whether a source model knows the log source; if not, the term is as it was."""
    providers: tuple[Provider, ...] = ()
    note: str = ""


class SourceModels(Struct, frozen=True, eq=False):
    """What is known of log sources. Equal only to itself: what is found out about one is kept."""

    by_key: Mapping[Key, tuple[Provider, ...]] = field(default_factory=dict)
    everything: frozenset[str] = frozenset()
    """Products of which a log source may mean every event."""
    added: Mapping[At, tuple[Added, ...]] = field(default_factory=dict)
    """What collection adds to events."""

    def providers(self, logsource: LogSource | Mapping[str, Any]) -> tuple[Provider, ...] | None:
        """The providers of a log source, none for every event of the product; None if nothing is known."""
        category, product, service = key_of(logsource)
        if category and service:
            of_category = self.by_key.get((category, product, None))
            of_service = self.by_key.get((None, product, service))
            if of_category is None or of_service is None:
                return None
            channels = {provider.channel for provider in of_service}
            return tuple(one for one in of_category if one.channel in channels) or None
        if product and not category and not service:
            return () if product in self.everything else None
        return self.by_key.get((category, product, service))

    def parts(self, term: Term, logsource: LogSource | Mapping[str, Any]) -> list[tuple[Term, Names]] | None:
        """The term over the events of each provider of the log source, and what they call fields.

        None if nothing is known of the log source.
        """
        providers = self.providers(logsource)
        if providers is None:
            return None
        if not providers:
            return [(term, {})]
        return [(conjunction([_labelled(one), renamed(term, one.fields)]), one.fields) for one in providers]

    def located(self, term: Term, logsource: LogSource | Mapping[str, Any]) -> Located:
        """The term with the log source applied: over raw names, and only on events from there."""
        parts = self.parts(term, logsource)
        if parts is None:
            return Located(term, False, note=f"unknown log source: {_shown(logsource)}")
        providers = self.providers(logsource) or ()
        return Located(disjunction(part for part, _ in parts) if providers else term, True, providers)

    def raw(self, event: Mapping[str, Any], logsource: LogSource | Mapping[str, Any]) -> dict[str, Any]:
        """The event as its log writes it: told where it comes from, taxonomy names turned into raw ones.

        An event that does not say where it comes from comes from the log source's first provider that fits.
        Events of log sources that are not known, or from elsewhere, stay as they are. All of them have what
        collection adds.
        """
        return self.raw_of([logsource], event)

    def raw_of(
        self, logsources: Iterable[LogSource | Mapping[str, Any]], event: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The same for an event of one of several log sources.

        One that names the event's id goes before one that means every event of a channel.
        """
        fitting = [one for source in logsources for one in self.providers(source) or () if one.fits(event)]
        event_id = integer(event.get(EVENT_ID))
        named = (one for one in fitting if event_id in one.event_ids)
        provider = next(chain(named, fitting), None)
        return self.enriched(dict(event) if provider is None else _written(event, provider))

    def enriched(self, event: dict[str, Any]) -> dict[str, Any]:
        """A raw event with what collection adds to it."""
        channel, event_id = event.get(CHANNEL), integer(event.get(EVENT_ID))
        if not isinstance(channel, str) or event_id is None:
            return event
        return enriched(event, self.added.get((channel.casefold(), event_id), ()))


def renamed(term: Term, names: Names) -> Term:
    """The term over raw names."""
    if not names:
        return term
    match term:
        case Test(subject, check):
            return Test(_renamed_subject(subject, names), check)
        case Not(inner):
            return negation(renamed(inner, names))
        case Label(text, inner):
            return Label(text, renamed(inner, names))
        case And(terms):
            return conjunction(renamed(inner, names) for inner in terms)
        case Or(terms):
            return disjunction(renamed(inner, names) for inner in terms)
    return term


class Renamed(Struct, frozen=True):
    """An expression that reads fields under other names."""

    expression: Expression
    names: tuple[tuple[str, str], ...]
    """Of the fields that it reads, in their order."""

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(raw for _, raw in self.names)

    def cell(self, read: Read) -> Cell:
        """Its values for one event."""
        names = dict(self.names)
        return self.expression.cell(lambda name: read(names.get(name, name)))


def _renamed_subject(subject: Subject, names: Names) -> Subject:
    if isinstance(subject, str):
        return names.get(subject, subject)
    if not any(name in names for name in subject.fields):
        return subject
    return Renamed(subject, tuple((name, names.get(name, name)) for name in subject.fields))


def _labelled(provider: Provider) -> Term:
    return Label(f"log source {provider.name}", provider.test())


def _written(event: Mapping[str, Any], provider: Provider) -> dict[str, Any]:
    said = {name: value for name, value in event.items() if value is not None or name not in _ORIGIN}
    found: dict[str, Any] = {CHANNEL: provider.channel}
    if provider.event_ids:
        found[EVENT_ID] = provider.event_ids[0]
    if provider.provider:
        found[PROVIDER] = provider.provider
    return {**found, **provider.defaults, **_raw_names(said, provider.fields)}


_ORIGIN = frozenset({CHANNEL, EVENT_ID, PROVIDER})


def _raw_names(event: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The event's fields under raw names; a field that says the same twice says it once.

    A name may be both (4688's `ProcessId` is the parent's): it is raw if any other name of the event is.
    """
    both = names.keys() & set(names.values())
    if any(raw in event for raw in names.values() if raw not in both):
        names = {name: raw for name, raw in names.items() if name not in both}
    found: dict[str, Any] = {}
    for name, value in event.items():
        raw = names.get(name, name)
        if raw == name or raw not in event or raw in names:
            found[raw] = value
        elif event[raw] != value:
            found[name] = value
    return found


def load_sources(folder: Path) -> SourceModels:
    """The source models of the YAML files in a folder. Raises `InvalidInput` at the first problem."""
    by_key: dict[Key, tuple[Provider, ...]] = {}
    everything = set()
    added: dict[At, tuple[Added, ...]] = {}
    for source, model in models(
        folder, SourceModelFile, CODE, empty="write a source model: title, product, channels, log_sources"
    ):
        if model.everything:
            everything.add(model.product)
        _add(by_key, model, source)
        _enrich(added, model, source)
    return SourceModels(by_key, frozenset(everything), added)


def _add(by_key: dict[Key, tuple[Provider, ...]], model: SourceModelFile, source: Source) -> None:
    for position, one in enumerate(model.log_sources):
        key = (one.category, model.product, one.service)
        if key in by_key or (one.category is None) == (one.service is None):
            message = "this log source is there already" if key in by_key else "name a category or a service"
            raise InvalidInput(source.problem(message, ("log_sources", position)))
        by_key[key] = tuple(_provider(events, model, source, position) for events in one.events)


def _enrich(added: dict[At, tuple[Added, ...]], model: SourceModelFile, source: Source) -> None:
    for name, one in model.enrichment.items():
        field = Added(name, one.of, one.pattern, one.where, one.split, one.trim, one.lowercase)
        for events in one.events:
            channel = _channel(events.channel, model, source, ("enrichment", name, "events"))
            at = channel.channel.casefold(), events.event_id
            added[at] = (*added.get(at, ()), field)


def _channel(name: str, model: SourceModelFile, source: Source, at: tuple[str | int, ...]) -> ChannelModel:
    channel = model.channels.get(name)
    if channel is None:
        raise InvalidInput(source.problem(f'no channel "{name}"{nearest(name, model.channels)}', at))
    return channel


def _provider(events: EventsModel, model: SourceModelFile, source: Source, position: int) -> Provider:
    channel = _channel(events.channel, model, source, ("log_sources", position, "events"))
    ids = tuple(events.event_id if isinstance(events.event_id, list) else [events.event_id])
    name = "_".join([events.channel, *map(str, ids)])
    return Provider(name, channel.channel, ids, channel.provider or "", events.fields, events.defaults)


def key_of(logsource: LogSource | Mapping[str, Any]) -> Key:
    """The log source as models look it up."""
    names: Iterable[str] = ("category", "product", "service")
    if isinstance(logsource, Mapping):
        found = [logsource.get(name) for name in names]
    else:
        found = [getattr(logsource, name) for name in names]
    category, product, service = (str(value).lower() if value else None for value in found)
    return category, product, service


def _shown(logsource: LogSource | Mapping[str, Any]) -> str:
    words = zip(("category", "product", "service"), key_of(logsource), strict=True)
    return ", ".join(f"{name}: {value}" for name, value in words if value) or "none"
