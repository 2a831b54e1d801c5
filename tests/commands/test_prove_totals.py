"""Totals of proofs: modelled log sources and the plain model apart."""

from __future__ import annotations

import json
from pathlib import Path

from sigmaproof.commands.proofs import rendered
from sigmaproof.commands.prove_results import Proofs, RuleProof, proven_share
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.report.style import Paint

PROVEN, TESTED, REFUSED = (
    Verdict(Standing.PROVEN),
    Verdict(Standing.TESTED, reasons=("no proof",)),
    Verdict(Standing.REFUSED, reasons=("cannot be said",)),
)


def proofs(*rules: tuple[Verdict, bool]) -> Proofs:
    return Proofs(
        ("splunk",),
        tuple(
            RuleProof(Path(f"{at}.yml"), 1, "", (("splunk", verdict),), modelled=modelled)
            for at, (verdict, modelled) in enumerate(rules)
        ),
    )


BOTH = proofs((PROVEN, True), (TESTED, True), (REFUSED, True), (PROVEN, False))


def test_apart_in_json() -> None:
    summary = json.loads(rendered(BOTH, "json", Paint(False), 0.0))["summary"]
    assert summary["standings"] == {"splunk": {"proven": 2, "tested": 1, "refused": 1}}
    assert summary["parts"] == {
        "modelled": {"splunk": {"proven": 1, "tested": 1, "refused": 1}},
        "plain": {"splunk": {"proven": 1}},
    }


def test_apart_in_text() -> None:
    lines = rendered(BOTH, "text", Paint(False), 0.0).splitlines()
    assert any(
        line.startswith("  modelled")
        and line.endswith("proven 1   tested 1   refused 1   (50.0% of those that run)")
        for line in lines
    )


def test_apart_in_markdown() -> None:
    text = rendered(BOTH, "markdown", Paint(False), 0.0)
    assert "`splunk`, modelled" in text
    assert "`splunk`, plain" in text


def test_one_kind_is_not_told_twice() -> None:
    only = proofs((PROVEN, True))
    assert "modelled" not in rendered(only, "text", Paint(False), 0.0)
    assert "modelled" not in rendered(only, "markdown", Paint(False), 0.0)


def test_share() -> None:
    assert proven_share({Standing.PROVEN: 3, Standing.DIFFERS: 1, Standing.REFUSED: 9}) == 0.75
    assert proven_share({Standing.REFUSED: 9}) is None
