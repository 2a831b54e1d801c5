"""Names that Splunk knows and this package does not model."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def unmodelled(kind: str) -> frozenset[str]:
    """Commands, functions or statistics that Splunk has and that are refused by name."""
    names = tomllib.loads((files(__package__) / "unmodelled.toml").read_text(encoding="utf-8"))
    return frozenset(names[kind].split())
