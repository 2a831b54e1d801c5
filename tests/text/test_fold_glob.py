"""Case rules against what Unicode says; globs against Python's `re`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.text.fold import Fold, fold, variants
from sigmaproof.text.glob import MANY, ONE, Glob, as_regex, matcher
from sigmaproof.text.match import regex_matcher

KELVIN, LONG_S, DOTTED, SHARP, TAIL = "\u212a", "ſ", "İ", "ẞ", "ς"
SAME = [
    (Fold.SIMPLE, KELVIN, "k"),
    (Fold.SIMPLE, LONG_S, "S"),
    (Fold.SIMPLE, SHARP, "ß"),
    (Fold.SIMPLE, TAIL, "Σ"),
    (Fold.SIMPLE, TAIL, "σ"),
    (Fold.SIMPLE, "\uab70", "\u13a0"),  # Cherokee, which folds to upper case
    (Fold.SIMPLE, "\u1f88", "\u1f80"),
    (Fold.SIMPLE, "É", "é"),
    (Fold.SIMPLE, "\U00010400", "\U00010428"),
    (Fold.ASCII, "K", "k"),
    (Fold.LOWER, DOTTED, "i"),
    (Fold.LOWER, KELVIN, "k"),
    (Fold.LOWER, SHARP, "ß"),
    (Fold.LOWER, "Σ", "σ"),
]
DIFFERENT = [
    (Fold.SIMPLE, "ß", "s"),
    (Fold.SIMPLE, DOTTED, "i"),
    (Fold.SIMPLE, "ı", "i"),
    (Fold.SIMPLE, "é", "e"),
    (Fold.ASCII, KELVIN, "k"),
    (Fold.ASCII, "É", "é"),
    (Fold.LOWER, TAIL, "σ"),
    (Fold.LOWER, LONG_S, "s"),
    (Fold.EXACT, "A", "a"),
]


@pytest.mark.parametrize(("rule", "one", "other"), SAME)
def test_same_letter(rule, one, other):
    assert fold(one, rule) == fold(other, rule)
    assert other in variants(one, rule)
    assert one in variants(other, rule)


@pytest.mark.parametrize(("rule", "one", "other"), DIFFERENT)
def test_different_letters(rule, one, other):
    assert fold(one, rule) != fold(other, rule)
    assert other not in variants(one, rule)


@given(st.text(), st.sampled_from(Fold))
def test_folding_keeps_the_length_and_is_done_once(text, rule):
    folded = fold(text, rule)
    assert len(folded) == len(text)
    assert fold(folded, rule) == folded
    assert all(
        fold(variant, rule) == to
        for char, to in zip(text, folded, strict=True)
        for variant in variants(char, rule)
    )


parts = st.lists(st.sampled_from([ONE, MANY]) | st.text("aAbk\nKé", max_size=3), max_size=7)
texts = st.text("aAbBkK\n" + KELVIN + "éÉ", max_size=10)


@given(parts, texts, st.sampled_from(Fold))
def test_glob_is_its_translation(found, text, rule):
    glob = Glob.of(*found)
    translated = "".join(
        re.escape(fold(p, rule)) if isinstance(p, str) else ".*" if p is MANY else "." for p in found
    )
    expected = re.fullmatch(translated, fold(text, rule), re.DOTALL) is not None
    assert matcher(glob, rule)(text) is expected
    assert regex_matcher(as_regex(glob, rule))(text) is expected


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((), ""),
        (("a", "", "b"), "ab"),
        ((MANY, MANY), "*"),
        ((MANY, ONE, MANY, ONE), "??*"),
        (("a*", ONE, "\\"), "a\\*?\\\\"),
    ],
)
def test_normal_form(parts, shown):
    assert str(Glob.of(*parts)) == shown


def test_one_text_only():
    assert Glob.of("a", "b").literal == "ab"
    assert Glob.of().literal == ""
    assert Glob.of("a", ONE).literal is None
