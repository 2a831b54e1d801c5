"""What the page shows of one rule: read only when a person opens it, and bounded in size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sigmaproof.judge.mutate.results import Fate, Judged, RuleMutation
from sigmaproof.judge.mutate.written import new_case
from sigmaproof.judge.prove import Difference, Verdict
from sigmaproof.judge.results import CaseResult, Conversion, Deviation, Outcome, RuleResult
from sigmaproof.judge.verdicts import Status
from sigmaproof.load.case_text import case_lines
from sigmaproof.logic.explain import Trace
from sigmaproof.report.html.page import CaseKey, Explained, PageRule, Timeline
from sigmaproof.report.html.timelines import timeline_data
from sigmaproof.report.json import json_text, without_empty
from sigmaproof.report.mutation import percent
from sigmaproof.report.style import harmless
from sigmaproof.report.trace import trace_rows

MOST_CASES = 400
"""Of one fixture; those that need a look come first when there are more."""
_MOST_ROWS = 120
_MOST_SURVIVORS = 60
_LONGEST = 400
_LONGEST_TEXT = 20_000
_LONGEST_EVENT = 4_000
_STATUSES = list(Status)


def details(rule: PageRule) -> dict[str, Any]:
    """All that is known of one rule, as plain data."""
    about = rule.about
    conversions = rule.conversions or next((one.conversions for one in rule.results), ())
    notes = [note for result in rule.results for note in result.notes]
    return without_empty(
        {
            "status": _line(about.status),
            "description": _text(about.description),
            "tags": [_line(tag) for tag in about.tags],
            "source": _text(about.source),
            "line": about.line,
            "notes": [_line(note) for note in dict.fromkeys(notes)],
            "problem": _text(rule.problem.message) if rule.problem else "",
            "targets": list(_targets(conversions, rule.verdicts)),
            "fixtures": [_fixture(result, rule.explained) for result in rule.results],
            "mutation": _mutation(rule.mutation) if rule.mutation else None,
        }
    )


def _targets(conversions: Sequence[Conversion], verdicts: Mapping[str, Verdict]) -> Iterator[dict[str, Any]]:
    made = {one.target: one for one in conversions}
    for name in dict.fromkeys([*made, *verdicts]):
        one = made.get(name, Conversion(name))
        yield without_empty(
            {
                "name": name,
                "queries": [_text(query) for query in one.queries],
                "refused": _text(one.refused),
                "error": _text(one.error),
                "notes": [_line(note) for note in one.notes],
                "proof": _proof(verdicts[name]) if name in verdicts else None,
            }
        )


def _proof(verdict: Verdict) -> dict[str, Any]:
    return without_empty(
        {
            "standing": verdict.standing.value,
            "reasons": [_text(reason) for reason in verdict.reasons],
            "assumes": [one.told for one in verdict.assumes],
            "differences": [_difference(one) for one in verdict.differences],
        }
    )


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "direction": one.direction.value,
        "kind": _line(one.kind),
        "event": _event(one.event),
        "rule": _line(one.rule),
        "query": _line(one.query),
    }


def _fixture(result: RuleResult, explained: Mapping[CaseKey, Explained | Timeline]) -> dict[str, Any]:
    cases = sorted(result.cases, key=_looks_fine) if len(result.cases) > MOST_CASES else result.cases
    return without_empty(
        {
            "path": _line(result.fixture.as_posix()),
            "cases": [_case(one, explained) for one in cases[:MOST_CASES]],
            "left_out": max(0, len(result.cases) - MOST_CASES) or None,
        }
    )


def _looks_fine(result: CaseResult) -> bool:
    return all(one.status is Status.PASS for one in result.outcomes)


def _case(result: CaseResult, explained: Mapping[CaseKey, Explained | Timeline]) -> dict[str, Any]:
    case = result.case
    found = explained.get((case.path, case.line, case.name))
    timeline = found if isinstance(found, Timeline) else None
    found = None if isinstance(found, Timeline) else found
    return without_empty(
        {
            "name": _line(case.name),
            "line": case.line,
            "label": case.label.value,
            "text": "" if case.name in case.text else _line(case.text),
            "why": _line(case.why or case.note),
            "todo": _line(case.todo),
            "file": _line(case.file.as_posix()) if case.file else "",
            "outcomes": [_outcome(one) for one in result.outcomes],
            "event": _event(found.event) if found else "",
            "events": len(case.events) if len(case.events) > 1 else None,
            "position": found.position + 1 if found and found.position else None,
            "trace": _trace(found.trace) if found else None,
            "timeline": timeline_data(timeline) if timeline else None,
        }
    )


def _outcome(one: Outcome) -> list[Any]:
    """Side, status, verdict; and what there is to say where it is not simply right."""
    short = [one.side, _STATUSES.index(one.status), one.verdict.value if one.verdict else ""]
    if one.status is Status.PASS:
        return short
    told = {"code": str(one.code or ""), "message": _text(one.message), "help": _text(one.help)}
    return [*short, without_empty({**told, **_deviation(one.deviation)})]


def _deviation(deviation: Deviation | None) -> dict[str, Any]:
    if deviation is None:
        return {}
    return {
        "why": _line(deviation.why),
        "event": _event(deviation.event),
        "rule": _trace(deviation.rule),
        "target": _trace(deviation.target),
    }


def _trace(trace: Trace | None) -> list[list[Any]] | None:
    """Rows of depth, truth, words, actual value and reason."""
    if trace is None:
        return None
    rows = list(islice(trace_rows(trace), _MOST_ROWS + 1))
    cut = [[0, None, "… the rest is left out", "", ""]] if len(rows) > _MOST_ROWS else []
    shown = [[row.depth, row.holds, row.words, row.seen, row.reason or ""] for row in rows[:_MOST_ROWS]]
    return shown + cut


def _mutation(mutation: RuleMutation) -> dict[str, Any]:
    counts = mutation.counts
    open_ = [one for one in mutation.mutants if one.fate in (Fate.SURVIVED, Fate.UNDECIDED)]
    return without_empty(
        {
            "rate": percent(mutation.rate),
            "counts": {fate.value: counts[fate] for fate in Fate},
            "left_out": mutation.left_out or None,
            "problems": [_text(one.message) for one in mutation.problems],
            "survivors": [_survivor(one) for one in open_[:_MOST_SURVIVORS]],
            "more": max(0, len(open_) - _MOST_SURVIVORS) or None,
        }
    )


def _survivor(one: Judged) -> dict[str, Any]:
    case = "" if one.witness is None else _joined(case_lines(new_case(one.name, one.witness), 0))
    return without_empty(
        {
            "name": _line(one.name),
            "line": one.line,
            "fate": one.fate.value,
            "killed_by": _line(one.killed_by),
            "reasons": [_line(reason) for reason in one.reasons],
            "case": _text(case),
        }
    )


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _event(event: Mapping[str, Any]) -> str:
    text = harmless(json_text(dict(event), indent=True), lines=True)
    return text if len(text) <= _LONGEST_EVENT else f"{text[:_LONGEST_EVENT]}…"


def _line(text: str) -> str:
    return harmless(text, _LONGEST)


def _text(text: str) -> str:
    cut = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    lines = cut.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(harmless, line.split("\t"))) for line in lines)
