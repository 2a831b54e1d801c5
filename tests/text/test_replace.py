"""Replacing matches, against `re` where the two agree by design."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.replace import replacer


@pytest.mark.parametrize("pattern", ["a", "[ab]+", "b$", "^a|b$", "(a)(b)?", "a*?b", r"\s+\Z"])
@given(text=st.text("aébc\n ", max_size=8), new=st.sampled_from(["", "x", r"<\g<0>>", "日"]))
def test_as_re_does(pattern: str, text: str, new: str) -> None:
    if "$" in pattern and text.endswith("\n"):
        return  # Python's search goes on behind that newline in a way of its own
    replace = replacer(parse(pattern, dialect=Dialect.PCRE))
    pattern = pattern.replace(r"\Z", r"(?=\n?\Z)")
    assert replace(text, new.replace(r"\g<0>", r"\0"), 0) == re.sub(pattern, new, text)


@pytest.mark.parametrize(
    ("pattern", "text", "new", "most", "expected"),
    [
        ("$", "ab\n", "!", 1, "ab!\n"),
        ("b$", "a\nb\n", "c", 0, "a\nc\n"),
        ("", "日é", "-", 0, "-日-é-"),
        ("(a)|(b)", "ab", r"[\1\2]", 0, "[a][b]"),
        ("(a)", "ab", r"\10\9", 0, "a0b"),
        ("a", "aaa", "x", 2, "xxa"),
        ("a$", "\udbff\na", "x", 0, "\udbff\nx"),
        ("a", "\ud800a", "x", 0, "\ud800x"),
    ],
)
def test_edges(pattern: str, text: str, new: str, most: int, expected: str) -> None:
    assert replacer(parse(pattern, dialect=Dialect.PCRE))(text, new, most) == expected
