"""Targets and rules for tests of conversion."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sigmaproof.convert import Conversion, Refused
from sigmaproof.load.values import Target

EXACT = {"eql": "exact_eql", "lucene": "exact_lucene", "spl": "exact_splunk"}
STOCK = {"eql": "eql", "lucene": "lucene", "spl": "splunk"}

Convert = Callable[..., Any]


def plain_target(backend: str, language: str, *pipelines: str | Path, **options: Any) -> Target:
    path = Path("converters/plain.yml")
    return Target("plain", path, "plain", backend, "default", pipelines, options, language, None, {})


def rule_of(detection: dict[str, Any], **more: Any) -> dict[str, Any]:
    rule = {"title": "a rule", "logsource": {"category": "test"}}
    return {**rule, "detection": {"condition": "s", **detection}, **more}


def told(made: Conversion) -> Any:
    """A query as the case files have it."""
    if isinstance(made, Refused):
        return {"refused": made.reason}
    return made.texts[0] if len(made.texts) == 1 else list(made.texts)
