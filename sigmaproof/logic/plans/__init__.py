"""Plans: a term and what comes after it. Every front end lowers to a plan; a plan runs on a table.

A plan is any frozen value with `run`; each kind stands in a module of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from sigmaproof.logic.run import Table, matching, row_numbers
from sigmaproof.logic.terms import TRUE, Term
from sigmaproof.logic.values import Cell

MISSING = -1
"""Stands in a finding for the event that a sequence requires not to be there."""


class Found(Struct, frozen=True):
    """What a plan returns.

    `findings`: for each result, in the engine's order, the rows of the table behind it (or `MISSING`).
    `records`: for a plan that makes rows of its own (SPL's `stats`, a correlation's groups), those rows,
    parallel to `findings`.
    """

    findings: tuple[tuple[int, ...], ...]
    records: tuple[Mapping[str, Cell], ...] | None = None
    began: tuple[int, ...] | None = None
    """For a correlation: when each result begins (`logic.times`), parallel to `findings`."""

    @property
    def rows(self) -> list[int]:
        """Every row in every finding, in order."""
        return [row for finding in self.findings for row in finding]


class Plan(Protocol):
    """What a query means."""

    def run(self, table: Table) -> Found:
        """The results over the table's events."""


class Select(Struct, frozen=True):
    """The events on which a term holds, in table order."""

    term: Term
    among: Term = TRUE
    """The events that can be found at all, whatever is asked: those that an index did not reject."""

    def run(self, table: Table) -> Found:
        rows = matching(self.among, table) & matching(self.term, table)
        return Found(tuple((row,) for row in row_numbers(rows)))
