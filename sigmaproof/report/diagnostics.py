"""One failure as text: code, place, source line, why, remedy."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.judge.results import CaseResult, Outcome, RuleResult
from sigmaproof.judge.verdicts import target_of
from sigmaproof.report.style import Paint, harmless

_LONGEST_QUERY = 400
_LONGEST_LINE = 200


def outcome_lines(rule: RuleResult, result: CaseResult, outcome: Outcome, paint: Paint) -> Iterator[str]:
    """An outcome that is not as it should be."""
    case = result.case
    code = str(outcome.code or outcome.status)
    yield f"{paint.severity('error', code)}: {_hanging(harmless(outcome.message, lines=True), 4)}"
    yield f"  {paint.dim('-->')} {harmless(f'{case.path}:{case.line}  {case.name}', _LONGEST_LINE)}"
    if case.text:
        number = str(case.line)
        gutter = " " * len(number)
        yield f" {gutter} {paint.dim('|')}"
        yield f" {number} {paint.dim('|')}   {harmless(case.text, _LONGEST_LINE)}"
        yield f" {gutter} {paint.dim('|')}"
    for name, text in _facts(rule, outcome):
        yield f"   {paint.dim('=')} {name + ':':<6} {_hanging(text, 12)}"


def _hanging(text: str, indent: int) -> str:
    return text.replace("\n", f"\n{' ' * indent}")


def _facts(rule: RuleResult, outcome: Outcome) -> Iterator[tuple[str, str]]:
    conversion = next((one for one in rule.conversions if one.target == target_of(outcome.side)), None)
    for query in conversion.queries if conversion else ():
        yield "query", harmless(query, _LONGEST_QUERY, lines=True)
    if outcome.deviation and outcome.deviation.why:
        event = f" (event {outcome.deviation.position + 1})" if outcome.deviation.position else ""
        yield "why", harmless(outcome.deviation.why, _LONGEST_QUERY) + event
    if outcome.help:
        yield "help", harmless(outcome.help, lines=True)
