"""Whole runs with --live: sides, verdicts, exit codes, and what the reports say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fake_elastic import FakeElastic, error, failing, serving

from sigmaproof.cli import app

RULE = """\
title: A copy
id: 00000000-0000-4000-8000-000000000001
logsource: {category: test, product: any}
detection:
  one: {Tool: robocopy}
  condition: one
"""
FIXTURE = """\
cases:
  - {name: the tool, label: malicious, event: {Tool: robocopy}}
  - {name: another, label: benign, event: {Tool: copy}}
"""
TARGET = "title: A SIEM\nbackend: lucene\nlanguage: lucene\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {"sigma_rules/tool.yml": RULE, "fixtures/tool.yml": FIXTURE, "converters/siem.yml": TARGET}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def fake(root: Path) -> Iterator[FakeElastic]:
    with serving(FakeElastic()) as found:
        yield found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def live(fake: FakeElastic, *more: str) -> Result:
    return run("test", "--live", f"siem={fake.url}", *more)


def report(result: Result) -> Any:
    return json.loads(result.stdout)


def test_agreement(fake: FakeElastic) -> None:
    result = live(fake, "-f", "json")
    assert result.exit_code == 0, result.output
    found = report(result)
    assert found["targets"] == ["siem", "siem@live"]
    assert [one["status"] for one in found["results"] if one["target"] == "siem@live"] == ["pass", "pass"]
    assert found["notes"][-1]["message"] == (
        "siem@live: opensearch 3.8.0, 1 queries on 2 documents, 2 cases, 0 disagreements"
    )
    assert fake.searches[0]["query"]["query_string"]["lenient"] is False
    assert not fake.indices


def _blind(fake: FakeElastic) -> None:
    reply = {"responses": [{"hits": {"hits": []}}]}
    fake.fault = failing("_msearch", 200, reply)


def test_a_disagreement_is_shown_everywhere(fake: FakeElastic) -> None:
    _blind(fake)
    console, as_json, junit, github = (
        live(fake, "-f", form) for form in ("console", "json", "junit", "github")
    )
    assert [one.exit_code for one in (console, as_json, junit, github)] == [1, 1, 1, 1]
    told = "opensearch 3.8.0 does not find event 1, the embedded engine does"
    assert f"error[engine-disagrees]: {told}" in console.stdout
    assert "query: Tool:robocopy" in console.stdout
    (bad,) = [one for one in report(as_json)["results"] if one["status"] == "fail"]
    assert (bad["target"], bad["code"], bad["message"]) == ("siem@live", "engine-disagrees", told)
    assert bad["difference"]["event"] == {"Tool": "robocopy"}
    assert 'type="engine-disagrees"' in junit.stdout
    assert "engine-disagrees" in github.stdout


def test_a_query_that_only_the_server_refuses(fake: FakeElastic) -> None:
    fake.fault = failing("_msearch", 200, {"responses": [error("parse_exception", "no")]})
    result = live(fake)
    assert result.exit_code == 1
    assert "refuses a query that runs here: parse_exception: no" in result.stdout


def test_a_document_that_only_the_server_refuses(fake: FakeElastic) -> None:
    wrong = {"index": {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no"}}}
    fake.fault = failing("_bulk", 200, {"items": [{"index": {}}, wrong]})
    fake.fault = _both(
        fake.fault, failing("_msearch", 200, {"responses": [{"hits": {"hits": [{"_id": "0"}]}}]})
    )
    result = live(fake)
    assert result.exit_code == 1
    assert "does not take event 1: mapper_parsing_exception: no" in result.stdout


def _both(first: Any, second: Any) -> Any:
    return lambda method, path: first(method, path) or second(method, path)


def test_a_server_that_fails_us_hides_nothing(fake: FakeElastic) -> None:
    fake.fault = failing("_msearch", 503, error("busy", "later"))
    result = live(fake)
    assert result.exit_code == 2
    assert "error[live-failed]: siem@live: " in result.stdout
    assert "PASS 4/4" in result.stdout
    assert not fake.indices


def test_what_a_server_cannot_do_is_said_by_name(fake: FakeElastic, root: Path) -> None:
    (root / "converters/siem.yml").write_text("title: A SIEM\nbackend: eql\nlanguage: eql\n")
    result = live(fake)
    assert result.exit_code == 2
    assert "opensearch 3.8.0 has no EQL here" in result.stdout


def test_both_refuse_strictly_what_is_asked_again_as_the_target_does(fake: FakeElastic, root: Path) -> None:
    (root / "converters/indices").mkdir()
    (root / "converters/indices/numbers.yml").write_text(
        "title: Numbers\nproduct: elastic\nversion: '9'\nlinks: [https://example.com/]\n"
        "mapping: {Tool: {type: long}}\n"
    )
    (root / "converters/siem.yml").write_text(TARGET + "index: numbers\n")
    wrong = {"index": {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no"}}}
    bodies: list[str] = []

    def reply(method: str, path: str, body: str) -> tuple[int, Any]:
        if path == "/_bulk":
            return 200, {"items": [wrong, wrong]}
        if path.startswith("/_msearch"):
            bodies.append(body)
            strict = '"lenient": false' in body
            return 200, {"responses": [error("number_format", "no") if strict else {"hits": {"hits": []}}]}
        return before(method, path, body)

    before, fake.reply = fake.reply, reply  # type: ignore[method-assign]
    found = report(live(fake, "-f", "json"))
    assert [one["status"] for one in found["results"] if one["target"] == "siem@live"] == ["pass", "pass"]
    assert ['"lenient": false' in body for body in bodies] == [True, False]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--live", "seim=http://127.0.0.1:9"], 'did you mean "siem"'),
        (["--live", "siem=http://192.0.2.1:9200"], "is not this computer"),
        (["--live", "siem=http://me:secret@127.0.0.1:9200"], "must not hold credentials"),
        (["--live", "http://127.0.0.1:9200"], "not TARGET=URL"),
    ],
)
def test_usage(root: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = run("test", *arguments)
    assert told in f"{result.exception} {getattr(result.exception, 'problem', '')}"
    assert "secret" not in result.output
