"""Why a correlation rule fired or did not, as a small timeline for each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigmaproof.judge.story import GroupStory, told_amount, told_question, told_rule
from sigmaproof.judge.verdicts import Status
from sigmaproof.languages.sigma import Resolved
from sigmaproof.logic.times import told
from sigmaproof.report.style import Paint, harmless

MOST_GROUPS = 10
MOST_MOMENTS = 12
"""Of one group: the first and the last ones."""


def timeline_lines(found: Resolved, groups: Sequence[GroupStory], paint: Paint) -> Iterator[str]:
    """The question, then a block for each group; `yes` marks events behind a match."""
    yield f"  {harmless(told_question(found))}"
    if not groups:
        yield "  no event of its rules has what it groups by and counts, and a time"
    for group in groups[:MOST_GROUPS]:
        fires = ", ".join(told(time) for time in group.began)
        verdict = f"fires at {fires}" if fires else f"does not fire, comes to {told_amount(group.most)}"
        yield f"  {paint.bold(harmless(group.group))}  {harmless(verdict)}"
        yield from _moments(found, group, paint)
    if len(groups) > MOST_GROUPS:
        yield f"  … {len(groups) - MOST_GROUPS} more groups"


def _moments(found: Resolved, group: GroupStory, paint: Paint) -> Iterator[str]:
    moments, half = group.moments, MOST_MOMENTS // 2
    short = len(moments) > MOST_MOMENTS
    names = {one.rule: harmless(told_rule(found, one.rule)) for one in moments}
    width = max(map(len, names.values()))
    for one in (*moments[:half], *moments[-half:]) if short else moments:
        if short and one is moments[-half]:
            yield f"    … {len(moments) - MOST_MOMENTS} more events"
        mark = paint.status(Status.PASS, "yes") if one.behind else paint.status(Status.FAIL, "NO ")
        event = paint.dim(f"event {one.row + 1:<4}")
        yield f"    {mark}  {told(one.time)}  {event}  {names[one.rule]:<{width}}  {told_amount(one.amount)}"
