"""ES|QL, no default target, says every rule of this repository, and what the rule says of every case."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sigmaproof.commands.prove import prove_rules
from sigmaproof.config import Config, read_config
from sigmaproof.judge.prove import Standing
from sigmaproof.judge.suite import run_suite
from sigmaproof.judge.verdicts import Status
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
TARGET = "elastic-esql"


def config(rules: str = "sigma_rules", converters: Path | None = None) -> Config:
    found = read_config(ROOT)
    return found.overridden(rules=[ROOT / rules], fixtures=(), converters=converters, targets=[TARGET])


def test_every_case_is_answered_as_the_rule_answers_it() -> None:
    report = run_suite(Workspace(config()))
    assert not report.problems
    cases = [(rule.name, case) for rule in report.rules for case in rule.cases]
    assert len({name for name, _ in cases}) == len(report.rules) > 15
    for name, case in cases:
        own, target = case.outcomes
        answer = (target.side, target.status, target.verdict, target.matches)
        assert answer == (TARGET, own.status, own.verdict, own.matches), (name, case.name)
        assert own.status in (Status.PASS, Status.GAP)


@pytest.mark.parametrize("lowering", ["function", "ascii"])
def test_single_events_are_proven_however_lower_case_is_asked(tmp_path: Path, lowering: str) -> None:
    converters = tmp_path / "converters"
    shutil.copytree(ROOT / "converters", converters)
    with (converters / f"{TARGET}.yml").open("a", encoding="utf-8") as target:
        target.write(f"options: {{lowering: {lowering}}}\n")
    proofs = prove_rules(config("sigma_rules/windows/process_creation", converters), 5.0, 1, None, _quiet)
    assert not proofs.problems
    verdicts = {rule.title: verdict for rule in proofs.rules for _, verdict in rule.verdicts}
    assert len(verdicts) > 10
    assert {verdict.standing for verdict in verdicts.values()} == {Standing.PROVEN}, verdicts
    assert {one for verdict in verdicts.values() for one in verdict.assumes} <= {Assumption.PLAIN_S_AND_K}


def _quiet(done: int, of: int, name: str) -> None:
    """Nobody watches."""
