"""Meanings: a rule, and each query made from it, as something that answers on raw events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Meaning:
    """A plan, and how the events it runs on look in its index."""

    plan: Plan
    index: Index
    document: Callable[[RawEvent], Document] = as_is
    notes: tuple[str, ...] = ()

    def table(self, events: Iterable[RawEvent]) -> Table:
        """These events as the index holds them."""
        return Table([self.document(event) for event in events], self.index.read)

    def answer(self, events: Iterable[RawEvent]) -> Found:
        """What is found among the events."""
        return self.plan.run(self.table(events))

    def explain(self, event: RawEvent) -> Trace | None:
        """Why a single event is found or not; None for a plan that looks at several."""
        if not isinstance(self.plan, Select):
            return None
        return explain(self.plan.term, self.table([event]), 0)


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
