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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import islice
from operator import attrgetter

from msgspec import Struct
from msgspec import field as made

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.hits import Counted, Hit, Origins, hits_of
from sigmaproof.logic.plans.measures import Measure, Window
from sigmaproof.logic.run import Document, Reader, Table, matching, row_numbers
from sigmaproof.logic.terms import Term
from sigmaproof.logic.times import TIMES, moment, time_of
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


class Behind(Struct, frozen=True, gc=False):
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


class _Group(Struct):
    """The open window of one group."""

    shown: tuple[Value, ...]
    window: Window
    hits: deque[Hit] = made(default_factory=deque)
    match: int = 0
    """The match that goes on; 0 if none does."""
    behind: int = 0
    """How many of the window's first events are behind it already."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events of a stream; the table's rows are numbered from `first` there."""

    table: Table
    first: int = 0
    _times: dict[tuple[str, ...], list[int | None]] = field(default_factory=dict)

    def times(self, fields: tuple[str, ...]) -> list[int | None]:
        """When the event in each row of the table happened, by these fields."""
        times = self._times.get(fields)
        if times is None:
            times = self._times[fields] = self._timed(fields)
        return times

    def _timed(self, fields: tuple[str, ...]) -> list[int | None]:
        times = [
            moment(cell[0]) if cell is not None and len(cell) == 1 else None
            for cell in self.table.cells(range(self.table.size), fields[0])
        ]
        return [
            time_of(partial(self.table.cell, row), fields) if time is None else time
            for row, time in enumerate(times)
        ]


class Watch:
    """One correlation at work: takes events in, in batches, and keeps only what its open windows need.

    `carry`: the fields that a correlation above asks of the events behind matches. `seen` is told of every
    event as it joins its window, with what the measure then finds there.
    """

    def __init__(self, plan: Correlated, carry: tuple[str, ...] = (), seen: Seen | None = None) -> None:
        self.plan, self.carry, self._seen = plan, carry, seen
        self._lasting, self._begin = plan.measure.lasting, plan.measure.windows()
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
        self._take(self._taken(ready), out)
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
            rows = [row for row in self._in_time(batch, part.source) if row not in taken]
            times = batch.times(self.plan.times)
            numbers = [batch.first + row for row in rows]
            origins = Origins([times[row] or 0 for row in rows], numbers, numbers)
            raw = dict(part.raw)
            by, values, carried = (
                [batch.table.cells(rows, raw.get(name, name)) for name in names]
                for names in (part.by, part.values, self.carry)
            )
            hits = hits_of(self.plan.counted, part.rule, origins, by, values, carried)
            yield from hits
            if self.plan.counted is Counted.NUMBERS:  # what several rules find is added up once
                taken.update(hit.row - batch.first for hit in hits)

    def _in_time(self, batch: Batch, term: Term) -> list[int]:
        """The rows on which a term holds, without those that have no time and those that come too late."""
        times, closed = batch.times(self.plan.times), self._closed
        timed = [row for row in row_numbers(matching(term, batch.table)) if times[row] is not None]
        found = [row for row in timed if (times[row] or 0) >= closed]
        self._late += len(timed) - len(found)
        return found

    def _above(self, place: int, part: Part, watch: Watch, told: Sequence[Behind]) -> list[Hit]:
        """What the matches of a correlation below bring."""
        held = [_held(watch, one) for one in told]
        origins = Origins(
            [one.time for one in told], [one.row for one in told], [(place, one.match) for one in told]
        )
        by, values, carried = (
            [[cells.get(name) for cells in held] for name in names]
            for names in (part.by, part.values, self.carry)
        )
        return hits_of(self.plan.counted, part.rule, origins, by, values, carried)

    def _taken(self, before: int) -> list[Hit]:
        """The pending events before a time, in order."""
        self._pending.sort(key=attrgetter("time", "row", "rule"))
        count = len(self._pending)
        while count and self._pending[count - 1].time >= before:
            count -= 1
        taken, self._pending = self._pending[:count], self._pending[count:]
        return taken

    def _take(self, hits: Iterable[Hit], out: list[Behind]) -> None:
        groups, span, lasting, seen = self._groups, self.plan.span, self._lasting, self._seen
        for hit in hits:
            group = groups.get(hit.group)
            if group is None:
                group = groups[hit.group] = _Group(hit.shown, self._begin())
            else:
                groups.move_to_end(hit.group)
            since = hit.time - span
            held, window = group.hits, group.window
            if held and held[0].time < since:
                if not lasting:
                    self._judge(group, out)
                _let_go(group, since)
            held.append(hit)
            window.add(hit.time, hit.row, hit.token)
            if seen is not None:
                seen(hit, window.amount(since))
            if not lasting:
                continue
            if window.holds(since):
                self._tell(group, out)
            else:
                group.behind = 0

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
        if group.window.holds(time - self.plan.span):
            self._tell(group, out)
        else:
            group.behind = 0

    def _tell(self, group: _Group, out: list[Behind]) -> None:
        """The window fulfils the measure: tells of its events that are not behind the match yet."""
        if not group.behind:
            self._matches += 1
            group.match = self._matches
        count = len(group.hits) - group.behind
        fresh = (group.hits[-1],) if count == 1 else reversed(list(islice(reversed(group.hits), count)))
        time = group.hits[-1].time
        out += [Behind(time, hit.row, group.match, group.shown, hit.carried) for hit in fresh]
        group.behind = len(group.hits)


def _let_go(group: _Group, since: int) -> None:
    hits, remove = group.hits, group.window.remove
    before = len(hits)
    while hits and hits[0].time < since:
        remove(hits.popleft().token)
    group.behind = max(0, group.behind - before + len(hits))


def _held(watch: Watch, one: Behind) -> dict[str, Cell]:
    """What an event behind a match holds: the fields of its own that are asked for, and its group's."""
    cells = dict(zip(watch.carry, one.carried, strict=True))
    cells.update((name, (value,)) for name, value in zip(watch.plan.names, one.shown, strict=True))
    return cells


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
        times = events.times(watch.plan.times)
        newest = max([newest, *(time for time in times if time is not None)])
        yield from watch.feed(events, newest - lateness)
        first += len(found)
    yield from watch.feed(Batch(Table([], read), first), FOREVER)
