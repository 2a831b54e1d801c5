"""`query --live` and `conformance --live`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fake_elastic import FakeElastic, failing, serving
from fake_splunk import FakeSplunk

from sigmaproof.cli import app

MAPPING = {"mapping": {"f": {"type": "keyword"}}}


@pytest.fixture
def fake() -> Iterator[FakeElastic]:
    with serving(FakeElastic()) as found:
        yield found


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def events(tmp_path: Path) -> str:
    path = tmp_path / "events.ndjson"
    path.write_text('{"f": "a"}\n{"f": "b"}\n')
    return str(path)


@pytest.mark.parametrize(
    ("query", "code", "told"),
    [
        ("f:a", 0, "note[live]: opensearch 3.8.0 agrees: 1 of 2 events"),
        ("f(", 2, "note[live]: opensearch 3.8.0 refuses the query as well"),
        ("f:a AND f:a", 1, "error[engine-disagrees]: opensearch 3.8.0 refuses a query that runs here"),
    ],
)
def test_query(fake: FakeElastic, events: str, query: str, code: int, told: str) -> None:
    result = run("query", "lucene", query, "--events", events, "--live", fake.url)
    assert (result.exit_code, told in result.output) == (code, True), result.output
    assert not fake.indices


def test_query_on_a_server_without_eql(fake: FakeElastic, events: str) -> None:
    result = run("query", "eql", 'any where f == "a"', "--events", events, "--live", fake.url)
    assert result.exit_code == 2
    assert "error[unsupported]: opensearch 3.8.0: opensearch 3.8.0 has no EQL here" in result.output


def test_query_on_splunk(events: str) -> None:
    with serving(FakeSplunk()) as fake:
        result = run("query", "spl", "f=a", "--events", events, "--live", fake.url)
    assert (result.exit_code, "splunk 9.4.1 agrees: 1 of 2 events" in result.output) == (0, True), (
        result.output
    )


def cases(tmp_path: Path, *groups: dict[str, Any]) -> str:
    path = tmp_path / "cases.ndjson"
    path.write_text("".join(json.dumps({"group": "g", **group}) + "\n" for group in groups))
    return str(path)


def last_line(result: Result) -> str:
    return result.stdout.splitlines()[-1]


def test_conformance(fake: FakeElastic, tmp_path: Path) -> None:
    documents = [{"f": "a"}, {"f": "b"}]
    group = {"language": "lucene", "index": MAPPING, "documents": documents}
    queries = [
        {"query": "f:a", "matched": [0]},
        {"query": "f:b", "by_engine": {"opensearch-3.7.0": [1], "elasticsearch-9.5.3": []}},
        {"query": "f(", "error": "cannot be parsed"},
        {"query": "f:b", "matched": [0]},
        {"query": "f(", "matched": [0]},
    ]
    engines = ["elasticsearch-9.5.3", "opensearch-3.7.0"]
    path = cases(
        tmp_path,
        {**group, "queries": [{"query": "f:b", "matched": [1]}]},
        {**group, "engines": engines, "queries": queries},
        {**group, "engines": ["opensearch-2.19.6"], "queries": queries[:1]},
        {**group, "language": "sigma", "queries": queries[:1]},
    )
    result = run("conformance", "--live", fake.url, "-v", path)
    assert last_line(result) == "4 passed, 2 failed, 2 unsupported"
    assert result.exit_code == 1
    assert "finds [1], not [0]" in result.stdout
    assert "not known for opensearch 3.8.0" in result.stdout
    assert "opensearch 3.8.0 has no sigma" in result.stdout
    assert len(fake.bodies) == 1  # the groups share a mapping, and so an index
    assert not fake.indices


def test_conformance_groups_that_share_no_index(fake: FakeElastic, tmp_path: Path) -> None:
    queries = [{"query": "f:a", "matched": [0]}]
    group = {"language": "lucene", "documents": [{"f": "a"}], "queries": queries}
    ids = {**group, "index": MAPPING, "documents": [{"_id": "x", "f": "a"}]}
    result = run("conformance", "--live", fake.url, cases(tmp_path, group, group, ids, ids))
    assert last_line(result) == "4 passed, 0 failed, 0 unsupported"
    assert len(fake.bodies) == 4


def test_conformance_on_splunk(tmp_path: Path) -> None:
    group = {"language": "spl", "documents": [{"f": "b"}, {"f": "a"}]}
    queries = [{"query": "f=a", "matched": [1]}, {"query": "| tstats count", "matched": []}]
    with serving(FakeSplunk()) as fake:
        result = run("conformance", "--live", fake.url, cases(tmp_path, {**group, "queries": queries}))
    assert last_line(result) == "1 passed, 0 failed, 1 unsupported"


def test_conformance_cleans_up(fake: FakeElastic, tmp_path: Path) -> None:
    fake.fault = failing("_msearch", 503, {})
    group = {"language": "lucene", "documents": [], "queries": [{"query": "f:a"}]}
    result = run("conformance", "--live", fake.url, cases(tmp_path, group))
    assert "busy or not ready" in str(result.exception)
    assert not fake.indices
