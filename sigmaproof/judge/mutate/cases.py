"""What a fixture notices: the verdicts of its cases under a rule, and under a mutant of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from sigmaproof.errors import Problem
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.load.events import events_of
from sigmaproof.load.values import Case
from sigmaproof.logic.run import Rows, Table, matching, row_set
from sigmaproof.logic.terms import Term

Raw = Callable[[RawEvent], RawEvent]
"""An event as its log source writes it."""


class Labelled(Struct, frozen=True):
    """The cases of a rule that can be read, their events side by side in one table."""

    cases: tuple[Case, ...]
    events: tuple[tuple[RawEvent, ...], ...]
    """Of each case, as they were written."""
    table: Table
    rows: tuple[Rows, ...]
    """Of each case, in the table."""
    problems: tuple[Problem, ...] = ()

    def verdicts(self, term: Term) -> list[bool]:
        """For each case, whether it has as many matches as it wants."""
        found = matching(term, self.table)
        return [
            (found & rows).bit_count() in case.matches
            for case, rows in zip(self.cases, self.rows, strict=True)
        ]

    def values(self) -> dict[str, list[str]]:
        """The texts that occur in each field of the events."""
        found: dict[str, dict[str, None]] = {}
        for events in self.events:
            for event in events:
                for name, value in event.items():
                    if isinstance(value, str):
                        found.setdefault(name, {})[value] = None
        return {name: list(values) for name, values in found.items()}


def read_cases(cases: Iterable[Case], raw: Raw) -> Labelled:
    """The cases with their events; a case whose events cannot be read is a problem."""
    whole: list[tuple[Case, tuple[RawEvent, ...]]] = []
    problems: list[Problem] = []
    for case in cases:
        read = events_of(case)
        problems += read.problems
        if read.complete:
            whole.append((case, read.events))
    events = [raw(event) for _, found in whole for event in found]
    return Labelled(
        tuple(case for case, _ in whole),
        tuple(found for _, found in whole),
        table_of(events),
        tuple(_rows([len(found) for _, found in whole])),
        tuple(problems),
    )


def table_of(events: Sequence[RawEvent]) -> Table:
    """Raw events as a rule reads them."""
    return Table(events, EventIndex().read)


def matches(term: Term, events: Sequence[RawEvent]) -> list[bool]:
    """Whether a term holds on each of the events."""
    found = matching(term, table_of(events))
    return [bool(found >> row & 1) for row in range(len(events))]


def _rows(sizes: Sequence[int]) -> Iterable[Any]:
    start, whole = 0, sum(sizes)
    for size in sizes:
        yield row_set(range(start, start + size), whole)
        start += size


def kills(event: RawEvent, rule: Term, mutants: Iterable[Term]) -> list[bool]:
    """Which mutants an event tells from their rule; the terms are over raw events, as it is."""
    table = table_of([event])  # one for all, as they share most of their tests
    ours = matching(rule, table)
    return [matching(mutant, table) != ours for mutant in mutants]
