"""Text of others in every format: it says what it says, and does nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import report_of

from sigmaproof.logic.explain import Trace
from sigmaproof.report import FORMATS, View, renderer
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import Paint, harmless
from sigmaproof.report.trace import trace_lines

SHOWN = [
    ("plain", "plain"),
    ("Grüße, мир, 世界 ✓", "Grüße, мир, 世界 ✓"),
    ("C:\\Windows\\x1b", "C:\\Windows\\x1b"),
    ("\x1b[2J\x1b[31mred", "\\x1b[2J\\x1b[31mred"),
    ("\x9b31m", "\\x9b31m"),
    ("one\rtwo", "one\\rtwo"),
    ("a\tb", "a\\tb"),
    ("bell\x07 back\x08 null\0", "bell\\x07 back\\x08 null\\x00"),
    ("link \x1b]8;;https://x\x1b\\y", "link \\x1b]8;;https://x\\x1b\\y"),
    ("exe.\u202egpj", "exe.\\u202egpj"),
    ("\u2066a\u2069\u200e\u061c", "\\u2066a\\u2069\\u200e\\u061c"),
    ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
    ("no\xa0break", "no\\xa0break"),
    ("line\u2028end\x85", "line\\u2028end\\x85"),
    ("half \ud800", "half \\ud800"),
    ("tag \U000e0041", "tag \\U000e0041"),
    ("two\nlines", "two\\nlines"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_is_shown(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_lines_stay_where_they_are_wanted() -> None:
    assert harmless("two\nlines\r\n\x1b", lines=True) == "two\nlines\\r\n\\x1b"


def test_long_text_is_cut_before_it_is_escaped() -> None:
    assert harmless("x" * 10, 10) == "x" * 10
    assert harmless("x" * 11, 10) == "x" * 9 + "…"
    assert harmless("\x1b" * 9, 3) == "\\x1b\\x1b…"


@given(st.text(), st.one_of(st.none(), st.integers(1, 20)))
def test_nothing_that_steers_a_terminal_is_left(text: str, most: int | None) -> None:
    shown = harmless(text, most)
    assert shown.isprintable()
    assert harmless(shown) == shown
    shown.encode("utf-8")


HOSTILE = [text for text, shown in SHOWN if text != shown]
EVERYTHING = "::error file=x::y\n##[error]" + "".join(HOSTILE) + "</failure>]]>&\"'%0A"


def lines_of(form: str, words: str) -> Iterator[str]:
    """A report line by line, as a terminal or a CI server reads it; our own colours removed."""
    text = renderer(form)(report_of(words), View(verbose=True, color=form == "console", seconds=0.1))
    for line in text.split("\n"):
        yield re.sub(r"\x1b\[[0-9;]*m", "", line) if form == "console" else line


@pytest.mark.parametrize("form", ["console", "github"])
@pytest.mark.parametrize("words", [*HOSTILE, EVERYTHING], ids=ascii)
def test_reports_for_people(form: str, words: str) -> None:
    for line in lines_of(form, words):
        assert line.isprintable(), ascii(line)


def test_no_line_of_others_is_a_command_to_github() -> None:
    """In the log of a workflow, a line that begins with `::` or holds `##[` at its start is an order."""
    for words in ("::error::x", "x\n::error::x", "x\r\n##[command]rm"):
        ours = [line for line in lines_of("github", words) if not re.match(r"::(error|notice) ", line)]
        assert ours == []
        assert all(line.count("::") >= 2 for line in lines_of("github", words))


GITHUB = re.compile(r"::(?P<level>error|notice) (?P<properties>[^:]*)::(?P<message>.*)")


@pytest.mark.parametrize("words", [*HOSTILE, EVERYTHING, "a,b:c%"], ids=ascii)
def test_github_annotations_are_one_line_each(words: str) -> None:
    lines = list(lines_of("github", words))
    assert len(lines) == 2 + 1 + 3
    for line in lines:
        found = GITHUB.fullmatch(line)
        assert found, line
        names = [pair.partition("=")[0] for pair in found["properties"].split(",")]
        assert names in (["file", "line", "title"], ["title"])
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", line)


@pytest.mark.parametrize("words", [*HOSTILE, EVERYTHING], ids=ascii)
def test_junit_is_xml(words: str) -> None:
    text = "\n".join(lines_of("junit", words))
    root = ElementTree.fromstring(text.encode("utf-8"))
    suite, loading = root.findall("testsuite")
    facts = ("tests", "failures", "errors", "skipped")
    assert [suite.get(fact) for fact in facts] == ["5", "1", "2", "1"]
    assert [loading.get(fact) for fact in facts] == ["2", "0", "2", "0"]
    assert [len(case) for case in suite] == [0, 1, 1, 1, 1]


@given(st.text(st.characters(), max_size=8))
def test_every_format_takes_every_text(words: str) -> None:
    words = words.replace("/", "-") or "-"
    for form in FORMATS:
        text = renderer(form)(report_of(words), View(verbose=True))
        text.encode("utf-8")
        if form == "json":
            json.loads(text)
        if form == "junit":
            ElementTree.fromstring(text.encode("utf-8"))


def test_long_words_are_cut_in_reports_and_kept_in_json() -> None:
    words = "x" * 5_000
    assert max(map(len, lines_of("console", words.replace("x", "y")))) < 12_000
    assert json.loads(renderer("json")(report_of(words), View()))["results"][0]["case"] == words


def test_traces_cut_long_labels_and_values() -> None:
    regex = "CommandLine|re '" + "(a|b)" * 1_000 + "'"
    trace = Trace(True, "label", regex, children=(Trace(True, "test", "CommandLine", ("v" * 5_000,)),))
    (line,) = trace_lines(trace, Paint())
    assert len(line) < 350
    assert line.count("…") == 2


def test_problems_are_harmless() -> None:
    for problem in report_of(EVERYTHING).problems:
        for line in "\n".join(problem_lines(problem, Paint())).split("\n"):
            assert line.isprintable()
