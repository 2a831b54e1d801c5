"""Labelled cases on the old and the new version of a rule, and of every target's query for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sigmaproof.errors import Problem
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.diff import Answers, CaseChange
from sigmaproof.judge.meaning import RawEvent, Tables
from sigmaproof.judge.prepare import Prepared
from sigmaproof.judge.results import CaseResult, Outcome
from sigmaproof.judge.suite import answers, placed
from sigmaproof.judge.verify import judge_case
from sigmaproof.load.events import events_of
from sigmaproof.load.values import Case, Event, EventFile

Ready = Prepared | PreparedCorrelation

Cases = Sequence[tuple[Case, bool]]
"""Cases, and whether only the old fixture has them."""


def case_changes(
    before: Ready | None, after: Ready | None, cases: Cases
) -> tuple[tuple[CaseChange, ...], tuple[Problem, ...], Mapping[str, list[str]]]:
    """What every side says about the cases that can be read; why others cannot; values that events have."""
    home = after or before
    assert home is not None
    read = [_read(home, case) for case, _ in cases]
    problems = [problem for one in read for problem in one.problems]
    readable = [one for one, found in zip(cases, read, strict=True) if found.complete]
    events = [list(found.events) for found in read if found.complete]
    chosen = [case for case, _ in readable]
    old, new = (_results(one, chosen, _raw(one, events, home)) for one in (before, after))
    changes = (
        CaseChange(case, tuple(_answers(was, is_)), former)
        for (case, former), was, is_ in zip(readable, old, new, strict=True)
    )
    return tuple(changes), tuple(problems), _values(_raw(home, events, home))


def _raw(prepared: Ready | None, events: Sequence[Sequence[Event]], home: Ready) -> list[list[RawEvent]]:
    """The events of each case as the log source writes them, by the source models of one version."""
    if prepared is None:
        return []
    if isinstance(home, PreparedCorrelation):
        return [list(group) for group in events]
    source = home.rule.logsource
    return [[prepared.sources.raw(event, source) for event in group] for group in events]


def _read(home: Ready, case: Case) -> EventFile:
    """The events of a case; a correlation rule's as their sources write them, with their times."""
    read = events_of(case)
    return placed(home, case, read) if isinstance(home, PreparedCorrelation) else read


def merged(now: Sequence[Case], former: Sequence[Case]) -> Cases:
    """The cases of the new fixture, and those of the old one that it no longer has."""
    kept = [_content(case) for case in now]
    gone = [case for case in former if _content(case) not in kept]
    return [*((case, False) for case in now), *((case, True) for case in gone)]


def _content(case: Case) -> tuple[Any, ...]:
    """What makes a case another one: its label and its events, not its name."""
    events: tuple[Event, ...] | str = case.events
    if case.file is not None:
        events = f"{case.name} {case.file.name}"
    return case.label, case.offsets, case.matches, events


def _results(
    prepared: Ready | None, cases: Sequence[Case], events: Sequence[Sequence[RawEvent]]
) -> list[CaseResult | None]:
    if prepared is None or not cases:
        return [None] * len(cases)
    tables: Tables = {}
    ours = answers(prepared.meaning, events, tables)
    theirs = {name: answers(side, events, tables) for name, side in prepared.sides.items()}
    return [
        judge_case(case, events[at], ours[at], {name: found[at] for name, found in theirs.items()})
        for at, case in enumerate(cases)
    ]


def _answers(before: CaseResult | None, after: CaseResult | None) -> Iterator[Answers]:
    was, is_ = _by_side(before), _by_side(after)
    for side in dict.fromkeys([*is_, *was]):
        yield Answers(side, was.get(side), is_.get(side))


def _by_side(result: CaseResult | None) -> dict[str, Outcome]:
    return {one.side: one for one in result.outcomes} if result else {}


def _values(events: Sequence[Sequence[RawEvent]]) -> Mapping[str, list[str]]:
    """Per field, the texts that events of cases have."""
    found: dict[str, dict[str, None]] = {}
    for event in (one for group in events for one in group):
        for name, value in event.items():
            if isinstance(value, str):
                found.setdefault(name, {})[value] = None
    return {name: list(texts) for name, texts in found.items()}
