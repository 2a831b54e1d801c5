"""The JSON report against its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from reports import report_of

from sigmaproof.config import Config
from sigmaproof.judge.select import selection
from sigmaproof.judge.suite import run_suite
from sigmaproof.judge.verdicts import Code, Status, Verdict
from sigmaproof.load.values import Label
from sigmaproof.logic.explain import Reason
from sigmaproof.report import View
from sigmaproof.report.json import VERSION, document, json_text, render
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def flaws(report: Any) -> list[str]:
    return [f"{flaw.json_path}: {flaw.message[:200]}" for flaw in VALIDATOR.iter_errors(report)]


def sample(*targets: str, expression: str = "", rules: Path = SAMPLE / "sigma_rules") -> Any:
    config = Config(root=SAMPLE).overridden(rules=[rules], fixtures=[], converters=None, targets=targets)
    return json.loads(render(run_suite(Workspace(config), selection(expression)), View()))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_every_object_is_closed() -> None:
    """A key that is not in the schema is a mistake in one of the two."""
    objects = [SCHEMA, SCHEMA["properties"]["summary"], *SCHEMA["$defs"].values()]
    for one in objects:
        if one.get("type") == "object":
            assert one.get("additionalProperties") is False, one


EXPRESSIONS = ["", "whoami", "caret or mixed", "malicious[3]::elastic", "nothing_like_it", "not sigma"]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_real_reports(expression: str) -> None:
    assert flaws(sample(expression=expression)) == []


def test_a_report_of_what_did_not_load(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text("title: x\n")
    report = sample(rules=tmp_path)
    assert flaws(report) == []
    assert report["problems"]
    assert report["summary"]["exit_code"] == 2


@pytest.mark.parametrize("words", ["x", "\x1b\ud800", "\u202e"])
def test_made_reports(words: str) -> None:
    assert flaws(json.loads(render(report_of(words), View()))) == []


EVENTS: list[dict[Any, Any]] = [
    {},
    {"a": None, "b": "", "c": [], "d": {}},
    {"a": [1, None, [2, {"b": [True]}]]},
    {"a": 2**70, "b": -(2**70), "c": 1.5},
    {"a": {1: "x", None: "y", 1.5: "z"}},
    {"a": "\ud800"},
    {"a": Path("x")},
]


@pytest.mark.parametrize("event", EVENTS, ids=ascii)
def test_any_event_can_be_reported(event: dict[Any, Any]) -> None:
    report = json.loads(render(report_of("x", event), View()))
    assert flaws(report) == []
    (shown,) = (one["difference"]["event"] for one in report["results"] if "difference" in one)
    assert shown.keys() == event.keys()
    if "c" in event and isinstance(event["a"], int):
        assert shown == event


def test_the_same_run_gives_the_same_bytes() -> None:
    assert json_text(sample()) == json_text(sample())


WORDS = [
    ("$defs.status.enum", Status),
    ("$defs.result.properties.verdict.enum", Verdict),
    ("$defs.result.properties.code.enum", Code),
    ("$defs.result.properties.label.enum", Label),
    ("$defs.trace.properties.reason.enum", Reason),
]


@pytest.mark.parametrize(("path", "words"), WORDS)
def test_the_words_are_those_of_the_code(path: str, words: Any) -> None:
    found: Any = SCHEMA
    for key in path.split("."):
        found = found[key]
    assert found == [word.value for word in words]


def test_the_version() -> None:
    assert SCHEMA["properties"]["version"] == {"const": VERSION}


# where to change a good report, and into what: each must be found
BAD: list[tuple[list[Any], Any]] = [
    (["version"], 2),
    (["extra"], 1),
    (["summary", "outcomes", "passed"], 1),
    (["summary", "exit_code"], 3),
    (["rules", 0, "extra"], 1),
    (["rules", 0, "conversions", 0, "queries"], []),
    (["results", 0, "status"], "ok"),
    (["results", 1, "code"], "wrong"),
    (["results", 1, "difference", "extra"], 1),
    (["results", 1, "difference", "rule", "kind"], "and"),
    (["results", 1, "difference", "rule", "children", 0, "extra"], 1),
    (["problems", 0, "code"], "Invalid Rule"),
    (["problems", 0, "line"], -1),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=str)
def test_a_wrong_report_is_found(path: list[Any], value: Any) -> None:
    report = json.loads(json_text(document(report_of("x"))))
    assert flaws(report) == []
    at = report
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    assert flaws(report)


@pytest.mark.parametrize("key", ["code", "message"])
def test_a_failure_says_why(key: str) -> None:
    report = json.loads(json_text(document(report_of("x"))))
    del report["results"][1][key]
    assert flaws(report)
