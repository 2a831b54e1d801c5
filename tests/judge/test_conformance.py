"""The runner of conformance cases, on cases of which we know how they must come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sigmaproof.cli import app
from sigmaproof.errors import InvalidInput, InvalidQuery, QuerySyntaxError, UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.index.events import EventIndex
from sigmaproof.judge import conformance
from sigmaproof.judge.conformance import run_files
from sigmaproof.languages import Lowered, Options, language
from sigmaproof.logic.checks import Matches
from sigmaproof.logic.plans import Select
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.glob import Glob

DOCUMENTS = [{"a": "x", "n": 1}, {"a": "y", "n": 2}, {"a": "x", "n": 3}]
MATCH = "x"


class Tiny:
    """A language whose queries are the text that `a` holds; one word is wrong, one unknown, one too much."""

    def lower_query(self, query: str, index: Index, options: Options) -> Lowered:
        match query:
            case "(":
                raise QuerySyntaxError("missing )", query, 1)
            case "nothing":
                raise InvalidQuery("unknown column [nothing]")
            case "exotic":
                raise UnsupportedQuery("exotic is not modelled")
        return Lowered(Select(Leaf("a", Matches(Glob.of(query)))))

    def case_index(self, index: Any, options: Options) -> Index:
        return EventIndex()


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    def known(name: str) -> Tiny:
        return Tiny() if name == "tiny" else language(name)

    monkeypatch.setattr(conformance, "language", known)


# a query's keys → how it comes out, and words of what is told
QUERIES: list[tuple[dict[str, Any], str, str]] = [
    ({"query": MATCH, "matched": [0, 2]}, "passed", ""),
    ({"query": MATCH, "matched": [2, 0]}, "passed", ""),
    ({"query": MATCH, "matched": [0, 2], "ordered": True}, "passed", ""),
    ({"query": MATCH, "matched": [2, 0], "ordered": True}, "failed", "finds [0, 2], not [2, 0]"),
    ({"query": MATCH, "matched": [0]}, "failed", "finds [0, 2], not [0]"),
    ({"query": MATCH, "matched": []}, "failed", "finds [0, 2], not []"),
    ({"query": MATCH, "matched_any_of": [[1], [2, 0]]}, "passed", ""),
    ({"query": MATCH, "matched_any_of": [[1], [0]]}, "failed", "finds [0, 2], not [[1], [0]]"),
    ({"query": MATCH, "error": "unknown column"}, "failed", "finds [0, 2], not an error (unknown column)"),
    ({"query": MATCH}, "passed", ""),
    # what an engine must reject
    ({"query": "(", "error": "syntax"}, "passed", ""),
    ({"query": "nothing", "error": "unknown column"}, "passed", ""),
    ({"query": "(", "matched": [0]}, "failed", "rejected"),
    ({"query": "(", "matched_any_of": [[0]]}, "failed", "rejected"),
    ({"query": "("}, "passed", ""),
    # what is not modelled
    ({"dsl": {"match_all": {}}, "matched": [0]}, "unsupported", "tiny has no query DSL"),
    ({"dsl": {"match_all": {}}, "error": "refused"}, "passed", ""),
    ({"query": "exotic", "matched": [0]}, "unsupported", "exotic is not modelled"),
    ({"query": "exotic"}, "unsupported", "exotic is not modelled"),
    # what only a correlation rule gives
    ({"query": MATCH, "fires": [{"User": "a"}]}, "failed", "where groups are expected"),
    ({"query": "(", "fires": []}, "failed", "rejected"),
]


def written(folder: Path, *groups: Any, name: str = "cases.ndjson") -> Path:
    path = folder / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in groups))
    return path


def group(*queries: Any, **more: Any) -> dict[str, Any]:
    head = {"language": "tiny", "group": "plain: one", "index": {}, "documents": DOCUMENTS}
    return {**head, "queries": list(queries), **more}


@pytest.mark.parametrize(("query", "mark", "told"), QUERIES)
def test_marks(query: dict[str, Any], mark: str, told: str, tmp_path: Path) -> None:
    (result,) = run_files([written(tmp_path, group(query))])
    assert (str(result.mark), told in result.told) == (mark, True), result.told
    assert bool(result.told) == (mark != "passed")
    assert str(result.place) == f"{tmp_path}/cases.ndjson:1"


ENGINES = ["opensearch-3.8.0", "elasticsearch-9.0.0"]
BY_ENGINE: list[tuple[dict[str, Any], str, str]] = [
    ({ENGINES[0]: {"matched": [0, 2]}, ENGINES[1]: {"matched": [2, 0]}}, "passed", ""),
    ({ENGINES[0]: {"matched": [0, 2]}, ENGINES[1]: {"matched": [0]}}, "failed", "on elasticsearch-9.0.0"),
    ({ENGINES[0]: {"matched": [1]}, ENGINES[1]: {"matched": [0, 2]}}, "failed", "on opensearch-3.8.0"),
    ({ENGINES[0]: [0, 2], ENGINES[1]: [0, 2]}, "passed", ""),
    ({ENGINES[0]: {"error": "no"}, ENGINES[1]: [0, 2]}, "failed", "an error (no) on opensearch-3.8.0"),
]


@pytest.mark.parametrize(("by_engine", "mark", "told"), BY_ENGINE)
def test_engines_are_judged_apart(by_engine: Any, mark: str, told: str, tmp_path: Path) -> None:
    cases = group({"query": MATCH, "by_engine": by_engine}, engines=ENGINES)
    (result,) = run_files([written(tmp_path, cases)])
    assert (str(result.mark), told in result.told) == (mark, True), result.told


def test_the_worst_engine_counts(tmp_path: Path) -> None:
    """An answer that is wrong on one engine is a failure, even where another is not modelled."""
    cases = group({"query": MATCH, "matched": [0]}, engines=ENGINES)
    (result,) = run_files([written(tmp_path, cases)])
    assert result.mark == "failed"


def test_a_failure_comes_with_its_reasons(tmp_path: Path) -> None:
    (result,) = run_files([written(tmp_path, group({"query": MATCH, "matched": [1, 2]}))])
    assert [(row, trace.holds) for row, trace in result.traces] == [(0, True), (1, False)]


def test_names(tmp_path: Path) -> None:
    named = [{"query": MATCH, "name": "by itself"}, {"query": MATCH}]
    files = [written(tmp_path, group(*named), group({"query": MATCH}, id="G1"))]
    assert [result.name for result in run_files(files)] == ["by itself", "plain: one[2]", "G1"]


FLAWS = [
    ("{", "not JSON", 2),
    ("[1]", "a group is an object with language, group, documents, queries", 2),
    ("5", "a group is an object", 2),
    (json.dumps({"language": "eql", "group": "g", "documents": []}), "queries", 2),
    (json.dumps(group({"matched": [0]})), "query 1 of the group is no object with query or dsl", 2),
    (json.dumps(group({"query": MATCH}, "x")), "query 2 of the group", 2),
    (json.dumps(group({"query": MATCH, "by_engine": {"a-1": [0]}})), "no engine", 2),
    (json.dumps(group({"query": MATCH, "by_engine": {"a-1": [0]}}, engines=["b-1"])), "what b-1 answers", 2),
    (json.dumps(group({"query": MATCH}, language="eqll")), 'did you mean "eql"', 2),
]


@pytest.mark.parametrize(("line", "says", "at"), FLAWS)
def test_a_file_that_is_none(line: str, says: str, at: int, tmp_path: Path) -> None:
    path = written(tmp_path, "", line)
    with pytest.raises(InvalidInput) as caught:
        list(run_files([path]))
    assert says in caught.value.problem.message
    assert str(caught.value.problem.place) == f"{path}:{at}"


def test_a_defect_of_ours_fails_one_case(tmp_path: Path) -> None:
    broken = group({"query": MATCH, "matched": [0]}, documents=[{"a": "x"}, "no document"])
    results = list(run_files([written(tmp_path, broken, group({"query": MATCH, "matched": [0, 2]}))]))
    assert [str(result.mark) for result in results] == ["failed", "passed"]
    assert "crashes: AttributeError" in results[0].told


# queries → the last line and the exit code
TOTALS: list[tuple[list[dict[str, Any]], str, int]] = [
    ([QUERIES[0][0], QUERIES[1][0]], "2 passed, 0 failed, 0 unsupported", 0),
    ([QUERIES[0][0], QUERIES[3][0]], "1 passed, 1 failed, 0 unsupported", 1),
    ([QUERIES[0][0], QUERIES[15][0]], "1 passed, 0 failed, 1 unsupported", 0),
    ([], "0 passed, 0 failed, 0 unsupported", 1),
]


@pytest.mark.parametrize(("queries", "last", "code"), TOTALS)
def test_the_command(queries: list[Any], last: str, code: int, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["conformance", str(written(tmp_path, group(*queries)))])
    assert result.output.splitlines()[-1] == last
    assert result.exit_code == code


def test_the_screen(tmp_path: Path) -> None:
    files = [
        written(tmp_path, group(QUERIES[4][0], QUERIES[15][0])),
        written(tmp_path, group(QUERIES[0][0], group="other: two"), name="more.ndjson"),
    ]
    said = {
        option: CliRunner()
        .invoke(app, ["conformance", *option, *map(str, files)])
        .output.replace(f"{tmp_path}/", "")
        for option in ((), ("-v",))
    }
    failed = "cases.ndjson:1  plain: one  plain: one[1]  FAILED  finds [0, 2], not [0]"
    totals = [
        "tiny plain  0 passed, 1 failed, 1 unsupported",
        "tiny other  1 passed, 0 failed, 0 unsupported",
        "1 passed, 1 failed, 1 unsupported",
    ]
    assert said[()].splitlines() == [failed, *totals]
    assert said[("-v",)].splitlines() == [
        failed,
        "  document 2",
        "    yes  a  actual x",
        "cases.ndjson:1  plain: one  plain: one[2]  UNSUPPORTED  tiny has no query DSL",
        *totals,
    ]
