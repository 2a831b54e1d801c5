"""Where an event can come from, as far as two sides can tell: cases to compare one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.logic.checks import AllOf, AnyOf, Check, Matches, Number, Order, Other
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.texts import languages
from sigmaproof.logic.terms import And, Const, Label, Or, Term, Test, tests
from sigmaproof.logic.values import text_of

_ORIGIN = (CHANNEL, EVENT_ID, PROVIDER)
_OTHER_CHANNELS = ("Application", "Setup", "Other")
_OTHER_IDS = (1, 2, 3, 9, 99, 999, 9999, 99999)
_OTHER_PROVIDER = "Other"


Asked = tuple[Term, Callable[[str], tuple[str, str] | None]]
"""A term, and what its fields hold of the raw event as it is: a raw field, after a fixed text."""


@dataclass(frozen=True, slots=True)
class Case:
    """Events from one place; `constants` is what they all have."""

    place: Place
    constants: Mapping[str, Any]


@dataclass(slots=True)
class Named:
    """What is named of places: channels as they are written, their event ids and providers."""

    channels: dict[str, str] = field(default_factory=dict)
    """By their case-folded name."""
    ids: dict[str, dict[int, None]] = field(default_factory=dict)
    providers: dict[str, dict[str, None]] = field(default_factory=dict)

    def channel(self, name: str) -> str:
        """Notes a channel; gives the name by which it is known here."""
        folded = name.casefold()
        self.channels.setdefault(folded, name)
        self.ids.setdefault(folded, {})
        self.providers.setdefault(folded, {})
        return folded


def cases(
    providers: Iterable[Provider],
    sources: SourceModels,
    models: Sequence[IndexModel],
    sides: Iterable[Asked],
    limits: Limits,
) -> Iterator[Case]:
    """Every place that matters: the log source's own first, then any other, then those that are named."""
    named = _named(providers, sources, models)
    found = {name: dict.fromkeys(_samples(sides, name, limits)) for name in _ORIGIN}
    for text in found[CHANNEL]:
        named.channel(text_of(text))
    ids = {number for one in found[EVENT_ID] if (number := _integer(one)) is not None}
    others = [text_of(one) for one in found[PROVIDER]]
    others += [_OTHER_PROVIDER] if others else []
    unnamed = next(one for one in _OTHER_CHANNELS if one.casefold() not in named.channels)
    sieve = [_Sieve(*side) for side in sides]
    order = [*dict.fromkeys(one.channel for one in providers), unnamed, *named.channels.values()]
    for channel in dict.fromkeys(named.channels.get(one.casefold(), one) for one in order):
        if not any(one.lets_through(one.term, {CHANNEL: channel}) for one in sieve):
            continue
        folded = channel.casefold()
        numbers = [*named.ids.get(folded, ()), *sorted(ids)]
        numbers += [next(one for one in _OTHER_IDS if one not in numbers)]
        for number in dict.fromkeys(numbers):
            for provider in dict.fromkeys([*(named.providers.get(folded) or [""]), *others]):
                case = _case(channel, number, provider)
                if any(one.lets_through(one.term, case.constants) for one in sieve):
                    yield case


@dataclass(slots=True)
class _Sieve:
    """Sees from the tests of an event's origin that a term cannot hold anywhere near."""

    term: Term
    source: Callable[[str], tuple[str, str] | None]
    _holds: dict[tuple[int, Any], bool] = field(default_factory=dict)
    _sources: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def lets_through(self, term: Term, known: Mapping[str, Any]) -> bool:
        """Whether the term might hold on an event of which this is known."""
        match term:
            case Label(_, inner):
                return self.lets_through(inner, known)
            case And(terms):
                return all(self.lets_through(one, known) for one in terms)
            case Or(terms):
                return any(self.lets_through(one, known) for one in terms)
            case Const(value):
                return value
            case Test(str(subject)):
                return self._test(term, subject, known)
        return True

    def _test(self, test: Test, subject: str, known: Mapping[str, Any]) -> bool:
        if subject not in self._sources:
            self._sources[subject] = self.source(subject)
        found = self._sources[subject]
        if found is None or found[0] not in known:
            return True
        value = known[found[0]]
        key = (id(test), value)
        if key not in self._holds:
            self._holds[key] = any(map(test.check.predicate(), (value, found[1] + text_of(value))))
        return self._holds[key]


def _case(channel: str, number: int, provider: str) -> Case:
    constants = {CHANNEL: channel, EVENT_ID: number}
    if provider:
        constants[PROVIDER] = provider
    return Case(Place(channel.casefold(), number, provider), constants)


def _named(providers: Iterable[Provider], sources: SourceModels, models: Iterable[IndexModel]) -> Named:
    named = Named()
    for one in chain(providers, *sources.by_key.values()):
        folded = named.channel(one.channel)
        if one.provider:
            named.providers[folded][one.provider] = None
    for one in providers:
        named.ids[named.channel(one.channel)].update(dict.fromkeys(one.event_ids))
    shapes = [model.shape for model in models if model.shape is not None]
    for place in chain.from_iterable(shape.places() for shape in shapes):
        folded = named.channel(place.channel)
        if place.event_id is not None:
            named.ids[folded][place.event_id] = None
    return named


def _samples(sides: Iterable[Asked], name: str, limits: Limits) -> Iterator[Any]:
    """Values of a field that some test on either side can tell from others."""
    for term, source in sides:
        for test in tests(term):
            found = source(test.subject) if isinstance(test.subject, str) else None
            if found is not None and found[0] == name:
                for value in _told_apart(test.check, limits):
                    yield value.removeprefix(found[1]) if isinstance(value, str) else value


def _told_apart(check: Check, limits: Limits) -> Iterator[Any]:
    match check:
        case Matches(pattern, rule):
            for language in languages(pattern, rule):
                try:
                    yield shortest([language], [], limits)
                except OutOfBudget:
                    continue
        case Number(order, than):
            number = int(than)
            yield from (number,) if order is Order.EQ else (number - 1, number, number + 1)
        case AllOf(checks) | AnyOf(checks):
            for one in checks:
                yield from _told_apart(one, limits)
        case Other(one):
            yield from _told_apart(one, limits)


def _integer(value: Any) -> int | None:
    text = text_of(value)
    return int(text) if text.isascii() and text.isdigit() else None
