"""Proof: two terms find the same events, or here is one that only one of them finds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import chain
from typing import Any

from msgspec import Struct

from sigmaproof.logic.prove.graph import Graph
from sigmaproof.logic.prove.reading import Reader, Values
from sigmaproof.logic.prove.search import Limits
from sigmaproof.logic.prove.solve import Event, Prover, Run, Side
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import Term, subject_fields, tests
from sigmaproof.logic.values import ANY_FIELD, Cell, Value

BUDGET = 5.0
"""Seconds of this process for one question: whatever else the machine does, the answer is the same."""


class Answer(Struct, frozen=True):
    """How two sides compare."""

    left: Side
    """What only the left one finds."""
    right: Side

    @property
    def equivalent(self) -> bool:
        """Whether it is proven that no event tells them apart."""
        return self.left.none and self.right.none

    @property
    def undecided(self) -> tuple[str, ...]:
        """Why that is not known, if no event tells them apart that is known, either."""
        return tuple(dict.fromkeys((*self.left.undecided, *self.right.undecided)))


def prove(left: Term, right: Term, *, values: Values | None = None, budget: float = BUDGET) -> Answer:
    """How two terms over the same events compare."""
    limits = Limits(time.process_time() + budget)
    graph = Graph()
    names = dict.fromkeys(
        name for test in chain(tests(left), tests(right)) for name in subject_fields(test.subject)
    )
    reader = Reader(graph, values or Values(), tuple(name for name in names if name != ANY_FIELD))
    sides = reader.term(left), reader.term(right)
    prover = Prover(graph, limits)
    try:
        return Answer(
            prover.only(sides[0], sides[1], _separates(left, right)),
            prover.only(sides[1], sides[0], _separates(right, left)),
        )
    finally:
        prover.close()


def read_flat(event: Event, name: str) -> Cell:
    """The values of a field of an event without objects in it."""
    if name == ANY_FIELD:
        return tuple(value for values in event.values() for value in _listed(values))
    return tuple(_listed(event[name])) if name in event else None


def _listed(values: Any) -> Sequence[Value]:
    return values if isinstance(values, list) else [values]


def _separates(holds: Term, fails: Term) -> Run:
    def run(events: Sequence[Event]) -> list[bool]:
        table = Table(events, read_flat)
        rows = matching(holds, table) & ~matching(fails, table)
        return [bool(rows >> at & 1) for at in range(len(events))]

    return run
