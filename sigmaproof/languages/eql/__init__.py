"""EQL as Elasticsearch runs it. docs/semantics/eql.md says what is modelled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.eql.lower import plan
from sigmaproof.languages.eql.options import INDEX_NAMES, EventIndex, Scope, Settings, settings
from sigmaproof.languages.eql.parse import parse


def lower_query(query: str, index: Index, options: Options) -> Lowered:
    """What `query` means on `index`."""
    if not isinstance(index, ElasticIndex):
        raise UnsupportedQuery("EQL runs on the index model of Elasticsearch")
    scope = Scope(index, settings(options, index))
    return Lowered(plan(parse(query), scope), tuple(scope.notes))


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:  # noqa: ARG001
    """The index of a case: fields with their types or mapping entries, and the type of all others."""
    given: Mapping[str, Any] = {"default": "keyword"} if index is None else index
    time = given.get("timestamp_field", Settings().timestamp_field)
    properties = {
        name: kind if isinstance(kind, Mapping) else {"type": kind}
        for name, kind in {time: "date", **given.get("fields", {})}.items()
    }
    known = ElasticIndex.from_mapping(properties, default=given.get("default"))
    names = tuple((name, given[name]) for name in INDEX_NAMES if name in given)
    return EventIndex(known.by_name, known.default, names=names)
