"""The one sentence under a failure."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.index.events import EventIndex
from sigmaproof.judge.why import deciding, shown, why
from sigmaproof.logic.checks import Matches, Present
from sigmaproof.logic.explain import Trace, explain
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import FALSE, TRUE, And, Label, Not, Or, Term
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.logic.values import Cell
from sigmaproof.text.glob import MANY, Glob


def is_text(field: str, text: str) -> Leaf:
    return Leaf(field, Matches(Glob.of(MANY, text)))


A, B = is_text("a", "x"), is_text("b", "y")
LABELLED = Label("selection", Label("a|endswith 'x'", A))

SENTENCES: list[tuple[Term, dict[str, Any], str]] = [
    (A, {}, "a is absent"),
    (LABELLED, {}, "a is absent"),
    (A, {"a": "X"}, "a: case differs, actual X"),
    (A, {"a": "1"}, "a: value differs, actual 1"),
    (A, {"a": None}, "a: field has no value, actual null"),
    (A, {"a": []}, "a: field has no value, actual (empty)"),
    (A, {"a": "ax"}, "a matches ax"),
    (LABELLED, {"a": "ax"}, "a|endswith 'x' matches ax"),
    (LABELLED, {"a": ["1", 2, None, True]}, "a|endswith 'x': value differs, actual 1, 2, null, true"),
    (And((A, B)), {"a": "x"}, "b is absent"),
    # case before absence before value: what is most surprising
    (And((A, B)), {"a": "1", "b": "Y"}, "b: case differs, actual Y"),
    (And((A, B)), {"a": "1"}, "b is absent"),
    (Or((A, B)), {"a": "1", "b": "y"}, "b matches y"),
    (Not(A), {"a": "x"}, "a matches x"),
    (Not(Or((A, B))), {"b": "y"}, "b matches y"),
    (Leaf("*", Present()), {"a": "x"}, "any field matches x"),
    (TRUE, {}, "the query always holds here"),
    (FALSE, {}, "the query never holds here"),
    (And((A, FALSE)), {"a": "x"}, "the query never holds here"),
    (And(()), {}, ""),
]

CELLS: list[tuple[Cell, str]] = [
    (None, "(absent)"),
    ((), "(empty)"),
    ((None,), "null"),
    (("a", 1, 1.5, True), "a, 1, 1.5, true"),
    (("",), ""),
    (("x" * 100,), "x" * 100),
    (("x" * 101,), "x" * 99 + "…"),
]


def trace(term: Term, event: dict[str, Any]) -> Trace:
    return explain(term, Table([event], EventIndex().read), 0)


@pytest.mark.parametrize(("term", "event", "sentence"), SENTENCES)
def test_sentences(term: Term, event: dict[str, Any], sentence: str) -> None:
    assert why(trace(term, event)) == sentence


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_values_in_one_short_line(cell: Cell, text: str) -> None:
    assert shown(cell) == text


def test_several_events_have_no_sentence() -> None:
    assert why(None) == ""


def test_only_what_decides_is_told() -> None:
    term = And((Label("1", A), Label("2", Or((B, Not(TRUE)))), Label("3", TRUE)))
    assert [words for _, words in deciding(trace(term, {"a": "x"}))] == ["2", "2"]
    assert [words for _, words in deciding(trace(term, {"a": "x", "b": "y"}))] == ["1", "2", "3"]
