"""Mutation for people: a line per rule, and what would kill the survivors as cases to paste."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.judge.mutate.results import Fate, Judged, Mutation, RuleMutation
from sigmaproof.judge.mutate.written import new_case
from sigmaproof.load.case_text import case_lines
from sigmaproof.report import View
from sigmaproof.report.markdown import number
from sigmaproof.report.mutation import percent
from sigmaproof.report.style import Paint, harmless

_IN_FULL = 3
"""So few rules are shown with their survivors, whether asked to or not."""
_LONGEST = 200


def render(mutation: Mutation, view: View) -> str:
    """The text for a terminal."""
    return "\n".join(_lines(mutation, view, Paint(view.color)))


def _lines(mutation: Mutation, view: View, paint: Paint) -> Iterator[str]:
    whole = view.verbose or len(mutation.rules) <= _IN_FULL
    width = max((len(rule.path.stem) for rule in mutation.rules), default=0)
    for rule in mutation.rules:
        yield _headline(rule, width, paint, low=rule in mutation.below)
        for one in rule.mutants if whole else ():
            yield from _mutant(rule, one, paint)
    yield "-" * 80
    counts = mutation.counts
    told = "   ".join(f"{fate.value} {counts[fate]:,}" for fate in Fate if counts[fate])
    yield paint.bold(f"{percent(mutation.rate):>7}") + (f"   {told}" if told else "")
    if mutation.threshold is not None:
        yield f"{number(len(mutation.below), 'rule')} below {mutation.threshold:g} %"
    if mutation.without_fixture:
        yield _without(mutation)
    cases = sum(rule.cases for rule in mutation.rules)
    taken = "" if view.seconds is None else f" · {view.seconds:.2f} s"
    yield f"{number(len(mutation.rules), 'rule')} · {number(cases, 'case')}{taken}"


def _headline(rule: RuleMutation, width: int, paint: Paint, *, low: bool) -> str:
    counts = rule.counts
    decided = counts[Fate.KILLED] + counts[Fate.SURVIVED]
    rate = f"{percent(rule.rate):>7}"
    line = f"{harmless(rule.path.stem):<{width}}  {counts[Fate.KILLED]:>4}/{decided:<4} "
    line += paint.severity("error", rate.strip()).rjust(len(rate)) if low and paint.color else rate
    undecided = f"   undecided {counts[Fate.UNDECIDED]}" if counts[Fate.UNDECIDED] else ""
    left_out = f"   {rule.left_out:,} changes not looked at" if rule.left_out else ""
    return line + ("   below" if low else "") + undecided + left_out


def _mutant(rule: RuleMutation, one: Judged, paint: Paint) -> Iterator[str]:
    if one.fate not in (Fate.SURVIVED, Fate.UNDECIDED):
        return
    place = harmless(f"{rule.path}:{one.line}")
    yield f"  {paint.bold(one.fate.value)}  {place}  {harmless(one.name, _LONGEST)}"
    if one.fate is Fate.UNDECIDED:
        yield f"    {harmless('; '.join(one.reasons), _LONGEST)}"
    elif one.killed_by:
        yield f"    killed as well by the case for {harmless(one.killed_by, _LONGEST)}"
    elif one.witness is not None:
        yield from (f"    {harmless(line)}" for line in case_lines(new_case(one.name, one.witness), 0))


def _without(mutation: Mutation) -> str:
    names = [harmless(path.stem) for path in mutation.without_fixture]
    shown = ", ".join(names) if len(names) <= _IN_FULL else f"{', '.join(names[:_IN_FULL])}, …"
    return f"{number(len(names), 'rule')} without a fixture: {shown}"
