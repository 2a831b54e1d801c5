"""A case of a correlation rule in time, as the page draws it: bounded, in seconds from the first event."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from sigmaproof.index.sources import CHANNEL
from sigmaproof.judge.story import GroupStory, Moment, told_amount
from sigmaproof.logic.times import SECOND, TIMES, told
from sigmaproof.report.html.page import Timeline
from sigmaproof.report.json import json_text, without_empty
from sigmaproof.report.style import harmless

MOST_GROUPS = 12
MOST_MOMENTS = 60
"""Of one group, the first and the last ones; and so many events that are in no group."""
_LONGEST = 300
_PLAIN = (CHANNEL, "Provider_Name", *TIMES)
"""Fields that say nothing about which event it is."""


def timeline_data(found: Timeline) -> dict[str, Any]:
    """What the page draws, as plain data."""
    times = [time for time, _ in found.events if time is not None]
    start = min(times, default=0)
    groups = found.groups[:MOST_GROUPS]
    apart = list(_apart(found, start))
    listed = {row for group in groups for one in _few(_moments(group)) for row in (one.row,)}
    listed |= {row for _, row in apart[:MOST_MOMENTS]}
    return without_empty(
        {
            "question": harmless(found.question, _LONGEST),
            "rules": [harmless(name, _LONGEST) for name in found.names],
            "start": told(start) if times else "",
            "span": found.span / SECOND,
            "long": _seconds(max(times, default=0), start),
            "groups": [_group(one, start) for one in groups],
            "more_groups": max(0, len(found.groups) - MOST_GROUPS) or None,
            "apart": [list(one) for one in apart[:MOST_MOMENTS]],
            "more_apart": max(0, len(apart) - MOST_MOMENTS) or None,
            "events": {str(row): _event(found.events[row][1]) for row in sorted(listed)},
        }
    )


def _group(group: GroupStory, start: int) -> dict[str, Any]:
    moments = _moments(group)
    return without_empty(
        {
            "name": harmless(group.group, _LONGEST),
            "most": told_amount(group.most),
            "fires": [
                [_seconds(began, start), _seconds(lasted, start)]
                for began, lasted in zip(group.began, group.lasted, strict=True)
            ][:MOST_MOMENTS],
            "moments": [_moment(one, start) for one in _few(moments)],
            "more": max(0, len(moments) - MOST_MOMENTS) or None,
        }
    )


def _moment(one: Moment, start: int) -> list[Any]:
    """When, which event, which rule, what the window then amounts to, whether it is behind a match."""
    return [_seconds(one.time, start), one.row, one.rule, told_amount(one.amount), one.behind]


def _moments(group: GroupStory) -> list[Moment]:
    """Each event once for each rule, whatever number of values it brought."""
    return [list(same)[-1] for _, same in groupby(group.moments, key=lambda one: (one.row, one.rule))]


def _few(moments: Sequence[Moment]) -> Sequence[Moment]:
    half = MOST_MOMENTS // 2
    return moments if len(moments) <= MOST_MOMENTS else [*moments[:half], *moments[-half:]]


def _apart(found: Timeline, start: int) -> Iterator[tuple[float | None, int]]:
    """The events that are in no group: no rule finds them, or what the rule asks of them is missing."""
    grouped = {one.row for group in found.groups for one in group.moments}
    for row, (time, _) in enumerate(found.events):
        if row not in grouped:
            yield None if time is None else _seconds(time, start), row


def _seconds(time: int, start: int) -> float:
    return round((time - start) / SECOND, 3)


def _event(event: Mapping[str, object]) -> str:
    return harmless(json_text({name: value for name, value in event.items() if name not in _PLAIN}), _LONGEST)
