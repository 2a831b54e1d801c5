"""Fixtures: what their cases become, and what is said about the others."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import orjson
import pytest
import yaml

from sigmaproof.load.events import events_of
from sigmaproof.load.fixtures import load_fixture, load_fixtures
from sigmaproof.load.schemas import SCHEMAS, schema_text, write_schemas
from sigmaproof.load.values import START, Case, Difference, Fixtures, Label, Matches
from sigmaproof.load.yaml_text import Flavour, read_yaml

DATA = Path(__file__).parent / "data"
PROBLEMS = yaml.safe_load((DATA / "fixture_problems.yml").read_text(encoding="utf-8"))
ROOT = Path(__file__).parents[2]
SCHEMA = orjson.loads(schema_text(SCHEMAS["fixture.schema.json"]))
EXAMPLES = ROOT / "../shared/examples"


def load(tmp_path: Path, text: str | bytes) -> Fixtures:
    path = tmp_path / "rule_name.yml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_fixture(path)


def cases(tmp_path: Path, text: str | bytes) -> tuple[Case, ...]:
    found = load(tmp_path, text)
    assert found.problems == ()
    return found.fixtures[0].cases


@pytest.mark.parametrize("wanted", PROBLEMS, ids=[wanted["name"] for wanted in PROBLEMS])
def test_problem(tmp_path: Path, wanted: dict[str, object]) -> None:
    found = load(tmp_path, str(wanted["text"]))
    said = [(problem.place.line, problem.message, problem.help) for problem in found.problems]
    assert len(said) == len(wanted["problems"]), said
    for (line, message, remedy), (at, words, hint) in zip(said, wanted["problems"], strict=True):
        assert line == at
        assert words in message
        assert hint in remedy
    assert {problem.code for problem in found.problems} == {"invalid-fixture"}


def test_command_lines_of_a_block(tmp_path: Path) -> None:
    text = """\
event:
  Image: C:\\Windows\\wmic.exe
  Code: no
malicious: |
  # process created on another host
  wmic /node:a process call create "calc.exe"
  "wmic.exe" /NODE:b # not a comment

  #not a note
  %x% @y &z [a] echo a: b
benign: |
  wmic os
"""
    found = cases(tmp_path, text)
    assert [(case.name, case.line, case.note) for case in found] == [
        ("malicious[1]", 6, "process created on another host"),
        ("malicious[2]", 7, "process created on another host"),
        ("malicious[3]", 9, ""),
        ("malicious[4]", 10, ""),
        ("benign[1]", 12, ""),
    ]
    image = {"Image": "C:\\Windows\\wmic.exe", "Code": "no"}
    assert found[1].events == ({**image, "CommandLine": '"wmic.exe" /NODE:b # not a comment'},)
    assert found[1].text == '"wmic.exe" /NODE:b # not a comment'
    assert found[3].events[0]["CommandLine"] == "%x% @y &z [a] echo a: b"
    assert [str(case.matches) for case in found] == ["at least 1"] * 4 + ["0"]


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfmalicious: |\n  a \n", b"malicious: |\r\n  a \r\n", b"malicious: 'a '"]
)
def test_marks_and_line_ends_are_not_text(tmp_path: Path, text: bytes) -> None:
    (case,) = cases(tmp_path, text)
    assert case.events == ({"CommandLine": "a "},)


def test_good_items_stay_beside_bad_ones(tmp_path: Path) -> None:
    found = load(
        tmp_path, "malicious:\n  - good\n  - a: b\n  - better\ncases: [{name: a}]\nbogus: 1\nrule: r\n"
    )
    assert [case.name for case in found.fixtures[0].cases] == ["malicious[1]", "malicious[3]"]
    assert found.fixtures[0].rule == "r"
    assert len(found.problems) == 3


def test_every_key_of_a_case(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/lines.txt").write_text("# a note\nwmic a\n\nwmic b\n", encoding="utf-8")
    text = """\
