"""What groups hold: by example, and as Python's `re` says."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.text.capture import capture, capture_all
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import Complement, RegexTooLarge, UnsupportedRegex

FIRST = [
    (r"(?<file>[^\\]+)$", "C:\\x\\é.exe", {"file": "é.exe"}),
    (r"(?<file>[^\\\n]+)$", "C:\\x\\é.exe\n", {"file": "é.exe"}),
    (r"(?<a>.+)$", "x\nb\n", {"a": "b"}),
    (r"(?<a>a)|(?<b>b)", "xb", {"b": "b"}),
    (r"(?<a>a*)b", "b", {"a": ""}),
    (r"(?<a>a+?)(?<rest>a*)", "aaa", {"a": "a", "rest": "aa"}),
    (r"(?<a>a|ab)(?<b>c|bcd)?", "abcd", {"a": "a", "b": "bcd"}),
    (r"(?:(?<a>\d),?)+", "1,2,3", {"a": "3"}),
    (r"(x)(?<a>y)", "xy", {"a": "y"}),
    (r"(?<u>\w+)@(?<d>[\w.]+)", "mail to 😀 bob@example.org", {"u": "bob", "d": "example.org"}),
    (r"(?<a>.)b", "\ud800b", {"a": "\ud800"}),
    (r"(?i)user=(?<user>\S+)", "USER=É x", {"user": "É"}),
    (r"(?<a>\n)", "a\n", {"a": "\n"}),
    (r"(?<a>\s+)b$", "a \n b\n", {"a": " \n "}),
    (r"a", "a", {}),
    (r"(?<a>x)", "y", None),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), FIRST)
def test_first_match(pattern, text, expected):
    assert capture(parse(pattern, dialect=Dialect.PCRE))(text) == expected


EVERY = [
    (r"(?<w>\w+)", "aé bc", ["a", "bc"]),
    (r"(?<w>\w*)", "é", ["", ""]),
    (r"(?<w>.*)$", "a\nb\n", ["b", ""]),
    (r"(?<w>a)", "", []),
    (r"(?<w>\B)", "aéa", []),
    (r"(?<k>\w+)=", "a=1 b=2", ["a", "b"]),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), EVERY)
def test_every_match(pattern, text, expected):
    found = capture_all(parse(pattern, dialect=Dialect.PCRE))(text)
    assert [value for match in found for value in match.values()] == expected


pieces = st.sampled_from(
    [
        "a",
        "b",
        ".",
        r"\w",
        r"\s",
        "[^a]",
        "a+",
        "b*?",
        r"\w+?",
        ".*",
        "(?P<x>a+)",
        "(?P<y>[^b]*)",
        "(?P<z>b|ba|ab)",
    ]
)
patterns = st.lists(pieces, min_size=1, max_size=5).map("".join)


@given(patterns, st.sampled_from(["", "$", r"\b"]), st.text("ab\né ", max_size=8))
@settings(max_examples=300, deadline=None)
def test_as_python_captures(pattern, end, text):
    try:
        expected = re.compile(pattern + end, re.ASCII).search(text)
    except re.error:  # a name twice
        return
    found = capture(parse(pattern + end, dialect=Dialect.PCRE))(text)
    present = None if expected is None else {n: v for n, v in expected.groupdict().items() if v is not None}
    assert found == present


def test_what_cannot_be_captured_is_refused():
    with pytest.raises(UnsupportedRegex):
        capture(parse(r"(?m)^(?<a>x)\Z", dialect=Dialect.PCRE))
    with pytest.raises(UnsupportedRegex):
        capture(Complement(parse("(?<a>x)")))
    with pytest.raises(RegexTooLarge):
        capture(parse(r"(?<a>((x{60000}y){60000}z){60000})"))
