"""Targets and rules for tests of exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigmaproof.export.search import Search, searches
from sigmaproof.load.formats import ExportModel
from sigmaproof.load.values import Kind, RuleDocument, Target


def target(language: str | None = "lucene", **export: Any) -> Target:
    """A target that says this of its export."""
    said = ExportModel.model_validate(export)
    path = Path("converters/siem.yml")
    return Target("siem", path, "A SIEM", "b", "default", (), {}, language, None, {}, export=said)


def document(**data: Any) -> RuleDocument:
    """A rule's document; without its own words, a plain one."""
    data = {"title": "A Rule", "id": "6a0c3f52-6f0b-4d3a-9c58-1d1f3c2f6a01"} | data
    kind = Kind.CORRELATION if "correlation" in data else Kind.RULE
    return RuleDocument(Path("rules/a_rule.yml"), 1, 0, kind, data["title"], data["id"], "", data)


def made(*queries: str, name: str = "siem", **data: Any) -> tuple[Search, ...]:
    """A rule's searches."""
    return searches(document(**data), name, queries or ("a:b",), "proven", "An Index", ())
