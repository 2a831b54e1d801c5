"""Which mutants of a correlation rule its fixture kills, and timelines that would kill the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import Problem
from sigmaproof.index.event_data import EventData
from sigmaproof.judge.correlations import PreparedCorrelation, base_terms, dated
from sigmaproof.judge.groups import wrong_groups
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.mutate.correlated import correlation_mutants
from sigmaproof.judge.mutate.mutants import mutants
from sigmaproof.judge.mutate.results import Fate, Judged, Witness
from sigmaproof.judge.mutate.witness import judge_of
from sigmaproof.judge.prove import BUDGET
from sigmaproof.judge.scenarios import Step
from sigmaproof.judge.select import Selection, everything
from sigmaproof.judge.sequences import Sequences, sequences
from sigmaproof.judge.suite import placed
from sigmaproof.languages.sigma import Resolved, Rule, lower_correlation
from sigmaproof.languages.sigma.errors import Path as YamlPath
from sigmaproof.languages.sigma.lower_correlation import Base
from sigmaproof.load.events import events_of
from sigmaproof.load.values import START, Case, GroupMatch, Label, Matches
from sigmaproof.load.yaml_text import Lines
from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.terms import Term
from sigmaproof.logic.times import SECOND, TIMES

Timeline = tuple[tuple[float, RawEvent], ...]
"""Events with their seconds after the first, in order."""


def judged_correlation(
    prepared: PreparedCorrelation,
    data: EventData,
    cases: Sequence[Case],
    lines: Lines,
    *,
    parts: Sequence[tuple[Rule, int]] = (),
    select: Selection = everything,
    budget: float = BUDGET,
) -> tuple[tuple[Judged, ...], tuple[Problem, ...]]:
    """Every selected mutant of the correlation rule with its fate, and the cases that cannot be read.

    `parts`: the rules that are mutated with it, each with the number of its document in the file. Nothing
    proves that two correlations are the same: a mutant that no case kills survives if a timeline is found
    that would, and is undecided otherwise. Of a part, the prover may know that its mutant is the same.
    """
    read = [(case, placed(prepared, case, events_of(case))) for case in cases]
    judge = _Judge(prepared, data, [(case, file.events) for case, file in read if file.complete], budget)
    judged: list[Judged] = []
    survivors: list[Judged] = []
    for mutant in judge.mutants(parts):
        if not select(mutant.name):
            continue
        line = lines.line(mutant.path, mutant.document)
        known = judge.judged(mutant, Judged(mutant.name, mutant.kind, line, Fate.KILLED))
        if known.fate is Fate.SURVIVED:
            killer = next((one for one in survivors if judge.kills(one.witness, mutant.plan)), None)
            survivors += [] if killer else [known]
            known = replace(known, killed_by=killer.name) if killer else known
        judged.append(known)
    return tuple(judged), tuple(problem for _, file in read for problem in file.problems)


class _Mutant(Struct, frozen=True):
    """A mutant of the correlation rule, or of a rule that is part of it."""

    name: str
    kind: str
    path: YamlPath
    document: int
    found: Resolved
    plan: Correlated
    part: tuple[Rule, Term] | None = None
    """The part and what it would mean."""


class _Judge:
    """A correlation rule with its cases, as mutants are compared with it."""

    def __init__(
        self,
        prepared: PreparedCorrelation,
        data: EventData,
        cases: Sequence[tuple[Case, Sequence[RawEvent]]],
        budget: float,
    ) -> None:
        self.prepared, self.data, self.cases, self.budget = prepared, data, cases, budget
        plan = prepared.meaning.plan
        assert isinstance(plan, Correlated)
        self.plan = plan
        self.before = [self._as_wanted(case, events, plan) for case, events in cases]

    def mutants(self, parts: Iterable[tuple[Rule, int]]) -> Iterator[_Mutant]:
        """The mutants of the rule, then those of its parts."""
        found, base = self.prepared.found, base_terms(self.prepared.sources)
        own = self.prepared.document.index
        for one in correlation_mutants(found, base):
            yield _Mutant(one.name, one.kind, one.path, own, one.found, one.plan)
        for rule, document in parts:
            for other in mutants(rule):
                plan = lower_correlation(found, self._with(base, rule, other.term))
                name = f"{rule.name or rule.title}: {other.name}"
                yield _Mutant(name, other.kind, other.path, document, found, plan, (rule, other.term))

    def _with(self, base: Base, rule: Rule, term: Term) -> Base:
        """What rules mean, one of them something else than it says."""
        changed = self.prepared.sources.parts(term, rule.logsource) or [(term, {})]
        return lambda other: changed if other == rule else base(other)

    def judged(self, mutant: _Mutant, known: Judged) -> Judged:
        """What becomes of a mutant."""
        for (case, events), before in zip(self.cases, self.before, strict=True):
            if self._as_wanted(case, events, mutant.plan) is not before:
                return replace(known, case=case.name)
        seen: tuple[RawEvent, ...] = ()
        if mutant.part is not None:
            rule, term = mutant.part
            prover = judge_of(rule, self.prepared.sources, {}, self.budget)
            compared = prover.compare(term)
            if compared.equivalent:
                return replace(known, fate=Fate.EQUIVALENT)
            seen = tuple(prover.raw(one.event) for one in compared.witnesses)
        tried = 0
        for timeline in self._timelines(mutant, seen):
            witness = self._witness(timeline)
            if self.kills(witness, mutant.plan):
                return replace(known, fate=Fate.SURVIVED, witness=self._shortest(witness, mutant.plan))
            tried += 1
        why = self.own if isinstance(self.own, str) else _tried(tried)
        return replace(known, fate=Fate.UNDECIDED, reasons=(why,))

    def _timelines(self, mutant: _Mutant, seen: Sequence[RawEvent]) -> Iterator[Timeline]:
        """Sequences about the rule's edges, then about the mutant's; of what was seen, where that fits."""
        ours = self._sequences(self.prepared.found, self.plan, seen) if seen else self.own
        for made in (ours, self._sequences(mutant.found, mutant.plan, seen)):
            if not isinstance(made, str):
                for groups in (made.groups, _groups_of(made, seen)) if seen else (made.groups,):
                    with_them = replace(made, groups=groups)
                    yield from (_timeline(with_them, steps) for _, steps in made.all)

    @cached_property
    def own(self) -> Sequences | str:
        """Sequences about the rule's edges, or why there are none."""
        return self._sequences(self.prepared.found, self.plan)

    def kills(self, witness: Witness | None, mutant: Correlated) -> bool:
        """Whether a witness as a case has another verdict under a mutant."""
        if witness is None:
            return False
        case = _case(witness)
        return not self._as_wanted(case, list(dated(case, case.events)), mutant)

    def _as_wanted(self, case: Case, events: Sequence[RawEvent], plan: Correlated) -> bool:
        """The verdict of a case; groups by names that a mutant does not have are not asked for."""
        found = self._found(plan, events)
        if plan.names != self.plan.names:
            case = replace(case, groups=None)
        return len(found.findings) in case.matches and wrong_groups(case, found) is None

    def _found(self, plan: Correlated, events: Sequence[RawEvent]) -> Found:
        return plan.run(self.prepared.meaning.table(events))

    def _sequences(
        self, found: Resolved, plan: Correlated, events: Sequence[RawEvent] = ()
    ) -> Sequences | str:
        known = [*events, *(event for _, events in self.cases for event in events)]
        return sequences(found, plan, self.prepared.sources, self.data, self.budget, known)

    def _witness(self, timeline: Timeline) -> Witness:
        """A timeline as a case, with what the rule answers on it."""
        case = _case(Witness(Label.BENIGN, timeline=timeline))
        found = self._found(self.plan, list(dated(case, case.events)))
        label = Label.MALICIOUS if found.findings else Label.BENIGN
        return Witness(label, timeline=timeline, groups=tuple(_groups(found)))

    def _shortest(self, witness: Witness, mutant: Correlated) -> Witness:
        """The witness without every event that it does not need."""
        at = 0
        while at < len(witness.timeline) > 1:
            fewer = self._witness((*witness.timeline[:at], *witness.timeline[at + 1 :]))
            if self.kills(fewer, mutant):
                witness = fewer
            else:
                at += 1
        first = witness.timeline[0][0]
        return self._witness(tuple((time - first, event) for time, event in witness.timeline))


