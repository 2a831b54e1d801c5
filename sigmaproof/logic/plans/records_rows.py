"""Stages that choose, order and reshape records."""

from __future__ import annotations

from ipaddress import ip_address

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.logic.plans.records import Record, Records, first_value, holds, wild_parts
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Term
from sigmaproof.logic.values import Cell, Value, number_of, text_of
from sigmaproof.text.fold import Fold, fold


class Rename(Struct, frozen=True):
    """Fields under other names; `*` on both sides keeps what it stands for."""

    pairs: tuple[tuple[str, str], ...]

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [self._renamed(record) for record in records]

    def _renamed(self, record: Record) -> Record:
        for old, new in self.pairs:
            moved: dict[str, Cell] = {}
            gone: dict[str, Cell] = {}
            for name in record.names():
                target = renamed(old, new, name)
                if target is not None and target != name:
                    moved[target], gone[name] = record.get(name), None
            record = record.having({**gone, **moved})
        return record


class Fill(Struct, frozen=True):
    """Every field that some record has, in all of them: this value where it is null."""

    value: Cell

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        every = dict.fromkeys(name for record in records for name in record.names())
        return [record.having({name: record.get(name) or self.value for name in every}) for record in records]


class Expand(Struct, frozen=True):
    """One record per value of a field, `limit` at most (0: all); one without a value stays as it is."""

    field: str
    limit: int = 0

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [expanded for record in records for expanded in self._expanded(record)]

    def _expanded(self, record: Record) -> list[Record]:
        values = record.get(self.field) or ()
        some = values[: self.limit] if self.limit else values
        return [record.having({self.field: (value,)}) for value in some] or [record]


class First(Struct, frozen=True):
    """The first records; the last ones, the very last first, with `last`."""

    count: int
    last: bool = False

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return records[::-1][: self.count] if self.last else records[: self.count]


class While(Struct, frozen=True):
    """The records before the first one on which the term does not hold; with it, if `keep_last`."""

    term: Term
    keep_last: bool = False

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        end = next((n for n, record in enumerate(records) if not holds(self.term, record.get)), len(records))
        return records[: end + self.keep_last]


class Reverse(Struct, frozen=True):
    """The records in the opposite order."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return records[::-1]


class Identify(Struct, frozen=True):
    """Every record with an id of its own in a field, unless it has one."""

    name: str

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        return [
            record
            if record.get(self.name)
            else record.having({self.name: (f"{min(record.rows, default=0):012}",)})
            for record in records
        ]


class Key(Struct, frozen=True):
    """A field to sort by; `kind`: auto (numbers before texts), num, str or ip."""

    field: str
    descending: bool = False
    kind: str = "auto"
    nulls_first: bool = False

    def rank(self, record: Record) -> tuple[int, float | int, str]:
        """Where the record's value stands."""
        return _rank(first_value(record.get(self.field)), self.kind)


class Sort(Struct, frozen=True):
    """The records by several fields, stable; the first `limit` of them (0: all)."""

    keys: tuple[Key, ...]
    limit: int = 0

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        for key in reversed(self.keys):
            null = [record for record in records if not record.get(key.field)]
            rest = [record for record in records if record.get(key.field)]
            rest.sort(key=key.rank, reverse=key.descending)
            records = null + rest if key.nulls_first else rest + null
        return records[: self.limit] if self.limit else records


