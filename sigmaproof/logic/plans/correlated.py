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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.batches import BATCH, FOREVER, Batch, batches
from sigmaproof.logic.plans.hits import Counted, Hit, Origins, hits_of
from sigmaproof.logic.plans.matches import Behind, collected
from sigmaproof.logic.plans.measures import Measure
from sigmaproof.logic.plans.open_groups import OpenGroups, Seen
from sigmaproof.logic.run import Document, Reader, Table, matching, row_numbers
from sigmaproof.logic.terms import Term
from sigmaproof.logic.times import TIMES
from sigmaproof.logic.values import Cell


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
    """Where events keep their time, those of correlations below as well."""

    def run(self, table: Table) -> Found:
        watch = Watch(self)
        found = collected(one for batch, now in batches(table, self.times) for one in watch.feed(batch, now))
        return Found(
            tuple(one.rows for one in found),
            tuple(one.named(self.names) for one in found),
            tuple(one.began for one in found),
        )


class Watch:
    """One correlation at work: takes events in, in batches, and keeps only what its open windows need.

    `carry`: the fields that a correlation above asks of the events behind matches. `seen` is told of every
    event as it joins its window, with what the measure then finds there.
    """

    def __init__(self, plan: Correlated, carry: tuple[str, ...] = (), seen: Seen | None = None) -> None:
        self.plan, self.carry = plan, carry
        self._open = OpenGroups(plan.measure, plan.span, seen)
        self._below = [
            (place, part, Watch(part.source, tuple(dict.fromkeys((*part.by, *part.values, *carry)))))
            for place, part in enumerate(plan.parts)
            if isinstance(part.source, Correlated)
        ]
        self._pending: list[Hit] = []
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
        return below + len(self._pending) + self._open.kept

    def feed(self, batch: Batch, now: int) -> list[Behind]:
        """The events behind matches that are certain once every event before `now` is there.

        `FOREVER`: there are no others to come.
        """
        self._pending += self._own(batch)
        for place, part, watch in self._below:
            self._pending += self._above(place, part, watch, watch.feed(batch, now))
        ready = min([now, *(watch.settled for _, _, watch in self._below)])
        out: list[Behind] = []
        self._open.take(self._taken(ready), ready, out)
        self._closed = ready
        self.settled = ready if self.plan.measure.lasting else ready - self.plan.span
        return out

    def _own(self, batch: Batch) -> Iterator[Hit]:
        """What terms find in a batch."""
        taken: set[int] = set()
        for part in self.plan.parts:
            if isinstance(part.source, Correlated):
                continue
            rows = [row for row in self._in_time(batch, part.source) if batch.numbers[row] not in taken]
            numbers = [batch.numbers[row] for row in rows]
            origins = Origins([batch.times[row] or 0 for row in rows], numbers, numbers)
            raw = dict(part.raw)
            by, values, carried = (
                [batch.table.cells(rows, raw.get(name, name)) for name in names]
                for names in (part.by, part.values, self.carry)
            )
            hits = hits_of(self.plan.counted, part.rule, origins, by, values, carried)
            yield from hits
            if self.plan.counted is Counted.NUMBERS:  # what several rules find is added up once
                taken.update(hit.row for hit in hits)

    def _in_time(self, batch: Batch, term: Term) -> list[int]:
        """The rows on which a term holds, without those that have no time and those that come too late."""
        times, closed = batch.times, self._closed
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


def _held(watch: Watch, one: Behind) -> dict[str, Cell]:
    """What an event behind a match holds: the fields of its own that are asked for, and its group's."""
    cells = dict(zip(watch.carry, one.carried, strict=True))
    cells.update((name, (value,)) for name, value in zip(watch.plan.names, one.shown, strict=True))
    return cells


def watched(
    watch: Watch, documents: Iterable[Document], read: Reader, *, lateness: int, batch: int = BATCH
) -> Iterator[Behind]:
    """What a watch tells about a stream of events, whose numbers are its rows; memory is bounded.

    `lateness`: an event may come so many microseconds after one that is newer; one that comes later still is
    not counted, and stands in `watch.late`.
    """
    stream, first, newest = iter(documents), 0, -FOREVER
    while found := list(islice(stream, batch)):
        events = Batch.of(Table(found, read), watch.plan.times, first)
        newest = max([newest, *(time for time in events.times if time is not None)])
        yield from watch.feed(events, newest - lateness)
        first += len(found)
    yield from watch.feed(Batch.of(Table([], read), watch.plan.times, first), FOREVER)
