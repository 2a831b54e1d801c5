"""Patterns of the Perl family: by example, and as Python's `re` says where the two agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sigmaproof.text.match import regex_matcher
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import RegexError, RegexTooLarge, UnsupportedRegex, search

SIGMA, PCRE, JAVA = Dialect.SIGMA, Dialect.PCRE, Dialect.JAVA
ALL = (SIGMA, PCRE, JAVA)


def finds(pattern: str, text: str, dialect: Dialect = SIGMA, **flags: bool) -> bool:
    return regex_matcher(search(parse(pattern, dialect=dialect, **flags)))(text)


FOUND = [
    (ALL, r"b[cd]e", "abceX", True),
    (ALL, r"abc", "ABC", False),
    (ALL, r"(?i)abc", "ABC", True),
    (ALL, r"a(?i)b", "aB", True),
    (ALL, r"a(?i)b", "AB", False),
    (ALL, r"(a(?i)b|c)D", "CD", True),
    (ALL, r"(a(?i)b|c)D", "Cd", False),
    (ALL, r"(?i:a)b", "Ab", True),
    (ALL, r"(?i:a)b", "AB", False),
    (ALL, r"(?i)a(?-i)b", "AB", False),
    (ALL, r"(?s)a.b", "a\nb", True),
    (ALL, r"a.b", "a\nb", False),
    (ALL, r"(?m)^b$", "a\nb\nc", True),
    (ALL, r"^b$", "a\nb\nc", False),
    ((SIGMA,), r"b$", "b\n", False),
    ((PCRE, JAVA), r"b$", "b\n", True),
    (ALL, r"b\z", "b\n", False),
    (ALL, r"b\Z", "b\n", True),
    (ALL, r"b\Z", "b\n\n", False),
    (ALL, r"\Ab", "ab", False),
    ((SIGMA, PCRE), r"a.b", "a\rb", True),
    ((JAVA,), r"a.b", "a\rb", False),
    (ALL, r"\d", "٣", False),
    (ALL, r"\w", "é", False),
    (ALL, r"\s", "\v", True),
    (ALL, r"\s", "\xa0", False),
    (ALL, r"\bé", "aé", True),
    ((SIGMA, PCRE), r"(?i)k", "\u212a", True),
    ((JAVA,), r"(?i)k", "\u212a", False),
    ((JAVA,), r"(?iu)k", "\u212a", True),
    (ALL, r"(?i)\w", "\u212a", False),
    ((SIGMA, PCRE), r"(?i)[j-l]", "\u212a", True),
    ((SIGMA, PCRE), r"(?i)[^j-l]", "\u212a", False),
    (ALL, r"[]a]+x", "]ax", True),
    (ALL, r"[^]a]", "]a", False),
    (ALL, r"[a\]]", "]", True),
    (ALL, r"[\w-]+!", "a-b!", True),
    (ALL, r"^[\w-.]+$", "a-b.c", True),
    (ALL, r"^[a-]$", "-", True),
    (ALL, r"^[-a]$", "-", True),
    (ALL, r"[\d\s]", " ", True),
    (ALL, r"^[^\W]$", "_", True),
    ((SIGMA, PCRE), r"^[[:alpha:]]+$", "abC", True),
    ((SIGMA, PCRE), r"^[[:^alpha:]]+$", "12", True),
    ((SIGMA, PCRE), r"^(?i)[[:upper:]]+$", "ab", True),
    ((SIGMA, PCRE), r"[[:]", ":", True),
    ((SIGMA, PCRE), r"^[\b]$", "\b", True),
    ((SIGMA, PCRE), r"a{,3}", "a{,3}", True),
    ((SIGMA, PCRE), r"^{}$", "{}", True),
    ((SIGMA, PCRE), r"x{a}", "x{a}", True),
    (ALL, r"^a{2,3}$", "aaaa", False),
    (ALL, r"^a{2,}$", "aaaa", True),
    (ALL, r"^a{0}$", "", True),
    (ALL, r"a+?b*?c??", "a", True),
    (ALL, r"\x41\t\n\r\f\a\e", "A\t\n\r\f\a\x1b", True),
    (ALL, r"\x{1F600}", "😀", True),
    ((SIGMA, JAVA), r"\u0041", "A", True),
    ((SIGMA,), r"^\v$", "\v", True),
    ((PCRE, JAVA), r"^\v$", "\u2028", True),
    ((PCRE, JAVA), r"^\h$", "\xa0", True),
    ((PCRE,), r"^\N$", "\n", False),
    ((PCRE, JAVA), r"^\cA$", "\x01", True),
    (ALL, r"\Q.*\Ex", ".*x", True),
    (ALL, r"\Qab\E+c", "abbc", True),
    (ALL, r"\Q.*", ".*", True),
    (ALL, r"\p{Lu}\pL", "Éé", True),
    (ALL, r"\P{L}", "é", False),
    ((SIGMA, PCRE), r"\p{^L}", "é", False),
    ((JAVA,), r"^\p{Alpha}$", "é", False),
    ((SIGMA, PCRE), r"(?P<n>a)(?<m>b)", "ab", True),
    ((SIGMA, PCRE), r"a(?#note)b", "ab", True),
    (ALL, "(?x) a b # note\n c", "abc", True),
    (ALL, r"(?:a|b|)c", "c", True),
    (ALL, r"(|a)", "", True),
    (ALL, r"", "x", True),
    (ALL, r"\/\-\_\.\:\"\'\<\ ", "/-_.:\"'< ", True),
    (ALL, r"^[^\s\S]$", "a", False),
    (ALL, "\\\n", "\n", True),
]


@pytest.mark.parametrize(
    ("dialect", "pattern", "text", "expected"),
    [(dialect, *rest) for dialects, *rest in FOUND for dialect in dialects],
)
def test_finds(dialect, pattern, text, expected):
    assert finds(pattern, text, dialect) is expected


def test_flags_from_outside():
    assert finds("^A.b$", "x\na\nB\ny", ignore_case=True, multiline=True, dotall=True)
    assert not finds("^A.b$", "x\na\nB\ny", ignore_case=True, multiline=True)
    assert not finds("(?-i)A", "a", ignore_case=True)


POSSESSIVE = [
    (r'"[^"]*+"', True),
    (r'"(?<x>[^"]*+)"', True),
    (r"\d++\s", True),
    (r"a\d{2,4}+$", True),
    (r"(?:ab)++c", True),
    (r"x(?>abc)d", True),
    (r"x(?>\d+)\.", True),
    (r"(?:\d++,)*x", True),
    (r"\d++", True),
    (r"(x|\d++)", True),
    (r"\d++\d", False),
    (r"\d++\w", False),
    (r"(?>a|ab)c", False),
    (r"(?:a|ab)++c", False),
    (r"\d++\b", False),
    (r"(?:\d++)*x", False),
    (r"(?:\d++)1", False),
    (r"(?>\d+)+1", False),
    (r"(?>\d+?)a", False),
    (r".*+\n?x", False),
]


@pytest.mark.parametrize(("pattern", "same"), POSSESSIVE)
def test_possessive_only_where_it_changes_nothing(pattern, same):
    if not same:
        with pytest.raises(UnsupportedRegex):
            parse(pattern, dialect=PCRE)
        return
    greedy = re.sub(r"([+*}])\+", r"\1", pattern).replace("(?>", "(?:")
    assert parse(pattern, dialect=PCRE) == parse(greedy, dialect=PCRE)


UNSUPPORTED = [
    (ALL, r"a(?=b)", 1, "look-ahead"),
    (ALL, r"a(?!b)", 1, "negative look-ahead"),
    (ALL, r"(?<=a)b", 0, "look-behind"),
    (ALL, r"(?<!a)b", 0, "negative look-behind"),
    (ALL, r"(a)\1", 3, "back-reference"),
    (ALL, r"(?<n>a)\k<n>", 7, "back-reference"),
    ((SIGMA, PCRE), r"(?P<n>a)(?P=n)", 8, "back-reference"),
    ((PCRE,), r"a(?R)?", 1, "recursion"),
    ((PCRE,), r"(a(?1)?)", 2, "recursion"),
    ((PCRE,), r"(a)(?(1)b|c)", 3, "conditional"),
    ((PCRE,), r"(?|a|b)", 0, "branch reset"),
    ((PCRE,), r"(*UTF8)a", 0, "verb"),
    ((PCRE,), r"a\Kb", 1, r"\K"),
    ((PCRE, JAVA), r"\R", 0, r"\R"),
    ((PCRE, JAVA), r"\X", 0, r"\X"),
    (ALL, r"\p{Greek}", 0, r"\p{Greek}"),
    ((JAVA,), r"[a-z&&[^b]]", 4, "class operation"),
]


@pytest.mark.parametrize(
    ("dialect", "pattern", "offset", "name"),
    [(dialect, *rest) for dialects, *rest in UNSUPPORTED for dialect in dialects],
)
def test_unsupported(dialect, pattern, offset, name):
    with pytest.raises(UnsupportedRegex) as caught:
        parse(pattern, dialect=dialect)
    assert caught.value.message.startswith(f"{name}: ")
    assert caught.value.offset == offset


BROKEN = [
    (ALL, "(a", 0),
    (ALL, "a)", 1),
    (ALL, "[a", 0),
    (ALL, "[]", 0),
    (ALL, "[z-a]", 1),
    (ALL, r"[a-\d]", 1),
    (ALL, "*a", 0),
    (ALL, "a**", 2),
    (ALL, "a{2}{3}", 4),
    (ALL, "a|*", 2),
    (ALL, "^*", 1),
    (ALL, "a{3,2}", 1),
    (ALL, "a{70000}", 1),
    (ALL, "a\\", 2),
    (ALL, r"\y", 0),
    (ALL, r"\x{110000}", 0),
    (ALL, r"\x{zz}", 0),
    ((SIGMA, JAVA), r"\x4", 0),
    ((SIGMA, JAVA), r"\u12", 0),
    ((PCRE,), r"\u0041", 0),
    ((SIGMA, PCRE), "[[:alfa:]]", 1),
    (ALL, "(?<n>a)(?<n>b)", 7),
    (ALL, "(?<1>a)", 0),
    (ALL, "(?z)a", 0),
    (ALL, "(?", 2),
    ((JAVA,), "{", 0),
    ((SIGMA,), r"\ca", 0),
]


@pytest.mark.parametrize(
    ("dialect", "pattern", "offset"),
    [(dialect, *rest) for dialects, *rest in BROKEN for dialect in dialects],
)
def test_broken(dialect, pattern, offset):
    with pytest.raises(RegexError) as caught:
        parse(pattern, dialect=dialect)
    assert not isinstance(caught.value, UnsupportedRegex)
    assert caught.value.offset == offset


@pytest.mark.parametrize("pattern", ["(" * 5000 + "a" + ")" * 5000, "a" * 100_000, "(?:" * 61 + ")" * 61])
def test_hostile_sizes_are_refused(pattern):
    with pytest.raises(RegexTooLarge):
        parse(pattern)


def test_the_deepest_pattern_runs():
    pattern = "(a|b" * 59 + "c" + ")*d" * 59
    assert regex_matcher(search(parse(pattern)))("ab" * 59 + "c" + "d" * 59)


atoms = st.sampled_from(
    ["a", "b", "k", "1", " ", r"\n", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", r"\.", r"\x41", "é",
     "[ab]", "[^a]", r"[\w-]", r"[^\s\d]", "[a-k]", "[]b]", "😀", r"\\", "{", "]", "}"]
)  # fmt: skip
anchors = st.sampled_from(["^", "$", r"\b", r"\B", r"\A"])
quantifiers = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "??"])


def _grown(inner):
    group = st.builds("{0}{1})".format, st.sampled_from(["(", "(?:", "(?i:", "(?s:", "(?m:"]), inner)
    return st.one_of(
        st.builds("{0}{1}".format, atoms | group, quantifiers),
        st.lists(inner | anchors, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
        group,
    )


patterns = st.recursive(atoms | anchors, _grown, max_leaves=8)


@given(patterns, st.text("abkK1 \nAé😀\\{]", max_size=6))
@settings(max_examples=200, deadline=None)
def test_same_as_python(pattern, text):
    assume(text or r"\B" not in pattern)  # for Python, \B is not in the empty text
    try:
        expected = re.compile(pattern, re.ASCII).search(text) is not None
    except re.error:
        assume(False)
    assert finds(pattern, text, PCRE) is expected


@given(st.text("akKsSſ\u212aßẞéÉςσΣ", min_size=1, max_size=3), st.text("akKsSſ\u212aßẞéÉςσΣ", max_size=4))
def test_ignoring_case_as_python_does(word, text):
    for pattern in (word, f"[{word}]", f"[^{word}]"):
        expected = re.search(pattern, text, re.IGNORECASE) is not None
        assert finds(pattern, text, ignore_case=True) is expected


@given(st.text(r"ab()[]{}*+?|^$\\.-:=!<>,12dwpPQE", max_size=12), st.sampled_from(ALL))
@settings(max_examples=300, deadline=None)
def test_any_text_parses_or_is_an_error_at_a_place_in_it(pattern, dialect):
    assert 0 <= error_offset(pattern, dialect) <= len(pattern)


def error_offset(pattern: str, dialect: Dialect) -> int:
    try:
        regex_matcher(search(parse(pattern, dialect=dialect)))("ab(1")
    except RegexError as error:
        return error.offset
    return 0


CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "sigmahq"
SAMPLES = (
    'cmd.exe /c "set abc=^x&&call %abc%"',
    "C:\\Windows\\System32\\foo.exe -F x",
    "powershell -enc JABz; $a=[char]65+[char]66",
    "https://10.0.0.1/a.bin?x=1",
    "é\u212a",
    "",
)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no SigmaHQ rules beside the repository")
def test_published_rules_mean_what_python_says():
    lines = re.compile(r"\|re(?:\|[a-z]+)*: '(.*)'(?: *#.*)?$", re.MULTILINE)
    found = {
        pattern.replace("''", "'")
        for path in CORPUS.rglob("*.yml")
        for pattern in lines.findall(path.read_text(encoding="utf-8"))
    }
    assert len(found) > 50
    for pattern in found:
        matches, expected = regex_matcher(search(parse(pattern))), re.compile(pattern, re.ASCII)
        assert [matches(text) for text in SAMPLES] == [expected.search(text) is not None for text in SAMPLES]
