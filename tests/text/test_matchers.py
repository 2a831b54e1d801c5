"""Every matcher says what the naive one says, on random trees and texts."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from naive_regex import naive_match

from sigmaproof.text import lucene_regexp
from sigmaproof.text.automata import Automaton, dfa_matcher, partition
from sigmaproof.text.fold import Fold
from sigmaproof.text.match import regex_matcher, text_matcher
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import (
    ANY_CHAR,
    ANY_TEXT,
    EMPTY,
    NOTHING,
    Anchor,
    Chars,
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    RegexTooLarge,
    Repeat,
    literal,
    search,
    ungrouped,
)

LETTERS = "ab1 \né€😀\ud800"
texts = st.text(LETTERS, max_size=7)
chars = st.one_of(
    st.sampled_from(LETTERS).map(Chars.one),
    st.sets(st.sampled_from(LETTERS), max_size=3).map(
        lambda found: ~Chars.of(*((ord(c), ord(c)) for c in found))
    ),
    st.sampled_from([ANY_CHAR, Chars.of((0x61, 0x62)), Chars(())]),
)
counts = st.sampled_from([(0, 1), (0, None), (1, None), (2, 2), (0, 0), (1, 3), (2, None)])
fixed = st.sampled_from([EMPTY, NOTHING, ANY_TEXT])


def trees(leaves, *, booleans=False):
    def grown(inner):
        lists = st.lists(inner, min_size=1, max_size=3).map(tuple)
        kinds = [
            lists.map(Concat),
            lists.map(Concat),
            lists.map(Choice),
            st.builds(lambda tree, n, greedy: Repeat(tree, *n, greedy), inner, counts, st.booleans()),
            inner.map(lambda tree: Group("g", tree)),
        ]
        return st.one_of(*kinds, *([lists.map(Intersection), inner.map(Complement)] if booleans else []))

    return st.recursive(leaves, grown, max_leaves=8)


plain = trees(chars | fixed)
anchored = trees(chars | st.sampled_from(list(Anchor)) | st.just(ANY_TEXT))
boolean = trees(chars | fixed, booleans=True)


@given(plain | anchored | boolean, st.lists(texts, min_size=1, max_size=5))
@settings(max_examples=400, deadline=None)
@example(search(Anchor.NOT_WORD), ["aéa"])
@example(search(Concat((Repeat(Choice((Anchor.WORD, Chars.one("a"))), 2, 2), Anchor.END))), ["aa", " a", " "])
@example(
    Concat((Repeat(Concat((ANY_CHAR, Anchor.BEFORE_FINAL_NEWLINE)), 1, None), ANY_TEXT)), ["a\n", "\n\n"]
)
def test_matchers_agree_with_the_naive_one(tree, samples):
    matches, dfa = regex_matcher(tree), dfa_matcher(tree)
    for text in samples:
        expected = naive_match(tree, text)
        assert matches(text) is expected
        assert dfa(text) is expected


@given(plain, texts)
@settings(max_examples=100, deadline=None)
def test_search_and_ungrouped_keep_the_meaning(tree, text):
    anywhere = any(
        naive_match(tree, text[a:b]) for a in range(len(text) + 1) for b in range(a, len(text) + 1)
    )
    assert regex_matcher(search(tree))(text) is anywhere
    assert regex_matcher(ungrouped(tree))(text) is regex_matcher(tree)(text)


@given(boolean | anchored)
@settings(max_examples=100, deadline=None)
def test_moves_are_a_partition_of_all_characters(tree):
    automaton = Automaton(tree)
    blocks = [block for block, _ in automaton.moves(0)]
    assert sum(high - low + 1 for block in blocks for low, high in block.ranges) == 0x110000
    assert Chars.of(*(pair for block in blocks for pair in block.ranges)) == ANY_CHAR


@given(st.lists(chars, max_size=5))
def test_each_class_is_a_union_of_blocks(classes):
    blocks = partition(classes)
    for chosen in classes:
        inside = [block for block in blocks if (block & chosen).ranges]
        assert Chars.of(*(pair for block in inside for pair in block.ranges)) == chosen


@pytest.mark.parametrize("text", ["", "wmic", "xwmicx", "wmi", "w\nmic", "\ud800wmic", "wmic\udfff"])
@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("tail", [True, False])
def test_literal_with_anything_around(head, tail, text):
    tree = Concat((*[ANY_TEXT] * head, *literal("wmic").parts, *[ANY_TEXT] * tail))
    assert regex_matcher(tree)(text) is naive_match(tree, text)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a*)*b",
        "(a|aa)+$",
        "(a|a)*b",
        "(x+x+)+y",
        "(.*a){12}",
        "(a?){30}a{30}",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
    ],
)
def test_hostile_patterns_take_linear_time(pattern):
    matches = regex_matcher(search(parse(pattern, dialect=Dialect.PCRE)))
    start = time.perf_counter()
    matches("a" * 20_000 + "!")
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("pattern", ["x{1000}", "x{5000}", "(x{50}){40}", ".{1000,}", "x{0,3000}y"])
def test_large_counts_run(pattern):
    matches = regex_matcher(search(parse(pattern)))
    assert not matches("x" * 499)
    assert matches("x" * 6000 + "y")


@pytest.mark.parametrize("pattern", ["((x{60000}y){60000}z){60000}", r"\p{L}{60000}"])
def test_what_is_too_large_is_refused_when_it_is_compiled(pattern):
    with pytest.raises(RegexTooLarge):
        regex_matcher(search(parse(pattern)))


@pytest.mark.parametrize(
    "pattern",
    ["((x{1000}y?){100}|z)" * 500, "a?" * 10_000, "(?i)" + "[a-z]" * 3000, "(a|b)" * 4000, "(?:a*)*" * 2500],
)
def test_hostile_patterns_run_or_are_refused(pattern):
    start = time.perf_counter()
    with contextlib.suppress(RegexTooLarge):
        regex_matcher(search(parse(pattern)))("x" * 1000)
    assert time.perf_counter() - start < 10


def test_alternatives_in_a_row_are_not_multiplied_out():
    row = "(ab|c(d|e))" * 40
    assert dfa_matcher(search(parse(f"{row}x|(?:{row}y)*z$")))("abce" * 20 + "y" + "ab" * 40 + "yz")
    assert dfa_matcher(lucene_regexp.parse(f".*{row}x.*&.*y"))("abcd" * 20 + "xy")


def test_a_boolean_pattern_that_is_too_large_is_refused_when_it_is_compiled():
    with pytest.raises(RegexTooLarge):
        regex_matcher(lucene_regexp.parse("(.*a.{20})&(.*b.{25})"))


def test_perl_dollar_in_the_middle():
    tree = search(parse(r"(?:a$\n?)+\b", dialect=Dialect.PCRE))
    for text in ("a", "a\n", "ba\n", "a\nb", "a\n\n"):
        assert regex_matcher(tree)(text) is naive_match(tree, text), text


def test_folded_text_against_a_folded_pattern():
    assert text_matcher(search(literal("wmic")), Fold.SIMPLE)("C:\\WMIC.exe")
    assert not text_matcher(search(literal("WMIC")), Fold.SIMPLE)("C:\\WMIC.exe")