rule: 526be59f-a573-4eea-b5f7-f0973207634d
event: {Image: wmic.exe}
cases:
  - name: alone
    label: malicious
    why: because
    event: {CommandLine: 12:30:45, Time: 2026-01-01}
    tags: [a, b]
    todo: not undone by the rule
    differs:
      splunk: {kind: upstream, fires: false, reason: asterisk escaped, issue: https://example.org/1}
  - {name: line, label: benign, command_line: wmic}
  - {name: file, label: malicious, file: data/lines.txt, matches: {at_least: 1, at_most: 2}}
  - {name: file2, label: benign, file: data/lines.txt, matches: 0}
"""
    alone, line, file, file2 = cases(tmp_path, text)
    assert alone.events == ({"CommandLine": "12:30:45", "Time": "2026-01-01"},)
    assert (alone.why, alone.todo, alone.tags) == ("because", "not undone by the rule", ("a", "b"))
    assert alone.differs == {
        "splunk": Difference("upstream", False, "asterisk escaped", "https://example.org/1")
    }
    assert (alone.label, alone.line, alone.text) == (Label.MALICIOUS, 4, "- name: alone")
    assert line.events == ({"Image": "wmic.exe", "CommandLine": "wmic"},)
    assert (file.matches, file2.matches) == (Matches(1, 2), Matches(0, 0))
    assert [event["CommandLine"] for event in events_of(file).events] == ["wmic a", "wmic b"]
    assert events_of(file).events[0]["Image"] == "wmic.exe"
    fixture = load(tmp_path, text).fixtures[0]
    assert (fixture.rule, fixture.rule_line) == ("526be59f-a573-4eea-b5f7-f0973207634d", 1)


def test_a_timeline_is_in_time_order(tmp_path: Path) -> None:
    text = """\
cases:
  - name: a
    label: malicious
    start: 2026-05-01T00:00:00+02:00
    events:
      - {at: 1.5m, event: {n: 2}}
      - {at: 0s, repeat: 3, every: 1m, event: {n: 1}}
  - {name: b, label: benign, events: [{at: 500ms, event: {n: 1}}]}
"""
    first, second = cases(tmp_path, text)
    assert first.offsets == (0, 60, 90, 120)
    assert [event["n"] for event in first.events] == [1, 1, 2, 1]
    assert first.start.isoformat() == "2026-04-30T22:00:00+00:00"
    assert (second.offsets, second.start, second.timeline) == ((0.5,), START, True)
    assert fixture_rule(tmp_path) == ("rule_name", 0)


def fixture_rule(tmp_path: Path) -> tuple[str, int]:
    found = load(tmp_path, "malicious: x").fixtures[0]
    return found.rule, found.rule_line


@pytest.mark.parametrize(("count", "inside"), [(0, False), (1, True), (2, True), (3, False)])
def test_matches_are_a_range(count: int, inside: bool) -> None:
    assert (count in Matches(1, 2)) is inside
    assert (count in Matches(1)) is (count > 0)


def test_links_and_pipes_are_refused_and_the_rest_loads(tmp_path: Path) -> None:
    root = tmp_path / "fixtures"
    (root / "data").mkdir(parents=True)
    (tmp_path / "secret.yml").write_text("malicious: secret", encoding="utf-8")
    (tmp_path / "secret.json").write_text('{"a": 1}', encoding="utf-8")
    (root / "link.yml").symlink_to(tmp_path / "secret.yml")
    (root / "folder").symlink_to(tmp_path)
    (root / "data/link.json").symlink_to(tmp_path / "secret.json")
    os.mkfifo(root / "pipe.yml")
    files = [
        {"name": name, "label": "benign", "file": name} for name in ("data/link.json", "folder/secret.json")
    ]
    text = yaml.safe_dump({"malicious": "x", "cases": files})
    (root / "good.yml").write_text(text, encoding="utf-8")
    found = load_fixtures(root)
    assert [case.name for fixture in found.fixtures for case in fixture.cases] == ["malicious[1]"]
    said = [problem.message for problem in found.problems]
    assert sum("symbolic link" in message for message in said) == 5
    assert "this is not an ordinary file" in said
    assert len(said) == 6


def test_an_absent_folder_and_a_large_file_are_problems(tmp_path: Path) -> None:
    (absent,) = load_fixtures(tmp_path / "absent").problems
    assert "no such file or folder" in absent.message
    (large,) = load(tmp_path, b"malicious: |\n" + b"  a\n" * 3_000_000).problems
    assert "larger than 8 MiB" in large.message


def test_an_event_file_without_events_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "empty.ndjson").write_text("\n", encoding="utf-8")
    (case,) = cases(tmp_path, "cases: [{name: a, label: malicious, file: empty.ndjson}]")
    (problem,) = events_of(case).problems
    assert problem.message == "the file holds no event"


def test_the_schemas_are_current(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    for name in SCHEMAS:
        assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == (tmp_path / name).read_text(
            encoding="utf-8"
        )


_ABOUT_KEYS = ("unknown key", "is missing", "not one of", "no cases", "belong", "is empty")


def about_keys(wanted: dict[str, object]) -> bool:
    return any(words in said for _, said, _ in wanted["problems"] for words in _ABOUT_KEYS)


SHAPES = [wanted for wanted in PROBLEMS if wanted["text"].strip(" #nothig\n") and about_keys(wanted)]


@pytest.mark.parametrize("wanted", SHAPES, ids=[wanted["name"] for wanted in SHAPES])
def test_the_schema_refuses_wrong_keys_too(wanted: dict[str, object]) -> None:
    (document,) = read_yaml(str(wanted["text"]), Flavour.CORE)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document.data, SCHEMA)


@pytest.mark.skipif(not EXAMPLES.exists(), reason="needs ../shared/examples")
@pytest.mark.parametrize("path", sorted((EXAMPLES / "fixtures").glob("*.yml")), ids=lambda path: path.stem)
def test_the_examples_fit(path: Path) -> None:
    (document,) = read_yaml(path.read_text(encoding="utf-8"), Flavour.CORE)
    jsonschema.validate(document.data, SCHEMA)
    assert all("no such file" in problem.message for problem in load_fixture(path).problems)
