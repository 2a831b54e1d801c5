"""Cases that are written: read back as they were meant, and nothing else of the file changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.load.case_text import NewCase, NotWritable, case_lines, scalar, with_cases
from sigmaproof.load.fixtures import load_fixture
from sigmaproof.load.values import Label
from sigmaproof.load.yaml_text import Flavour, read_yaml

CASE = NewCase("caught with sel: A → B", Label.BENIGN, {"Image": "C:\\x.exe", "EventID": 1})
BLOCK = "malicious: |\n  wmic\n"
LISTED = "cases:\n  - name: one\n    label: benign\n    command_line: x  # why not\n"
FILES = {
    "command lines only": BLOCK,
    "no newline at the end": "malicious: |\n  wmic",
    "cases at the end": LISTED,
    "cases in the middle": f"{LISTED}\n# about what follows\n{BLOCK}",
    "a comment at the end": f"{LISTED}  # no more\n",
    "list at the margin": "cases:\n- name: one\n  label: benign\n  command_line: x\n",
    "list far to the right": "cases:\n      - name: one\n        label: benign\n        command_line: x\n",
    "a block in a case": LISTED.replace("  # why not", "\n    why: |\n      # text"),
    "Windows lines": LISTED.replace("\n", "\r\n"),
    "a mark at the start": f"# café\n{LISTED}",
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.one_of(texts, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=4,
)


def read(text: str) -> Any:
    (document,) = read_yaml(text, Flavour.CORE)
    return document.data


@given(values)
def test_values_are_read_as_they_were(value: Any) -> None:
    written = scalar(value)
    assert "\n" not in written
    assert read(f"a: {written}\nb: 1\n") == {"a": value, "b": 1}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("wmic.exe", "wmic.exe"),
        ("C:\\Windows\\a b.exe", "C:\\Windows\\a b.exe"),
        ("no", "'no'"),
        ("it's", "'it''s'"),
        ("a: b", "'a: b'"),
        ("1", "'1'"),
        ("", "''"),
        (" a", "' a'"),
        ("a\tb\u202e", '"a\\tb\\u202e"'),
        (1, "1"),
        (None, "null"),
        (["a", 1, {"b c": "d e", "f": "no", "g": "a,b"}], "[a, 1, {'b c': 'd e', f: 'no', g: 'a,b'}]"),
    ],
)
def test_values_are_written_as_a_person_would(value: Any, written: str) -> None:
    assert scalar(value) == written


@given(st.dictionaries(texts.filter(bool), values, min_size=1, max_size=3), texts.filter(bool))
def test_a_case_is_read_as_it_was_meant(event: dict[str, Any], name: str) -> None:
    case = NewCase(name, Label.MALICIOUS, event)
    text = "\n".join(["cases:", *case_lines(case), ""])
    assert read(text)["cases"] == [case.data]


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_cases_join_a_file_that_keeps_every_byte(text: str, tmp_path: Path) -> None:
    after = with_cases(text, [CASE])
    rest = iter(after)
    assert all(char in rest for char in text)
    added = [line for line in after.splitlines(keepends=True) if line not in text.splitlines(keepends=True)]
    assert len(added) <= len(after.splitlines()) - len(text.splitlines()) + (not text.endswith("\n"))
    path = tmp_path / "f.yml"
    path.write_bytes(after.encode())
    found = load_fixture(path)
    assert not found.problems
    (fixture,) = found.fixtures
    assert fixture.cases[-1].name == CASE.name
    assert fixture.cases[-1].label is Label.BENIGN
    assert fixture.cases[-1].tags == ("review",)
    assert fixture.cases[-1].events == (CASE.event,)
    assert ("\r\n" in after) == ("\r\n" in text)


def test_a_case_stands_behind_the_others() -> None:
    after = with_cases(FILES["cases in the middle"], [CASE])
    head, added, tail = after.partition("  - name: 'caught with")
    assert added
    assert head == LISTED
    assert tail.endswith(f"\n\n# about what follows\n{BLOCK}")


@pytest.mark.parametrize(
    "text",
    [
        "{cases: [{name: one, label: benign, command_line: x}]}\n",
        "cases: [{name: one, label: benign, command_line: x}]\n",
        f"{LISTED}...\n",
        f"{BLOCK}...\n",
    ],
)
def test_what_leaves_no_place_is_refused(text: str) -> None:
    with pytest.raises(NotWritable):
        with_cases(text, [CASE])
