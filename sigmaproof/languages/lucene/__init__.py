"""Lucene's query strings, threshold rules, and the query DSL: Elasticsearch 9, OpenSearch 2 and 3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sigmaproof.index import Index
from sigmaproof.index.elastic import DYNAMIC, INDEXED, ElasticIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.lucene.dsl import lower_body
from sigmaproof.languages.lucene.options import read_options
from sigmaproof.languages.lucene.query import lower_text
from sigmaproof.languages.lucene.search import Search
from sigmaproof.languages.lucene.threshold import lower_threshold, read_threshold
from sigmaproof.logic.plans import Select


def lower_query(query: str, index: Index, options: Options) -> Lowered:
    """What a query string, or a threshold rule with one, means on an `ElasticIndex`."""
    search = Search(cast(ElasticIndex, index), read_options(options))
    rule = read_threshold(query)
    if rule is not None:
        return Lowered(lower_threshold(rule, search), tuple(search.notes))
    return Lowered(Select(lower_text(query, search), INDEXED), tuple(search.notes))


def lower_dsl(dsl: Mapping[str, Any], index: Index, options: Options) -> Lowered:
    """What the body of a `query` means, or a whole search request with one."""
    search = Search(cast(ElasticIndex, index), read_options(options))
    return Lowered(Select(lower_body(dsl, search), INDEXED), tuple(search.notes))


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:
    """The index of a conformance case: `mapping` holds the properties; empty, it is a dynamic one."""
    mapping = (index or {}).get("mapping", {})
    chosen = read_options(options)
    return ElasticIndex.from_mapping(
        mapping, default=None if mapping else DYNAMIC, wildcard_limit=chosen.engine.opensearch >= 3
    )
