"""The lines that docs/index-models.md gives for each product hold the source model's own expressions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ADDED = yaml.safe_load((ROOT / "converters/sources/windows.yml").read_text(encoding="utf-8"))["enrichment"]
DOCS = (ROOT / "docs/index-models.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ADDED)
def test_expressions(name: str) -> None:
    expression = ADDED[name]["pattern"].replace("(?P<", "(?<")
    assert f"REGEX = {expression}\n" in DOCS
    literal = expression.removeprefix("(?i)").replace("/", "\\/")
    assert f"/{literal}/i.matcher(line)" in DOCS


@pytest.mark.parametrize("name", ADDED)
def test_fields_are_told(name: str) -> None:
    assert f"| `{name}` |" in DOCS
    assert f"EVAL-{name} = " in DOCS
    assert f"ctx.winlog.event_data.{name} = " in DOCS
