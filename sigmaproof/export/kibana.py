"""Saved searches of Kibana's Discover, with the data view that they look at, as saved objects to import.

https://www.elastic.co/docs/api/doc/kibana/operation/operation-post-saved-objects-import
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sigmaproof.export.elastic import ndjson
from sigmaproof.export.search import Search, stable_id
from sigmaproof.load.formats import ExportModel
from sigmaproof.load.values import Target

FILE = "searches.ndjson"
_INDEX = "kibanaSavedObjectMeta.searchSourceJSON.index"


def kibana_searches(target: Target, searches: Sequence[Search]) -> Mapping[str, str]:
    """The data view and the searches as one file to import."""
    said = target.export or ExportModel()
    pattern = ",".join(said.elastic.index)
    view = stable_id("data view", target.name, pattern)
    objects = [_view(view, pattern), *(_search(target, said, view, one) for one in searches)]
    return {FILE: ndjson(objects)}


def _view(name: str, pattern: str) -> dict[str, Any]:
    attributes = {"title": pattern, "name": pattern, "timeFieldName": "@timestamp"}
    return {"type": "index-pattern", "id": name, "attributes": attributes, "references": []}


def _search(target: Target, said: ExportModel, view: str, search: Search) -> dict[str, Any]:
    source = {
        "query": {"query": search.query, "language": target.language},
        "filter": [],
        "indexRefName": _INDEX,
    }
    return {
        "type": "search",
        "id": search.id,
        "attributes": {
            "title": f"{said.prefix}{search.title}",
            "description": search.about.description,
            "columns": [],
            "sort": [["@timestamp", "desc"]],
            "kibanaSavedObjectMeta": {"searchSourceJSON": json.dumps(source, separators=(",", ":"))},
        },
        "references": [{"type": "index-pattern", "id": view, "name": _INDEX}],
    }
