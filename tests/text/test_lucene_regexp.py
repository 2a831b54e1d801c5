"""Lucene's regular expressions: by example, and as real servers answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.intervals import decimal_interval
from sigmaproof.text.lucene_regexp import parse
from sigmaproof.text.match import regex_matcher
from sigmaproof.text.regex import RegexError, RegexTooLarge

MATCHES = [
    ("foo", "xfoo", False),
    ("a.b", "a\nb", True),
    ("^a$", "^a$", True),
    ("^a$", "a", False),
    ("(?i)foo", "?ifoo", True),
    ("(?:foo)", "?:foo", True),
    (".*?", "x", True),
    ("a*+", "aaa", True),
    ("a{2}{3}", "aaaaaa", True),
    ("a{3,2}", "aaa", False),
    ("a{2,}", "aaaa", True),
    ("a{0}", "", True),
    ("*", "*", True),
    (")", ")", True),
    ("|a", "|a", True),
    ("(|a)", "|a", True),
    ("()", "", True),
    ("()a", "a", True),
    ("", "", True),
    ('"a.b"', "a.b", True),
    ('"a.b"', "axb", False),
    (r"a\"b", 'a"b', True),
    ("#", "#", False),
    ("a#|b", "b", True),
    ("a@", "a\nxyz", True),
    ("a|b&b", "a", True),
    ("ab&.b", "ab", True),
    ("ab&.c", "ab", False),
    ("~a", "b", True),
    ("~a", "", True),
    ("~a", "a", False),
    ("~~a", "a", True),
    ("~(ab)c", "abc", False),
    ("~ab", "ab", False),
    ("~ab", "xb", True),
    ("~a*", "a", False),  # it is (~a)*
    ("~a*", "aa", True),
    ("<1-3>", "2", True),
    ("<1-3>", "4", False),
    ("<3-1>", "2", True),
    ("<01-10>", "2", False),
    ("<01-10>", "02", True),
    ("<1-10>", "002", True),
    (r"\d+\s\w", "12 _", True),
    (r"\D\S\W", "a-.", True),
    (r"\s", "\f", False),
    (r"[\d.]+", "1.2", True),
    (r"[^\d]", "1", False),
    ("[]a]", "]", True),
    ("[a-c-]", "-", True),
    ("[^a]", "\n", True),
    ("[a-z&&[^b]]", "&]", True),
    (r"[\]]", "]", True),
    ("😀?", "😀", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES)
def test_matches(pattern, text, expected):
    assert regex_matcher(parse(pattern))(text) is expected


BROKEN = [
    ("[", 1), ("(", 1), ("a)", 1), ("(a", 0), ("a|", 2), ("(a|)", 0), ("a&", 2), ("~", 1),
    ("a\\", 2), ('a"b', 2), ("a{", 2), ("a{,3}", 2), ("a{1", 3), ("a{1,2", 5), ("a{99999999999}", 2),
    ("<1-3", 1), ("<name>", 0), ("<1->", 0), ("<-1>", 0), ("<1-2-3>", 0), ("<1-99999999999>", 0),
    ("[a-]", 1), ("[^]", 0), ("[z-a]", 1), ("[a", 0), (r"[\b]", 1),
    (r"\b", 0), (r"\t", 0), (r"\n", 0), (r"\x41", 0), (r"\Q", 0),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "offset"), BROKEN)
def test_broken(pattern, offset):
    with pytest.raises(RegexError) as caught:
        parse(pattern)
    assert caught.value.offset == offset


@pytest.mark.parametrize("pattern", ["(" * 5000, "a" + "?" * 5000, "(a?" * 60 + "??)" * 60, "a" * 50_000])
def test_hostile_sizes_are_refused(pattern):
    with pytest.raises(RegexTooLarge):
        parse(pattern)


def test_options():
    assert regex_matcher(parse("~a", complement=False))("~a")
    assert regex_matcher(parse("a@#&<1-3>", operators=False))("a@#&<1-3>")
    assert regex_matcher(parse(r"\d\b", classes=False))("db")
    assert regex_matcher(parse("[A-C]b", fold=Fold.SIMPLE))("AB")
    assert not regex_matcher(parse("[A-C]b", fold=Fold.SIMPLE))("ab")
    assert regex_matcher(parse("[A-C]b", fold=Fold.SIMPLE, fold_ranges=True))("ab")
    assert regex_matcher(parse("[ac]", fold=Fold.ASCII))("A")
    assert regex_matcher(parse('"k"', fold=Fold.SIMPLE))("\u212a")
    assert not regex_matcher(parse("k", fold=Fold.ASCII))("\u212a")


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_intervals(one, other, number, padding):
    low, high = sorted((one, other))
    inside = low <= number <= high
    assert regex_matcher(decimal_interval(low, high))("0" * padding + str(number)) is inside
    width = len(str(high))
    text = "0" * padding + str(number)
    assert regex_matcher(decimal_interval(low, high, width))(text) is (inside and len(text) == width)


@given(st.text('ab()[]{}*+?|^$\\.-&@#<>~",12d', max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_text_parses_or_is_an_error_at_a_place_in_it(pattern):
    assert 0 <= error_offset(pattern) <= len(pattern)


def error_offset(pattern: str) -> int:
    try:
        regex_matcher(parse(pattern))("ab(1")
    except RegexError as error:
        return error.offset
    return 0


ANSWERS = Path(__file__).parents[2].parent / "shared" / "conformance" / "lucene.ndjson"
TOO_COMPLEX = "(a|b)*a(a|b){14}"
"""Servers give up on this one; no automaton of ours stands in their place."""


def _asked(query, engine):
    """The pattern and options of a query that is one regular expression, or None."""
    options = {"complement": not engine.startswith("opensearch-3")}
    text = query.get("query", "")
    if text.startswith("f:/") and text.endswith("/") and text.count("/") - text.count("\\/") == 2:
        return text[3:-1].replace("\\/", "/"), options
    asked = query.get("dsl", {}).get("regexp", {}).get("f")
    if asked is None:
        return None
    asked = asked if isinstance(asked, dict) else {"value": asked}
    if asked.get("flags") == "NONE":
        options |= {"operators": False, "complement": False}
    if asked.get("case_insensitive"):
        options["fold"] = Fold.ASCII if engine.startswith("opensearch-2") else Fold.SIMPLE
    return asked["value"], options


def _answers():
    """Every regular expression that a server answered over plain and lower-cased keyword fields."""
    for line in ANSWERS.read_text(encoding="utf-8").splitlines():
        group = json.loads(line)
        mapping = group["index"].get("mapping", {}).get("f", {})
        if mapping not in ({"type": "keyword"}, {"type": "keyword", "normalizer": "lowercase"}):
            continue
        rule = Fold.LOWER if "normalizer" in mapping else Fold.EXACT
        cells = [document.get("f") for document in group["documents"]]
        values = [
            [fold(str(v), rule) for v in (c if isinstance(c, list) else [c]) if v is not None] for c in cells
        ]
        for query in group["queries"]:
            for engine in group["engines"]:
                answer = query.get("by_engine", {}).get(engine, query.get("matched", []))
                if (asked := _asked(query, engine)) and asked[0] != TOO_COMPLEX:
                    yield fold(asked[0], rule), asked[1], values, answer


@pytest.mark.skipif(not ANSWERS.is_file(), reason="no recorded answers beside the repository")
def test_answers_of_real_servers():
    checked = 0
    for pattern, options, values, answer in _answers():
        try:
            matches = regex_matcher(parse(pattern, **options))
            found = [row for row, cell in enumerate(values) if any(map(matches, cell))]
        except RegexError:  # lenient queries find nothing instead
            found = []
        assert found == (answer if isinstance(answer, list) else []), (pattern, options)
        checked += 1
    assert checked > 1000
