"""The prover against enumeration: random pairs of terms over small alphabets and every small event."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigmaproof.logic.checks import (
    AllOf,
    AnyOf,
    Check,
    Exists,
    IsNull,
    Lexical,
    Matches,
    Number,
    Order,
    Other,
    Present,
)
from sigmaproof.logic.prove import prove, read_flat
from sigmaproof.logic.prove.reading import Values
from sigmaproof.logic.run import Table, matching, row_numbers
from sigmaproof.logic.terms import And, Not, Or, Term, Test
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import search

LETTERS = "akK1\u212a"
LONGEST = 3
TEXTS = ["".join(letters) for size in range(LONGEST + 1) for letters in product(LETTERS, repeat=size)]

globs = st.lists(st.sampled_from([*"aakK1", ONE, MANY]), max_size=3).map(lambda parts: Glob.of(*parts))
regexes = st.sampled_from(["a|k", "^a", "k$", "^(a|k)*$", "[ak]1?", "^a.k$", "(?i)K$", "^[^a]+$"]).map(
    lambda text: search(parse(text))
)
folds = st.sampled_from(list(Fold))
plain: st.SearchStrategy[Check] = st.one_of(
    st.builds(Matches, globs, folds),
    st.builds(Matches, regexes, folds),
    st.builds(Number, st.sampled_from(list(Order)), st.sampled_from([0, 1, 11, -1])),
    st.builds(Lexical, st.sampled_from(list(Order)), st.sampled_from(["a", "k1", "K"]), folds),
    st.sampled_from([Present(), Exists(), IsNull()]),
)
checks = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.builds(AllOf, st.tuples(inner, inner)),
        st.builds(AnyOf, st.tuples(inner, inner)),
        st.builds(Other, inner),
    ),
    max_leaves=3,
)
terms: st.SearchStrategy[Term] = st.recursive(
    st.builds(Test, st.sampled_from(["A", "B"]), checks),
    lambda inner: st.one_of(
        st.builds(And, st.tuples(inner, inner)), st.builds(Or, st.tuples(inner, inner)), st.builds(Not, inner)
    ),
    max_leaves=4,
)


def events(values: Values) -> list[dict[str, Any]]:
    """Every event with two fields and small values; numbers are not written with zeros in front."""
    cells: list[Any] = [text for text in TEXTS if "0" not in text]
    cells += [None] if values.nulls else []
    pool = [{}, *({"A": cell} for cell in cells), *({"B": cell} for cell in cells)]
    pool += [{"A": left, "B": right} for left in cells[:40] for right in cells[:40]]
    if values.several > 1:
        pool += [{"A": [left, right]} for left in cells[:31] for right in cells[:31]]
    return pool


def check_pair(left: Term, right: Term, values: Values) -> None:
    answer = prove(left, right, values=values, budget=20)
    table = Table(events(values), read_flat)
    found = [matching(left, table), matching(right, table)]
    for side, only, wanted in (
        (answer.left, found[0] & ~found[1], (True, False)),
        (answer.right, found[1] & ~found[0], (False, True)),
    ):
        assert not side.undecided
        if side.event is None:
            assert not only, table.documents[next(row_numbers(only))]
        else:
            own = Table([side.event], read_flat)
            assert (bool(matching(left, own)), bool(matching(right, own))) == wanted


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(terms, terms)
def test_verdict_is_that_of_enumeration(left: Term, right: Term) -> None:
    check_pair(left, right, Values())


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(terms, terms)
def test_with_nulls_and_several_values(left: Term, right: Term) -> None:
    check_pair(left, right, Values(several=2, nulls=True))
