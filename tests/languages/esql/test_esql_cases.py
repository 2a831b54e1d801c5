"""Our own cases: documents, queries, and what each query must give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigmaproof.errors import QueryError
from sigmaproof.languages import esql
from sigmaproof.logic.run import Table

OWN = Path(__file__).with_name("cases.ndjson")
GROUPS = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
CASES = [(group, query) for group in GROUPS for query in group["queries"]]


@pytest.mark.parametrize(("group", "query"), CASES, ids=lambda part: part.get("query", part.get("group")))
def test_case(group: dict[str, Any], query: dict[str, Any]) -> None:
    index = esql.case_index(group["index"], {})
    if "error" in query:
        with pytest.raises(QueryError) as caught:
            esql.lower_query(query["query"], index, {})
        assert type(caught.value).__name__ == query["error"]
        return
    lowered = esql.lower_query(query["query"], index, {})
    found = lowered.plan.run(Table(group["documents"], index.read))
    if "matched" in query:
        assert found.rows == query["matched"]
        return
    shown = [{name: list(cell or ()) for name, cell in one.items()} for one in found.records or ()]
    assert shown == query["records"]
