"""Mutation for a pull request: a table of rules, and the cases that would kill the survivors, folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sigmaproof.judge.mutate.results import Fate, Judged, Mutation, RuleMutation
from sigmaproof.judge.mutate.written import new_case
from sigmaproof.load.case_text import case_lines
from sigmaproof.report import View
from sigmaproof.report.comment import TEST, block, code, fitted, folded, inline, table
from sigmaproof.report.markdown import MARK_OF_EXIT, number, problem_details
from sigmaproof.report.mutation import percent

_IN_FULL = 40
"""So many rules are listed at most, the worst ones."""
_FOOT = 300
"""Characters that are kept for saying what was left out."""


def render(mutation: Mutation, view: View) -> str:
    """The result as a comment of at most `TEST` characters, which says what it leaves out."""
    head = [_verdict(mutation), *_left_out(mutation), "\n".join(_table(mutation))]
    head = [part for part in head if part]
    room = TEST - _FOOT - sum(len(part) + 2 for part in head)
    details, left = fitted([*problem_details(mutation.problems), *_survivors(mutation)], room)
    foot = [f"**{left} more not shown here:** run `sigmaproof mutate -v` to see all."] if left else []
    return "\n\n".join([*head, *details, *foot])


def _verdict(mutation: Mutation) -> str:
    mark = MARK_OF_EXIT[mutation.exit_code]
    counts = mutation.counts
    told = [f"**{counts[fate]:,}** {fate.value}" for fate in Fate if counts[fate]]
    facts = " · ".join([*told, number(len(mutation.rules), "rule")])
    return f"### {mark} sigmaproof mutate: {_headline(mutation)}\n\n{facts}"


def _headline(mutation: Mutation) -> str:
    if mutation.rate is None:
        return "nothing ran"
    below = (
        f", {number(len(mutation.below), 'rule')} below {mutation.threshold:g} %" if mutation.below else ""
    )
    return f"{percent(mutation.rate)} of mutants killed{below}"


def _left_out(mutation: Mutation) -> Iterator[str]:
    if mutation.without_fixture:
        yield f"{number(len(mutation.without_fixture), 'rule')} without a fixture."
    if len(mutation.rules) > _IN_FULL:
        yield f"{number(len(mutation.rules) - _IN_FULL, 'rule')} with better rates not listed."


def _table(mutation: Mutation) -> Iterator[str]:
    listed = mutation.rules
    if len(listed) > _IN_FULL:
        listed = tuple(sorted(listed, key=lambda rule: 101 if rule.rate is None else rule.rate)[:_IN_FULL])
    rows = [[code(rule.path.stem), *_cells(rule.rate, rule.counts)] for rule in listed]
    yield from table(["rule", "kill rate", *Fate], rows) if rows else ()


def _cells(rate: float | None, counts: Counter[Fate]) -> Iterator[str]:
    yield percent(rate)
    yield from (str(counts[fate]) for fate in Fate)


def _survivors(mutation: Mutation) -> Iterator[str]:
    for rule in mutation.rules:
        for one in rule.survivors:
            if one.witness is not None and not one.killed_by:
                yield _survivor(rule, one)


def _survivor(rule: RuleMutation, one: Judged) -> str:
    assert one.witness is not None
    summary = f"<b>{one.fate.value}</b> · {inline(f'{rule.path}:{one.line}')} · {inline(one.name)}"
    return folded(summary, block("\n".join(case_lines(new_case(one.name, one.witness), 0)), "yaml"))
