"""Meanings: a rule, and each query made from it, as something that answers on raw events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

from msgspec import Struct

from sigmaproof.index import Index
from sigmaproof.languages import Options, language
from sigmaproof.logic.explain import Trace, explain
from sigmaproof.logic.plans import Found, Plan, Select
from sigmaproof.logic.plans.union import union
from sigmaproof.logic.run import Document, Table

RawEvent = Mapping[str, Any]


def as_is(event: RawEvent) -> Document:
    """The document of an index that stores events as they come."""
    return event


Tables = dict[tuple[int, Callable[[RawEvent], Document]], Table]
"""The same events in several indices; targets that share an index share a table, and what was asked of it."""


class Meaning(Struct, frozen=True):
    """A plan, and how the events it runs on look in its index."""

    plan: Plan
    index: Index
    document: Callable[[RawEvent], Document] = as_is
    notes: tuple[str, ...] = ()

    def table(self, events: Iterable[RawEvent]) -> Table:
        """These events as the index holds them."""
        return Table([self.document(event) for event in events], self.index.read)

    def answers(self, cases: Sequence[Sequence[RawEvent]], tables: Tables | None = None) -> list[Found]:
        """What is found among the events of each case; `tables` keeps theirs for other meanings."""
        if not isinstance(self.plan, Select):
            return [self.plan.run(self.table(events)) for events in cases]
        # each event is found or not whatever stands beside it: all cases in one table are one pass
        known, key = {} if tables is None else tables, (id(self.index), self.document)
        if key not in known:
            known[key] = self.table(chain.from_iterable(cases))
        rows = {row for (row,) in self.plan.run(known[key]).findings}
        starts = accumulate((len(events) for events in cases), initial=0)
        return [
            Found(tuple((row - start,) for row in range(start, start + len(events)) if row in rows))
            for start, events in zip(starts, cases, strict=False)
        ]

    def explain(self, event: RawEvent) -> Trace | None:
        """Why a single event is found or not; None for a plan that looks at several."""
        if not isinstance(self.plan, Select):
            return None
        table = self.table([event])
        among = explain(self.plan.among, table, 0)
        return explain(self.plan.term, table, 0) if among else among


def queries_meaning(
    queries: Sequence[str],
    name: str,
    index: Index,
    document: Callable[[RawEvent], Document],
    options: Options,
) -> Meaning:
    """What a rule's queries in the language `name` mean together: any of them finds.

    Raises `QueryError` when one of them does not parse, would be rejected, or is not modelled.
    """
    lower = language(name).lower_query
    lowered = [lower(query, index, options) for query in queries]
    notes = tuple(dict.fromkeys(note for one in lowered for note in one.notes))
    return Meaning(union([one.plan for one in lowered]), index, document, notes)
