"""The groups of a correlation whose windows are open: which events each holds, and whether it fires."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from fractions import Fraction

from msgspec import Struct

from sigmaproof.logic.plans.hits import Hit
from sigmaproof.logic.plans.matches import Behind
from sigmaproof.logic.plans.measures import Measure, Window
from sigmaproof.logic.values import Value

Seen = Callable[[Hit, int | Fraction], None]


class _Group(Struct, gc=False):
    """The open window of one group."""

    key: tuple[str, ...]
    shown: tuple[Value, ...]
    hits: list[Hit]
    window: Window | None = None
    """What the measure keeps of the hits; nothing as long as they are too few to fulfil it."""
    match: int = 0
    """The match that goes on."""
    behind: int = 0
    """How many of the window's first events are behind it already; 0 if no match goes on."""
    queued: int = 0
    """How often it stands in the queue of those to let go."""


class OpenGroups:
    """Takes hits in, in the order of time, and tells of those behind matches.

    `seen` is told of every hit as it joins its window, with what the measure then finds there.
    """

    def __init__(self, measure: Measure, span: int, seen: Seen | None) -> None:
        self._span, self._seen = span, seen
        self._lasting, self._begin = measure.lasting, measure.windows()
        self._least, self._forgets = 1 if seen else measure.least, measure.forgets
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._queue: deque[_Group] = deque()
        """Each group once for each time that hits came; in the order of the last hit of the time."""
        self._matches = 0

    @property
    def kept(self) -> int:
        """How many hits are kept."""
        return sum(len(group.hits) for group in self._groups.values())

    def take(self, hits: Sequence[Hit], now: int, out: list[Behind]) -> None:
        """Takes hits in, none of which is earlier than one before; none before `now` is to come."""
        joining: defaultdict[tuple[str, ...], list[Hit]] = defaultdict(list)
        for hit in reversed(hits):
            joining[hit.group].append(hit)
        groups, queue, least, open_since = self._groups, self._queue, self._least, now - self._span
        for key, fresh in reversed(joining.items()):
            group = groups.get(key)
            if group is None:
                if len(fresh) < least and fresh[0].time < open_since:
                    continue  # too few, and it stays so
                group = groups[key] = _Group(key, fresh[-1].shown, [])
            group.queued += 1
            queue.append(group)
            fresh.reverse()
            self._slide(group, fresh, out)
        self._let_go(open_since, out)

    def _let_go(self, since: int, out: list[Behind]) -> None:
        """Lets groups go whose hits are all before that time."""
        queue = self._queue
        while queue:
            group = queue[0]
            if group.queued == 1:
                if group.hits[-1].time >= since:
                    return
                if not self._lasting:
                    self._ask(group, group.window, 0, group.behind, out)
                del self._groups[group.key]
            group.queued -= 1
            queue.popleft()

    def _slide(self, group: _Group, fresh: list[Hit], out: list[Behind]) -> None:
        """Moves the window of a group along to each of its next hits."""
        span, lasting, least, seen = self._span, self._lasting, self._least, self._seen
        forgets = self._forgets
        hits, window, behind = group.hits, group.window, group.behind
        first, end = 0, len(hits)
        """The window is `hits[first:end]`; those before `behind` have been told."""
        for hit in fresh:
            since = hit.time - span
            if first < end and hits[first].time < since:
                if not lasting:
                    behind = self._ask(group, window, first, behind, out)
                gone = first
                while first < end and hits[first].time < since:
                    first += 1
                if first == end:
                    window = None
                elif forgets and window is not None:
                    for old in hits[gone:first]:
                        window.remove(old.token)
            hits.append(hit)
            end += 1
            if window is not None:
                window.add(hit.time, hit.row, hit.token)
            elif end - first < least:
                continue
            else:
                window = self._begin()
                for one in hits[first:]:
                    window.add(one.time, one.row, one.token)
            if seen is not None:
                seen(hit, window.amount(since))
            if not lasting:
                continue
            if not window.holds(since):
                behind = 0
            elif first < behind == end - 1:
                out.append(Behind(hit.time, hit.row, group.match, group.shown, hit.carried))
                behind = end
            else:
                behind = self._tell(group, first, behind, out)
        if first:
            del hits[:first]
        group.window, group.behind = window, max(0, behind - first)

    def _ask(self, group: _Group, window: Window | None, first: int, behind: int, out: list[Behind]) -> int:
        """Asks a complete window: how many of the hits are told then, or 0 if no match goes on."""
        if window is not None and window.holds(group.hits[-1].time - self._span):
            return self._tell(group, first, behind, out)
        return 0

    def _tell(self, group: _Group, first: int, behind: int, out: list[Behind]) -> int:
        """The window fulfils the measure: tells of those of its hits that have not been told."""
        hits = group.hits
        if behind <= first:
            self._matches += 1
            group.match, behind = self._matches, first
        time, match, shown = hits[-1].time, group.match, group.shown
        for hit in hits[behind:]:
            out.append(Behind(time, hit.row, match, shown, hit.carried))  # noqa: PERF401  mostly one
        return len(hits)
