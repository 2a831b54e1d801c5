"""Proving conversions: a query finds what its rule means, or here is an event that shows it does not."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sigmaproof.errors import QueryError
from sigmaproof.index.event_data import EventData
from sigmaproof.index.inverse import IndexReader, held_as_it_is
from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.places import Case, cases
from sigmaproof.judge.why import deciding, why
from sigmaproof.judge.witness import polished
from sigmaproof.logic.explain import Reason, Trace
from sigmaproof.logic.plans import Plan, Select
from sigmaproof.logic.plans.ordered import Limited
from sigmaproof.logic.prove.graph import FALSE, Graph, Literal
from sigmaproof.logic.prove.reading import Reader, Values
from sigmaproof.logic.prove.search import Limits
from sigmaproof.logic.prove.solve import Event, Prover, Run, Side
from sigmaproof.logic.terms import Term, subject_fields, tests
from sigmaproof.logic.values import ANY_FIELD

BUDGET = 5.0
_FIXED = (CHANNEL, EVENT_ID, PROVIDER)


_KINDS = {Reason.CASE: "letter case", Reason.VALUE: "value", Reason.ABSENT: "missing field"}


class Standing(StrEnum):
    """What is known of a query."""

    PROVEN = "proven"
    """No event tells it from the rule."""
    DIFFERS = "differs"
    """An event does."""
    TESTED = "tested"
    """None of the events that were tried does, and there is no proof."""
    REFUSED = "refused"
    """There is no query, or the engine would reject it."""
    NOT_VERIFIED = "not verified"
    """The query is in a language that is not run here."""


class Missing(StrEnum):
    """Who does not find the event of a difference."""

    QUERY = "only the rule finds"
    RULE = "only the query finds"


@dataclass(frozen=True, slots=True)
class Difference:
    """An event that tells a query from its rule."""

    direction: Missing
    event: RawEvent
    rule: str
    """What made the rule answer as it does."""
    query: str
    kind: str
    """What it is about, in a word or two."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one query."""

    standing: Standing
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is not proven, refused, or not verified."""
    places: int = 0
    """Places in which both sides were compared."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule, as far as proof looks at it."""

    meaning: Meaning
    providers: tuple[Provider, ...]
    sources: SourceModels
    data: EventData = field(default_factory=EventData)
    """Which fields events carry."""
    real: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Per raw field, values that are known to occur."""


def prove_query(
    rule: Subject, query: Meaning, model: IndexModel, *, values: Values | None = None, budget: float = BUDGET
) -> Verdict:
    """How a query compares to its rule."""
    started = time.monotonic()
    left, right = term_of(rule.meaning.plan), term_of(query.plan)
    if left is None or right is None:
        kind = type((rule.meaning if left is None else query).plan).__name__
        return Verdict(Standing.TESTED, reasons=(f"`{kind}` looks at several events",))
    comparison = _Comparison(rule, query, model, left, right, values or Values(), Limits(started + budget))
    try:
        found = comparison.compared()
    finally:
        comparison.prover.close()
    return Verdict(*found, seconds=time.monotonic() - started)


def term_of(plan: Plan) -> Term | None:
    """What a plan asks of one event, if it asks nothing else."""
    if isinstance(plan, Limited) and all(cut.count > 0 for cut in plan.cuts):
        return term_of(plan.plan)
    return plan.term if isinstance(plan, Select) else None


@dataclass
class _Comparison:
    """One rule and one query, place by place over one graph."""

    rule: Subject
    query: Meaning
    model: IndexModel
    left: Term
    right: Term
    values: Values
    limits: Limits
    graph: Graph = field(default_factory=Graph)
    prover: Prover = field(init=False)
    _known: dict[tuple[Literal, Literal], Side] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.prover = Prover(self.graph, self.limits)

    def compared(self) -> tuple[Standing, tuple[Difference, ...], tuple[str, ...], int]:
        """Standing, differences, reasons, places."""
        found: dict[Missing, Difference] = {}
        reasons: dict[str, None] = {}
        places = 0
        for case in self._cases():
            sides = self._sides(case)
            places += sides != (FALSE, FALSE)
            for direction, (one, other) in zip(Missing, (sides, sides[::-1]), strict=True):
                if direction in found or self.graph.all([one, -other]) == FALSE:
                    continue
                side = self._side(one, other, self._run(direction, case), (direction, one, other))
                reasons.update(dict.fromkeys(side.undecided))
                if side.event is not None:
                    found[direction] = self._difference(direction, case, side.event)
            if len(found) == len(Missing):
                break
        standing = Standing.DIFFERS if found else Standing.TESTED if reasons else Standing.PROVEN
        return standing, tuple(found.values()), tuple(reasons), places

    def _side(self, one: Literal, other: Literal, run: Run, key: Any) -> Side:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.prover.only(one, other, run)
        return known

    def _cases(self) -> Iterable[Case | None]:
        if self.model.shape is None:
            return [None]
        sides = [
            (self.left, lambda name: (name, "")),
            (self.right, lambda name: held_as_it_is(self.model, name)),
        ]
        return cases(self.rule.providers, self.rule.sources, self.model, sides, self.limits)

    def _sides(self, case: Case | None) -> tuple[Literal, Literal]:
        constants = case.constants if case else {}
        known = self._possible(case)
        place = case.place if case else None
        query = IndexReader(self.graph, self.values, (), constants, known, model=self.model, place=place)
        names = dict.fromkeys(
            [
                *constants,
                *_names(self.left),
                *(raw for name in _names(self.right) for raw in query.raw_names(name)),
            ]
        )
        rule = Reader(self.graph, self.values, tuple(names), constants, known)
        left = rule.term(self.left)
        return left, query.term(self.right)

    def _possible(self, case: Case | None) -> frozenset[str] | None:
        """The fields of events from there; those that the rule alone knows of are believed."""
        known = self.rule.data.fields(case.place) if case else None
        return None if known is None else known | self._unheard_of

    @cached_property
    def _unheard_of(self) -> frozenset[str]:
        places = [
            Place(one.channel.casefold(), number) for one in self.rule.providers for number in one.event_ids
        ]
        found = [known for place in places if (known := self.rule.data.fields(place)) is not None]
        heard = frozenset[str]().union(*found)
        return frozenset(_names(self.left)) - heard

    def _run(self, direction: Missing, case: Case | None) -> Run:
        holds, fails = self.rule.meaning, self.query
        if direction is Missing.RULE:
            holds, fails = fails, holds
        constants = case.constants if case else {}

        def run(events: Sequence[Event]) -> list[bool]:
            whole = [{**constants, **event} for event in events]
            return separates(whole, holds, fails)

        return run

    def _difference(self, direction: Missing, case: Case | None, event: Event) -> Difference:
        run = self._run(direction, case)
        constants = case.constants if case else {}
        nicer = polished({**constants, **event}, constants, run, self.left, self.rule.real)
        rule, query = self.rule.meaning.explain(nicer), self.query.explain(nicer)
        decisive = query if direction is Missing.QUERY else rule
        return Difference(direction, nicer, why(rule), why(query), kind_of(decisive))


def separates(events: Sequence[RawEvent], holds: Meaning, fails: Meaning) -> list[bool]:
    """For each event, whether the one finds it and the other does not."""
    try:
        found, other = (set(side.plan.run(side.table(events)).rows) for side in (holds, fails))
    except QueryError:
        return [False] * len(events)
    return [row in found and row not in other for row in range(len(events))]


def kind_of(trace: Trace | None) -> str:
    """What made a side miss an event, in a word or two."""
    decisive = list(deciding(trace)) if trace is not None else []
    if any(words.startswith("log source") for _, words in decisive):
        return "log source"
    found = [test.reason for test, _ in decisive if test.reason is not None]
    for reason, kind in (
        (Reason.CASE, "letter case"),
        (Reason.VALUE, "value"),
        (Reason.ABSENT, "missing field"),
    ):
        if reason in found:
            return kind
    return "value" if not found else str(found[0])


def _names(term: Term) -> list[str]:
    found = dict.fromkeys(name for test in tests(term) for name in subject_fields(test.subject))
    return [name for name in found if name != ANY_FIELD]
