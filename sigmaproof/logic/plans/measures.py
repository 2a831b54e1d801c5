"""What is asked of a window of events: how many different ones, how much, which rules.

A measure is a frozen value. `windows` works out once what all windows of a correlation have in common, and
gives what opens one: it takes events in and lets them go, which must cost little, as each event does both.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

COMPARE: dict[str, Callable[[Any, Any], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq, "!=": ne}


@dataclass(frozen=True, slots=True)
class Bound:
    """One comparison; the sign is a key of `COMPARE`."""

    sign: str
    than: int | Fraction


Bounds = tuple[Bound, ...]
"""All of them."""


Tests = tuple[tuple[Callable[[Any, Any], bool], int | Fraction], ...]
"""Bounds, as they are asked."""


def tests_of(bounds: Bounds) -> Tests:
    return tuple((COMPARE[bound.sign], bound.than) for bound in bounds)


def fulfilled(tests: Tests, amount: int | Fraction, times: int = 1) -> bool:
    """Whether the amount divided by `times`, which is positive, is within all bounds."""
    for compare, than in tests:  # noqa: SIM110  asked at every event: a generator costs more than the question
        if not compare(amount, than * times):
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

    def windows(self) -> Callable[[], Window]:
        """What gives an empty window."""


def at_least(bounds: Bounds) -> bool:
    return all(bound.sign in (">", ">=") for bound in bounds)


class _Counts:
    """How often each token stands in the window."""

    __slots__ = ("counts",)

    def __init__(self) -> None:
        self.counts: dict[Hashable, int] = {}

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


@dataclass(frozen=True, slots=True)
class Different:
    """The number of different tokens."""

    bounds: Bounds

    @property
    def lasting(self) -> bool:
        return at_least(self.bounds)

    def windows(self) -> Callable[[], Window]:
        return partial(_Different, tests_of(self.bounds))


class _Different(_Counts):
    __slots__ = ("tests",)

    def __init__(self, tests: Tests) -> None:
        self.counts = {}
        self.tests = tests

    def holds(self, since: int) -> bool:
        return fulfilled(self.tests, len(self.counts))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the tokens, which are numbers; or their mean."""

    bounds: Bounds
    mean: bool = False

    @property
    def lasting(self) -> bool:
        # A sum that has been reached is reached, even if negative numbers follow.
        return at_least(self.bounds) and not self.mean

    def windows(self) -> Callable[[], Window]:
        return partial(_Total, tests_of(self.bounds), self.mean)


@dataclass(slots=True)
class _Total:
    tests: Tests
    mean: bool
    sum: int | Fraction = 0
    count: int = 0

    def add(self, time: int, row: int, token: int | Fraction) -> None:
        self.sum += token
        self.count += 1

    def remove(self, token: int | Fraction) -> None:
        self.sum -= token
        self.count -= 1

    def amount(self, since: int) -> int | Fraction:
        return Fraction(self.sum, self.count) if self.mean else self.sum

    def holds(self, since: int) -> bool:
        return fulfilled(self.tests, self.sum, self.count if self.mean else 1)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A percentile of the tokens, which are numbers; linear between the two nearest ranks."""

    bounds: Bounds
    percent: Fraction
    lasting: bool = False

    def windows(self) -> Callable[[], Window]:
        return partial(_Ranked, tests_of(self.bounds), *(self.percent / 100).as_integer_ratio())


@dataclass(slots=True)
class _Ranked:
    tests: Tests
    part: int
    whole: int
    """The percentile is `part` of `whole`."""
    numbers: list[int | Fraction] = field(default_factory=list)

    def add(self, time: int, row: int, token: int | Fraction) -> None:
        insort(self.numbers, token)

    def remove(self, token: int | Fraction) -> None:
        del self.numbers[bisect_left(self.numbers, token)]

    def _amount(self) -> int | Fraction:
        """The percentile, `whole` times."""
        numbers = self.numbers
        low, above = divmod((len(numbers) - 1) * self.part, self.whole)
        amount = numbers[low] * self.whole
        return amount + (numbers[low + 1] - numbers[low]) * above if above else amount

    def amount(self, since: int) -> int | Fraction:
        return Fraction(self._amount(), self.whole)

    def holds(self, since: int) -> bool:
        return fulfilled(self.tests, self._amount(), self.whole)


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

    def windows(self) -> Callable[[], Window]:
        return partial(_Together, tuple((frozenset(way.there), way.not_there) for way in self.ways))


class _Together(_Counts):
    __slots__ = ("ways",)

    def __init__(self, ways: tuple[tuple[frozenset[int], frozenset[int]], ...]) -> None:
        self.counts = {}
        self.ways = ways

    def holds(self, since: int) -> bool:
        rules = self.counts.keys()
        for there, not_there in self.ways:
            if len(there) <= len(rules) and there <= rules and not (not_there and rules & not_there):
                return True
        return False
