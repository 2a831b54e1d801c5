"""Explaining: a term with its truth, and the actual values, at every place."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from sigmaproof.logic.checks import Check, Matches, Present
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Term, Test
from sigmaproof.logic.values import ANY_FIELD, Cell, Value
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob


class Reason(StrEnum):
    """Why a test does not hold."""

    ABSENT = "field is absent"
    EMPTY = "field has no value"
    CASE = "case differs"
    VALUE = "value differs"


class Trace(Struct, frozen=True):
    """One node of a term over one event; behaves like the truth of the node."""

    holds: bool
    kind: str
    """`all of`, `any of`, `not`, `test`, `always`, `never`, or `label`."""
    text: str = ""
    actual: Cell = None
    reason: Reason | None = None
    children: tuple[Trace, ...] = ()

    def __bool__(self) -> bool:
        return self.holds


def explain(term: Term, table: Table, row: int) -> Trace:
    """The whole term over one event, without short cuts: what is false is as interesting as what is true."""
    match term:
        case Test():
            return _test(term, table, row)
        case Const(value):
            return Trace(value, "always" if value else "never")
        case Label(text, inner):
            child = explain(inner, table, row)
            return Trace(child.holds, "label", text, children=(child,))
        case Not(inner):
            child = explain(inner, table, row)
            return Trace(not child.holds, "not", children=(child,))
        case And(terms):
            children = tuple(explain(part, table, row) for part in terms)
            return Trace(all(children), "all of", children=children)
        case Or(terms):
            children = tuple(explain(part, table, row) for part in terms)
            return Trace(any(children), "any of", children=children)


def _test(test: Test, table: Table, row: int) -> Trace:
    cell = table.cell(row, test.subject)
    holds = _holds(test.check, cell)
    reason = None if holds else _reason(test.check, cell)
    name = test.subject if isinstance(test.subject, str) else str(test.subject)
    return Trace(holds, "test", "any field" if name == ANY_FIELD else name, cell, reason)


def _holds(check: Check, cell: Cell) -> bool:
    if cell is None:
        return check.on_absent
    return any(map(check.predicate(), cell)) if cell else check.on_empty


def _reason(check: Check, cell: Cell) -> Reason:
    if cell is None:
        return Reason.ABSENT
    if not _holds(Present(), cell):
        return Reason.EMPTY
    return Reason.CASE if _only_case(check, cell) else Reason.VALUE


def _only_case(check: Check, cell: tuple[Value, ...]) -> bool:
    """Whether another case rule would have let the value through."""
    if not isinstance(check, Matches) or check.fold is Fold.SIMPLE or not isinstance(check.pattern, Glob):
        return False
    return _holds(Matches(check.pattern, Fold.SIMPLE), cell)
