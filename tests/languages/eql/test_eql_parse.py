"""Syntax: what parses, what it prints as, and where the caret stands when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.parse import DEEPEST, parse
from sigmaproof.languages.eql.show import show

BROKEN = [
    ("process where a == 'x'", "'x", "double quotes"),
    ('process where a == "x', '"x', "no closing quote"),
    ('process where a : "C:\\\\x\\*"', "\\*", "not an escape"),
    ('process where a : "\\d"', "\\d", "not an escape"),
    ('process where a : "\\u{d800}"', "\\u{d800}", "not a character"),
    ('process where a : "x" b', "b", "expected"),
    ('process where a : ("x",)', ")", "expected"),
    ("process where a == b == c", "== c", "cannot stand here"),
    ("process where a = 1", "= 1", 'written "=="'),
    ("process where a.by == 1", "by ==", "backticks"),
    ("process where sequence == 1", "sequence", "cannot stand here"),
    ("process where a : -1", "-1", "expected"),
    ("process where a : b", "b", "expected"),
    ('process where not like a "x"', "like", "expected"),
    ('process where a not like "x"', "like", "expected"),
    ("process where (a == 1", "", "ends too early"),
    ("process where", "", "ends too early"),
    ("process", "", "ends too early"),
    ("", "", "ends too early"),
    ("process where a == 1 /* never /* closed */", "/* never", "never closed"),
    ("process where a && b", "&&", '"and"'),
    ("process where !a", "!a", '"not"'),
    ("process where `a == 1", "`a", "backtick"),
    ("?x where true", "?x", "cannot stand here"),
    ('process where ?"x" : "y"', '"x"', "cannot stand here"),
    ("process where child of [process where true]", "of", "not part of EQL"),
    ("join [a where true] [b where true]", "join", "not part of EQL"),
    ("sequence [a where true] with tuns=2 [b where true]", "tuns", '"runs"'),
    ("sequence [a where true] with runs=2.5 [b where true]", "2.5", "whole number"),
    ("process where a == 1e999", "1e999", "too large"),
    ("process where a == 1\n  and\n  or b", "or b", "expected"),
]


@pytest.mark.parametrize(("query", "at", "message"), BROKEN)
def test_caret(query: str, at: str, message: str) -> None:
    with pytest.raises(QuerySyntaxError, match=r"\w") as caught:
        parse(query)
    assert message in caught.value.message
    assert caught.value.offset == (query.rindex(at) if at else len(query))
    assert caught.value.caret().endswith("^")


SAME = [
    ("any where not a and b or c", "any where (((not a) and b) or c)"),
    ("any where -a * b + c % 2 == 1", "any where (((-a) * b) + (c % 2)) == 1"),
    ('any where a : "x" and b', 'any where (a : ("x")) and b'),
    ("any where /* a /* b */ c */ a // d\n and b", "any where a and b"),
    ("any where `a`.`b c` == .5", "any where `a.b c` == 0.5"),
    ('any where a == """C:\\x"y"""', 'any where a == "C:\\\\x\\"y"'),
    ('any where a == """x"""""', 'any where a == "x\\"\\""'),
    ('any where a == "\\u{41}\\u{1F600}"', 'any where a == "A\U0001f600"'),
    ("any where +a == 5.", "any where a == 5.0"),
    ("any where a == 9223372036854775808", "any where a == 9223372036854775808.0"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same_tree(one: str, other: str) -> None:
    assert parse(one) == parse(other)


def test_depth_is_bounded() -> None:
    parse("any where " + "(" * 5000 + "a" + ")" * 5000)
    parse("any where " + " or ".join(["a == 1"] * 5000))
    parse("any where " + "not " * (DEEPEST - 1) + "a")
    with pytest.raises(InvalidQuery, match="nest"):
        parse("any where " + "not " * 5000 + "a")
    with pytest.raises(InvalidQuery, match="nest"):
        parse("any where " + "f(" * 5000 + "a" + ")" * 5000)


_NAMES = st.sampled_from(["a", "b.c", "@timestamp", "in", "c-uri", "x `y`", "a.by", "like~", "5x"])
_FIELDS = st.builds(ast.Field, _NAMES, st.booleans())
_NUMBERS = st.integers(0, 2**63 - 1) | st.floats(0, allow_nan=False, allow_infinity=False)
_LITERALS = st.builds(ast.Literal, st.text(max_size=6) | _NUMBERS | st.booleans() | st.none())
_FUNCTIONS = st.sampled_from(["length", "f", "startsWith"])


def _tuples(items: st.SearchStrategy, least: int = 1) -> st.SearchStrategy:
    return st.lists(items, min_size=least, max_size=3).map(tuple)


def _deeper(inner: st.SearchStrategy) -> st.SearchStrategy:
    arithmetic = st.builds(ast.Arithmetic, st.sampled_from("+-*/%"), inner, inner)
    comparison = st.builds(ast.Comparison, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner, inner)
    operators = st.sampled_from([":", "like", "like~", "regex", "regex~"])
    return st.one_of(
        st.builds(ast.Negative, inner),
        arithmetic,
        comparison,
        st.builds(ast.Matching, operators, inner, _tuples(_LITERALS)),
        st.builds(ast.Membership, inner, _tuples(inner), st.booleans(), st.booleans()),
        st.builds(ast.Call, _FUNCTIONS, _tuples(inner, 0), st.booleans()),
        st.builds(ast.Not, inner),
        st.builds(ast.AllOf, _tuples(inner, 2)),
        st.builds(ast.AnyOf, _tuples(inner, 2)),
    )


_EXPRESSIONS = st.recursive(_FIELDS | _LITERALS, _deeper, max_leaves=8)
_EVENTS = st.builds(ast.EventFilter, st.none() | st.sampled_from(["process", "by", "x y"]), _EXPRESSIONS)
_KEYS = _tuples(_FIELDS, 0)
_STAGES = st.builds(ast.Stage, _EVENTS, _KEYS, st.integers(1, 3), st.booleans())
_SPANS = st.builds(ast.Span, st.integers(1, 99), st.sampled_from(["ms", "s", "m", "h", "d"]))
_BODIES = st.one_of(
    _EVENTS,
    st.builds(ast.Sample, _tuples(_STAGES), _KEYS),
    st.builds(ast.Sequence, _tuples(_STAGES), _KEYS, st.none() | _SPANS, st.none() | _STAGES),
)
_PIPES = _tuples(st.builds(ast.Pipe, st.sampled_from(["head", "count"]), _tuples(_EXPRESSIONS, 0)), 0)


@settings(max_examples=150, deadline=None)
@given(st.builds(ast.Query, _BODIES, _PIPES))
def test_printing_and_parsing_is_the_identity(query: ast.Query) -> None:
    assert parse(show(query)) == query


def test_an_array_index_survives_until_it_is_rejected() -> None:
    query = parse("any where a[0] == 1")
    assert show(query) == "any where a[0] == 1"