def _groups_of(made: Sequences, seen: Sequence[RawEvent]) -> dict[str, str]:
    """How groups are written, those of the events that were seen as they are there."""
    groups = dict(made.groups)
    for part, event in zip(made.plan.parts, made.events, strict=True):
        for name, field in zip(made.plan.names, part.by, strict=True) if event in seen else ():
            value = event.get(dict(part.raw).get(field, field))
            if isinstance(value, str):
                groups[name] = value.replace("{", "{{").replace("}", "}}")
    return groups


def _timeline(made: Sequences, steps: Sequence[Step]) -> Timeline:
    """A sequence in the order that a fixture's events have."""
    ordered = sorted(steps, key=lambda step: step.at)
    events = (
        {name: value for name, value in made.event(step).items() if name not in TIMES} for step in ordered
    )
    return tuple((step.at, event) for step, event in zip(ordered, events, strict=True))


def _case(witness: Witness) -> Case:
    """A witness as the case that a fixture's reader makes of it."""
    often = sum(one.matches.at_least for one in witness.groups)
    return Case(
        name="",
        label=witness.label,
        path=Path(),
        line=0,
        events=tuple(dict(event) for _, event in witness.timeline),
        offsets=tuple(at for at, _ in witness.timeline),
        matches=Matches(often, often),
        timeline=True,
        groups=witness.groups or None,
    )


def _groups(found: Found) -> Iterator[GroupMatch]:
    """The groups for which a rule fires, each with when it begins to and how often."""
    start = int(START.timestamp()) * SECOND
    fired: defaultdict[tuple[tuple[str, Any], ...], list[int]] = defaultdict(list)
    for record, began in zip(found.records or (), found.began or (), strict=True):
        fired[tuple((name, (cell or ("",))[0]) for name, cell in record.items())].append(began)
    for group, times in fired.items():
        yield GroupMatch(dict(group), Matches(len(times), len(times)), (min(times) - start) / SECOND)


def _tried(count: int) -> str:
    return f"no timeline was found that tells them apart: {count} were tried"
