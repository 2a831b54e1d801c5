"""The executor against the naive evaluator, on random terms and events."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive_logic import cell_of, holds
from strategies import ADDRESSES, NUMBERS, NUMERIC_TEXTS, TIMES, all_checks, events, scalars, subjects, terms

from sigmaproof.logic import checks
from sigmaproof.logic.explain import Trace, explain
from sigmaproof.logic.expressions import Related, TimePart
from sigmaproof.logic.plans import Select
from sigmaproof.logic.plans.union import Union, union
from sigmaproof.logic.run import Table, matching, row_numbers, row_set
from sigmaproof.logic.terms import (
    FALSE,
    TRUE,
    And,
    Expression,
    Label,
    Not,
    Or,
    Term,
    bare,
    conjunction,
    disjunction,
    negation,
    subject_fields,
)
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.logic.terms import tests as leaves
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob

WORLD = st.lists(events, max_size=6)
# several terms at once take long to make
fewer = settings(max_examples=settings.default.max_examples // 3)


def read(document: dict[str, Any], field: str) -> tuple[Any, ...] | None:
    found = cell_of(field, document)
    return None if found is None else tuple(found)


def table(documents: list[dict[str, Any]]) -> Table:
    return Table(documents, read)


def found(term: Term, documents: list[dict[str, Any]]) -> list[int]:
    return list(row_numbers(matching(term, table(documents))))


def by_hand(term: Term, documents: list[dict[str, Any]]) -> list[int]:
    return [row for row, document in enumerate(documents) if holds(term, document)]


def is_text(text: str) -> Leaf:
    return Leaf("a", checks.Matches(Glob.of(text)))


@given(terms, WORLD)
@example(is_text("true"), [{"a": True}, {"a": 1}, {"a": "true"}, {"a": 1.0}])
@example(is_text("1"), [{"a": True}, {"a": 1}, {"a": 1.0}, {"a": "1"}])
@example(is_text("-0.0"), [{"a": 0.0}, {"a": -0.0}, {"a": 0}, {"a": False}])
@example(Not(Leaf("a", checks.Other(checks.Present()))), [{"a": []}, {"a": None}, {}, {"a": ["x", None]}])
def test_rows_are_those_of_the_naive_evaluator(term: Term, documents: list[dict[str, Any]]) -> None:
    assert found(term, documents) == by_hand(term, documents)


@given(subjects, all_checks, WORLD)
@example("a", checks.InNetwork("::/0", mapped=True), [{"a": "10.0.0.5"}, {"a": "::1"}, {"a": 5}])
def test_one_check_on_one_subject(subject: str | Expression, check: checks.Check, documents: Any) -> None:
    leaf = Leaf(subject, check)
    assert found(leaf, documents) == by_hand(leaf, documents)


VALUES = [*NUMBERS, *NUMERIC_TEXTS, *ADDRESSES, *TIMES, True, False, None, "", "\u212as", "KS", []]
EVERYTHING = [
    {"a": value, "b": VALUES[(place + step) % len(VALUES)]}
    for step in (0, 1, 5)
    for place, value in enumerate(VALUES)
]


@given(subjects, all_checks)
@example("a", checks.Number(checks.Order.GE, 1, text=False))
@example(Related("a", "b"), checks.IsTrue())
@example(Related("a", "b", "endswith", Fold.SIMPLE), checks.IsTrue())
@example(TimePart("a", "hour"), checks.Number(checks.Order.LE, 23))
def test_one_check_on_every_kind_of_value(subject: str | Expression, check: checks.Check) -> None:
    leaf = Leaf(subject, check)
    assert found(leaf, EVERYTHING) == by_hand(leaf, EVERYTHING)


@fewer
@given(st.lists(terms, max_size=4), WORLD)
def test_a_table_answers_many_questions(questions: list[Term], documents: list[dict[str, Any]]) -> None:
    """Results are kept between questions: none may leak into another."""
    one = table(documents)
    for term in [*questions, *questions]:
        assert list(row_numbers(matching(term, one))) == by_hand(term, documents)


@fewer
@given(st.lists(terms, max_size=4), WORLD)
def test_smart_constructors_keep_the_meaning(parts: list[Term], documents: list[dict[str, Any]]) -> None:
    assert found(conjunction(parts), documents) == found(And(tuple(parts)), documents)
    assert found(disjunction(parts), documents) == found(Or(tuple(parts)), documents)
    for part in parts:
        assert found(negation(part), documents) == found(Not(part), documents)


@given(terms, WORLD)
def test_labels_have_no_meaning(term: Term, documents: list[dict[str, Any]]) -> None:
    plain = bare(term)
    assert "Label(" not in repr(plain)
    assert found(plain, documents) == found(term, documents)
    assert set(leaves(plain)) <= set(leaves(term))
    assert found(Label("words", term), documents) == found(term, documents)


@given(terms)
def test_bare_is_final(term: Term) -> None:
    assert bare(bare(term)) == bare(term)


JOINED = [
    (conjunction([]), TRUE),
    (disjunction([]), FALSE),
    (conjunction([TRUE, is_text("x")]), is_text("x")),
    (conjunction([is_text("x"), FALSE, is_text("y")]), FALSE),
    (disjunction([is_text("x"), is_text("x")]), is_text("x")),
    (disjunction([Or((is_text("x"), is_text("y"))), is_text("x")]), Or((is_text("x"), is_text("y")))),
    (conjunction([And((is_text("x"), is_text("y"))), is_text("z")]), And(tuple(map(is_text, "xyz")))),
    (negation(negation(is_text("x"))), is_text("x")),
    (negation(TRUE), FALSE),
    (bare(And((Label("all", TRUE), Label("one", is_text("x"))))), is_text("x")),
]


@pytest.mark.parametrize(("made", "expected"), JOINED)
def test_what_the_smart_constructors_make(made: Term, expected: Term) -> None:
    assert made == expected


@given(terms, events)
def test_explanations_tell_the_truth(term: Term, document: dict[str, Any]) -> None:
    one = table([document])
    trace = explain(term, one, 0)
    _same(trace, term, one, document)


def _same(trace: Trace, term: Term, one: Table, document: dict[str, Any]) -> None:
    """Truth, subject and children at every place of the term."""
    assert bool(trace) == holds(term, document) == bool(matching(term, one))
    inner = {And: "terms", Or: "terms", Not: "term", Label: "term"}.get(type(term))
    parts = getattr(term, inner) if inner else ()
    parts = parts if isinstance(parts, tuple) else (parts,)
    assert len(trace.children) == len(parts)
    if isinstance(term, Leaf):
        actual = cell_of(term.subject, document)
        assert trace.actual == (None if actual is None else tuple(actual))
        assert (trace.reason is None) == trace.holds
    for child, part in zip(trace.children, parts, strict=True):
        _same(child, part, one, document)


REASONS = [
    ({}, "abc", "field is absent"),
    ({"a": []}, "abc", "field has no value"),
    ({"a": None}, "abc", "field has no value"),
    ({"a": [None, None]}, "abc", "field has no value"),
    ({"a": "ABC"}, "abc", "case differs"),
    ({"a": ["x", "aBc"]}, "abc", "case differs"),
    ({"a": [None, "abd"]}, "abc", "value differs"),
    ({"a": "abc"}, "abc", None),
]


@pytest.mark.parametrize(("document", "text", "reason"), REASONS)
def test_reasons(document: dict[str, Any], text: str, reason: str | None) -> None:
    assert explain(is_text(text), table([document]), 0).reason == reason


def test_case_is_no_reason_where_case_is_ignored() -> None:
    leaf = Leaf("a", checks.Matches(Glob.of("straße"), Fold.SIMPLE))
    assert explain(leaf, table([{"a": "STRASSE"}]), 0).reason == "value differs"


@given(st.sets(st.integers(0, 300)))
def test_row_sets_round_trip(rows: set[int]) -> None:
    packed = row_set(rows, 301)
    assert list(row_numbers(packed)) == sorted(rows)
    assert packed == sum(1 << row for row in rows)


@given(st.lists(st.integers(0, 40)))
def test_a_row_named_twice_is_one_row(rows: list[int]) -> None:
    assert list(row_numbers(row_set(rows, 41))) == sorted(set(rows))


@fewer
@given(st.lists(terms, max_size=3), WORLD)
def test_a_union_finds_what_any_plan_finds(parts: list[Term], documents: list[dict[str, Any]]) -> None:
    rows = by_hand(Or(tuple(parts)), documents)
    plans = tuple(map(Select, parts))
    assert union(plans).run(table(documents)).rows == rows
    several = Union(plans).run(table(documents)).rows
    assert sorted(several) == rows
    first = [row for part in parts for row in by_hand(part, documents)]
    assert several == list(dict.fromkeys(first))


@fewer
@given(st.lists(st.tuples(terms, terms), min_size=1, max_size=3), WORLD)
def test_a_union_keeps_who_can_be_found(parts: list[tuple[Term, Term]], documents: Any) -> None:
    plans = [Select(term, among) for term, among in parts]
    rows = by_hand(Or(tuple(And(pair) for pair in parts)), documents)
    assert sorted(union(plans).run(table(documents)).rows) == rows


@fewer
@given(terms, scalars)
def test_equal_terms_are_one_test(term: Term, value: Any) -> None:
    again = pickle.loads(pickle.dumps(term))
    assert again == term
    assert hash(again) == hash(term)
    assert found(again, [{"a": value}]) == found(term, [{"a": value}])


@given(subjects)
def test_an_expression_reads_the_fields_it_names(subject: Any) -> None:
    asked = set()

    def watching(name: str) -> tuple[str, ...]:
        asked.add(name)
        return ("x",)

    if not isinstance(subject, str):
        subject.cell(watching)
        assert asked == set(subject_fields(subject))
