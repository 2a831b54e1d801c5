"""Where a query asks for a value's lower case, it asks for what Sigma means, however lower case is made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.convert.letters import lower_case_is_enough
from sigmaproof.logic.checks import Matches
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob

LETTERS = "iI\u0130\u0307ıaAbtTäÄ."
"""Without s and k, of which Unicode has other spellings."""
TEXTS = st.text(LETTERS, max_size=6)
GLOBS = st.lists(st.one_of(st.sampled_from([MANY, ONE]), TEXTS), max_size=5).map(
    lambda parts: Glob.of(*parts)
)


@given(GLOBS, TEXTS)
def test_lower_case(glob: Glob, text: str) -> None:
    if not lower_case_is_enough(glob):
        return
    meant = Matches(glob, Fold.SIMPLE).predicate()(text)
    lower = Matches(glob.folded(Fold.ASCII))
    assert lower.predicate()(text.lower()) is meant
    assert Matches(glob, Fold.ASCII).predicate()(text) is meant


@pytest.mark.parametrize(
    ("glob", "enough"),
    [
        (Glob.of(MANY, "\\wmic.exe"), True),
        (Glob.of(MANY, "unit", MANY), True),
        (Glob.of(MANY, "UNI", MANY), False),
        (Glob.of("uni"), True),
        (Glob.of("a", ONE), False),
        (Glob.of("ä"), False),
    ],
)
def test_patterns(glob: Glob, enough: bool) -> None:
    assert lower_case_is_enough(glob) is enough
