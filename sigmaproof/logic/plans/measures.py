"""What is asked of a window of events: how many different ones, how much, which rules, in what order.

A measure is a frozen value; `begin` gives what one window keeps of it, which takes events in and lets them
go.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

COMPARE: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq, "!=": ne}
NEVER = -(2**63)
"""Before every time."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One comparison; the sign is a key of `COMPARE`."""

    sign: str
    than: int | Fraction


Bounds = tuple[Bound, ...]
"""All of them."""


def _fulfilled(bounds: Bounds, amount: int | Fraction) -> bool:
    for bound in bounds:  # noqa: SIM110  asked at every event: a generator costs more than the question
        if not COMPARE[bound.sign](amount, bound.than):
            return False
    return True


def exact(number: int | float) -> int | Fraction:
    """A number as it is written: 0.1 is a tenth, so that sums do not depend on their order."""
    return int(number) if isinstance(number, int) or number.is_integer() else Fraction(repr(number))


class Window(Protocol):
    """A measure over the events of one window. A `token` is what the measure looks at in an event."""

    def add(self, time: int, row: int, token: Any) -> None:
        """Takes a token of an event in; no event is earlier than the one before."""

    def remove(self, token: Any) -> None:
        """Lets the oldest event go."""

    def amount(self, since: int) -> int | Fraction:
        """What the measure finds in the window, which begins at `since`."""

    def holds(self, since: int) -> bool:
        """Whether the window fulfils the measure."""


class Measure(Protocol):
    """What is asked of a window."""

    @property
    def lasting(self) -> bool:
        """Once a window fulfils it, no event that joins the window can undo that."""

    def begin(self) -> Window:
        """An empty window."""


def _at_least(bounds: Bounds) -> bool:
    return all(bound.sign in (">", ">=") for bound in bounds)


@dataclass(frozen=True, slots=True)
class Different:
    """The number of different tokens."""

    bounds: Bounds

    @property
    def lasting(self) -> bool:
        return _at_least(self.bounds)

    def begin(self) -> Window:
        return _Different(self.bounds)


@dataclass(slots=True)
class _Different:
    bounds: Bounds
    counts: dict[Hashable, int] = field(default_factory=dict)

    def add(self, time: int, row: int, token: Hashable) -> None:
        self.counts[token] = self.counts.get(token, 0) + 1

    def remove(self, token: Hashable) -> None:
        left = self.counts[token] - 1
        if left:
            self.counts[token] = left
        else:
            del self.counts[token]

    def amount(self, since: int) -> int | Fraction:
        return len(self.counts)

    def holds(self, since: int) -> bool:
        return _fulfilled(self.bounds, len(self.counts))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the tokens, which are numbers; or their mean."""

    bounds: Bounds
    mean: bool = False

    @property
    def lasting(self) -> bool:
        # A sum that has been reached is reached, even if negative numbers follow.
        return _at_least(self.bounds) and not self.mean

    def begin(self) -> Window:
        return _Total(self)


@dataclass(slots=True)
class _Total:
    measure: Total
    sum: int | Fraction = 0
    count: int = 0

    def add(self, time: int, row: int, token: int | Fraction) -> None:
        self.sum += token
        self.count += 1

    def remove(self, token: int | Fraction) -> None:
        self.sum -= token
        self.count -= 1

    def amount(self, since: int) -> int | Fraction:
        return Fraction(self.sum, self.count) if self.measure.mean else self.sum

    def holds(self, since: int) -> bool:
        return _fulfilled(self.measure.bounds, self.amount(since))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A percentile of the tokens, which are numbers; linear between the two nearest ranks."""

    bounds: Bounds
    percent: Fraction
    lasting: bool = False

    def begin(self) -> Window:
        return _Ranked(self)


@dataclass(slots=True)
class _Ranked:
    measure: Ranked
    numbers: list[int | Fraction] = field(default_factory=list)

    def add(self, time: int, row: int, token: int | Fraction) -> None:
        insort(self.numbers, token)

    def remove(self, token: int | Fraction) -> None:
        del self.numbers[bisect_left(self.numbers, token)]

    def amount(self, since: int) -> int | Fraction:
        place = (len(self.numbers) - 1) * self.measure.percent / 100
        low = int(place)
        high = min(low + 1, len(self.numbers) - 1)
        return self.numbers[low] + (self.numbers[high] - self.numbers[low]) * (place - low)

    def holds(self, since: int) -> bool:
        return _fulfilled(self.measure.bounds, self.amount(since))


