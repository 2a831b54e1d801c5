"""A comparison of `TO_LOWER(x)` and what it is taken to say of `x` agree on every text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.languages.esql.lowered import depends, of_ascii, of_function
from sigmaproof.logic.checks import Matches
from sigmaproof.text.glob import MANY, ONE, Glob

LETTERS = "iI\u0130\u0307sS\u017fkK\u212aaAäÄΣσς."
TEXTS = st.text(LETTERS, max_size=6)
GLOBS = st.lists(st.one_of(st.sampled_from([MANY, ONE]), TEXTS), max_size=5).map(
    lambda parts: Glob.of(*parts)
)
LOWER = GLOBS.map(lambda glob: Glob.of(*(one.lower() if isinstance(one, str) else one for one in glob.parts)))


@given(st.one_of(GLOBS, LOWER), TEXTS)
def test_the_function(glob: Glob, text: str) -> None:
    found = of_function(glob)
    if found is not None:
        assert found.predicate()(text) is Matches(glob).predicate()(text.lower())


@given(LOWER, st.text(LETTERS.replace("\u017f", "").replace("\u212a", ""), max_size=6))
def test_where_it_does_not_matter_how_it_is_asked(glob: Glob, text: str) -> None:
    if not depends(glob):
        asked = of_ascii(glob).predicate()(text)
        assert asked is Matches(glob).predicate()(text.lower())


def test_most_patterns_are_about_the_text_itself() -> None:
    for text in ("wmic.exe", "uni", "process call"):
        for glob in (Glob.of(text), Glob.of(MANY, text), Glob.of(MANY, text, MANY)):
            assert of_function(glob) is not None
    assert not depends(Glob.of(MANY, "\\wmic.exe"))
    assert depends(Glob.of(MANY, "uni", MANY))
