"""What is asked of a window of events in which order counts: how far they come in the order of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from sigmaproof.logic.plans.measures import (
    NEVER,
    Bounds,
    Tests,
    Way,
    Window,
    at_least,
    fulfilled,
    least_count,
    tests_of,
)


@dataclass(frozen=True, slots=True)
class InOrder:
    """One of the ways is fulfilled, by different events that follow one another. Tokens are rules.

    The rule of each place of a way is `places[place]`: one rule may have several.
    """

    ways: tuple[Way, ...]
    places: tuple[int, ...]
    forgets: bool = False

    @property
    def lasting(self) -> bool:
        return not any(way.not_there for way in self.ways)

    @property
    def least(self) -> int:
        return max(1, min(len(way.there) for way in self.ways))

    def windows(self) -> Callable[[], Window]:
        return partial(_InOrder, Steps.of(self))


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of all ways in one row: where each way begins, then its steps."""

    numbers: tuple[int, ...]
    """Which step of its way each one is; 0 is the beginning."""
    of_rule: Mapping[int, tuple[int, ...]]
    """The steps that an event of the rule can make, of each way the last ones first."""
    ends: tuple[tuple[int, frozenset[int]], ...]
    """Each way's last step, and the rules without events."""
    gone: frozenset[int]
    """The rules that some way wants without events."""

    @staticmethod
    def of(measure: InOrder) -> Steps:
        """The steps of a measure's ways."""
        numbers: list[int] = []
        of_rule: dict[int, tuple[int, ...]] = {}
        ends = []
        for way in measure.ways:
            first = len(numbers)
            numbers += range(len(way.there) + 1)
            ends.append((len(numbers) - 1, way.not_there))
            for step, place in enumerate(way.there, first + 1):
                rule = measure.places[place]
                of_rule[rule] = (step, *of_rule.get(rule, ()))
        gone = frozenset().union(*(way.not_there for way in measure.ways))
        return Steps(tuple(numbers), of_rule, tuple(ends), gone)


class _InOrder:
    """For each step: the latest beginning of the events that came so far."""

    __slots__ = ("before", "begun", "latest", "row", "steps")

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.begun = [NEVER] * len(steps.numbers)
        self.row = -1
        self.before: dict[int, int] = {}
        """What stood there before the event in `row`, which makes one step only."""
        self.latest: dict[int, int] = {}
        """When the latest event happened of each rule that some way wants without events."""

    def add(self, time: int, row: int, token: int) -> None:
        steps, begun, before = self.steps, self.begun, self.before
        if token in steps.gone:
            self.latest[token] = time
        if row != self.row:
            self.row = row
            before.clear()
        for step in steps.of_rule.get(token, ()):
            last = step - 1
            since = before.get(last, begun[last]) if steps.numbers[last] else time
            if since > begun[step]:
                before.setdefault(step, begun[step])
                begun[step] = since

    def remove(self, token: int) -> None:
        """What has left the window is told by its time."""

    def amount(self, since: int) -> int | Fraction:
        """The most steps of one way."""
        done = (step for step, time in zip(self.steps.numbers, self.begun, strict=True) if time >= since)
        return max(done, default=0)

    def holds(self, since: int) -> bool:
        begun, numbers = self.begun, self.steps.numbers
        for end, not_there in self.steps.ends:
            if (begun[end] >= since or not numbers[end]) and not any(
                self.latest.get(rule, NEVER) >= since for rule in not_there
            ):
                return True
        return False


@dataclass(frozen=True, slots=True)
class LongestOrder:
    """The number of places in the longest run of different events that follow one another as places do."""

    bounds: Bounds
    places: tuple[int, ...]
    forgets: bool = False

    @property
    def lasting(self) -> bool:
        return at_least(self.bounds)

    @property
    def least(self) -> int:
        return least_count(self.bounds)

    def windows(self) -> Callable[[], Window]:
        return partial(_LongestOrder, self.places, tests_of(self.bounds))


class _LongestOrder:
    """For each place and length: the latest beginning of a run of that length that ends there."""

    __slots__ = ("before", "begun", "places", "row", "tests")

    def __init__(self, places: tuple[int, ...], tests: Tests) -> None:
        self.places, self.tests, self.row = places, tests, -1
        self.begun = [[NEVER] * (place + 2) for place in range(len(places))]
        self.before: list[list[int]] = []
        """The same before the event in `row`, which stands in a run once."""

    def add(self, time: int, row: int, token: int) -> None:
        if row != self.row:
            self.row, self.before = row, [begun.copy() for begun in self.begun]
        for place, rule in enumerate(self.places):
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
        most = 0
        for begun in self.begun:
            for length in range(most + 1, len(begun)):
                if begun[length] >= since:
                    most = length
        return most

    def holds(self, since: int) -> bool:
        return fulfilled(self.tests, self.amount(since))
