"""What products make of exported files: readers written from their documents, not from what writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SCHEMAS = Path(__file__).parents[1] / "schemas"


def read_conf(text: str) -> dict[str, dict[str, str]]:
    """Splunk's conf: comments, stanzas, `key = value`; a backslash at a line's end goes on in the next.

    A stanza that comes twice, or a line that is nothing of this, is an error here.
    """
    stanzas: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("["):
            assert line.rstrip().endswith("]"), line
            current = {}
            assert line.strip()[1:-1] not in stanzas, line
            stanzas[line.strip()[1:-1]] = current
            continue
        key, found, value = line.partition("=")
        assert found, line
        while value.endswith("\\"):
            value = f"{value[:-1]}\n{next(lines)}"
        assert key.strip() not in current, line
        current[key.strip()] = value.strip()
    return stanzas


def read_ndjson(text: str) -> list[dict[str, Any]]:
    """A record per line, whatever a reader takes for the end of one."""
    assert text.endswith("\n")
    assert text.splitlines() == text[:-1].split("\n")
    return [json.loads(line) for line in text.splitlines()]


def flaws(data: Any, schema: str) -> list[str]:
    """What is wrong with a record under one of `tests/schemas`."""
    found = json.loads((SCHEMAS / schema).read_text(encoding="utf-8"))
    validator = Draft202012Validator(found, format_checker=FormatChecker())
    return [f"{flaw.json_path}: {flaw.message[:200]}" for flaw in validator.iter_errors(data)]
