"""Correlation rules in two versions: compared by what they are, and on their labelled cases."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.diff import CaseChange, Cause, Change, QueryChange, Standing
from sigmaproof.judge.diff_meaning import conversion, unanswered
from sigmaproof.judge.verdicts import SIGMA
from sigmaproof.judge.verify import NoAnswer

_CASES_ONLY = "rules over several events are compared on their labelled cases only"


def sequence_change(
    before: PreparedCorrelation, after: PreparedCorrelation, cases: Iterable[CaseChange]
) -> Change:
    """What became of a correlation rule."""
    if before.meaning.plan == after.meaning.plan:
        same = before.document.data == after.document.data
        return Change(Standing.SAME if same else Standing.PROVEN)
    return _seen(SIGMA, cases)


def sequence_query(
    before: PreparedCorrelation,
    after: PreparedCorrelation,
    target: str,
    files: Collection[Cause],
    cases: Iterable[CaseChange],
) -> QueryChange:
    """What became of one target's queries for it; `files`: those of the target's that changed."""
    was, is_ = conversion(before, target), conversion(after, target)
    old, new = before.sides[target], after.sides[target]
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        change = unanswered(was, is_, old, new)
    elif was.queries == is_.queries and not files:
        change = Change(Standing.SAME)
    else:
        change = _seen(target, cases)
    return QueryChange(target, change, was.queries, is_.queries)


def _seen(side: str, cases: Iterable[CaseChange]) -> Change:
    told = any(one.side == side and one.fires is not None for case in cases for one in case.answers)
    return Change(Standing.CHANGED if told else Standing.TESTED, reasons=(_CASES_ONLY,))
