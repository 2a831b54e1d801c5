"""Syntax: what parses prints as what parses to the same, and where the caret stands when it does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.errors import InvalidQuery, QueryError, QuerySyntaxError
from sigmaproof.languages.esql import ast
from sigmaproof.languages.esql.parse import DEEPEST, parse

BROKEN = [
    ("FROM a | WHERE b == 'x'", "'x", "double quotes"),
    ('FROM a | WHERE b == "x', '"x', "no closing quote"),
    ("FROM a | WHERE b = 1", "= 1", 'written "=="'),
    ('FROM a | WHERE b == "x" c', "c", "cannot stand here"),
    ("FROM a | WHERE", "", "ends too early"),
    ("FROM a |", "", "ends too early"),
    ("", "", "ends too early"),
    ("WHERE a == 1", "WHERE", "expected FROM"),
    ("FROM a | WHER b == 1", "WHER", "did you mean"),
    ('FROM a | WHERE b == "\\d"', '"\\d"', "not an escape"),
    ("FROM a | WHERE b && c", "&&", '"AND"'),
    ("FROM a | WHERE !b", "!b", '"NOT"'),
    ("FROM a | WHERE `b == 1", "`b", "backtick"),
    ("FROM a | WHERE b == 1 /* /* */", "/* /*", "never closed"),
    ("FROM a | WHERE b LIKE 1", "LIKE", "text in quotes"),
    ("FROM a | WHERE SUM(*) > 1", "*)", "only COUNT"),
    ("FROM a | LIMIT 1.5", "1.5", "whole number"),
    ("FROM a | WHERE b == 1e999", "1e999", "too large"),
]


@pytest.mark.parametrize(("query", "at", "message"), BROKEN)
def test_caret(query: str, at: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=r"\w") as caught:
        parse(query)
    assert message in caught.value.message
    assert caught.value.offset == (query.rindex(at) if at else len(query))
    assert caught.value.caret().endswith("^")


def test_what_is_deep_is_refused() -> None:
    with pytest.raises(InvalidQuery, match=str(DEEPEST)):
        parse("FROM a | WHERE " + "NOT " * (DEEPEST + 1) + "b")


def test_cases_print_as_themselves() -> None:
    for line in Path(__file__).with_name("cases.ndjson").read_text(encoding="utf-8").splitlines():
        for case in json.loads(line)["queries"]:
            try:
                tree = parse(case["query"])
            except QueryError:
                continue
            assert parse(str(tree)) == tree


names = st.sampled_from(["a", "b.c", "@timestamp", "not", "x-y", "tick`ed"])
leaves = st.one_of(
    names.map(ast.Field),
    st.one_of(st.none(), st.booleans(), st.integers(0, 2**62), st.text(max_size=5)).map(ast.Literal),
)


def _calls(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds(ast.Call, st.sampled_from(["==", "<", "+", "-", "*", "%"]), pair),
        st.builds(
            ast.Call, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=2, max_size=3).map(tuple)
        ),
        st.builds(ast.Call, st.sampled_from(["NOT", "-", "IS NULL", "IS NOT NULL"]), st.tuples(inner)),
        st.builds(ast.Call, st.sampled_from(["IN", "NOT IN"]), st.tuples(inner, inner, inner)),
        st.builds(
            ast.Call, st.sampled_from(["LIKE", "NOT RLIKE"]), st.tuples(inner, st.just(ast.Literal("x*")))
        ),
        st.builds(ast.Call, st.sampled_from(["CONCAT", "TO_LOWER"]), pair),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(leaves, _calls, max_leaves=8))
def test_printing_and_parsing_are_inverse(expression: ast.Expression) -> None:
    once = parse(str(ast.Query((ast.From(("a",)), ast.Where(expression)))))
    assert parse(str(once)) == once
