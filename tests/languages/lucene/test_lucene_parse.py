"""Query strings: reading, writing back, and where reading stops."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.languages.lucene.lexer import lexemes
from sigmaproof.languages.lucene.parse import DEEPEST, parse, unescape
from sigmaproof.languages.lucene.syntax import (
    PLAIN,
    Clause,
    Group,
    Joint,
    Node,
    Pattern,
    Prefix,
    Query,
    Quoted,
    Range,
    Sign,
    Suffix,
    Wildcard,
    Word,
    Words,
)

A_WITHOUT_B = Query((Clause(Word("a")), Clause(Word("b"), sign=Sign.PROHIBITED)))

TREES = [
    ("a", Query((Clause(Word("a")),))),
    ("f:a", Query((Clause(Word("a"), "f"),))),
    ("a b c", Query((Clause(Words("a b c")),))),
    ("f:a b c", Query((Clause(Word("a"), "f"), Clause(Words("b c"))))),
    ("a b AND c", Query((Clause(Word("a")), Clause(Word("b")), Clause(Word("c"), joint=Joint.AND)))),
    ("a b:c", Query((Clause(Word("a")), Clause(Word("c"), "b")))),
    ("a b~", Query((Clause(Word("a")), Clause(Word("b", Suffix("")))))),
    ("a - b", Query((Clause(Word("a")), Clause(Word("-")), Clause(Word("b"))))),
    ("!a", Query((Clause(Word("a"), sign=Sign.PROHIBITED),))),
    ("a || b", Query((Clause(Word("a")), Clause(Word("b"), joint=Joint.OR)))),
    ("a||b", Query((Clause(Word("a||b")),))),
    ("+f:(a -b)", Query((Clause(Group(A_WITHOUT_B), "f", sign=Sign.REQUIRED),))),
    ("a*", Query((Clause(Prefix("a")),))),
    (r"a\**", Query((Clause(Prefix(r"a\*")),))),
    ("a*b", Query((Clause(Wildcard("a*b")),))),
    ("*", Query((Clause(Wildcard("*")),))),
    ("*:*", Query((Clause(Wildcard("*"), "*"),))),
    (r"/a\/b/", Query((Clause(Pattern(r"a\/b")),))),
    (r'"a \" b"~2^3', Query((Clause(Quoted(r"a \" b", Suffix("2", "3"))),))),
    ("a^3~2", Query((Clause(Word("a", Suffix("2", "3"))),))),
    ("[a TO b}", Query((Clause(Range("a", "b", True, False)),))),
    ('{TO TO "x y"]^2', Query((Clause(Range("TO", '"x y"', False, True, Suffix(None, "2"))),))),
    ("(a)^2", Query((Clause(Group(Query((Clause(Word("a")),)), Suffix(None, "2"))),))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_trees(text: str, tree: Query) -> None:
    assert parse(text) == tree
    assert parse(str(tree)) == tree


ERRORS = [
    ("f:a)", 3),
    ("f:(a", 4),
    ("AND a", 0),
    ("a AND", 5),
    ("a AND OR b", 6),
    ("NOT NOT a", 4),
    ("()", 1),
    ("f:a:b", 3),
    ('f:"a', 2),
    ("f:/a", 2),
    ("f:a]", 3),
    ("f:a^x", 3),
    ("f:a^ 2", 3),
    ("f:[a TO b", 9),
    ("f:[a b]", 5),
    ("f:a\\", 3),
    ("f:10.0.0.0/24", 10),
]


@pytest.mark.parametrize(("text", "offset"), ERRORS)
def test_errors_point_at_the_place(text: str, offset: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.caret() == f"{text}\n{' ' * offset}^"


UNESCAPED = [
    (r"a\:b", "a:b"),
    (r"\\", "\\"),
    (r"\u0041", "A"),
    (r"\ud83d\ude00", "😀"),
    (r"C\:\\u", "C:\\u"),
]


@pytest.mark.parametrize(("image", "text"), UNESCAPED)
def test_unescape(image: str, text: str) -> None:
    assert unescape(image) == text


@pytest.mark.parametrize("image", [r"C\:\users", r"\u00", r"\u"])
def test_a_unicode_escape_needs_its_digits(image: str) -> None:
    with pytest.raises(QuerySyntaxError):
        unescape(image)


def test_depth_is_bounded() -> None:
    assert parse("(" * DEEPEST + "a" + ")" * DEEPEST)
    with pytest.raises(UnsupportedQuery, match="parentheses"):
        parse("(" * 5000 + "a" + ")" * 5000)


@pytest.mark.parametrize("text", ["/" * 20_001, '"' * 20_001, "\\" * 20_001, "a" * 50_000, "*?" * 20_000])
def test_nothing_hangs(text: str) -> None:
    with suppress(QuerySyntaxError):
        lexemes(text)


def _joined(pieces: list[str], least: int = 1) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces), min_size=least, max_size=5).map("".join)


def _kinds(text: str) -> list[str]:
    return [word.kind for word in lexemes(text)]


INNER = [
    "a",
    "B",
    "1",
    ".",
    "é",
    "<",
    "=",
    "&",
    "|",
    r"\ ",
    r"\:",
    r"\*",
    r"\\",
    r"\"",
    r"\(",
    r"\u0041",
    "AND",
]
TERMS = _joined(INNER).filter(lambda text: _kinds(text) == ["TERM"])
WILD = _joined([*INNER, "*", "?", "-", "+"]).filter(lambda text: _kinds(text) in (["WILD"], ["STAR"]))
BOOSTS = st.none() | st.sampled_from(["2", "0.5"])
SUFFIXES = st.builds(Suffix, st.none() | st.sampled_from(["", "1", "AUTO", "x"]), BOOSTS)
BOOSTED = st.builds(Suffix, st.none(), BOOSTS)
BOUNDS = st.sampled_from(["a", "*", "TO", "10.0.0.1", '"a b"', r"\:", "2025-01-01"])
LEAVES = st.one_of(
    st.builds(Word, TERMS | st.sampled_from(["+", "-", "!"]), SUFFIXES),
    st.builds(Prefix, TERMS, SUFFIXES),
    st.builds(Wildcard, WILD, SUFFIXES),
    st.builds(Pattern, _joined(["a", ".", "*", "[0-9]", r"\/", r"\.", " "], 0), SUFFIXES),
    st.builds(Quoted, _joined(["a", " ", ":", r"\"", r"\\", "*", "AND"], 0), SUFFIXES),
    st.builds(Range, BOUNDS, BOUNDS, st.booleans(), st.booleans(), BOOSTED),
)
FIELDS = st.none() | TERMS | st.just("*")


def _plain(clause: Clause) -> bool:
    """A term that would be read together with another one beside it."""
    bare = clause.field is None and clause.joint is None and clause.sign is None
    word = isinstance(clause.node, Word) and clause.node.suffix == PLAIN and clause.node.image not in "+-!"
    return bare and (word or isinstance(clause.node, Words))


def _query(clauses: list[Clause]) -> Query:
    first, *rest = clauses
    kept = [Clause(first.node, first.field, None, first.sign)]
    for clause in rest:
        both = _plain(kept[-1]) and _plain(clause)
        kept.append(Clause(clause.node, clause.field, Joint.AND, clause.sign) if both else clause)
    return Query(tuple(kept))


def _queries(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Query]:
    clauses = st.builds(
        Clause, nodes, FIELDS, st.none() | st.sampled_from(Joint), st.none() | st.sampled_from(Sign)
    )
    side_by_side = st.none() | st.lists(TERMS, min_size=2, max_size=3).map(" ".join)
    return st.builds(_with_words, st.lists(clauses, min_size=1, max_size=4).map(_query), side_by_side)


def _with_words(query: Query, side_by_side: str | None) -> Query:
    """Terms side by side stand last here: before `AND`, the last one would not be among them."""
    if side_by_side is None or _plain(query.clauses[-1]):
        return query
    return Query((*query.clauses, Clause(Words(side_by_side))))


TREE = st.recursive(
    _queries(LEAVES), lambda inner: _queries(LEAVES | st.builds(Group, inner, BOOSTED)), max_leaves=12
)


@given(TREE)
def test_what_is_written_is_read_back(tree: Query) -> None:
    assert parse(str(tree)) == tree


@given(st.text(alphabet='ab:"/\\()[]{}*?~^+-!&| \tANDORT1.', max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(QuerySyntaxError):
        tree = parse(text)
        assert parse(str(tree)) == tree
