"""Threshold rules: queries that are the JSON of several of a rule's keys."""

from __future__ import annotations

import json
from typing import Any

_KEYS = {"query", "threshold", "from", "interval"}


def threshold(query: str) -> dict[str, Any]:
    """The keys that a query brings along; none if it is not of this kind."""
    if not query.startswith("{"):
        return {}
    try:
        found = json.loads(query)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and found.keys() == _KEYS else {}
