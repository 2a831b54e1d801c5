"""The index that a corpus asks for, as OpenSearch and Elasticsearch want it said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sigmaproof.index.elastic import DYNAMIC
from sigmaproof.live.values import Corpus

_LACKING = re.compile(r"No handler for type \[(\w+)\]")
_FIELDS = 10_000
_WINDOW = 10_000  # the servers' own default


STAND_INS: Mapping[str, str] = {
    "wildcard": "keyword",
    "constant_keyword": "keyword",
    "match_only_text": "text",
}
"""Types of Elasticsearch's basic licence that its open core does not have: what comes nearest to each."""


def lacking(told: str) -> str | None:
    """The type that a server says it does not have."""
    found = _LACKING.search(told)
    return found[1] if found else None


def replaced(mapping: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Properties with one type in place of another, in objects and multi-fields as well."""
    return {name: _replaced(spec, old, new) for name, spec in mapping.items()}


def _replaced(spec: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    found = dict(spec)
    if found.get("type") == old:
        found["type"] = new
    for inner in ("properties", "fields"):
        if inner in found:
            found[inner] = replaced(found[inner], old, new)
    return found


def index_body(corpus: Corpus) -> dict[str, Any]:
    """Settings and mapping. One shard, so that the order of documents is the order of results."""
    settings = {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "mapping.total_fields.limit": _FIELDS,
        "max_result_window": max(_WINDOW, len(corpus.documents)),
        "analysis": dict(corpus.analysis),
    }
    return {
        "settings": {"index": settings},
        "mappings": {**_dynamic(corpus.default), "properties": dict(corpus.mapping)},
    }


def _dynamic(default: str | None) -> dict[str, Any]:
    """What becomes of fields that the mapping does not name."""
    if default is None:
        return {"dynamic": False}
    if default == DYNAMIC:
        return {"dynamic": True}
    kinds = ("string", "long", "double", "boolean")
    every = [{kind: {"match_mapping_type": kind, "mapping": {"type": default}}} for kind in kinds]
    return {"dynamic": True, "date_detection": False, "dynamic_templates": every}
