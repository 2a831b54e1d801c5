"""Events as a correlation takes them in: some at once, each with its time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from sigmaproof.logic.run import Table
from sigmaproof.logic.times import TIMES, moments

FOREVER = 2**63
"""After every time."""

BATCH = 50_000
"""Events at once: so many that groups are looked up once for several of their events."""


class Batch(Struct, frozen=True):
    """Some events of a stream."""

    table: Table
    times: Sequence[int | None]
    """When the event in each row of the table happened."""
    numbers: Sequence[int]
    """What number each row has in the stream."""

    @staticmethod
    def of(table: Table, fields: Sequence[str] = TIMES, first: int = 0) -> Batch:
        """All events of a table, with the times that the fields hold; numbered from `first` on."""
        return Batch(table, times_of(table, fields), range(first, first + table.size))


def times_of(table: Table, fields: Sequence[str]) -> list[int | None]:
    """When the event in each row happened, by the first field that holds a time, if one does."""
    first, *others = fields
    times = moments(table.cells(range(table.size), first))
    for field in others if None in times else ():
        untimed = [row for row, time in enumerate(times) if time is None]
        for row, time in zip(untimed, moments(table.cells(untimed, field)), strict=True):
            times[row] = time
    return times


def batches(
    table: Table, fields: Sequence[str] = TIMES, size: int = 5 * BATCH
) -> Iterator[tuple[Batch, int]]:
    """The events of a table in the order of time, each batch with that of the next."""
    times = times_of(table, fields)
    if table.size <= size:
        yield Batch(table, times, range(table.size)), FOREVER
        return
    timed = [row for row, time in enumerate(times) if time is not None]
    timed.sort(key=lambda row: times[row] or 0)
    for first in range(0, len(timed), size):
        rows, later = timed[first : first + size], timed[first + size : first + size + 1]
        part = Table([table.documents[row] for row in rows], table.read)
        now = times[later[0]] if later else None
        yield Batch(part, [times[row] for row in rows], rows), FOREVER if now is None else now
