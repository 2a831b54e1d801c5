"""Random events and terms over a small world, so that tests and values meet often."""

from __future__ import annotations

from hypothesis import strategies as st
from naive_logic import PATTERNS

from sigmaproof.logic import checks
from sigmaproof.logic.expressions import Related, TimePart
from sigmaproof.logic.terms import FALSE, TRUE, And, Label, Not, Or, Term
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import search

FIELDS = ("a", "b", "c.d")

# where case rules part: Kelvin sign, sharp s, dotted and dotless i, the two small sigmas
LETTERS = "abAB kK\u212asSſßẞiIİıσςΣéÉ*?\\/\n.0"
BIG = 2**53 + 1

PATTERNS.update(
    {
        search(parse(pattern, ignore_case=False, dotall=True)): pattern
        for pattern in (r"\Aa", r"[ab]{2,}", r"k.?s", r"(?:a|é)+\s", r"\d\.", r"[^a\n]B", r"i|ß", r"\*\?", "")
    }
)

ADDRESSES = (
    "10.0.0.5",
    "10.0.1.5",
    "192.168.0.1",
    "::1",
    "::ffff:10.0.0.5",
    "2001:db8::1",
    "10.0.0.5 ",
    "10.0.0",
)
NETWORKS = ("10.0.0.0/24", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.5/32", "::/0", "::1/128", "::ffff:10.0.0.0/120")
NUMBERS = (0, 1, -1, 10, 0.5, 1.0, -0.0, 1e300, BIG, float(2**53), 10**30)
NUMERIC_TEXTS = (
    "0",
    "1",
    "-1",
    "1.0",
    "01",
    "+1",
    "1e3",
    " 1",
    "1 ",
    "-0",
    ".5",
    "5.",
    "١",
    "1_0",
    str(BIG),
    "true",
)
TIMES = (
    "2026-01-02T03:04:05Z",
    "2026-01-02 23:59",
    "2026-01-02",
    "2026-13-02",
    "0000-01-01",
    "2026-01-02T24:00",
)

texts = st.text(LETTERS, max_size=5)
scalars = st.one_of(
    texts,
    texts,
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMERIC_TEXTS + ADDRESSES + TIMES),
    st.booleans(),
    st.none(),
)
cells = st.one_of(scalars, st.lists(scalars, max_size=3))
events = st.dictionaries(st.sampled_from(FIELDS), cells)

globs = st.lists(st.one_of(texts, st.sampled_from([ONE, MANY])), max_size=4).map(
    lambda parts: Glob.of(*parts)
)
folds = st.sampled_from(list(Fold))
orders = st.sampled_from(list(checks.Order))

simple_checks = st.one_of(
    st.builds(checks.Matches, globs, folds),
    st.builds(checks.Matches, st.sampled_from(sorted(PATTERNS, key=str)), folds),
    st.builds(checks.Number, orders, st.sampled_from(NUMBERS), st.booleans()),
    st.builds(checks.Lexical, orders, texts, folds),
    st.builds(checks.InNetwork, st.sampled_from(NETWORKS), st.booleans()),
    st.just(checks.Exists()),
    st.just(checks.Present()),
    st.just(checks.IsNull()),
    st.just(checks.IsTrue()),
)


def _combined(inner: st.SearchStrategy[checks.Check]) -> st.SearchStrategy[checks.Check]:
    several = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(checks.AllOf, several), st.builds(checks.AnyOf, several), st.builds(checks.Other, inner)
    )


all_checks = st.recursive(simple_checks, _combined, max_leaves=4)
names = st.sampled_from(FIELDS)
subjects = st.one_of(
    names,
    names,
    st.builds(Related, names, names, st.sampled_from(["whole", "contains", "startswith", "endswith"]), folds),
    st.builds(TimePart, names, st.sampled_from(["year", "month", "day", "hour", "minute"])),
)


def _joined(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several), st.builds(Or, several), st.builds(Not, inner), st.builds(Label, texts, inner)
    )


tests = st.builds(Leaf, subjects, all_checks)
terms = st.recursive(st.one_of(tests, tests, st.sampled_from([TRUE, FALSE])), _joined, max_leaves=8)
