"""GitHub annotations: a workflow command per failure, at the fixture line."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.errors import Problem
from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import Status
from sigmaproof.report import View
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.style import Paint, harmless


def render(report: Report, view: View) -> str:
    """The report as workflow commands, one line each."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    for problem in report.problems:
        yield _problem("error", problem)
    for note in report.notes:
        yield _problem("notice", note)
    for rule, case, outcome in report.outcomes():
        if outcome.status not in (Status.PASS, Status.GAP):
            yield _outcome(rule, case, outcome)


def _problem(level: str, problem: Problem) -> str:
    path, line = (problem.place.path.as_posix(), problem.place.line) if problem.place else ("", 0)
    text = f"{problem.message}\n{problem.help}" if problem.help else problem.message
    return _command(level, path, line, problem.code, text)


def _outcome(rule: RuleResult, case: CaseResult, outcome: Outcome) -> str:
    text = "\n".join(outcome_lines(rule, case, outcome, Paint()))
    title = f"{outcome.code}: {case.case.name} on {outcome.side}"
    return _command("error", case.case.path.as_posix(), case.case.line, title, text)


def _command(level: str, path: str, line: int, title: str, message: str) -> str:
    place = [f"file={_property(path)}"] if path else []
    place += [f"line={line}"] if line else []
    return (
        f"::{level} {','.join([*place, f'title={_property(title)}'])}::{_data(harmless(message, lines=True))}"
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(harmless(text)).replace(":", "%3A").replace(",", "%2C")