@dataclass(frozen=True, slots=True)
class Way:
    """Rules that have events, and rules that have none."""

    there: tuple[int, ...]
    """Ascending; where order counts, their events follow one another so."""
    not_there: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Together:
    """Which rules have events: one of the ways is fulfilled. Tokens are rules."""

    ways: tuple[Way, ...]

    @property
    def lasting(self) -> bool:
        return not any(way.not_there for way in self.ways)

    def begin(self) -> Window:
        return _Together(self)


@dataclass(slots=True)
class _Together:
    measure: Together
    counts: dict[int, int] = field(default_factory=dict)

    def add(self, time: int, row: int, token: int) -> None:
        self.counts[token] = self.counts.get(token, 0) + 1

    def remove(self, token: int) -> None:
        self.counts[token] -= 1
        if not self.counts[token]:
            del self.counts[token]

    def amount(self, since: int) -> int | Fraction:
        return len(self.counts)

    def holds(self, since: int) -> bool:
        there = self.counts.keys()
        return any(there >= set(way.there) and not there & way.not_there for way in self.measure.ways)


@dataclass(frozen=True, slots=True)
class InOrder:
    """One of the ways is fulfilled, by different events that follow one another. Tokens are rules.

    The rule of each place of a way is `places[place]`: one rule may have several.
    """

    ways: tuple[Way, ...]
    places: tuple[int, ...]

    @property
    def lasting(self) -> bool:
        return not any(way.not_there for way in self.ways)

    def begin(self) -> Window:
        return _InOrder(self, [[NEVER] * (len(way.there) + 1) for way in self.ways])


@dataclass(slots=True)
class _InOrder:
    """For each way and number of steps done: the latest beginning of the events that did them."""

    measure: InOrder
    begun: list[list[int]]
    before: list[list[int]] = field(default_factory=list)
    """The same before the event in `row`, which makes one step only."""
    row: int = -1
    counts: dict[int, int] = field(default_factory=dict)

    def add(self, time: int, row: int, token: int) -> None:
        self.counts[token] = self.counts.get(token, 0) + 1
        if row != self.row:
            self.row, self.before = row, [[time, *begun[1:]] for begun in self.begun]
        for way, begun, before in zip(self.measure.ways, self.begun, self.before, strict=True):
            begun[0] = time
            for step, place in enumerate(way.there, 1):
                if self.measure.places[place] == token:
                    begun[step] = max(begun[step], before[step - 1])

    def remove(self, token: int) -> None:
        self.counts[token] -= 1
        if not self.counts[token]:
            del self.counts[token]

    def amount(self, since: int) -> int | Fraction:
        """The most steps of one way."""
        return max(
            (step for begun in self.begun for step, time in enumerate(begun) if time >= since), default=0
        )

    def holds(self, since: int) -> bool:
        return any(
            begun[-1] >= since and not self.counts.keys() & way.not_there
            for way, begun in zip(self.measure.ways, self.begun, strict=True)
        )


@dataclass(frozen=True, slots=True)
class LongestOrder:
    """The number of places in the longest run of different events that follow one another as places do."""

    bounds: Bounds
    places: tuple[int, ...]

    @property
    def lasting(self) -> bool:
        return _at_least(self.bounds)

    def begin(self) -> Window:
        return _LongestOrder(self, [[NEVER] * (place + 2) for place in range(len(self.places))])


@dataclass(slots=True)
class _LongestOrder:
    """For each place and length: the latest beginning of a run of that length that ends there."""

    measure: LongestOrder
    begun: list[list[int]]
    before: list[list[int]] = field(default_factory=list)
    """The same before the event in `row`, which stands in a run once."""
    row: int = -1

    def add(self, time: int, row: int, token: int) -> None:
        if row != self.row:
            self.row, self.before = row, [list(begun) for begun in self.begun]
        for place, rule in enumerate(self.measure.places):
            if rule == token:
                self._extend(place, time)

    def _extend(self, place: int, time: int) -> None:
        row = self.begun[place]
        row[1] = time
        for before in self.before[:place]:
            for length in range(1, len(before)):
                row[length + 1] = max(row[length + 1], before[length])

    def remove(self, token: int) -> None:
        """What began before the window is told by its time."""

    def amount(self, since: int) -> int | Fraction:
        return max(
            (length for row in self.begun for length in range(1, len(row)) if row[length] >= since), default=0
        )

    def holds(self, since: int) -> bool:
        return _fulfilled(self.measure.bounds, self.amount(since))
