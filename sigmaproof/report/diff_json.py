"""What a change does to events, as JSON; see schemas/diff.schema.json."""

from __future__ import annotations

from typing import Any

from sigmaproof.errors import Exit, Place
from sigmaproof.judge.diff import (
    Answers,
    CaseChange,
    Cause,
    Change,
    Diff,
    QueryChange,
    RuleChange,
    Witness,
)
from sigmaproof.judge.results import Outcome
from sigmaproof.report.json import json_text, problem, without_empty

VERSION = 1


def render(found: Diff, code: Exit) -> str:
    """The comparison as JSON text; the same change gives the same bytes."""
    return json_text(document(found, code), indent=True)


def document(found: Diff, code: Exit) -> dict[str, Any]:
    """The comparison as plain data."""
    return {
        "version": VERSION,
        "base": found.base,
        "head": found.head,
        "targets": list(found.targets),
        "summary": {"exit_code": int(code), "rules": len(found.rules), "moved": found.moved},
        "files": [{"kind": one.kind, "path": one.path, "fate": one.fate.value} for one in found.files],
        "rules": [_rule(rule) for rule in found.rules],
        "problems": [problem(one) for one in found.problems],
        "notes": list(found.notes),
    }


def _rule(rule: RuleChange) -> dict[str, Any]:
    return {
        "rule": rule.place.path.as_posix(),
        "line": rule.place.line,
        "id": rule.id,
        "title": rule.title,
        "fate": rule.fate.value,
        **({"before": rule.before.path.as_posix()} if rule.before else {}),
        **_change(rule.rule),
        "edits": [_cause(one) for one in rule.edits],
        "queries": [_query(one) for one in rule.queries],
        "cases": [_case(one) for one in rule.cases if one.changed or one.failing],
    }


def _change(change: Change) -> dict[str, Any]:
    found: dict[str, Any] = {"standing": change.standing.value}
    if change.reasons:
        found["reasons"] = list(change.reasons)
    if change.witnesses:
        found["witnesses"] = [_witness(one) for one in change.witnesses]
    return found


def _witness(one: Witness) -> dict[str, Any]:
    return {
        "matches": "now" if one.now else "before",
        "event": dict(one.event),
        "why": one.why,
        "kind": one.kind,
        "causes": [_cause(cause) for cause in one.causes],
        **({"unlike_rule": True} if one.unlike_rule else {}),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {"text": cause.text, **_place(cause.place), **({"in_base": True} if cause.before else {})}


def _place(place: Place | None) -> dict[str, Any]:
    return without_empty({"path": place.path.as_posix(), "line": place.line or None}) if place else {}


def _query(query: QueryChange) -> dict[str, Any]:
    return {
        "target": query.target,
        **_change(query.change),
        "before": list(query.before),
        "after": list(query.after),
        **({"admitted": True} if query.admitted else {}),
    }


def _case(change: CaseChange) -> dict[str, Any]:
    case = change.case
    return {
        "fixture": case.path.as_posix(),
        "line": case.line,
        "case": case.name,
        "label": case.label.value,
        "in_head": not change.former,
        "answers": [_answers(one) for one in change.answers],
    }


def _answers(one: Answers) -> dict[str, Any]:
    mark = {"mark": one.mark.value} if one.mark else {}
    return {"side": one.side, "before": _outcome(one.before), "after": _outcome(one.after), **mark}


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return without_empty(
        {
            "status": outcome.status.value,
            "verdict": outcome.verdict,
            "matches": outcome.matches,
            "code": outcome.code,
        }
    )
