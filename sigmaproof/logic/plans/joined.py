"""What events have in common: the keys by which sequences and samples put them together."""

from __future__ import annotations

from itertools import product

from msgspec import Struct

from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Subject, Term
from sigmaproof.logic.values import Value

Common = tuple[Value, ...]
"""The values that joined events share, one for each key."""


class Key(Struct, frozen=True):
    """A field whose values must agree. `nullable`: without a value, it agrees with others without one."""

    subject: Subject
    nullable: bool = False


class Step(Struct, frozen=True):
    """One kind of event and the keys that join it to the others. `missing`: there must be none."""

    term: Term
    by: tuple[Key, ...] = ()
    missing: bool = False


def common(step: Step, table: Table, row: int) -> list[Common]:
    """Every combination of key values under which an event joins; none if it lacks a key."""
    return list(product(*(_values(key, table, row) for key in step.by)))


def _values(key: Key, table: Table, row: int) -> Common:
    cell = table.cell(row, key.subject) or ()
    found = tuple(dict.fromkeys(value for value in cell if value is not None))
    return found or ((None,) if key.nullable else ())
