"""Words of analysed text, runs of OpenSearch's wildcard fields, phrases, and edits."""

from __future__ import annotations

import pytest

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.words import AllValues, Near, Phrase, Words
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.tokens import script_words, short_grams, standard, trigrams

SPLIT = [
    ("C:\\Windows\\System32\\WMIC.exe get", ["c", "windows", "system32", "wmic.exe", "get"]),
    ("foo-bar_baz.qux", ["foo", "bar_baz.qux"]),
    ("user@example.com", ["user", "example.com"]),
    ("x:y a:1 1:2", ["x:y", "a", "1", "1", "2"]),
    ("1,234.5 1;2 a,b", ["1,234.5", "1;2", "a", "b"]),
    ("a.1 1.a A.B.C.", ["a", "1", "1", "a", "a.b.c"]),
    ("don't don’t 'a' a''b", ["don't", "don’t", "a", "a", "b"]),
    ("_a_ __ a＿b", ["_a_", "a＿b"]),
    ("-enc SQBFAFgA==", ["enc", "sqbfafga"]),
    ("2025-01-01T10", ["2025", "01", "01t10"]),
    ("日本 ひら カタカナ 한국어 กขค", ["日", "本", "ひ", "ら", "カタカナ", "한국어", "กขค"]),
    ('א"ב א\' a"b', ['א"ב', "א'", "a", "b"]),
    ("😀👍🏽 👨\u200d👩\u200d👧 🇩🇪🇫🇷 © #", ["😀", "👍🏽", "👨\u200d👩\u200d👧", "🇩🇪", "🇫🇷", "©"]),
    ("É İ ẞ Σ ⓐ ½", ["é", "i", "ß", "σ", "ⓐ"]),
    ("e\u0301x a\u00adb a\u200bb", ["e\u0301x", "a\u00adb", "a", "b"]),
    ("", []),
    (" -- ", []),
    ("t" * 300, ["t" * 255, "t" * 45]),
]


@pytest.mark.parametrize(("text", "words"), SPLIT)
def test_standard(text: str, words: list[str]) -> None:
    assert list(standard(text)) == words


SCRIPT = [
    ("Invoke-Mimikatz -DumpCreds", ["invoke-mimikatz", "-dumpcreds"]),
    ("$a=[Net.WebClient]::new()", ["a", "net", "webclient", "new"]),
    ("it's_é x", ["it", "s_", "x"]),
]


@pytest.mark.parametrize(("text", "words"), SCRIPT)
def test_words_of_powershell_scripts(text: str, words: list[str]) -> None:
    assert list(script_words(text)) == words


def test_runs_of_wildcard_fields() -> None:
    assert trigrams("ab") == ("\0\0a", "\0ab", "ab\0", "b\0\0")
    assert short_grams("ab") == ("\0a", "\0ab", "a", "ab", "ab\0", "b", "b\0")
    assert trigrams("") == short_grams("") == ()
    assert "\0😀" in trigrams("😀")  # two units, which are one letter again where a run holds both


PHRASES = [
    (["a", "b"], 0, "a b", True),
    (["a", "b"], 0, "b a", False),
    (["b", "a"], 1, "a b", False),
    (["b", "a"], 2, "a b", True),
    (["a", "c"], 1, "a b c", True),
    (["a", "d"], 1, "a b c d", False),
    (["a", "b", "c"], 0, "a b a b c", True),
]


@pytest.mark.parametrize(("words", "slop", "text", "found"), PHRASES)
def test_phrases(words: list[str], slop: int, text: str, found: bool) -> None:
    phrase = Phrase(tuple(Matches(Glob.of(word)) for word in words), slop)
    assert phrase.predicate()(text) is found


def test_a_phrase_crosses_values_only_over_the_gap() -> None:
    cell = AllValues("f").cell({"f": ("a", "b")}.get)
    assert cell is not None
    for slop, found in ((99, False), (100, True)):
        assert Phrase((Matches(Glob.of("a")), Matches(Glob.of("b"))), slop).predicate()(cell[0]) is found


def test_words_and_null() -> None:
    holds = Words(Matches(Glob.of("a"))).predicate()
    assert holds("x A-y")
    assert not holds("ab")
    assert not holds(None)
    assert not Phrase((Matches(Glob.of("a")),)).predicate()(None)


NEAR = [
    ("wmic", 1, "wmid", True),
    ("wmic", 1, "wmi", True),
    ("wmic", 1, "wmicx", True),
    ("wmic", 1, "mwic", True),
    ("wmic", 1, "wimc", True),
    ("wmic", 1, "cmiw", False),
    ("wmic", 0, "wmic", True),
    ("ab", 2, "", True),
    ("abcdef", 2, "abdcfe", True),
    ("abcdef", 2, "badcfe", False),
]


@pytest.mark.parametrize(("text", "edits", "value", "found"), NEAR)
def test_edits(text: str, edits: int, value: str, found: bool) -> None:
    assert Near(text, edits).predicate()(value) is found


def test_edits_after_a_prefix_and_with_folding() -> None:
    assert not Near("wmic", 1, prefix=2).predicate()("xmic")
    assert Near("wmic", 1, fold=Fold.LOWER).predicate()("WMIK")
    assert not Near("x" * 30_000, 2).predicate()("y" * 30_000)
