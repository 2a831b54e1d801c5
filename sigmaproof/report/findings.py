"""What is wrong, one value for each thing, whatever found it: what annotations and SARIF are drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from sigmaproof.errors import Place, Problem
from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import AS_THE_RULE, SIGMA, Code, Status
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.style import Paint, harmless


class Level(StrEnum):
    """How bad a finding is; the words are SARIF's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Struct, frozen=True):
    """One thing that is wrong: code, where, and what to read there. Its texts may be shown as they are."""

    code: str
    level: Level
    message: str
    place: Place | None = None
    title: str = ""
    """What it is about, in a few words: it stays the same when lines move."""
    details: str = ""
    """What follows the message: the source line, why, and what to do."""
    related: Place | None = None
    """The detection item that decided, where the place is another."""


def findings(report: Report) -> Iterator[Finding]:
    """What a test run found wrong: problems, notes, then failures in their order."""
    yield from problem_findings(report.problems, Level.ERROR)
    yield from problem_findings(report.notes, Level.NOTE)
    for rule in report.rules:
        for failure in failures(rule):
            yield _no_answer(rule, failure.outcome) if failure.silent else _failure(rule, failure)


class Failure(Struct, frozen=True):
    """An outcome that is not as it should be, and every side that shares it."""

    case: CaseResult
    outcome: Outcome
    sides: tuple[str, ...]

    @property
    def silent(self) -> bool:
        """Whether the side has no answer at all, to any case."""
        return self.outcome.matches is None and self.outcome.code is not Code.INVALID_FIXTURE


def failures(rule: RuleResult) -> Iterator[Failure]:
    """What is wrong with a rule, each thing once.

    A target that is wrong because the rule is, is told with the rule; one that has no answer, once per rule.
    """
    told: set[tuple[str, str]] = set()
    for case in rule.cases:
        for outcome in case.outcomes:
            if outcome.status in (Status.PASS, Status.GAP, Status.NOT_VERIFIED) or _shared(case, outcome):
                continue
            found = Failure(case, outcome, (outcome.side, *_sharing(case, outcome)))
            if found.silent and (outcome.side, outcome.message) in told:
                continue
            told.add((outcome.side, outcome.message))
            yield found


def _shared(case: CaseResult, outcome: Outcome) -> bool:
    rule_too = any(one.side == SIGMA and one.status is Status.FAIL for one in case.outcomes)
    return rule_too and outcome.message == AS_THE_RULE


def _sharing(case: CaseResult, outcome: Outcome) -> Iterator[str]:
    if outcome.side == SIGMA:
        yield from (one.side for one in case.outcomes if _shared(case, one))


def problem_findings(problems: Iterable[Problem], level: Level) -> Iterator[Finding]:
    """Problems with inputs, as findings."""
    for problem in problems:
        message, help_ = (harmless(text, lines=True) for text in (problem.message, problem.help))
        yield Finding(problem.code, level, message, problem.place, problem.code, help_)


def item_place(path: Path, items: Mapping[str, int], told: str) -> Place | None:
    """The line of the first detection item, or value of one, that a text speaks of."""
    spoken = [words for words in items if words in told]
    # the words of a value may be part of an item's, whose line says more
    whole = [items[words] for words in spoken if not any(words in one != words for one in spoken)]
    return Place(path, min(whole)) if whole else None


def _failure(rule: RuleResult, failure: Failure) -> Finding:
    case, outcome = failure.case.case, failure.outcome
    lines = list(outcome_lines(rule, failure.case, outcome, Paint()))
    why = outcome.deviation.why if outcome.deviation else ""
    return Finding(
        str(outcome.code),
        Level.ERROR,
        harmless(outcome.message, lines=True),
        Place(case.path, case.line),
        harmless(f"{case.name} on {', '.join(failure.sides)}"),
        "\n".join(lines[1:]),
        item_place(rule.path, rule.items, why),
    )


def _no_answer(rule: RuleResult, outcome: Outcome) -> Finding:
    return Finding(
        str(outcome.code),
        Level.ERROR,
        harmless(outcome.message, lines=True),
        Place(rule.path, rule.line),
        harmless(f"{rule.name} on {outcome.side}"),
        harmless(outcome.help, lines=True),
    )
