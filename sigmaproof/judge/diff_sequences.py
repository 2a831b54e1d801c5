"""Correlation rules in two versions: compared by what they are, on sequences of events, on their cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index.event_data import EventData
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.diff import CaseChange, Cause, Change, QueryChange, Standing, Witness
from sigmaproof.judge.diff_meaning import conversion, unanswered
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.scenarios import Step
from sigmaproof.judge.sequences import Sequences, sequences, told_match, told_steps
from sigmaproof.judge.suite import placed
from sigmaproof.judge.verdicts import SIGMA
from sigmaproof.judge.verify import NoAnswer
from sigmaproof.load.events import events_of
from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.correlated import Correlated

_CASES_ONLY = "compared on its labelled cases only"


class Shown(Struct, frozen=True):
    """A timeline on which one version fires more often than the other."""

    witness: Witness
    events: tuple[RawEvent, ...]


class SequencePair(Struct, frozen=True):
    """One correlation rule in both versions, and what its comparison takes."""

    before: PreparedCorrelation
    after: PreparedCorrelation
    cases: tuple[CaseChange, ...]
    data: EventData
    budget: float
    causes: tuple[Cause, ...] = ()
    """What every difference is due to, where that is known."""

    @property
    def same(self) -> bool:
        """Whether both ask the same of the same events."""
        return self.before.meaning.plan == self.after.meaning.plan


def sequence_change(pair: SequencePair, shown: Sequence[Shown], tried: int) -> Change:
    """What became of a correlation rule, with the timelines that tell, of so many that were tried."""
    if pair.same:
        same = pair.before.document.data == pair.after.document.data
        return Change(Standing.SAME if same else Standing.PROVEN)
    if shown:
        return Change(Standing.CHANGED, tuple(replace(one.witness, causes=pair.causes) for one in shown))
    told = f"tested on {tried} sequences and its labelled cases" if tried else _CASES_ONLY
    return _seen(SIGMA, pair.cases, told)


def sequence_query(
    pair: SequencePair, target: str, files: Collection[Cause], shown: Iterable[Shown]
) -> QueryChange:
    """What became of one target's queries for it; `files`: those of the target's that changed."""
    was, is_ = conversion(pair.before, target), conversion(pair.after, target)
    old, new = pair.before.sides[target], pair.after.sides[target]
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        change = unanswered(was, is_, old, new)
    elif was.queries == is_.queries and not files:
        change = Change(Standing.SAME)
    elif any(_finds(old, one.events) is not _finds(new, one.events) for one in shown):
        change = Change(Standing.CHANGED)
    else:
        change = _seen(target, pair.cases, _CASES_ONLY)
    return QueryChange(target, change, was.queries, is_.queries)


def told_apart(pair: SequencePair) -> tuple[tuple[Shown, ...], int]:
    """A timeline that only the new version fires on, and one that only the old does, as far as any is known;
    or else one on which they fire otherwise. And how many were tried.
    """
    found: dict[bool, Shown] = {}
    other: tuple[Sequences, Sequence[Step]] | None = None
    tried = 0
    for made, steps in () if pair.same else _sequences(pair):
        tried += 1
        for now in (True, False):
            if now not in found and _only_one_fires(pair, made, steps, now):
                found[now] = _shown(pair, made, steps, now)
        if len(found) == 2:
            break
        if other is None and _fires_otherwise(pair, made, steps):
            other = made, steps
    if not found and other is not None:
        found[True] = _shown(pair, *other, now=None)
    return tuple(found[now] for now in (True, False) if now in found), tried


def _sequences(pair: SequencePair) -> Iterator[tuple[Sequences, tuple[Step, ...]]]:
    """Sequences about the edges of both versions, of the cases' own events where those fit."""
    read = (placed(pair.after, one.case, events_of(one.case)) for one in pair.cases)
    known = [event for file in read for event in file.events]
    for one in (pair.before, pair.after):
        plan = one.meaning.plan
        assert isinstance(plan, Correlated)
        made = sequences(one.found, plan, one.sources, pair.data, pair.budget, known)
        if isinstance(made, Sequences):
            yield from ((made, steps) for _, steps in made.all)


def _only_one_fires(pair: SequencePair, made: Sequences, steps: Sequence[Step], now: bool) -> bool:
    """Whether the new version (`now`), or the old, fires for events for none of which the other does."""
    ours, others = _answers(pair, made, steps, now)
    told = set(others.rows)
    return any(told.isdisjoint(rows) for rows in ours.findings)


def _fires_otherwise(pair: SequencePair, made: Sequences, steps: Sequence[Step]) -> bool:
    old, new = _answers(pair, made, steps, now=False)
    return (old.findings, old.began) != (new.findings, new.began)


def _answers(pair: SequencePair, made: Sequences, steps: Sequence[Step], now: bool) -> tuple[Found, Found]:
    """What the new version (`now`), or the old, finds in a sequence; and what the other does."""
    events = [made.event(step) for step in steps]
    old, new = (_found(one.meaning, events) for one in (pair.before, pair.after))
    return (new, old) if now else (old, new)


def _shown(pair: SequencePair, made: Sequences, steps: Sequence[Step], now: bool | None) -> Shown:
    """A sequence without every event that the difference does not need; `now` is None for any difference."""
    at = 0
    while at < len(steps):
        fewer = [*steps[:at], *steps[at + 1 :]]
        still = (
            _fires_otherwise(pair, made, fewer) if now is None else _only_one_fires(pair, made, fewer, now)
        )
        if fewer and still:
            steps = fewer
        else:
            at += 1
    first = min(step.at for step in steps)
    steps = [replace(step, at=round(step.at - first, 3)) for step in sorted(steps, key=lambda one: one.at)]
    events = tuple(made.event(step) for step in steps)
    ours, others = _answers(pair, made, steps, now is not False)
    why = f"{_told(ours)}; the other version {_told(others)}"
    return Shown(Witness(now is not False, told_steps(made, steps), why, "a timeline"), events)


def _told(found: Found) -> str:
    """What a version finds in a sequence, in words."""
    if not found.findings or not found.records or not found.began:
        return "does not fire"
    group = {name: (cell or ("",))[0] for name, cell in found.records[0].items()}
    more = f", {len(found.findings)} times in all" if len(found.findings) > 1 else ""
    return told_match(list(group), list(group.values()), found.began[0]) + more


def _found(meaning: Meaning, events: Sequence[RawEvent]) -> Found:
    return meaning.plan.run(meaning.table(events))


def _finds(meaning: Meaning, events: Sequence[RawEvent]) -> bool:
    return bool(_found(meaning, events).findings)


def _seen(side: str, cases: Iterable[CaseChange], reason: str) -> Change:
    told = any(one.side == side and one.fires is not None for case in cases for one in case.answers)
    return Change(Standing.CHANGED if told else Standing.TESTED, reasons=(reason,))
