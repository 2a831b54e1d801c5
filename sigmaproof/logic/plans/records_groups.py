"""Stages that look at groups of records: one row per group, or the group's figures added to every record."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.logic.plans.records import Record, holds
from sigmaproof.logic.plans.records_aggregates import Measure
from sigmaproof.logic.plans.records_rows import renamed
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Term
from sigmaproof.logic.values import Cell, Value, text_of

Key = tuple[Cell, ...]


class By(Struct, frozen=True):
    """What records are grouped by. One without a value in some field is in no group.

    `each`: a record with several values is in one group per value; otherwise they count as one. `nulls`: one
    without a value is in the group of those without one.
    """

    fields: tuple[str, ...] = ()
    each: bool = True
    nulls: bool = False

    def keys(self, record: Record) -> Iterator[Key]:
        """The groups that a record is in."""
        cells = [record.get(name) or ((None,) if self.nulls else None) for name in self.fields]
        if not all(cells):
            return
        if not self.each:
            yield tuple(cells)
            return
        for values in product(*(dict.fromkeys(cell or ()) for cell in cells)):
            yield tuple((value,) for value in values)

    def first(self, record: Record) -> Key | None:
        """The first group that a record is in."""
        return next(self.keys(record), None)

    def groups(self, records: list[Record]) -> dict[Key, list[Record]]:
        """Every group, in the order of its key."""
        found: dict[Key, list[Record]] = {} if self.fields else {(): []}
        for record in records:
            for key in self.keys(record):
                found.setdefault(key, []).append(record)
        return dict(sorted(found.items(), key=lambda item: [_order(cell) for cell in item[0]]))

    def spelled_out(self, measures: Sequence[Measure], records: list[Record]) -> list[Measure]:
        """The measures, those of a pattern once for every field of the records that it fits."""
        if not any(isinstance(measure.subject, str) and "*" in measure.subject for measure in measures):
            return list(measures)
        every = dict.fromkeys(name for record in records for name in record.names())
        names = [name for name in every if name not in self.fields and not name.startswith("_")]
        return [one for measure in measures for one in _once_for_each(measure, names)]


class Group(Struct, frozen=True):
    """One row per group: the fields it is grouped by, then its measures. Without fields, always one row."""

    measures: tuple[Measure, ...]
    by: By = field(default_factory=By)

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        measures = self.by.spelled_out(self.measures, records)
        return [self._row(key, group, measures) for key, group in self.by.groups(records).items()]

    def _row(self, key: Key, group: list[Record], measures: Sequence[Measure]) -> Record:
        cells: dict[str, Cell] = {
            name: None if cell == (None,) else cell for name, cell in zip(self.by.fields, key, strict=True)
        }
        cells.update((measure.name, measure.over(group)) for measure in measures)
        return Record(cells, tuple(sorted({row for record in group for row in record.rows})))


class Annotate(Struct, frozen=True):
    """Every record with the measures of its group (of its first group, if it is in several)."""

    measures: tuple[Measure, ...]
    by: By = field(default_factory=By)

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        measures = self.by.spelled_out(self.measures, records)
        figures = {
            key: {measure.name: measure.over(group) for measure in measures}
            for key, group in self.by.groups(records).items()
        }
        keys = [self.by.first(record) for record in records]
        return [
            record if key is None else record.having(figures[key])
            for record, key in zip(records, keys, strict=True)
        ]


class Running(Struct, frozen=True):
    """Every record with the measures of those up to it.

    `window`: so many records at most (0: all); `span`: so many seconds at most (0: any), both ends included
    if `closed`; `current`: the record itself counts; `shared`: the window counts records of all groups.
    """

    measures: tuple[Measure, ...]
    by: By = field(default_factory=By)
    window: int = 0
    span: float = 0
    current: bool = True
    closed: bool = True
    shared: bool = False
    on_change: bool = False
    """Begins anew when the fields change from one record to the next."""
    before: Term | None = None
    """Begins anew with a record on which this holds."""
    after: Term | None = None
    """Begins anew behind a record on which this holds."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        seen: defaultdict[Key, deque[tuple[int, Record]]] = defaultdict(deque)
        last: Key | None = None
        measures = self.by.spelled_out(self.measures, records)
        result: list[Record] = []
        for number, record in enumerate(records):
            key = self.by.first(record)
            if (self.on_change and key != last) or (self.before and holds(self.before, record.get)):
                seen.clear()
            last = key
            if key is not None:
                group = self._group(seen[key], number, record)
                record = record.having({measure.name: measure.over(group) for measure in measures})
            result.append(record)
            if self.after and holds(self.after, record.get):
                seen.clear()
        return result

    def _group(self, before: deque[tuple[int, Record]], number: int, record: Record) -> list[Record]:
        if self.current:
            before.append((number, record))
        while before and not self._inside(before, number, record):
            before.popleft()
        group = [earlier for _, earlier in before]
        if not self.current:
            before.append((number, record))
        return group

    def _inside(self, before: deque[tuple[int, Record]], number: int, record: Record) -> bool:
        first, earliest = before[0]
        if self.window and len(before) > self.window:
            return False
        if self.window and self.shared and number - first > self.window - self.current:
            return False
        age = abs((record.time() or 0) - (earliest.time() or 0))
        return not self.span or age < self.span or (self.closed and age == self.span)


def _once_for_each(measure: Measure, names: Iterable[str]) -> Iterator[Measure]:
    if not isinstance(measure.subject, str) or "*" not in measure.subject:
        yield measure
        return
    for name in names:
        if (called := renamed(measure.subject, measure.name, name)) is not None:
            yield replace(measure, subject=name, name=called)


def _order(cell: Cell) -> tuple[tuple[int, float, str], ...]:
    return tuple(_rank(value) for value in cell or ())


def _rank(value: Value) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, value, "")
    return (1, 0, text_of(value))
