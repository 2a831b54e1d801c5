"""Where an event can come from, as far as two sides can tell: cases to compare one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from msgspec import Struct

from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.logic.checks import AllOf, AnyOf, Check, Matches, Number, Order, Other
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.texts import languages
from sigmaproof.logic.terms import And, Const, Label, Or, Term, Test, tests
from sigmaproof.logic.values import text_of
from sigmaproof.text.glob import Glob

_FIELDS = (CHANNEL, EVENT_ID, PROVIDER)
_OTHER_CHANNELS = ("Application", "Setup", "Other")
_OTHER_IDS = (1, 2, 3, 9, 99, 999, 9999, 99999)
_OTHER_PROVIDER = "Other"


Source = Callable[[str], tuple[str, str] | None]
"""What a field holds of the raw event as it is: a raw field, after a fixed text."""
Asked = tuple[Term, Source]


class Case(Struct, frozen=True):
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
    told_apart: dict[str, dict[str, None]] = field(default_factory=dict)
    """Providers whose events of a channel the index treats in their own way."""

    def channel(self, name: str) -> str:
        """Notes a channel; gives the name by which it is known here."""
        folded = name.casefold()
        self.channels.setdefault(folded, name)
        self.ids.setdefault(folded, {})
        self.providers.setdefault(folded, {})
        self.told_apart.setdefault(folded, {})
        return folded

    def ids_at(self, channel: str, own: Iterable[Place], tested: Iterable[int]) -> Iterator[int]:
        """The event ids to compare at, and one that nobody names."""
        named = [one.event_id for one in own if one.channel.casefold() == channel]
        known = [number for number in named if number is not None]
        numbers = dict.fromkeys([*known, *self.ids.get(channel, ()), *tested])
        yield from numbers
        yield next(one for one in _OTHER_IDS if one not in numbers)

    def providers_of(self, folded: str, rule: Iterable[str], both: Iterable[str]) -> list[str]:
        """Every provider that matters in a channel, given those that the rule names, and those of both sides.

        Each event names its provider. Where nothing depends on it, it is left open.
        """
        known = self.providers.get(folded)
        if known:
            return list(dict.fromkeys([*known, *rule]))
        asked = dict.fromkeys([*self.told_apart.get(folded, ()), *both])
        return [*asked, _OTHER_PROVIDER] if asked else [""]


def cases(
    providers: Sequence[Provider],
    sources: SourceModels,
    models: Sequence[IndexModel],
    sides: Sequence[Asked],
    limits: Limits,
) -> Sequence[Case]:
    """Every place that matters: the log source's own first, then any other, then those that are named."""
    outlines = tuple(_outline(*side) for side in sides)
    samples = _samples(outlines, limits)
    ids = sorted(number for one in samples[EVENT_ID] if (number := _integer(one)) is not None)
    of_rule = map(text_of, _samples(outlines[:1], limits)[PROVIDER])
    asked = _Asked(
        own=tuple(Place(one.channel, number) for one in providers for number in one.event_ids or (None,)),
        channels=tuple(map(text_of, samples[CHANNEL])),
        ids=tuple(ids),
        providers=tuple(map(text_of, samples[PROVIDER])),
        of_rule=tuple(of_rule),
    )
    possible = tuple(dict.fromkeys(one.whole for one in outlines))
    return _cases(sources, tuple(models), asked, possible)


class _Asked(Struct, frozen=True):
    """What the log source, and both sides, name of places."""

    own: tuple[Place, ...]
    channels: tuple[str, ...]
    ids: tuple[int, ...]
    providers: tuple[str, ...]
    of_rule: tuple[str, ...]
    """The providers that the rule names."""


@lru_cache(maxsize=1024)
def _cases(
    sources: SourceModels,
    models: Sequence[IndexModel],
    asked: _Asked,
    possible: tuple[_Possible, ...],
) -> tuple[Case, ...]:
    """The rules of one log source ask much the same of places, so this is worth keeping."""
    named = _named(sources, models)
    known = named.channels | {
        folded: one for one in asked.channels if (folded := one.casefold()) not in named.channels
    }
    unnamed = next(one for one in _OTHER_CHANNELS if one.casefold() not in known)
    order = [*(one.channel for one in asked.own), unnamed, *known.values()]
    found: list[Case] = []
    for channel in dict.fromkeys(known.get(one.casefold(), one) for one in order):
        if not any(_might(one, {CHANNEL: channel}) for one in possible):
            continue
        folded = channel.casefold()
        of_channel = named.providers_of(folded, asked.of_rule, asked.providers)
        for number in named.ids_at(folded, asked.own, asked.ids):
            for provider in of_channel:
                case = _case(channel, number, provider)
                if any(_might(one, case.constants) for one in possible):
                    found.append(case)
    return tuple(found)


