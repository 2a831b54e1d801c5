"""Results in time order: which event came first, and the first or last few results."""

from __future__ import annotations

from msgspec import Struct

from sigmaproof.logic.plans import Found, Plan, Select
from sigmaproof.logic.run import Rows, Table, matching, row_numbers
from sigmaproof.logic.values import Value


class Cut(Struct, frozen=True):
    """The first `count` results, or the last ones; their order stays."""

    count: int
    last: bool = False


class Limited(Struct, frozen=True):
    """What is left of a plan's findings after one cut after the other."""

    plan: Plan
    cuts: tuple[Cut, ...]

    def run(self, table: Table) -> Found:
        findings = self.plan.run(table).findings
        for cut in self.cuts:
            findings = findings[max(0, len(findings) - cut.count) :] if cut.last else findings[: cut.count]
        return Found(findings)


class Timeline(Struct, frozen=True):
    """The order of events: by time, then by the tiebreaker, then as the table has them.

    What lacks a time or a tiebreaker comes after what has one.
    """

    timestamp: str
    tiebreaker: str | None = None

    def time(self, table: Table, row: int) -> int | float | None:
        """When an event happened, in the index's unit; its earliest time if it has several."""
        cell = table.cell(row, self.timestamp) or ()
        times = [value for value in cell if isinstance(value, int | float) and not isinstance(value, bool)]
        return min(times, default=None)

    def arranged(self, table: Table, rows: Rows) -> list[int]:
        """The rows, earliest first."""
        return sorted(row_numbers(rows), key=lambda row: self._key(table, row))

    def _key(self, table: Table, row: int) -> tuple[object, ...]:
        tie = (table.cell(row, self.tiebreaker) or ()) if self.tiebreaker else ()
        return (*sort_key(self.time(table, row)), *sort_key(tie[0] if tie else None))


def sort_key(value: Value, *, nulls_last: bool = True) -> tuple[bool, bool, Value]:
    """A key by which values of any type sort: numbers before texts, and null at one end."""
    return ((value is None) is nulls_last, isinstance(value, str), 0 if value is None else value)


class Ordered(Select, frozen=True, kw_only=True):
    """The events on which a term holds, in time order."""

    timeline: Timeline

    def run(self, table: Table) -> Found:
        rows = matching(self.among, table) & matching(self.term, table)
        return Found(tuple((row,) for row in self.timeline.arranged(table, rows)))
