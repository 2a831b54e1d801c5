"""Languages of patterns: the texts that Python's `re` finds the pattern in, and no others."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.logic.prove.machines import runner
from sigmaproof.logic.prove.texts import languages
from sigmaproof.text.fold import Fold
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import ANY_TEXT, Concat

PATTERNS = [
    r"(^|/)\.[^./]",
    r"(^a.*|b)",
    r"(?:^|x)a",
    r"a(?:$|/)",
    r"(a$|^b|/)\.?",
    r"((^a)?b|x$)",
    r"(^|a)(b|$)",
    r"(?:\ba|b\b)x?",
    r"(^a|(^b|x)a)",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_search(pattern: str) -> None:
    found = languages(Concat((ANY_TEXT, parse(pattern), ANY_TEXT)), Fold.EXACT)

    @given(st.text("abx/.", max_size=6))
    def same(text: str) -> None:
        assert any(runner(one).contains(text) for one in found) is (re.search(pattern, text) is not None)

    same()
