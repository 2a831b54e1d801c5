"""A sample of the public rules and recordings, by `bench/differential.py`. Skipped where they are absent."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "corpus"

sys.path.append(str(ROOT / "bench"))
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/corpus is not here")


@pytest.fixture(scope="module")
def bench() -> object:
    from differential import Bench, read_all, rule_documents

    from sigmaproof.config import read_config
    from sigmaproof.workspace import Workspace

    rules = [SHARED / "sigmahq" / name for name in ("rules/windows", "rules/linux")]
    config = read_config(ROOT).overridden(rules=rules, fixtures=(), converters=None, targets=())
    workspace = Workspace(config)
    made = Bench(workspace, read_all([SHARED / "sigmahq" / "regression_data"]))
    made.run(rule_documents(workspace, every=60))
    return made


def test_no_query_is_rejected(bench) -> None:  # type: ignore[no-untyped-def]
    assert {name: tally.rejected for name, tally in bench.tallies.items() if tally.rejected} == {}


def test_every_refusal_has_a_reason(bench) -> None:  # type: ignore[no-untyped-def]
    for tally in bench.tallies.values():
        assert all(len(reason) > 10 for reason in tally.refused)


def test_every_query_finds_what_its_rule_finds(bench) -> None:  # type: ignore[no-untyped-def]
    found = {name: [one.rule for one in tally.differing] for name, tally in bench.tallies.items()}
    assert not any(found.values()), found


def test_the_sample_says_something(bench) -> None:  # type: ignore[no-untyped-def]
    assert all(tally.compared > 20 for name, tally in bench.tallies.items() if name != "sigma")