class Distinct(Struct, frozen=True):
    """The first `count` records of each combination of values; those without one are dropped or kept."""

    fields: tuple[str, ...]
    count: int = 1
    keep_empty: bool = False
    keep_events: bool = False
    """Later ones stay, without the fields."""
    consecutive: bool = False
    """Only neighbours count."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        seen: dict[tuple[Cell, ...], int] = {}
        before: tuple[Cell, ...] | None = None
        kept: list[Record] = []
        for record in records:
            key = tuple(record.get(field) for field in self.fields)
            if not all(key):
                kept += [record] if self.keep_empty else []
                continue
            seen[key] = 1 if self.consecutive and key != before else seen.get(key, 0) + 1
            before = key
            if seen[key] <= self.count:
                kept.append(record)
            elif self.keep_events:
                kept.append(record.having(dict.fromkeys(self.fields)))
        return kept


class Mark(Struct, frozen=True):
    """A field set on records that agree in all fields with some row of another plan, in any letter case."""

    plan: Records
    name: str
    rule: Fold = Fold.SIMPLE

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        rows = [
            {name: row.get(name) for name in row.names() if name not in ("_raw", "_time")}
            for row in self.plan.records(table)
        ]
        rows = [row for row in rows if row]
        return [
            record.having({self.name: (True,)}) if any(self._agrees(record, row) for row in rows) else record
            for record in records
        ]

    def _agrees(self, record: Record, row: dict[str, Cell]) -> bool:
        return all(
            any(self._same(one, other) for one in record.get(name) or () for other in wanted or ())
            for name, wanted in row.items()
        )

    def _same(self, one: Value, other: Value) -> bool:
        return fold(text_of(one), self.rule) == fold(text_of(other), self.rule)


class Join(Struct, frozen=True):
    """Records with the fields of the rows of another plan that agree in `fields` (none: all common ones)."""

    plan: Records
    fields: tuple[str, ...]
    left: bool = False
    """Records without a partner stay."""
    most: int = 1
    """Partners of one record; 0: all."""
    overwrite: bool = True

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        others = self.plan.records(table)
        return [joined for record in records for joined in self._joined(record, others)]

    def _joined(self, record: Record, others: list[Record]) -> list[Record]:
        partners = [other for other in others if self._agrees(record, other)]
        some = partners[: self.most] if self.most else partners
        return [self._merged(record, other) for other in some] or ([record] if self.left else [])

    def _agrees(self, record: Record, other: Record) -> bool:
        fields = self.fields or tuple(set(record.names()) & set(other.names()) - {"_raw", "_time"})
        cells = [(record.get(name), other.get(name)) for name in fields]
        return bool(cells) and all(one and one == another for one, another in cells)

    def _merged(self, record: Record, other: Record) -> Record:
        new = {name: other.get(name) for name in other.names()}
        if not self.overwrite:
            new = {name: cell for name, cell in new.items() if record.get(name) is None}
        return replace(record.having(new), rows=tuple(sorted({*record.rows, *other.rows})))


class LookUp(Struct, frozen=True):
    """Fields out of a table: of all its rows that agree with the record in the inputs (column, field)."""

    rows: tuple[tuple[tuple[str, Cell], ...], ...]
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    keep: bool = False
    """A field that is there already stays."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        known: dict[tuple[str, ...], list[dict[str, Cell]]] = {}
        for row in map(dict, self.rows):
            key = tuple(text_of(first_value(row.get(column))) for column, _ in self.inputs)
            known.setdefault(key, []).append(row)
        return [self._looked_up(record, known) for record in records]

    def _looked_up(self, record: Record, known: dict[tuple[str, ...], list[dict[str, Cell]]]) -> Record:
        cells = [record.get(field) for _, field in self.inputs]
        if not all(cells):
            return record
        found = known.get(tuple(text_of(first_value(cell)) for cell in cells), [])
        new = {field: _column(found, column) for column, field in self.outputs}
        if self.keep:
            new = {field: cell for field, cell in new.items() if record.get(field) is None}
        elif not found:
            return record
        return record.having(new)


def renamed(old: str, new: str, name: str) -> str | None:
    """What a field is called after `old AS new`; None if that does not speak of it."""
    if "*" not in old:
        return new if name == old else None
    parts = wild_parts(old, name)
    if parts is None:
        return None
    for part in parts:
        new = new.replace("*", part, 1)
    return new


def _column(rows: list[dict[str, Cell]], column: str) -> Cell:
    return tuple(value for row in rows for value in row.get(column) or ())


def _rank(value: Value, kind: str) -> tuple[int, float | int, str]:
    if kind == "ip":
        try:
            return (0, int(ip_address(text_of(value))), "")
        except ValueError:
            return (1, 0, text_of(value))
    number = number_of(value) if kind in ("auto", "num") else None
    return (0, number, "") if number is not None else (1, 0, text_of(value))
