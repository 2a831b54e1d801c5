"""Sequences: events that follow one another, joined by keys, within a span of time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.plans import MISSING, Found
from sigmaproof.logic.plans.joined import Common, Step, common
from sigmaproof.logic.plans.ordered import Timeline
from sigmaproof.logic.run import Table, matching, row_numbers

Places = list[int]
"""Places in the order of events, ascending."""


class Sequence(Struct, frozen=True):
    """One event for each step, in order, joined by the steps' keys.

    Of several possible predecessors the latest is taken, and each goes on once. `span`: the most time between
    the first and the last event, both ends included. `until`: an event that ends what has begun. A missing
    step asks that no such event lies between its neighbours; at either end of the sequence, within the span.
    One event can stand in several sequences, and once in each. Events without a time are left out.
    """

    steps: tuple[Step, ...]
    timeline: Timeline
    span: int | None = None
    until: Step | None = None

    def run(self, table: Table) -> Found:
        stream = _stream(self, table)
        chains = [
            chain
            for group in stream.groups()
            for chain in _chains(group, stream)
            if not (_intruded(chain, group) or _intruded_outside(chain, group, stream))
        ]
        chains.sort(key=lambda chain: chain[-1])
        return Found(tuple(stream.finding(chain) for chain in chains))


@dataclass(slots=True)
class _Group:
    """The events that agree in their keys, by place."""

    hits: defaultdict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The positive steps that an event can serve, ascending."""
    gaps: defaultdict[int, Places] = field(default_factory=lambda: defaultdict(list))
    """The events that must be missing, by the number of positive steps before them."""
    ends: Places = field(default_factory=list)


class _Stream(Struct, frozen=True):
    """The rows that matter to a plan, in order, with their times."""

    plan: Sequence
    table: Table
    rows: list[int]
    times: list[int | float]

    @property
    def length(self) -> int:
        """The number of positive steps."""
        return sum(not step.missing for step in self.plan.steps)

    def joined(self, step: Step) -> Iterator[tuple[int, Common]]:
        """The places of a step's events, with each combination of key values they join under."""
        found = set(row_numbers(matching(step.term, self.table)))
        for place, row in enumerate(self.rows):
            if row in found:
                for values in common(step, self.table, row):
                    yield place, values

    def groups(self) -> list[_Group]:
        """What there is for each combination of key values."""
        groups: defaultdict[Common, _Group] = defaultdict(_Group)
        positive = 0
        for step in self.plan.steps:
            for place, values in self.joined(step):
                if step.missing:
                    groups[values].gaps[positive].append(place)
                else:
                    groups[values].hits[place].append(positive)
            positive += not step.missing
        for place, values in self.joined(self.plan.until) if self.plan.until else ():
            groups[values].ends.append(place)
        for group in groups.values():
            for places in group.gaps.values():
                places.sort()
        return list(groups.values())

    def late(self, first: int, last: int) -> bool:
        """Two places lie further apart than the span."""
        span = self.plan.span
        return span is not None and self.times[last] - self.times[first] > span

    def finding(self, chain: Places) -> tuple[int, ...]:
        """The chain as rows, with the missing events in their places."""
        places = iter(chain)
        return tuple(MISSING if step.missing else self.rows[next(places)] for step in self.plan.steps)


def _stream(plan: Sequence, table: Table) -> _Stream:
    wanted = 0
    for step in (*plan.steps, *([plan.until] if plan.until else [])):
        wanted |= matching(step.term, table)
    rows, times = [], []
    for row in plan.timeline.arranged(table, wanted):
        time = plan.timeline.time(table, row)
        if time is not None:
            rows.append(row)
            times.append(time)
    return _Stream(plan, table, rows, times)


def _chains(group: _Group, stream: _Stream) -> list[Places]:
    """The complete sequences of positive steps, whatever is missing between them."""
    # Only the latest begun sequence of a step can ever go on: taking it discards those before it.
    begun: dict[int, Places] = {}
    complete: list[Places] = []
    length = stream.length
    for place, steps in sorted(group.hits.items()):
        for step in reversed(steps):
            chain = [*begun.pop(step - 1, []), place]
            if len(chain) != step + 1 or stream.late(chain[0], place) or _ended(chain, group.ends):
                continue
            if len(chain) == length:
                complete.append(chain)
            else:
                begun[step] = chain
    return complete


def _ended(chain: Places, ends: Places) -> bool:
    """The step before the last one of the chain was ended before the last one came."""
    before = bisect_left(ends, chain[-1]) - 1
    return len(chain) > 1 and before >= 0 and ends[before] >= chain[-2]


def _intruded(chain: Places, group: _Group) -> bool:
    """An event that must be missing lies between two of the chain."""
    return any(
        bisect_right(places, chain[gap - 1]) < bisect_left(places, chain[gap])
        for gap, places in group.gaps.items()
        if 0 < gap < len(chain)
    )


def _intruded_outside(chain: Places, group: _Group, stream: _Stream) -> bool:
    """One lies before or after it. With steps missing at both ends, only one at each end counts together."""
    first, last = chain[0], chain[-1]
    leading, trailing = group.gaps.get(0, []), group.gaps.get(len(chain), [])
    at = bisect_left(leading, first) - 1
    before = leading[at] if at >= 0 else None
    at = bisect_right(trailing, last)
    after = trailing[at] if at < len(trailing) else None
    if stream.plan.steps[0].missing and stream.plan.steps[-1].missing:
        return before is not None and after is not None and not stream.late(before, after)
    return (before is not None and not stream.late(before, last)) or (
        after is not None and not stream.late(first, after)
    )
