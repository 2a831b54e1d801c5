"""Proofs as findings: a query that differs, at the detection item that decided; one that there is not."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.errors import Place
from sigmaproof.judge.prove import Difference, Standing, Verdict
from sigmaproof.report.findings import Finding, Level, item_place, problem_findings
from sigmaproof.report.json import json_text
from sigmaproof.report.style import harmless


def findings(proofs: Proofs) -> Iterator[Finding]:
    """What a run found wrong, in its order."""
    yield from problem_findings(proofs.problems, Level.ERROR)
    for rule in proofs.rules:
        for target, verdict in rule.verdicts:
            yield from (_difference(rule, target, one) for one in verdict.differences)
            if verdict.standing is Standing.REFUSED:
                yield _refusal(rule, target, verdict)


def _difference(rule: RuleProof, target: str, found: Difference) -> Finding:
    place = item_place(rule.path, rule.items, found.rule) or Place(rule.path, rule.line)
    return Finding(
        "differs",
        Level.ERROR,
        harmless(f"{target}: {found.direction.value} this event ({found.kind})"),
        place,
        harmless(f"{rule.path.stem} on {target}"),
        "\n".join(difference_lines(found)),
    )


def difference_lines(found: Difference) -> Iterator[str]:
    """The event, and what made each side answer as it does."""
    yield harmless(json_text(dict(found.event)))
    yield f"rule:  {harmless(found.rule)}"
    yield f"query: {harmless(found.query)}"


def _refusal(rule: RuleProof, target: str, verdict: Verdict) -> Finding:
    return Finding(
        "unsupported",
        Level.ERROR,
        harmless("; ".join(verdict.reasons), lines=True),
        Place(rule.path, rule.line),
        harmless(f"{rule.path.stem} on {target}"),
    )
