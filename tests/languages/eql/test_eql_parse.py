"""Syntax: what parses, what it prints as, and where the caret stands when it does not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.parse import DEEPEST, parse

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
_FUNCTIONS = st.sampled_from(["length", "f", "startsWith", "endsWith~"])


def _tuples(items: st.SearchStrategy, least: int = 1) -> st.SearchStrategy:
    return st.lists(items, min_size=least, max_size=3).map(tuple)


def _deeper(inner: st.SearchStrategy) -> st.SearchStrategy:
    def operation(names: list[str], *arguments: st.SearchStrategy) -> st.SearchStrategy:
        return st.builds(ast.Call, st.sampled_from(names), st.tuples(*arguments))

    def listed(names: list[str], items: st.SearchStrategy) -> st.SearchStrategy:
        return st.builds(
            lambda name, first, rest: ast.Call(name, (first, *rest)),
            st.sampled_from(names),
            inner,
            _tuples(items),
        )

    return st.one_of(
        operation(["-", "not"], inner),
        operation(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">="], inner, inner),
        listed([":", "like", "like~", "regex", "regex~"], _LITERALS),
        listed(["in", "in~", "not in", "not in~"], inner),
        st.builds(ast.Call, _FUNCTIONS, _tuples(inner, 0)),
        st.builds(ast.Call, st.sampled_from(["and", "or"]), _tuples(inner, 2)),
    )


_EXPRESSIONS = st.recursive(_FIELDS | _LITERALS, _deeper, max_leaves=8)
_EVENTS = st.builds(ast.Event, st.none() | st.sampled_from(["process", "by", "x y"]), _EXPRESSIONS)
_KEYS = _tuples(_FIELDS, 0)
_STAGES = st.builds(ast.Stage, _EVENTS, _KEYS, st.integers(1, 3), st.booleans())
_UNTIL = st.none() | _STAGES
_BODIES = st.one_of(
    _EVENTS,
    st.builds(ast.Join, st.just(False), _tuples(_STAGES), _KEYS),
    st.builds(ast.Join, st.just(True), _tuples(_STAGES), _KEYS, st.none() | st.integers(1, 99_999), _UNTIL),
)
_PIPES = _tuples(st.builds(ast.Call, st.sampled_from(["head", "count"]), _tuples(_EXPRESSIONS, 0)), 0)


def written(query: ast.Query) -> str:
    """A query as text; expressions write themselves."""
    body = query.body
    text = event_written(body) if isinstance(body, ast.Event) else join_written(body)
    return text + "".join(f" | {pipe.name} {', '.join(map(str, pipe.arguments))}" for pipe in query.pipes)


def event_written(event: ast.Event) -> str:
    category = "any" if event.category is None else ast.Literal(event.category)
    return f"{category} where {event.condition}"


def join_written(body: ast.Join) -> str:
    span = "" if body.span is None else f" with maxspan={body.span}ms"
    until = f" until {stage_written(body.until)}" if body.until else ""
    stages = " ".join(map(stage_written, body.stages))
    return f"{'sequence' if body.ordered else 'sample'}{keys_written(body.by)}{span} {stages}{until}"


def stage_written(stage: ast.Stage) -> str:
    opening = "![" if stage.missing else "["
    return f"{opening}{event_written(stage.event)}]{keys_written(stage.by)} with runs={stage.runs}"


def keys_written(fields: tuple[ast.Field, ...]) -> str:
    return f" by {', '.join(map(str, fields))}" if fields else ""


@settings(max_examples=150, deadline=None)
@given(st.builds(ast.Query, _BODIES, _PIPES))
def test_printing_and_parsing_is_the_identity(query: ast.Query) -> None:
    assert parse(written(query)) == query


def test_an_array_index_survives_until_it_is_rejected() -> None:
    query = parse("any where a[0] == 1")
    assert written(query) == "any where a[0] == 1"
