"""A target's alerts against the matches of a correlation rule.

A match is a stretch of time in which one group fulfils the rule. A target tells it if it alerts for the group
when the stretch begins; that it alerts again while it lasts is no difference, as every product that shows
alerts puts such repetitions together. An alert outside all matches is a false one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from sigmaproof.logic.plans import MISSING, Found
from sigmaproof.logic.plans.hits import same
from sigmaproof.logic.times import moment
from sigmaproof.logic.values import Cell

MILLISECOND = 1000
TIME = "@timestamp"
"""The column of a row that tells when its alert is due."""

When = Callable[[int], int | None]
"""When the event in a row happened."""


class Alert(Struct, frozen=True):
    """What a target tells: when, and for which group or because of which events.

    A row that counts events of a span without telling a time is due somewhere between the first and the last.
    """

    first: int
    time: int
    group: tuple[str, ...] | None
    rows: frozenset[int]


class Match(Struct, frozen=True):
    """A match of the rule."""

    began: int
    ended: int
    group: tuple[str, ...]
    rows: frozenset[int]

    def holds(self, alert: Alert) -> bool:
        """Whether the alert is one of this match."""
        if alert.time <= self.began - MILLISECOND or alert.first >= self.ended + MILLISECOND:
            return False
        return alert.rows <= self.rows if alert.group is None else alert.group == self.group

    def told_by(self, alert: Alert) -> bool:
        """Whether the alert tells that the match begins."""
        return self.holds(alert) and alert.first < self.began + MILLISECOND


class Compared(Struct, frozen=True):
    """How alerts and matches fit together."""

    told: tuple[Match, ...]
    missed: tuple[Match, ...]
    false: tuple[Alert, ...]

    @property
    def agree(self) -> bool:
        """Every match is told, and nothing else."""
        return not self.missed and not self.false

    @property
    def count(self) -> int:
        """What the target finds."""
        return len(self.told) + len({(alert.group, alert.time, alert.rows) for alert in self.false})


def compared(rule: Found, target: Found, when: When) -> Compared:
    """The matches of a correlation rule beside what a target finds among the same events."""
    ours = matches_of(rule, when)
    names = tuple(rule.records[0]) if rule.records else None
    theirs = alerts_of(target, when, names)
    told = [match for match in ours if any(map(match.told_by, theirs))]
    false = [alert for alert in theirs if not any(match.holds(alert) for match in ours)]
    return Compared(tuple(told), tuple(match for match in ours if match not in told), tuple(false))


def matches_of(found: Found, when: When) -> list[Match]:
    """A correlation rule's own matches."""
    parts = zip(found.findings, found.records or (), found.began or (), strict=True)
    return [
        Match(began, max([began, *_times(rows, when)]), _group(record, tuple(record)) or (), frozenset(rows))
        for rows, record, began in parts
    ]


def alerts_of(found: Found, when: When, names: Sequence[str] | None) -> list[Alert]:
    """What a query found, as alerts; `names` are the columns of its groups, if it has them."""
    records: Sequence[Mapping[str, Cell]] = found.records or [{}] * len(found.findings)
    alerts = []
    for rows, record in zip(found.findings, records, strict=True):
        due = _time(record.get(TIME))
        times = [due] if due is not None else _times(rows, when)
        if times:
            # a sequence is due when it is complete
            first = max(times) if found.records is None else min(times)
            alerts.append(Alert(first, max(times), _group(record, names), frozenset(rows) - {MISSING}))
    return alerts


def _time(cell: Cell) -> int | None:
    return moment(cell[0]) if cell else None


def _times(rows: Sequence[int], when: When) -> list[int]:
    return [time for row in rows if row >= 0 and (time := when(row)) is not None]


def _group(record: Mapping[str, Cell], names: Sequence[str] | None) -> tuple[str, ...] | None:
    """None if the record does not tell its group."""
    cells = [record.get(name) for name in names or ()]
    if not names or not all(cells):
        return () if names == () else None
    return tuple(same(cell[0]) for cell in cells if cell)
