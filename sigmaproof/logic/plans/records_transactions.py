"""A stage that gathers events into transactions, looking at the newest first."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.plans.records import TIME, Record, holds, newest_first
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Term
from sigmaproof.logic.values import Cell, text_of

RAW = "_raw"


class Transactions(Struct, frozen=True):
    """One record per transaction: what agrees in the fields and stays within the limits (0: none)."""

    fields: tuple[str, ...] = ()
    span: int = 0
    """Seconds from its first event to its last."""
    pause: int = 0
    """Seconds between neighbours."""
    most: int = 1000
    """Events in it."""
    starts: Term | None = None
    """What begins it."""
    ends: Term | None = None
    """What ends it."""
    keep_evicted: bool = False
    """Those stay that want a beginning or an end."""

    def apply(self, records: list[Record], table: Table) -> list[Record]:
        waiting: list[_Gathered] = []
        done: list[_Gathered] = []
        for record in newest_first(records):
            if self.fields and not any(map(record.get, self.fields)):
                continue
            found = next((one for one in waiting if one.agrees(record, self.fields)), None)
            ending = self.ends is not None and holds(self.ends, record.get)
            if found is None or ending or not self._takes(found, record):
                waiting.append(_Gathered(ended=ending))
                done += [found] if found else []
                waiting = [one for one in waiting if one is not found]
                found = waiting[-1]
            found.add(record, self.fields)
            if self.starts is not None and holds(self.starts, record.get):
                found.started = True
                done.append(found)
                waiting = [one for one in waiting if one is not found]
        return newest_first([one.record() for one in (*done, *waiting) if self._keeps(one)])

    def _takes(self, found: _Gathered, record: Record) -> bool:
        time = record.time() or 0
        newest, oldest = ((member.time() or 0) for member in (found.members[0], found.members[-1]))
        near = not self.pause or oldest - time <= self.pause
        return near and (not self.span or newest - time <= self.span) and len(found.members) < self.most

    def _keeps(self, found: _Gathered) -> bool:
        whole = (self.starts is None or found.started) and (self.ends is None or found.ended)
        return whole or self.keep_evicted


@dataclass(slots=True)
class _Gathered:
    """A transaction while events are put into it, the newest first."""

    ended: bool = False
    started: bool = False
    members: list[Record] = field(default_factory=list)
    known: dict[str, Cell] = field(default_factory=dict)

    def agrees(self, record: Record, fields: tuple[str, ...]) -> bool:
        """No field differs, and one of them is the same."""
        cells = [(self.known.get(name), record.get(name)) for name in fields]
        both = [one == other for one, other in cells if one and other]
        return all(both) and (bool(both) or not fields)

    def add(self, record: Record, fields: tuple[str, ...]) -> None:
        """Takes an event in."""
        self.members.append(record)
        self.known |= {name: cell for name in fields if (cell := record.get(name))}

    def record(self) -> Record:
        """The union of the events, with `duration` and `eventcount`."""
        names = dict.fromkeys(name for member in self.members for name in member.names())
        cells: dict[str, Cell] = {name: self._union(name) for name in names if name not in (TIME, RAW)}
        times = [time for member in self.members if (time := member.time()) is not None]
        if times:
            cells |= {TIME: (min(times),), "duration": (max(times) - min(times),)}
        raw = [text_of(value) for member in reversed(self.members) for value in member.get(RAW) or ()]
        cells |= {RAW: ("\n".join(raw),), "eventcount": (len(self.members),)}
        return Record(cells, tuple(sorted({row for member in self.members for row in member.rows})))

    def _union(self, name: str) -> Cell:
        return tuple(sorted({text_of(value) for member in self.members for value in member.get(name) or ()}))
