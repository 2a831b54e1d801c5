"""What a test run found out. Reports are drawn from these values and compute nothing of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from sigmaproof.errors import Exit, Problem
from sigmaproof.judge.verdicts import Code, Status, Verdict
from sigmaproof.load.values import Case
from sigmaproof.logic.explain import Trace


class Deviation(Struct, frozen=True):
    """One event on which a target and the rule disagree, or the rule and the label."""

    event: Mapping[str, Any]
    position: int
    """0-based, among the case's events."""
    rule: Trace | None
    target: Trace | None
    why: str


class Outcome(Struct, frozen=True):
    """What one side said about one case."""

    side: str
    status: Status
    verdict: Verdict | None = None
    matches: int | None = None
    """Events (or findings) that matched; None when there is no answer."""
    code: Code | None = None
    message: str = ""
    help: str = ""
    deviation: Deviation | None = None


class CaseResult(Struct, frozen=True):
    """One case and what every side said: the rule first, then the targets in order."""

    case: Case
    outcomes: tuple[Outcome, ...]


class Conversion(Struct, frozen=True):
    """One target's queries for a rule, or why there are none."""

    target: str
    queries: tuple[str, ...] = ()
    refused: str = ""
    error: str = ""
    notes: tuple[str, ...] = ()


class RuleResult(Struct, frozen=True):
    """One rule under its fixture."""

    path: Path
    line: int
    title: str
    id: str
    fixture: Path
    conversions: tuple[Conversion, ...]
    cases: tuple[CaseResult, ...]
    notes: tuple[str, ...] = ()
    items: Mapping[str, int] = field(default_factory=dict)
    """The lines of the detection items, by their words; only of a rule with failures."""

    @property
    def name(self) -> str:
        """The stem of the rule's file."""
        return self.path.stem


class Report(Struct, frozen=True):
    """Everything a test run found out."""

    targets: tuple[str, ...]
    rules: tuple[RuleResult, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()

    def outcomes(self) -> Iterator[tuple[RuleResult, CaseResult, Outcome]]:
        """Every rule × case × side, in order."""
        for rule in self.rules:
            for case in rule.cases:
                for outcome in case.outcomes:
                    yield rule, case, outcome

    @property
    def totals(self) -> Counter[Status]:
        """How often each status occurs over all rule × case × side."""
        return Counter(outcome.status for _, _, outcome in self.outcomes())

    @property
    def exit_code(self) -> Exit:
        """The exit code that this run calls for; the worst news wins."""
        totals = self.totals
        if self.problems or totals[Status.ERROR] or totals[Status.REFUSED]:
            return Exit.BROKEN_INPUT
        if totals[Status.FAIL] or not totals:
            return Exit.VERDICT
        return Exit.EXPECTED
