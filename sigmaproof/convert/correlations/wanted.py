"""What a correlation rule wants, as a writer needs it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from msgspec import Struct

from sigmaproof.convert.values import Unsayable
from sigmaproof.logic.plans.correlated import Correlated, Part
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Bounds, Different, Measure, Ranked, Together, Total, Way
from sigmaproof.logic.plans.orders import InOrder, LongestOrder
from sigmaproof.logic.times import SECOND

Document = Mapping[str, Any]

MOST_ORDERS = 16
MOST_STEPS = 10


class Asked(Struct, frozen=True):
    """One of the rules that a correlation is about."""

    document: Document
    by: tuple[str, ...]
    """What its events call the fields of `Wanted.names`."""
    values: tuple[str, ...]


class Wanted(Struct, frozen=True):
    """A correlation rule over rules about single events."""

    rules: tuple[Asked, ...]
    names: tuple[str, ...]
    """What groups are called by."""
    measure: Measure
    counted: Counted
    span: int
    """In seconds."""

    @property
    def bounds(self) -> Bounds:
        """What the amount is compared with; nothing where rules alone count."""
        return getattr(self.measure, "bounds", ())

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways in which rules fulfil it, where rules alone count."""
        return getattr(self.measure, "ways", ())

    @property
    def orders(self) -> tuple[tuple[int, ...], ...]:
        """The rules that have to follow one another, in each way to fulfil it. Raises `Unsayable`."""
        assert isinstance(self.measure, InOrder)
        if any(way.not_there for way in self.ways):
            raise Unsayable("no conversion is written for an order of rules beside one without events")
        orders = [tuple(self.measure.places[place] for place in way.there) for way in self.ways]
        if not orders or len(orders) > MOST_ORDERS or max(map(len, orders)) > MOST_STEPS:
            raise Unsayable(
                f"cannot be said: more than {MOST_ORDERS} orders of rules, or of {MOST_STEPS} rules"
            )
        return tuple(dict.fromkeys(orders))


def wanted(plan: Correlated, documents: Mapping[int, Document]) -> Wanted:
    """What a plan wants of the rules with these numbers. Raises `Unsayable` for a chain."""
    if any(isinstance(part.source, Correlated) for part in plan.parts):
        raise Unsayable("no conversion is written for correlations over correlations")
    first: dict[int, Part] = {}
    for part in plan.parts:
        first.setdefault(part.rule, part)
    # the places of an order count rules as the plan does, and a rule that stands twice has one number
    numbers = {rule: at for at, rule in enumerate(first)}
    asked = (Asked(documents[rule], part.by, part.values) for rule, part in first.items())
    measure = _renumbered(_in_ways(plan.measure), numbers)
    return Wanted(tuple(asked), plan.names, measure, plan.counted, plan.span // SECOND)


def _in_ways(measure: Measure) -> Measure:
    """So many rules in order, whichever they are, as the ways to choose them."""
    if not isinstance(measure, LongestOrder):
        return measure
    if not measure.lasting:
        raise Unsayable("no conversion is written for an upper bound on the rules that follow one another")
    places = range(len(measure.places))
    ways = tuple(map(Way, combinations(places, at_least(measure.bounds))))
    return InOrder(ways, measure.places)


def at_least(bounds: Bounds) -> int:
    """The smallest number within bounds that have no upper end. Raises `Unsayable` if that is none at all."""
    least = max(int(bound.than // 1) + (bound.sign == ">" or bound.than % 1 > 0) for bound in bounds)
    if least < 1:
        raise Unsayable("cannot be said: a condition that holds without any event")
    return least


def _renumbered(measure: Measure, numbers: Mapping[int, int]) -> Measure:
    """The measure with the rules counted without gaps; places of an order stay."""
    match measure:
        case Together(ways):
            return Together(
                tuple(
                    Way(
                        tuple(numbers[one] for one in way.there),
                        frozenset(numbers[one] for one in way.not_there),
                    )
                    for way in ways
                )
            )
        case InOrder(ways, places):
            gone = (frozenset(numbers[one] for one in way.not_there) for way in ways)
            kept = tuple(Way(way.there, not_there) for way, not_there in zip(ways, gone, strict=True))
            return InOrder(kept, tuple(numbers[one] for one in places))
    return measure


def compared(amount: str, bounds: Bounds, equal: str = "=") -> str:
    """`amount >= 5 AND amount < 9`."""
    signs = {"=": equal}
    return " AND ".join(f"{amount} {signs.get(one.sign, one.sign)} {_number(one.than)}" for one in bounds)


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


AMOUNTS = {
    Counted.EVENTS: "event_count",
    Counted.VALUES: "value_count",
    Counted.RULES: "rule_count",
}


def amount(want: Wanted) -> str:
    """What the amount is called in a query."""
    match want.measure:
        case Total(mean=True):
            return "value_avg"
        case Total():
            return "value_sum"
        case Ranked():
            return "value_percentile"
        case Different() | Together() | InOrder():
            return AMOUNTS[want.counted]
    return "rule_count"
