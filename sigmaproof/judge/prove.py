"""Proving conversions: a query finds what its rule means, or here is an event that shows it does not."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from msgspec import structs

from sigmaproof.errors import QueryError
from sigmaproof.index.elastic import FieldType
from sigmaproof.index.event_data import EventData
from sigmaproof.index.event_forms import writable, written
from sigmaproof.index.inverse import IndexReader, held_as_it_is
from sigmaproof.index.model import IndexModel
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.index.splunk import RAW
from sigmaproof.judge.about import kind_of, told
from sigmaproof.judge.meaning import Meaning, RawEvent, as_is
from sigmaproof.judge.places import Asked, Case, cases
from sigmaproof.judge.witness import polished
from sigmaproof.logic.plans import Plan, Select
from sigmaproof.logic.plans.ordered import Limited
from sigmaproof.logic.prove.assumptions import Assumption, spelled_with
from sigmaproof.logic.prove.graph import FALSE, Graph, Literal, Slot
from sigmaproof.logic.prove.reading import Reader, Values
from sigmaproof.logic.prove.search import Limits
from sigmaproof.logic.prove.simplify import simplified
from sigmaproof.logic.prove.solve import Event, Prover, Run, Side
from sigmaproof.logic.terms import Term, subject_fields, tests
from sigmaproof.logic.values import ANY_FIELD

BUDGET = 5.0
_SHARE = 0.5
"""How much of the time that is left goes to the question without assumptions."""
_FIXED = (CHANNEL, EVENT_ID, PROVIDER)


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
    assumes: tuple[Assumption, ...] = ()
    """What was taken for granted because it is not true without."""
    places: int = 0
    """Places in which both sides were compared."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule, or a query that another one replaces, as far as proof looks at it."""

    meaning: Meaning
    providers: tuple[Provider, ...]
    sources: SourceModels
    data: EventData = field(default_factory=EventData)
    """Which fields events carry."""
    real: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Per raw field, values that are known to occur."""
    carried: frozenset[str] | None = None
    """The fields of events where no source model knows the log source; None: any."""
    model: IndexModel | None = None
    """The index that a query runs on; a rule has none, and runs on the raw events."""
    fields: frozenset[str] = frozenset()
    """For a query: the raw fields that its rule knows of, and that `data` may not."""


def prove_query(
    rule: Subject,
    query: Meaning,
    model: IndexModel | None,
    *,
    values: Values | None = None,
    budget: float = BUDGET,
    assumptions: Sequence[Assumption] = tuple(Assumption),
) -> Verdict:
    """How a query compares to its rule. Without an index model it runs on the raw events, as a rule does.

    Of the `assumptions`, the verdict carries those that it needs.
    """
    started = time.process_time()
    left, right = term_of(rule.meaning.plan), term_of(query.plan)
    if left is None or right is None:
        kind = type((rule.meaning if left is None else query).plan).__name__
        return Verdict(Standing.TESTED, reasons=(f"`{kind}` looks at several events",))
    limits = Limits(started + budget)
    comparison = _Comparison(rule, query, model, left, right, values or Values(), limits, assumptions)
    return replace(comparison.compared(), seconds=time.process_time() - started)


def _foreign(event: Event) -> bool:
    return not all(value.isascii() for value in event.values() if isinstance(value, str))


def term_of(plan: Plan) -> Term | None:
    """What a plan asks of one event, if it asks nothing else."""
    if isinstance(plan, Limited) and all(cut.count > 0 for cut in plan.cuts):
        return term_of(plan.plan)
    return plan.term if isinstance(plan, Select) else None


@dataclass(frozen=True, slots=True)
class _Question:
    """Both sides in one place."""

    case: Case | None
    sides: tuple[Literal, Literal]
    without: str = ""
    """Characters that are taken to occur nowhere."""
    whole: tuple[Literal, Literal] | None = None
    """The sides without that assumption, while it is not known to matter."""


@dataclass
class _Comparison:
    """One rule and one query, place by place over one graph."""

    rule: Subject
    query: Meaning
    model: IndexModel | None
    left: Term
    right: Term
    values: Values
    limits: Limits
    assumptions: Sequence[Assumption]
    graph: Graph = field(default_factory=Graph)
    prover: Prover = field(init=False)
    known: dict[tuple[Missing, Literal, Literal, str], Side] = field(default_factory=dict)
    assumed: bool = False
    """Whether something had to be taken for granted."""
    _types: tuple[dict[str, FieldType | None], ...] = field(default_factory=lambda: ({}, {}))

    def __post_init__(self) -> None:
        self.prover = Prover(self.graph, self.limits)

    def compared(self) -> Verdict:
        """What is known of the query."""
        try:
            return self._compared()
        finally:
            self.prover.close()

    def _compared(self) -> Verdict:
        found: dict[Missing, Difference] = {}
        reasons: dict[str, None] = {}
        places = 0
        for case in self._cases():
            question = self._question(case)
            places += question.sides != (FALSE, FALSE)
            for direction in Missing:
                if direction in found:
                    continue
                side = self._side(direction, question)
                reasons.update(dict.fromkeys(side.undecided))
                if side.event is not None:
                    found[direction] = self._found(direction, question, side.event)
            if len(found) == len(Missing):
                break
        standing = Standing.DIFFERS if found else Standing.TESTED if reasons else Standing.PROVEN
        needed = tuple(one for one in self.assumptions if one.characters)
        assumes = needed if self.assumed and not found else ()
        return Verdict(standing, tuple(found.values()), tuple(reasons), assumes, places)

    def _question(self, case: Case | None) -> _Question:
        """Both sides in one place; without the assumptions only while they have made no difference."""
        characters = "".join(one.characters for one in self.assumptions)
        whole = None if self.assumed and characters else self._sides(case, "")
        if whole is not None and (whole[0] == whole[1] or not characters):
            return _Question(case, whole)
        sides = self._sides(case, characters)
        # equal only now: it takes the assumptions
        self.assumed = self.assumed or sides[0] == sides[1]
        return _Question(case, sides, characters, whole)

    def _side(self, direction: Missing, question: _Question) -> Side:
        """Asked without the assumptions first: where nothing is found, they are not needed."""
        if question.whole is None or self.assumed:
            return self._asked(direction, question)
        side = self._asked(direction, _Question(question.case, question.whole), share=_SHARE)
        if side.none or (side.event is not None and not spelled_with(side.event, question.without)):
            return side
        side = self._asked(direction, question)
        self.assumed = side.none
        return side

    def _asked(self, direction: Missing, question: _Question, *, share: float = 1.0) -> Side:
        one, other = question.sides if direction is Missing.QUERY else question.sides[::-1]
        key = direction, one, other, question.without
        known = self.known.get(key)
        if known is None:
            run = self._run(direction, question.case)
            known = self.known[key] = self.prover.only(one, other, run, without=question.without, share=share)
        return known

    def _found(self, direction: Missing, question: _Question, event: Event) -> Difference:
        foreign = False
        if _foreign(event):
            one, other = question.sides if direction is Missing.QUERY else question.sides[::-1]
            plain = self.prover.only(one, other, self._run(direction, question.case), ascii=True)
            event, foreign = plain.event or event, plain.none
        return self._difference(direction, question.case, event, foreign)

    def _cases(self) -> Iterable[Case | None]:
        models = [one for one in (self.rule.model, self.model) if one is not None and one.shape is not None]
        if not models:
            return [None]
        sides = (_held(self.left, self.rule.model), _held(self.right, self.model))
        return cases(self.rule.providers, self.rule.sources, models, sides, self.limits)

    def _sides(self, case: Case | None, without: str) -> tuple[Literal, Literal]:
        values = structs.replace(self.values, without=without)
        rule = self._reader(case, self.rule.model, self._types[0], values)
        query = self._reader(case, self.model, self._types[1], values)
        read = [*_raw(rule, self._left_names), *_raw(query, self._right_names)]
        names = tuple(dict.fromkeys([*rule.constants, *read]))
        if self._every_field:
            rule, query = structs.replace(rule, names=names), structs.replace(query, names=names)
        left, right = rule.term(self.left), query.term(self.right)
        if left != right and case is not None:
            possible = self._writable(case, names)
            left, right = self.graph.all([left, possible]), self.graph.all([right, possible])
        if left != right and simplified(self.graph, left) == simplified(self.graph, right):
            return left, left  # where they differ, the guards of both lead to the likelier events
        return left, right

    def _writable(self, case: Case, names: Iterable[str]) -> Literal:
        several = range(self.values.several)
        slots = [Slot(name, at) for name in names if name not in case.constants for at in several]
        return writable(self.graph, self.rule.data, case.place, slots)

    def _reader(
        self,
        case: Case | None,
        model: IndexModel | None,
        types: dict[str, FieldType | None],
        values: Values,
    ) -> Reader:
        constants, known = case.constants if case else {}, self._possible(case)
        if model is None:
            return Reader(self.graph, values, (), constants, known)
        place = case.place if case else None
        return IndexReader(self.graph, values, (), constants, known, model=model, place=place, types=types)

    def _possible(self, case: Case | None) -> frozenset[str] | None:
        """The fields of events from there; those that the rule alone knows of are believed."""
        known = self.rule.data.fields(case.place) if case else self.rule.carried
        return None if known is None else known | self._unheard_of

    @cached_property
    def _left_names(self) -> tuple[str, ...]:
        return _names(self.left)

    @cached_property
    def _right_names(self) -> tuple[str, ...]:
        return _names(self.right)

    @cached_property
    def _every_field(self) -> bool:
        sides = (self.left, self.right)
        return any(test.subject in (ANY_FIELD, RAW) for side in sides for test in tests(side))

    @cached_property
    def _unheard_of(self) -> frozenset[str]:
        places = [
            Place(one.channel.casefold(), number) for one in self.rule.providers for number in one.event_ids
        ]
        found = [known for place in places if (known := self.rule.data.fields(place)) is not None]
        heard = frozenset[str]().union(*found)
        return (self.rule.fields if self.rule.model else frozenset(self._left_names)) - heard

    def _run(self, direction: Missing, case: Case | None, *, whole: bool = True) -> Run:
        """With `whole`, an event has what the rule asks for of the fields that the log always writes."""
        holds, fails = self.rule.meaning, self.query
        if direction is Missing.RULE:
            holds, fails = fails, holds
        constants, known = case.constants if case else {}, self._possible(case)

        always = self.rule.data.always(case.place) if case and whole else frozenset[str]()
        needed = always.intersection(self._left_names)

        def possible(event: Event) -> bool:
            carried = known is None or event.keys() - constants.keys() <= known
            return carried and needed <= event.keys() and written(self.rule.data, event)

        def run(events: Sequence[Event]) -> list[bool]:
            raw = [{**constants, **event} for event in events]
            real = [row for row, event in enumerate(raw) if possible(event)]
            told_apart = separates([raw[row] for row in real], holds, fails)
            found = {row for row, one in zip(real, told_apart, strict=True) if one}
            return [row in found for row in range(len(events))]

        return run

    def _difference(self, direction: Missing, case: Case | None, event: Event, foreign: bool) -> Difference:
        run = self._run(direction, case, whole=False)
        constants = case.constants if case else {}
        nicer = polished({**constants, **event}, constants, run, self.left, self.rule.real)
        rule, query = self.rule.meaning.explain(nicer), self.query.explain(nicer)
        kind = kind_of(rule, query) + (" outside ASCII" if foreign else "")
        return Difference(direction, nicer, told(rule), told(query), kind)


def _held(term: Term, model: IndexModel | None) -> Asked:
    """A term, and what its fields hold of the raw event as it is."""
    if model is None:
        return term, lambda name: (name, "")
    return term, lambda name: held_as_it_is(model, name)


def _raw(reader: Reader, names: Iterable[str]) -> Iterator[str]:
    """The raw fields behind the names that a side reads."""
    for name in names:
        yield from reader.raw_names(name) if isinstance(reader, IndexReader) else (name,)


def separates(events: Sequence[RawEvent], holds: Meaning, fails: Meaning) -> list[bool]:
    """For each event, whether the one finds it and the other does not."""
    sides = [(holds, True), (fails, False)]
    if fails.document is as_is:  # cheaper, and what it rules out needs no document
        sides.reverse()
    rows = list(range(len(events)))
    try:
        for side, wanted in sides:
            found = set(side.plan.run(side.table([events[row] for row in rows])).rows) if rows else ()
            rows = [row for at, row in enumerate(rows) if (at in found) is wanted]
    except QueryError:
        return [False] * len(events)
    return [row in rows for row in range(len(events))]


def _names(term: Term) -> tuple[str, ...]:
    found = dict.fromkeys(name for test in tests(term) for name in subject_fields(test.subject))
    return tuple(name for name in found if name != ANY_FIELD)
