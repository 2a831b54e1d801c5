"""Mutation as JSON: one record per mutant; see schemas/mutation.schema.json."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sigmaproof.judge.mutate.results import Fate, Judged, Mutation, RuleMutation
from sigmaproof.judge.mutate.written import new_case
from sigmaproof.report import View
from sigmaproof.report.json import json_text, problem, without_empty

VERSION = 1


def render(mutation: Mutation, view: View) -> str:
    """The result as JSON text; the same run gives the same bytes."""
    return json_text(document(mutation), indent=True)


def document(mutation: Mutation) -> dict[str, Any]:
    """The result as plain data."""
    return {
        "version": VERSION,
        "summary": {
            "exit_code": int(mutation.exit_code),
            "rules": len(mutation.rules),
            "without_fixture": len(mutation.without_fixture),
            "mutants": _counts(mutation.counts),
            "kill_rate": mutation.rate,
            "threshold": mutation.threshold,
            "below": [rule.path.as_posix() for rule in mutation.below],
        },
        "rules": [_rule(rule) for rule in mutation.rules],
        "without_fixture": [path.as_posix() for path in mutation.without_fixture],
        "problems": [problem(one) for one in mutation.problems],
    }


def _rule(rule: RuleMutation) -> dict[str, Any]:
    return {
        "rule": rule.path.as_posix(),
        "title": rule.title,
        "fixtures": [path.as_posix() for path in rule.fixtures],
        "cases": rule.cases,
        "counts": _counts(rule.counts),
        "kill_rate": rule.rate,
        "left_out": rule.left_out,
        "mutants": [_mutant(one) for one in rule.mutants],
    }


def _counts(counts: Counter[Fate]) -> dict[str, int]:
    return {fate.value: counts[fate] for fate in Fate}


def _mutant(one: Judged) -> dict[str, Any]:
    return without_empty(
        {
            "name": one.name,
            "kind": one.kind,
            "line": one.line,
            "fate": one.fate.value,
            "case": one.case,
            "killed_by": one.killed_by,
            "witness": new_case(one.name, one.witness).data if one.witness else None,
            "reasons": list(one.reasons),
        }
    )
