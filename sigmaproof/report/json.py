"""JSON: one record per rule × case × side, in the order of the run; see schemas/report.schema.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from sigmaproof.errors import Problem
from sigmaproof.judge.results import CaseResult, Conversion, Deviation, Outcome, Report, RuleResult
from sigmaproof.logic.explain import Trace
from sigmaproof.report import View

VERSION = 1


def render(report: Report, view: View) -> str:
    """The report as JSON text; the same run gives the same bytes."""
    return json_text(document(report), indent=True)


def json_text(data: Any, *, indent: bool = False) -> str:
    """Plain data as JSON, whatever numbers and characters the events held; what JSON lacks is its text."""
    return _written(data, indent).replace("##[", "#\\u0023[")  # an order to GitHub's runner, if it is printed


def _written(data: Any, indent: bool) -> str:
    try:
        option = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if indent else 0)
        return orjson.dumps(data, default=str, option=option).decode()
    except orjson.JSONEncodeError:
        # integers beyond 64 bits and halves of surrogate pairs are JSON, but not to orjson
        return json.dumps(data, default=str, indent=2 if indent else None)


def document(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "version": VERSION,
        "targets": list(report.targets),
        "summary": {
            "exit_code": int(report.exit_code),
            "rules": len(report.rules),
            "cases": sum(len(rule.cases) for rule in report.rules),
            "outcomes": {status.value: count for status, count in sorted(report.totals.items())},
        },
        "rules": [_rule(rule) for rule in report.rules],
        "results": [_result(*outcome) for outcome in report.outcomes()],
        "problems": [problem(one) for one in report.problems],
        "notes": [problem(note) for note in report.notes],
    }


def _rule(rule: RuleResult) -> dict[str, Any]:
    return {
        "rule": rule.path.as_posix(),
        "id": rule.id,
        "title": rule.title,
        "fixture": rule.fixture.as_posix(),
        "conversions": [_conversion(conversion) for conversion in rule.conversions],
        "notes": list(rule.notes),
    }


def _conversion(conversion: Conversion) -> dict[str, Any]:
    return without_empty(
        {
            "target": conversion.target,
            "queries": list(conversion.queries),
            "refused": conversion.refused,
            "error": conversion.error,
            "notes": list(conversion.notes),
        }
    )


def _result(rule: RuleResult, case: CaseResult, outcome: Outcome) -> dict[str, Any]:
    return without_empty(
        {
            "rule": rule.path.as_posix(),
            "rule_id": rule.id,
            "fixture": case.case.path.as_posix(),
            "line": case.case.line,
            "case": case.case.name,
            "label": case.case.label.value,
            "target": outcome.side,
            "status": outcome.status.value,
            "verdict": outcome.verdict,
            "matches": outcome.matches,
            "code": outcome.code,
            "message": outcome.message,
            "difference": _deviation(outcome.deviation),
        }
    )


def _deviation(deviation: Deviation | None) -> dict[str, Any] | None:
    if deviation is None:
        return None
    return without_empty(
        {
            "position": deviation.position,
            "why": deviation.why,
            "event": dict(deviation.event),
            "rule": _trace(deviation.rule),
            "target": _trace(deviation.target),
        }
    )


def _trace(trace: Trace | None) -> dict[str, Any] | None:
    if trace is None:
        return None
    return without_empty(
        {
            "holds": trace.holds,
            "kind": trace.kind,
            "text": trace.text,
            "actual": None if trace.actual is None else list(trace.actual),
            "reason": trace.reason,
            "children": [_trace(child) for child in trace.children],
        }
    )


def problem(one: Problem) -> dict[str, Any]:
    """What is wrong with an input."""
    place = one.place
    return without_empty(
        {
            "code": one.code,
            "message": one.message,
            "path": place.path.as_posix() if place else None,
            "line": place.line if place else None,
            "help": one.help,
        }
    )


def without_empty(record: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves out what is not there: null, empty text, empty list. Zero and false stay."""
    return {key: value for key, value in record.items() if value is not None and value != "" and value != []}
