"""ES|QL as Elasticsearch runs it. docs/semantics/esql.md says what is modelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.esql.lower import lower
from sigmaproof.languages.esql.options import Scope, settings
from sigmaproof.languages.esql.parse import parse


def lower_query(query: str, index: Index, options: Options) -> Lowered:
    """What `query` means on `index`."""
    if not isinstance(index, ElasticIndex):
        raise UnsupportedQuery("ES|QL runs on the index model of Elasticsearch")
    scope = Scope(index, settings(options))
    return Lowered(lower(parse(query), scope), tuple(scope.notes))


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:  # noqa: ARG001
    """The index of a case: fields with their types or mapping entries, and the type of all others."""
    given: Mapping[str, Any] = {"default": "keyword"} if index is None else index
    properties = {
        name: kind if isinstance(kind, Mapping) else {"type": kind}
        for name, kind in {"@timestamp": "date", **given.get("fields", {})}.items()
    }
    return ElasticIndex.from_mapping(properties, default=given.get("default"))