class _Origin(Struct, frozen=True, cache_hash=True):
    """A test of an event's origin: what the field holds is a raw field after a fixed text."""

    field: str
    before: str
    check: Check
    holds: Callable[[Any], bool]

    def possible(self, known: Mapping[str, Any]) -> bool:
        """Whether it might hold on an event of which this is known."""
        value = known.get(self.field)
        return value is None or self.holds(value) or self.holds(self.before + text_of(value))


class _Joined(Struct, frozen=True, cache_hash=True):
    """Several of them: all must be possible, or any."""

    parts: tuple[_Possible, ...]
    all: bool

    def possible(self, known: Mapping[str, Any]) -> bool:
        """Whether it might hold on an event of which this is known."""
        for one in self.parts:
            if _might(one, known) is not self.all:
                return not self.all
        return self.all


_Possible = bool | _Origin | _Joined
"""What a term asks of an event's origin; True where it asks something else."""


def _might(asked: _Possible, known: Mapping[str, Any]) -> bool:
    """Whether it might hold on an event of which this is known."""
    return asked if isinstance(asked, bool) else asked.possible(known)


class _Outline(Struct, frozen=True):
    """What a term asks of where an event comes from, and nothing else of it."""

    tests: tuple[_Origin, ...]
    """All that it asks, however it is joined."""
    whole: _Possible


def _outline(term: Term, source: Source) -> _Outline:
    asked: dict[int, _Origin] = {}
    origins: dict[str, tuple[str, str] | None] = {}
    for test in tests(term):
        if isinstance(name := test.subject, str):
            if name not in origins:
                origins[name] = source(name)
            if (found := origins[name]) is not None and found[0] in _FIELDS:
                asked[id(test)] = _Origin(*found, test.check, _holds(test.check))
    return _Outline(tuple(asked.values()), _asked_of(term, asked) if asked else True)


@lru_cache(maxsize=4096)
def _holds(check: Check) -> Callable[[Any], bool]:
    """One function for all that ask the same, so that they are equal."""
    return cache(check.predicate())


def _asked_of(term: Term, asked: Mapping[int, _Origin]) -> _Possible:
    match term:
        case Label(_, inner):
            return _asked_of(inner, asked)
        case And(terms):
            parts = tuple(one for part in terms if (one := _asked_of(part, asked)) is not True)
            return _Joined(parts, all=True) if parts else True
        case Or(terms):
            options = []
            for part in terms:
                options.append(one := _asked_of(part, asked))
                if one is True:
                    return True
            return _Joined(tuple(options), all=False)
        case Const(value):
            return value
        case Test():
            return asked.get(id(term), True)
    return True


def _case(channel: str, number: int, provider: str) -> Case:
    constants = {CHANNEL: channel, EVENT_ID: number}
    if provider:
        constants[PROVIDER] = provider
    return Case(Place(channel.casefold(), number, provider), constants)


@lru_cache(maxsize=64)
def _named(sources: SourceModels, models: tuple[IndexModel, ...]) -> Named:
    named = Named()
    for one in chain.from_iterable(sources.by_key.values()):
        folded = named.channel(one.channel)
        if one.provider:
            named.providers[folded][one.provider] = None
    shapes = [model.shape for model in models if model.shape is not None]
    for place in chain.from_iterable(shape.places() for shape in shapes):
        folded = named.channel(place.channel)
        if place.event_id is not None:
            named.ids[folded][place.event_id] = None
    for place in sorted(chain.from_iterable(shape.providers() for shape in shapes), key=str):
        named.told_apart[named.channel(place.channel)][place.provider] = None
    return named


def _samples(outlines: Iterable[_Outline], limits: Limits) -> dict[str, dict[Any, None]]:
    """Per field of origin, values that some test on either side can tell from others."""
    found: dict[str, dict[Any, None]] = {name: {} for name in _FIELDS}
    for one in chain.from_iterable(outline.tests for outline in outlines):
        for value in _told_apart(one.check, limits):
            found[one.field][value.removeprefix(one.before) if isinstance(value, str) else value] = None
    return found


def _told_apart(check: Check, limits: Limits) -> Iterator[Any]:
    match check:
        case Matches(Glob() as pattern) if pattern.literal is not None:
            yield pattern.literal
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
