"""Correlations: events of several kinds in groups, within a span of time that slides along.

A window holds the events of one group that lie within a span of each other, both ends included. Each event
ends one window: the events up to it. A measure that lasts (`Measure.lasting`) is asked at every event, as
soon as it comes. Any other measure is asked of a window when it is complete, that is, when no later event can
join it without its first one leaving: at most two, of three, is not fulfilled on the way to the third.

A match begins with a window that fulfils the measure, and lasts as long as the windows that follow do and
have events in common with it. To a correlation above, a match is the events behind it, each from the time on
at which the match has it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.hits import Counted, Hit, groups, tokens
from sigmaproof.logic.plans.measures import Measure, Window
from sigmaproof.logic.run import Document, Reader, Table, matching, row_numbers
from sigmaproof.logic.terms import Term
from sigmaproof.logic.times import TIMES, time_of
from sigmaproof.logic.values import Cell, Value

FOREVER = 2**63


@dataclass(frozen=True, slots=True)
class Part:
    """Events of one kind: those on which a term holds, or those behind matches of another correlation."""

    rule: int
    source: Term | Correlated
    by: tuple[str, ...] = ()
    """The fields that the correlation groups by. An event without a value in one of them is not counted."""
    values: tuple[str, ...] = ()
    """The fields whose values are counted; the same holds."""
    raw: tuple[tuple[str, str], ...] = ()
    """What fields are called in these events, where that is something else."""


@dataclass(frozen=True, slots=True)
class Correlated:
    """A correlation over time. `span` is in microseconds, as all times are."""

    parts: tuple[Part, ...]
    measure: Measure
    counted: Counted
    span: int
    names: tuple[str, ...] = ()
    """What the groups' values are called."""
    times: tuple[str, ...] = TIMES

    def run(self, table: Table) -> Found:
        found = collected(Watch(self).feed(Batch(table), FOREVER))
        return Found(
            tuple(one.rows for one in found),
            tuple(one.named(self.names) for one in found),
            tuple(one.began for one in found),
        )


class Behind(NamedTuple):
    """An event behind a match, from that time on."""

    time: int
    row: int
    match: int
    """A number of its own."""
    shown: tuple[Value, ...]
    """The group's values, as its first event has them."""
    carried: tuple[Cell, ...]


Seen = Callable[[Hit, int | Fraction], None]


@dataclass(frozen=True, slots=True)
class Match:
    """One match: when it began, in which group, and the events behind it in the order of time."""

    began: int
    group: tuple[Value, ...]
    rows: tuple[int, ...]

    def named(self, names: Iterable[str]) -> Mapping[str, Cell]:
        """The group's values by name."""
        return {name: (value,) for name, value in zip(names, self.group, strict=True)}


def collected(behind: Iterable[Behind]) -> list[Match]:
    """The matches as wholes, in the order in which they begin."""
    found: dict[int, list[Behind]] = {}
    for one in behind:
        found.setdefault(one.match, []).append(one)
    matches = [
        Match(ones[0].time, ones[0].shown, tuple(dict.fromkeys(one.row for one in ones)))
        for ones in found.values()
    ]
    return sorted(matches, key=lambda match: (match.began, match.rows))


@dataclass(slots=True)
class _Group:
    """The open window of one group."""

    shown: tuple[Value, ...]
    window: Window
    hits: deque[Hit] = field(default_factory=deque)
    match: int = 0
    """The match that goes on; 0 if none does."""
    behind: int = 0
    """How many of the window's first events are behind it already."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events of a stream; the table's rows are numbered from `first` there."""

    table: Table
    first: int = 0
    _times: dict[int, int | None] = field(default_factory=dict)

    def time(self, row: int, fields: tuple[str, ...]) -> int | None:
        """When the event in a row of the table happened, by these fields."""
        if row not in self._times:
            self._times[row] = time_of(partial(self.table.cell, row), fields)
        return self._times[row]


