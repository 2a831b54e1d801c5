"""The index that a corpus asks for, as OpenSearch and Elasticsearch want it said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from sigmaproof.index.elastic import DYNAMIC
from sigmaproof.live.values import Corpus

_NO_TYPE = re.compile(r"(?:No handler for|The mapper) type \[(\w+)\]")
_NO_ANALYSER = re.compile(r"Unknown analyzer type \[\w+\] for \[(\w+)\]")
_FIELDS = 10_000
_WINDOW = 10_000  # the servers' own default


_STAND_INS: Mapping[str, str] = {
    "wildcard": "keyword",
    "constant_keyword": "keyword",
    "match_only_text": "text",
}
"""Types of Elasticsearch's basic licence that its open core does not have: what comes nearest to each."""


def without_what_is_lacking(corpus: Corpus, told: str) -> tuple[Corpus, tuple[str, str]] | None:
    """The corpus without a type or an analyser that a server says it lacks, and what stands in its place."""
    type_, analyser = _NO_TYPE.search(told), _NO_ANALYSER.search(told)
    if type_ and type_[1] in _STAND_INS:
        old, new = type_[1], _STAND_INS[type_[1]]
        return replace(corpus, mapping=_replaced(corpus.mapping, "type", old, new)), (old, new)
    if analyser:
        name = analyser[1]
        mine = {key: value for key, value in corpus.analysis.get("analyzer", {}).items() if key != name}
        mapping = _replaced(corpus.mapping, "analyzer", name, "standard")
        return replace(corpus, mapping=mapping, analysis={"analyzer": mine}), (name, "standard")
    return None


def _replaced(mapping: Mapping[str, Any], key: str, old: str, new: str) -> dict[str, Any]:
    """Properties with one type or analyser in place of another, in objects and multi-fields as well."""
    found: dict[str, Any] = {}
    for name, written in mapping.items():
        spec = found[name] = dict(written)
        if spec.get(key) == old:
            spec[key] = new
        for inner in ("properties", "fields"):
            if inner in spec:
                spec[inner] = _replaced(spec[inner], key, old, new)
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
