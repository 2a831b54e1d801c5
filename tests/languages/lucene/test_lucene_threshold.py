"""Threshold rules: what they count, and what is refused of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigmaproof.errors import InvalidQuery, QueryError, UnsupportedQuery
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.languages.lucene import lower_query
from sigmaproof.languages.lucene.threshold import read_threshold
from sigmaproof.logic.plans.scheduled import Scheduled
from sigmaproof.logic.run import Table

INDEX = ElasticIndex.from_mapping(
    {
        "@timestamp": {"type": "date"},
        "k": {"type": "keyword"},
        "v": {"type": "keyword"},
        "short": {"type": "keyword", "ignore_above": 3},
        "lc": {"type": "keyword", "normalizer": "lowercase"},
        "n": {"type": "long"},
        "t": {"type": "text"},
    }
)


def rule(query: str = "*", since: str = "now-10m", interval: str = "5m", **threshold: Any) -> str:
    said = {"field": ["k"], "value": 2} | threshold
    return json.dumps({"query": query, "threshold": said, "from": since, "interval": interval})


def found(text: str, *documents: dict[str, Any]) -> list[list[int]]:
    """The rows behind each match of documents that are a second apart."""
    plan = lower_query(text, INDEX, {}).plan
    assert isinstance(plan, Scheduled)
    dated = [{"@timestamp": f"2026-01-01T00:00:{at:02}Z", **one} for at, one in enumerate(documents)]
    return [list(rows) for rows in plan.run(Table(dated, INDEX.read)).findings]


A, B = {"k": "a", "v": "x"}, {"k": "b", "v": "x"}


def test_groups() -> None:
    assert found(rule(), A, B, A, B, A) == [[0, 2, 4], [1, 3]]
    assert found(rule(field=[]), A, B) == [[0, 1]]
    assert found(rule(field=["k", "v"]), A, {**A, "v": "y"}, A) == [[0, 2]]


def test_documents_without_a_value_are_in_no_group() -> None:
    assert found(rule(), {"v": "x"}, {"v": "x"}, {"k": None}, {"k": []}) == []
    assert found(rule(field=["k", "v"]), A, {"k": "a"}, A) == [[0, 2]]
    assert found(rule(field=["short"]), {"short": "long"}, {"short": "long"}) == []
    assert found(rule(field=["nowhere"]), {"nowhere": "a"}, {"nowhere": "a"}) == []


def test_a_document_with_several_values_is_in_several_groups() -> None:
    assert found(rule(), {"k": ["a", "b"]}, B, A) == [[0, 1], [0, 2]]


def test_letter_case_parts_groups() -> None:
    assert found(rule(), A, {"k": "A"}) == []


def test_different_values() -> None:
    said = {"value": 1, "cardinality": [{"field": "v", "value": 2}]}
    assert found(rule(**said), A, A, A) == []
    assert found(rule(**said), A, {**A, "v": "y"}, B) == [[0, 1]]
    assert found(rule(**said), A, {"k": "a"}, {"k": "a"}) == []
    assert found(rule(**said), {"k": "a", "v": ["x", "y"]}) == [[0]]


def test_the_query_is_a_query_string() -> None:
    assert found(rule("v:x AND NOT n:7"), A, {**A, "n": 7}, A) == [[0, 2]]
    with pytest.raises(QueryError):
        lower_query(rule("v:(x"), INDEX, {})


def test_malformed_documents_are_not_in_the_index() -> None:
    assert found(rule(), A, {**A, "n": "many"}) == []


def test_what_is_certain_is_told() -> None:
    assert lower_query(rule(), INDEX, {}).notes == (
        "asked every 5m: what takes longer than 5m may be missed",
    )


REFUSED = [
    (rule(value=2, cardinality=[{"field": "v", "value": 2}]), "at once"),
    (rule(value=1, cardinality=[{"field": "v", "value": 1}, {"field": "n", "value": 1}]), "at once"),
    (rule(value=1, cardinality=[{"field": "v", "value": 3001}]), "estimate"),
    (rule(value=1, cardinality=[{"field": "v", "value": 0}]), "every group has"),
    (rule(since="now-5m"), "no further than to its last run"),
    (rule(since="2026-01-01"), "looks from '2026-01-01'"),
    (rule(interval="often"), "every 'often'"),
    (rule(field=["lc"]), "normalized"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_not_modelled(text: str, why: str) -> None:
    with pytest.raises(UnsupportedQuery, match=why):
        lower_query(text, INDEX, {})


WRONG = [
    "{}",
    '{"query": "*"}',
    rule(value=0),
    rule(value="2"),
    rule(more=1),
    rule(field=["t"]),
    json.dumps({**json.loads(rule()), "language": "kuery"}),
]


@pytest.mark.parametrize("text", WRONG)
def test_no_threshold_rule(text: str) -> None:
    with pytest.raises(InvalidQuery):
        lower_query(text, INDEX, {})


@pytest.mark.parametrize("text", ["{", "{a TO b}", '{"a" TO "b"}', "f:{1 TO 2}"])
def test_query_strings_with_braces_are_query_strings(text: str) -> None:
    assert read_threshold(text) is None