class Watch:
    """One correlation at work: takes events in, in batches, and keeps only what its open windows need.

    `carry`: the fields that a correlation above asks of the events behind matches. `seen` is told of every
    event as it joins its window, with what the measure then finds there.
    """

    def __init__(self, plan: Correlated, carry: tuple[str, ...] = (), seen: Seen | None = None) -> None:
        self.plan, self.carry, self._seen = plan, carry, seen
        self._lasting = plan.measure.lasting
        self._below = [
            (place, part, Watch(part.source, tuple(dict.fromkeys((*part.by, *part.values, *carry)))))
            for place, part in enumerate(plan.parts)
            if isinstance(part.source, Correlated)
        ]
        self._pending: list[Hit] = []
        self._groups: OrderedDict[tuple[str, ...], _Group] = OrderedDict()
        """Those least recently hit come first."""
        self._matches = 0
        self._late = 0
        self._closed = -FOREVER
        self.settled = -FOREVER
        """Every event behind a match that has an earlier time has been told."""

    @property
    def late(self) -> int:
        """How many events came after their time had been closed, and were not counted."""
        return self._late + sum(watch.late for _, _, watch in self._below)

    @property
    def kept(self) -> int:
        """How many events are kept."""
        below = sum(watch.kept for _, _, watch in self._below)
        return below + len(self._pending) + sum(len(group.hits) for group in self._groups.values())

    def feed(self, batch: Batch, now: int) -> list[Behind]:
        """The events behind matches that are certain once every event before `now` is there.

        `FOREVER`: there are no others to come.
        """
        self._pending += self._own(batch)
        for place, part, watch in self._below:
            self._pending += self._above(place, part, watch, watch.feed(batch, now))
        ready = min([now, *(watch.settled for _, _, watch in self._below)])
        out: list[Behind] = []
        for hit in self._taken(ready):
            self._take(hit, out)
        self._expire(ready, out)
        self._closed = ready
        self.settled = ready if self._lasting else ready - self.plan.span
        return out

    def _own(self, batch: Batch) -> Iterator[Hit]:
        """What terms find in a batch."""
        taken: set[int] = set()
        for part in self.plan.parts:
            if isinstance(part.source, Correlated):
                continue
            times = self._in_time(batch, part.source)
            raw, rows = dict(part.raw), list(times)
            names = (*part.by, *part.values, *self.carry)
            columns = [batch.table.cells(rows, raw.get(name, name)) for name in names]
            for row, *cells in zip(rows, *columns, strict=True):
                if row in taken:
                    continue
                number = batch.first + row
                found = self._hits(part, times[row], number, number, cells)
                yield from found
                if found and self.plan.counted is Counted.NUMBERS:
                    taken.add(row)  # what several rules find is added up once

    def _in_time(self, batch: Batch, term: Term) -> dict[int, int]:
        """The rows on which a term holds, with their times, without those that come too late."""
        found = {row: batch.time(row, self.plan.times) for row in row_numbers(matching(term, batch.table))}
        times = {row: time for row, time in found.items() if time is not None and time >= self._closed}
        self._late += sum(time is not None for time in found.values()) - len(times)
        return times

    def _above(self, place: int, part: Part, watch: Watch, told: Iterable[Behind]) -> Iterator[Hit]:
        """What the matches of a correlation below bring."""
        for one in told:
            cells = dict(zip(watch.carry, one.carried, strict=True))
            cells.update((name, (value,)) for name, value in zip(watch.plan.names, one.shown, strict=True))
            wanted = [cells.get(name) for name in (*part.by, *part.values, *self.carry)]
            yield from self._hits(part, one.time, one.row, (place, one.match), wanted)

    def _hits(self, part: Part, time: int, row: int, event: Hashable, cells: list[Cell]) -> list[Hit]:
        """`cells`: what the event holds of the part's groups, then of its values, then of what is carried."""
        split = len(part.by)
        found = groups(cells[:split])
        if not found:
            return []
        carried = tuple(cells[split + len(part.values) :])
        values = tokens(self.plan.counted, part.rule, event, cells[split : split + len(part.values)])
        return [
            Hit(time, row, part.rule, group, shown, token, carried)
            for group, shown in found.items()
            for token in values
        ]

    def _taken(self, before: int) -> list[Hit]:
        """The pending events before a time, in order."""
        self._pending.sort(key=itemgetter(0, 1, 2))
        count = len(self._pending)
        while count and self._pending[count - 1].time >= before:
            count -= 1
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def _take(self, hit: Hit, out: list[Behind]) -> None:
        group = self._groups.get(hit.group)
        if group is None:
            group = self._groups[hit.group] = _Group(hit.shown, self.plan.measure.begin())
        self._groups.move_to_end(hit.group)
        since = hit.time - self.plan.span
        if group.hits and group.hits[0].time < since:
            if not self._lasting:
                self._judge(group, out)
            _let_go(group, since)
        group.hits.append(hit)
        group.window.add(hit.time, hit.row, hit.token)
        if self._seen is not None:
            self._seen(hit, group.window.amount(since))
        if self._lasting:
            self._judge(group, out)

    def _expire(self, now: int, out: list[Behind]) -> None:
        """Lets groups go that no event from now on can join."""
        while self._groups:
            group = next(iter(self._groups.values()))
            if group.hits[-1].time >= now - self.plan.span:
                return
            if not self._lasting:
                self._judge(group, out)
            self._groups.popitem(last=False)

    def _judge(self, group: _Group, out: list[Behind]) -> None:
        time = group.hits[-1].time
        if not group.window.holds(time - self.plan.span):
            group.behind = 0
            return
        if not group.behind:
            self._matches += 1
            group.match = self._matches
        count = len(group.hits) - group.behind
        fresh = (group.hits[-1],) if count == 1 else reversed(list(islice(reversed(group.hits), count)))
        out += [Behind(time, hit.row, group.match, group.shown, hit.carried) for hit in fresh]
        group.behind = len(group.hits)


def _let_go(group: _Group, since: int) -> None:
    while group.hits and group.hits[0].time < since:
        group.window.remove(group.hits.popleft().token)
        group.behind = max(0, group.behind - 1)


def watched(
    watch: Watch, documents: Iterable[Document], read: Reader, *, lateness: int, batch: int = 10_000
) -> Iterator[Behind]:
    """What a watch tells about a stream of events, whose numbers are its rows; memory is bounded.

    `lateness`: an event may come so many microseconds after one that is newer; one that comes later still is
    not counted, and stands in `watch.late`.
    """
    stream, first, newest = iter(documents), 0, -FOREVER
    while found := list(islice(stream, batch)):
        events = Batch(Table(found, read), first)
        times = (events.time(row, watch.plan.times) for row in range(len(found)))
        newest = max([newest, *(time for time in times if time is not None)])
        yield from watch.feed(events, newest - lateness)
        first += len(found)
    yield from watch.feed(Batch(Table([], read), first), FOREVER)
