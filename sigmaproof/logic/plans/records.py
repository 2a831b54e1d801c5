"""Records: rows that stages make of events, one stage after another.

A record reads fields like an event does, and knows the events behind it. What a stage does not touch is read
from the event only when somebody asks. Stages are frozen; the relational ones stand in `records_*`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.logic.checks import Predicate
from sigmaproof.logic.plans import Found
from sigmaproof.logic.run import Document, Table, matching, row_numbers
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Subject, Term, Test
from sigmaproof.logic.values import Cell, Read, Value, number_of

Names = Callable[[Document], Iterable[str]]
"""The fields that a document has."""

TIME = "_time"


class Record(Struct, frozen=True):
    """One row: its own cells, the events behind it, and what every other field reads as."""

    cells: Mapping[str, Cell]
    rows: tuple[int, ...] = ()
    rest: Read | None = None
    rest_names: Callable[[], Iterable[str]] = tuple

    def get(self, name: str) -> Cell:
        """A field's values; None if it has none."""
        if name in self.cells:
            return self.cells[name] or None
        return (self.rest(name) or None) if self.rest else None

    def names(self) -> list[str]:
        """The fields that have a value, its own first."""
        every = dict.fromkeys((*self.cells, *self.rest_names()))
        return [name for name in every if self.get(name) is not None]

    def having(self, cells: Mapping[str, Cell]) -> Record:
        """The record with these cells put in."""
        return replace(self, cells={**self.cells, **cells})

    def time(self) -> int | float | None:
        """Its `_time`."""
        cell = self.get(TIME)
        return number_of(cell[0]) if cell else None


class Stage(Protocol):
    """Records in, records out."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        """The records after this stage."""


class Records(Struct, frozen=True):
    """A plan of stages; the first one brings the records."""

    stages: tuple[Stage, ...]

    def records(self, table: Table) -> list[Record]:
        """The rows that the last stage leaves."""
        records: list[Record] = []
        for stage in self.stages:
            records = stage.apply(records, table)
        return records

    def run(self, table: Table) -> Found:
        records = self.records(table)
        shown = tuple({name: record.get(name) for name in record.names()} for record in records)
        return Found(tuple(record.rows for record in records), shown)


@dataclass(frozen=True, slots=True)
class Events:
    """The events on which a term holds; the newest first, if they all have a time and it is asked for."""

    term: Term
    names: Names = field(default=tuple)
    newest_first: bool = False

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        found = [self._record(table, row) for row in row_numbers(matching(self.term, table))]
        return newest_first(found) if self.newest_first else found

    def _record(self, table: Table, row: int) -> Record:
        return Record(
            {}, (row,), lambda name: table.cell(row, name), lambda: self.names(table.documents[row])
        )


class Given(Struct, frozen=True):
    """Rows that come from no event: a lookup table, `makeresults`."""

    rows: tuple[tuple[tuple[str, Cell], ...], ...]

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [Record(dict(row)) for row in self.rows]


class Union(Struct, frozen=True):
    """What came before, then what other plans bring; `by_time`: all of it merged, the newest first."""

    parts: tuple[Records, ...]
    by_time: bool = False

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        every = records + [record for part in self.parts for record in part.records(table)]
        return newest_first(every) if self.by_time else every


class Keep(Struct, frozen=True):
    """The records on which a term holds."""

    term: Term

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [record for record in records if holds(self.term, record.get)]


class Passing(Struct, frozen=True):
    """Names that a stage lets through, or keeps out; `*` in a pattern stands for any run of letters."""

    patterns: tuple[str, ...]
    drop: bool = False

    def __contains__(self, name: str) -> bool:
        return any(name_matches(pattern, name) for pattern in self.patterns) is not self.drop


class Derive(Struct, frozen=True):
    """Fields computed from the record as it was, all at once; others pass only if every filter lets them."""

    values: tuple[tuple[str, Subject], ...]
    filters: tuple[Passing, ...] = ()

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [self._derived(record) for record in records]

    def _derived(self, record: Record) -> Record:
        new = {name: cell_of(subject, record.get) for name, subject in self.values}
        if not self.filters:
            return record.having(new)
        return Record(
            new,
            record.rows,
            lambda name: record.get(name) if self._passes(name) else None,
            lambda: filter(self._passes, record.names()),
        )

    def _passes(self, name: str) -> bool:
        return all(name in names for names in self.filters)


def holds(term: Term, read: Read) -> bool:
    """Whether a term holds on one event or record."""
    match term:
        case Test(subject, check) as test:
            cell = read(subject) if isinstance(subject, str) else subject.cell(read)
            if cell is None:
                return check.on_absent
            return any(map(_predicate(test), cell)) if cell else check.on_empty
        case Const(value):
            return value
        case Not(inner):
            return not holds(inner, read)
        case Label(_, inner):
            return holds(inner, read)
        case And(terms):
            return all(holds(part, read) for part in terms)
        case Or(terms):
            return any(holds(part, read) for part in terms)


def cell_of(subject: Subject, read: Read) -> Cell:
    """A subject's values; a field that holds nothing is null."""
    return (read(subject) if isinstance(subject, str) else subject.cell(read)) or None


def newest_first(records: list[Record]) -> list[Record]:
    """The records by `_time`, the newest first; as they are, if one of them has none."""
    times = [record.time() for record in records]
    if any(time is None for time in times):
        return records
    order = sorted(range(len(records)), key=lambda number: times[number] or 0, reverse=True)
    return [records[number] for number in order]


def name_matches(pattern: str, name: str) -> bool:
    """Whether a field name matches a pattern with `*`."""
    return pattern == name or ("*" in pattern and wild_parts(pattern, name) is not None)


def wild_parts(pattern: str, name: str) -> tuple[str, ...] | None:
    """What each `*` of the pattern stands for in the name, the first ones as long as can be."""
    head, *pieces = pattern.split("*")
    if not name.startswith(head):
        return None
    rest, parts = name[len(head) :], []
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        at = len(rest) - len(piece) if last and rest.endswith(piece) else rest.find(piece) if not last else -1
        if at < 0:
            return None
        parts.append(rest[:at])
        rest = rest[at + len(piece) :]
    return tuple(parts) if not rest else None


def first_value(cell: Cell) -> Value:
    """The first of several values."""
    return cell[0] if cell else None


@lru_cache(maxsize=65536)
def _predicate(test: Test) -> Predicate:
    return test.check.predicate()
