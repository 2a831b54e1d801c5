"""A report with one outcome of each kind, whose words come from whoever wrote the rules and events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigmaproof.errors import Place, Problem
from sigmaproof.judge.results import CaseResult, Conversion, Deviation, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import Code, Status, Verdict
from sigmaproof.load.values import Case, Label, Matches
from sigmaproof.logic.explain import Reason, Trace


def report_of(words: str, event: dict[str, Any] | None = None) -> Report:
    """The report in which every text that people write is these words."""
    event = {"a": words} if event is None else event
    trace = Trace(
        False,
        "all of",
        children=(
            Trace(True, "label", words, children=(Trace(True, "test", words, (words, 1, True, None)),)),
            Trace(False, "not", children=(Trace(True, "test", "a", (words,)),)),
            Trace(False, "test", "b", None, Reason.ABSENT),
            Trace(
                False, "any of", children=(Trace(False, "never"), Trace(False, "test", "c", (), Reason.EMPTY))
            ),
        ),
    )
    deviation = Deviation(event, 1, trace, trace, f"{words} is absent")
    outcomes = (
        Outcome("sigma", Status.PASS, Verdict.TP, 1),
        Outcome("one", Status.FAIL, Verdict.FN, 0, Code.MISSED, words, words, deviation),
        Outcome("two", Status.GAP, Verdict.FP, 2, message=words),
        Outcome("three", Status.REFUSED, code=Code.UNSUPPORTED, message=words, help=words),
        Outcome("four", Status.ERROR, code=Code.INVALID_QUERY, message=words),
    )
    case = Case(
        name=words,
        label=Label.MALICIOUS,
        path=Path(words) / "f.yml",
        line=3,
        events=(event,),
        offsets=(0.0,),
        matches=Matches(1),
        text=words,
    )
    rule = RuleResult(
        path=Path(words) / f"{words}.yml",
        line=1,
        title=words,
        id="",
        fixture=Path(words) / "f.yml",
        conversions=(
            Conversion("one", (words,), notes=(words,)),
            Conversion("three", refused=words),
            Conversion("four", (words, words), error=words),
        ),
        cases=(CaseResult(case, outcomes),),
        notes=(words,),
    )
    problem = Problem("invalid-rule", words, Place(Path(words), 7), words)
    return Report(("one", "two", "three", "four"), (rule,), (problem, Problem("x", words)), (problem,))
