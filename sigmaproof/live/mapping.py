"""The index that a corpus asks for, as OpenSearch and Elasticsearch want it said."""

from __future__ import annotations

from typing import Any

from sigmaproof.index.elastic import DYNAMIC
from sigmaproof.live.values import Corpus

_FIELDS = 10_000
_WINDOW = 10_000  # the servers' own default


def index_body(corpus: Corpus) -> dict[str, Any]:
    """Settings and mapping. One shard, so that the order of documents is the order of results."""
    settings = {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "mapping.total_fields.limit": _FIELDS,
        "max_result_window": max(_WINDOW, len(corpus.documents)),
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
