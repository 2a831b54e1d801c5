"""What is asked of a window of events: how many different ones, how much, which rules.

A measure is a frozen value. `windows` works out once what all windows of a correlation have in common, and
gives what opens one: it takes events in and lets them go, which must cost little, as each event does both.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil, floor
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Protocol

from msgspec import Struct
from msgspec import field as made

NEVER = -(2**63)
"""Before every time."""

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

    @property
    def least(self) -> int:
        """A window of fewer events cannot fulfil it."""

    @property
    def forgets(self) -> bool:
        """Its windows must be told what leaves them; others know by the time."""

    def windows(self) -> Callable[[], Window]:
        """What gives an empty window."""


def at_least(bounds: Bounds) -> bool:
    return all(bound.sign in (">", ">=") for bound in bounds)


def least_count(bounds: Bounds) -> int:
    """The least count, of one or more, that can be within all bounds."""
    above = [floor(bound.than) + 1 for bound in bounds if bound.sign == ">"]
    return max([1, *above, *(ceil(bound.than) for bound in bounds if bound.sign in (">=", "="))])


class _Counts(Struct, gc=False):
    """How often each token stands in the window."""

    counts: dict[Hashable, int]

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
    forgets: bool = True

    @property
    def lasting(self) -> bool:
        return at_least(self.bounds)

    @property
    def least(self) -> int:
        return least_count(self.bounds)

    def windows(self) -> Callable[[], Window]:
        least, tests = self.least, tests_of(self.bounds)
        if self.lasting:
            return lambda: _Enough({}, least)
        return lambda: _Different({}, tests)


class _Enough(_Counts):
    least: int

    def holds(self, since: int) -> bool:
        return len(self.counts) >= self.least


class _Different(_Counts):
    tests: Tests

    def holds(self, since: int) -> bool:
        return fulfilled(self.tests, len(self.counts))


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of the tokens, which are numbers; or their mean."""

    bounds: Bounds
    mean: bool = False
    forgets: bool = True
    least: int = 1

    @property
    def lasting(self) -> bool:
        # A sum that has been reached is reached, even if negative numbers follow.
        return at_least(self.bounds) and not self.mean

    def windows(self) -> Callable[[], Window]:
        return partial(_Total, tests_of(self.bounds), self.mean)


class _Total(Struct, gc=False):
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
    least: int = 1
    forgets: bool = True

    def windows(self) -> Callable[[], Window]:
        return partial(_Ranked, tests_of(self.bounds), *(self.percent / 100).as_integer_ratio())


class _Ranked(Struct, gc=False):
    tests: Tests
    part: int
    whole: int
    """The percentile is `part` of `whole`."""
    numbers: list[int | Fraction] = made(default_factory=list)

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
    forgets: bool = False

    @property
    def lasting(self) -> bool:
        return not any(way.not_there for way in self.ways)

    @property
    def least(self) -> int:
        return max(1, min(len(set(way.there)) for way in self.ways))

    def windows(self) -> Callable[[], Window]:
        ways = tuple((tuple(set(way.there)), tuple(way.not_there)) for way in self.ways)
        return lambda: _Together(ways, {})


class _Together(Struct, gc=False):
    ways: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    latest: dict[int, int]
    """When the latest event of each rule happened."""

    def add(self, time: int, row: int, token: int) -> None:
        self.latest[token] = time

    def remove(self, token: int) -> None:
        """What has left the window is told by its time."""

    def amount(self, since: int) -> int | Fraction:
        return sum(time >= since for time in self.latest.values())

    def holds(self, since: int) -> bool:
        latest = self.latest
        for there, not_there in self.ways:
            for rule in there:
                if latest.get(rule, NEVER) < since:
                    break
            else:
                if not any(latest.get(rule, NEVER) >= since for rule in not_there):
                    return True
        return False
