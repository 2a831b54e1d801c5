"""Markdown for a pull request: the verdict, one table, and each failure folded below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sigmaproof.errors import Exit, Problem
from sigmaproof.judge.results import Report, RuleResult
from sigmaproof.judge.verdicts import SIGMA, Status
from sigmaproof.report import View
from sigmaproof.report.comment import TEST, block, code, event, fitted, folded, inline, table
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.findings import Failure, failures
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import MARKS, Paint

_TABLE = 10_000
"""Characters of the table: a large rule set shows the rules that need a look."""
_FOOT = 300
"""Characters that are kept for saying what was left out."""
_BAD = (Status.FAIL, Status.REFUSED, Status.ERROR)
_IN_FULL = 20
"""So few rules are shown even if all is well with them."""


def render(report: Report, view: View) -> str:
    """The report as a comment of at most `TEST` characters, which says what it leaves out."""
    head = [*_verdict(report), *_rules(report), _table(report)]
    head = [part for part in head if part]
    room = TEST - _FOOT - sum(len(part) + 2 for part in head)
    details, left = fitted([*problem_details(report.problems), *_failures(report)], room)
    foot = [f"**{left} more not shown here:** run `sigmaproof test` to see all."] if left else []
    return "\n\n".join([*head, *details, *foot])


def _verdict(report: Report) -> Iterator[str]:
    totals = report.totals
    yield f"### {MARK_OF_EXIT[report.exit_code]} sigmaproof test: {_headline(report, totals)}"
    counts = [f"**{totals[one]:,}** {_WORDS[one]}" for one in Status if totals[one]]
    cases = sum(len(rule.cases) for rule in report.rules)
    facts = (
        number(len(report.rules), "rule"),
        number(len(report.targets), "target"),
        number(cases, "case"),
    )
    yield " · ".join([*counts, *facts])


MARK_OF_EXIT = {Exit.EXPECTED: "✅", Exit.VERDICT: "❌", Exit.BROKEN_INPUT: "⛔"}
_WORDS = {
    Status.PASS: "as expected",
    Status.FAIL: "failed",
    Status.GAP: "admitted gaps",
    Status.REFUSED: "refused",
    Status.NOT_VERIFIED: "not verified",
    Status.ERROR: "errors",
}


def _headline(report: Report, totals: Counter[Status]) -> str:
    if report.problems:
        return f"{number(len(report.problems), 'problem')} with what was given"
    if not totals:
        return "nothing ran"
    bad = [f"{totals[status]:,} {_WORDS[status]}" for status in _BAD if totals[status]]
    return ", ".join(bad) if bad else "every case is as expected"


def _table(report: Report) -> str:
    """Rules by sides. A rule with nothing to look at gives way to those that have something."""
    sides = (SIGMA, *report.targets)
    wanted = [rule for rule in report.rules if len(report.rules) <= _IN_FULL or _is_bad(rule)]
    rows = [[code(rule.name), *(_cell(rule, side) for side in sides)] for rule in wanted]
    lines = list(table(["rule", *map(code, sides)], rows))
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(line) > _TABLE:
            break
        kept.append(line)
    return "\n".join(kept) if rows else ""


def _rules(report: Report) -> Iterator[str]:
    good = sum(not _is_bad(rule) for rule in report.rules)
    if len(report.rules) > _IN_FULL and good:
        yield f"{good:,} rules are as expected and not listed."


def _is_bad(rule: RuleResult) -> bool:
    return any(outcome.status in _BAD for case in rule.cases for outcome in case.outcomes)


def _cell(rule: RuleResult, side: str) -> str:
    found = Counter(one.status for case in rule.cases for one in case.outcomes if one.side == side)
    if not found:
        return ""
    rest = [f"{MARKS[one]}{found[one]}" for one in (Status.GAP, Status.NOT_VERIFIED, *_BAD) if found[one]]
    text = " ".join([f"{found[Status.PASS]}/{found.total()}", *rest])
    return f"**{text}**" if any(found[one] for one in _BAD) else text


def problem_details(problems: Iterable[Problem]) -> Iterator[str]:
    """Each problem with an input, folded."""
    for problem in problems:
        place = f" · {inline(str(problem.place))}" if problem.place else ""
        body = block("\n".join(problem_lines(problem, Paint())))
        yield folded(f"⛔ <b>{problem.code}</b>{place}", body)


def _failures(report: Report) -> Iterator[str]:
    for rule in report.rules:
        for failure in failures(rule):
            yield _failure(rule, failure)


def _failure(rule: RuleResult, failure: Failure) -> str:
    outcome = failure.outcome
    sides = ", ".join(map(inline, failure.sides))
    about = sides if failure.silent else f"{inline(failure.case.case.name)} on {sides}"
    summary = f"{MARKS[outcome.status]} <b>{outcome.code}</b> · {inline(rule.name)} · {about}"
    parts = [block("\n".join(outcome_lines(rule, failure.case, outcome, Paint())))]
    if outcome.deviation:
        parts += ["The event:", event(outcome.deviation.event)]
    return folded(summary, "\n\n".join(parts))


def number(count: int, noun: str, several: str = "") -> str:
    """A count of things."""
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"
