"""Literals are found in all values at once as they are in each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.joined import joined, needle
from sigmaproof.logic.run import Table, row_numbers
from sigmaproof.logic.terms import Test as Asks
from sigmaproof.logic.values import Value
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob

TEXTS = st.text(alphabet="aAbBkK\u212aſs\\\0 \n", max_size=4)
VALUES = st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-2, 12), st.floats(0, 1))
GLOBS = st.builds(
    lambda head, text, tail: Glob.of(*[MANY] * head, text, *[MANY] * tail),
    st.booleans(),
    TEXTS,
    st.booleans(),
)
MANY_OTHERS: list[Value] = [f"other {number}" for number in range(9)]


@given(st.lists(st.lists(VALUES, max_size=3), max_size=12), GLOBS, st.sampled_from(Fold))
def test_a_table_finds_what_the_check_holds_on(cells: list[list[Value]], glob: Glob, rule: Fold) -> None:
    check, rows = Matches(glob, rule), [*cells, *([one] for one in MANY_OTHERS)]
    table = Table([{"f": row} for row in rows], lambda document, name: tuple(document[name]))
    holds = check.predicate()
    wanted = [number for number, row in enumerate(rows) if any(map(holds, row))]
    assert list(row_numbers(table.test(Asks("f", check)))) == wanted


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        (Glob.of("a"), "\0a\0"),
        (Glob.of("a", MANY), "\0a"),
        (Glob.of(MANY, "a"), "a\0"),
        (Glob.of(MANY, "A", MANY), "a"),
        (Glob.of("a", ONE), None),
        (Glob.of("a", MANY, "b"), None),
        (Glob.of(MANY), None),
        (Glob.of("a\0"), None),
    ],
)
def test_what_is_looked_for(glob: Glob, found: str | None) -> None:
    assert needle(Matches(glob, Fold.SIMPLE)) == (found and (found, Fold.SIMPLE))


def test_a_value_with_an_edge_in_it_is_looked_at_by_itself() -> None:
    assert joined([("a\0b", [0]), ("c", [1])], Fold.EXACT) is None
    whole = joined([("ab", [0]), (None, [1]), ("b", [2, 3])], Fold.EXACT)
    assert whole is not None
    assert [whole.holding(one) for one in ("b", "\0b", "b\0", "\0b\0", "a\0", "x")] == [
        [0, 2, 3],
        [2, 3],
        [0, 2, 3],
        [2, 3],
        [],
        [],
    ]
