"""Conformance cases: our own, and those of ../shared where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigmaproof.errors import QueryError, UnsupportedQuery
from sigmaproof.languages.sigma import case_index, lower_query
from sigmaproof.logic.plans.hits import same
from sigmaproof.logic.run import Table

OURS = Path(__file__).parent / "cases.ndjson"
SHARED = Path(__file__).parents[3].parent / "shared" / "conformance" / "sigma.ndjson"


def groups(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


def rows(group: dict[str, Any], query: str) -> list[int]:
    options = group.get("options", {})
    index = case_index(group.get("index"), options)
    return lower_query(query, index, options).plan.run(Table(group["documents"], index.read)).rows


@pytest.mark.parametrize("group", groups(OURS), ids=lambda group: group["group"].replace(" ", "-"))
def test_our_cases(group: dict[str, Any]) -> None:
    for query in group["queries"]:
        if "error" in query:
            with pytest.raises(QueryError) as caught:
                rows(group, query["query"])
            assert query["error"].lower() in str(caught.value).lower(), query["query"]
        else:
            assert rows(group, query["query"]) == query["matched"], query["query"]


CORRELATIONS = Path(__file__).parent / "correlations.ndjson"
SHARED_CORRELATIONS = SHARED.with_name("correlation.ndjson")


def fired(group: dict[str, Any], query: str) -> set[frozenset[tuple[str, str]]]:
    index = case_index(None, {})
    found = lower_query(query, index, {}).plan.run(Table(group["documents"], index.read))
    assert found.records is not None
    return {frozenset((name, same(cell[0])) for name, cell in one.items() if cell) for one in found.records}


def wanted(groups: list[dict[str, Any]]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((name, same(value)) for name, value in one.items()) for one in groups}


@pytest.mark.parametrize("group", groups(CORRELATIONS), ids=lambda group: group["group"].replace(" ", "-"))
def test_our_correlations(group: dict[str, Any]) -> None:
    for query in group["queries"]:
        if "error" in query:
            with pytest.raises(QueryError) as caught:
                fired(group, query["query"])
            assert query["error"].lower() in str(caught.value).lower(), query["query"]
        else:
            assert fired(group, query["query"]) == wanted(query["fires"]), query["query"]


def test_our_correlations_cover_every_row_of_the_checklist() -> None:
    assert not {*range(110, 129), 137, 143, 146} - {
        row for one in groups(CORRELATIONS) for row in one["rows"]
    }


@pytest.mark.skipif(not SHARED_CORRELATIONS.exists(), reason="needs ../shared/conformance")
@pytest.mark.parametrize("group", groups(SHARED_CORRELATIONS), ids=lambda group: group["title"])
def test_shared_correlations(group: dict[str, Any]) -> None:
    for query in group["queries"]:
        assert fired(group, query["query"]) == wanted(query["fires"]), query["query"]


def test_our_cases_cover_every_row_of_the_checklist() -> None:
    single_events = {*range(1, 110), *range(129, 138)}
    assert not single_events - {row for group in groups(OURS) for row in group["rows"]}


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/conformance")
@pytest.mark.parametrize("group", groups(SHARED), ids=lambda group: group["id"])
def test_shared_cases(group: dict[str, Any]) -> None:
    for query in group["queries"]:
        try:
            found = rows(group, query["query"])
        except UnsupportedQuery:
            continue  # refused by name is never wrong; which ones are, `cases.ndjson` pins down
        except QueryError:
            assert "matched" not in query, query["query"]
            continue
        assert found == query.get("matched", found), query["query"]
