"""The JSON of `mutate` against its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sigmaproof.commands.mutate import Wanted, mutate_rules
from sigmaproof.config import Config
from sigmaproof.judge.mutate.results import Fate
from sigmaproof.report import View
from sigmaproof.report.mutation.json import document, render

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
SCHEMA = json.loads((ROOT / "schemas" / "mutation.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def sample(**wanted: Any) -> dict[str, Any]:
    config = Config(root=SAMPLE).overridden(rules=[], fixtures=[], converters=None, targets=())
    mutation = mutate_rules(config, Wanted(jobs=1, **wanted), lambda done, of, name: None)
    found = json.loads(render(mutation, View()))
    assert found == document(mutation)
    return dict(found)


@pytest.mark.parametrize(
    "wanted", [{}, {"budget": 0.0}, {"threshold": 50.0}, {"expression": "nothing"}, {"expression": "whoami"}]
)
def test_it_is_what_the_schema_says(wanted: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert not [f"{flaw.json_path}: {flaw.message[:200]}" for flaw in VALIDATOR.iter_errors(sample(**wanted))]


def test_every_fate_is_in_the_schema_and_in_the_sample() -> None:
    assert SCHEMA["$defs"]["fate"]["enum"] == [fate.value for fate in Fate]
    seen = {
        one["fate"]
        for found in (sample(), sample(budget=0.0))
        for rule in found["rules"]
        for one in rule["mutants"]
    }
    assert {"killed", "survived", "undecided"} <= seen


def test_several_processes_find_the_same() -> None:
    config = Config(root=SAMPLE).overridden(rules=[], fixtures=[], converters=None, targets=())
    one, two = (mutate_rules(config, Wanted(jobs=jobs), lambda *_: None) for jobs in (1, 2))
    assert one == two
