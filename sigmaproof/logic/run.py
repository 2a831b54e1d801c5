"""Running terms over events that live in columns.

A set of rows is one integer, bit n for row n: `and`, `or` and `not` of rules are then single machine-speed
operations. Each test looks at each distinct value of its field once, whatever the number of events and rules;
for a literal, all of them are one text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sigmaproof.logic.checks import Check
from sigmaproof.logic.joined import Joined, joined, needle
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Subject, Term, Test
from sigmaproof.logic.values import Cell, Value
from sigmaproof.text.fold import Fold

Document = Mapping[str, Any]
"""One event as its index holds it."""

Reader = Callable[[Document, str], Cell]
"""How an index looks a field up in a document."""

Rows = int
"""A set of rows: bit n stands for row n."""


def row_set(rows: Iterable[int], size: int) -> Rows:
    """The set of these rows, out of `size`."""
    bits = bytearray((size + 7) // 8)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")


_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))
"""Which bits each byte has."""


def row_numbers(rows: Rows) -> Iterator[int]:
    """The rows of a set, ascending."""
    data = rows.to_bytes((rows.bit_length() + 7) // 8, "little")
    return (offset + bit for offset, byte in zip(count(0, 8), data, strict=False) for bit in _BITS[byte])


_FEW = 8
"""So few values are looked at one by one."""


@dataclass(slots=True)
class Column:
    """One subject of every row: each distinct value once, with the rows that hold it."""

    absent: list[int] = field(default_factory=list)
    empty: list[int] = field(default_factory=list)
    values: dict[tuple[type | str, Value], list[int]] = field(default_factory=dict)
    joined: dict[Fold, Joined | None] = field(default_factory=dict)
    """All values as one text, by the case rule that they are asked with."""

    def fill(self, cells: Iterable[Cell]) -> None:
        """Takes in what each row holds, from the first one on."""
        rows: defaultdict[tuple[type | str, Value], list[int]] = defaultdict(list)
        for row, cell in enumerate(cells):
            if cell:
                for value in cell:
                    # equal and yet distinct: True, 1 and 1.0 by their types, 0.0 and -0.0 by what is written
                    rows[type(value) if value else repr(value), value].append(row)
            else:
                (self.absent if cell is None else self.empty).append(row)
        self.values = dict(rows)

    def literal(self, check: Check) -> list[int] | None:
        """The rows for a check of one literal; None for others, and where a look at each value is as good."""
        sought = needle(check) if len(self.values) > _FEW else None
        if sought is None:
            return None
        text, rule = sought
        if rule not in self.joined:
            values = ((value, rows) for (_, value), rows in self.values.items())
            self.joined[rule] = joined(values, rule)
        whole = self.joined[rule]
        return None if whole is None else whole.holding(text)


class Table:
    """Events as one index sees them; columns are built when first asked for, test results are kept."""

    def __init__(self, documents: Sequence[Document], read: Reader) -> None:
        self.documents = documents
        self.size = len(documents)
        self.everything: Rows = (1 << self.size) - 1
        self.read = read
        self._columns: dict[Subject, Column] = {}
        self._results: dict[Test, Rows] = {}

    def cell(self, row: int, subject: Subject) -> Cell:
        """What a field or expression holds in one row."""
        document = self.documents[row]
        if isinstance(subject, str):
            return self.read(document, subject)
        return subject.cell(lambda name: self.read(document, name))

    def cells(self, rows: Iterable[int], field: str) -> list[Cell]:
        """What a field holds in each of these rows."""
        read, documents = self.read, self.documents
        return [read(documents[row], field) for row in rows]

    def column(self, subject: Subject) -> Column:
        """What a field or expression holds in every row."""
        column = self._columns.get(subject)
        if column is None:
            column = self._columns[subject] = Column()
            column.fill(self._whole(subject))
        return column

    def _whole(self, subject: Subject) -> Iterable[Cell]:
        if isinstance(subject, str):
            return self.cells(range(self.size), subject)
        return (self.cell(row, subject) for row in range(self.size))

    def test(self, test: Test) -> Rows:
        """The rows on which a test holds."""
        rows = self._results.get(test)
        if rows is None:
            rows = self._results[test] = self._scan(test)
        return rows

    def _scan(self, test: Test) -> Rows:
        column = self.column(test.subject)
        found = column.literal(test.check)
        if found is None:
            holds = test.check.predicate()
            found = [row for (_, value), rows in column.values.items() if holds(value) for row in rows]
        if test.check.on_absent:
            found += column.absent
        if test.check.on_empty:
            found += column.empty
        return row_set(found, self.size)


def matching(term: Term, table: Table) -> Rows:
    """The rows of the table on which the term holds."""
    match term:
        case Test():
            return table.test(term)
        case Const(value):
            return table.everything if value else 0
        case Not(inner):
            return table.everything & ~matching(inner, table)
        case Label(_, inner):
            return matching(inner, table)
        case And(terms):
            rows = table.everything
            for part in terms:
                if not rows:
                    break
                rows &= matching(part, table)
            return rows
        case Or(terms):
            rows = 0
            for part in terms:
                rows |= matching(part, table)
            return rows
