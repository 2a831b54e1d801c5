"""Correlation rule → plan. What its base rules mean, and what their events call fields, whoever asks says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import chain

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.languages.sigma.correlation import OPERATORS, Correlation, Resolved, Type
from sigmaproof.languages.sigma.nodes import Denied, Every, Name, Node, Rule, Some
from sigmaproof.logic.plans.correlated import Correlated, Part
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import (
    Bound,
    Bounds,
    Different,
    Measure,
    Ranked,
    Together,
    Total,
    Way,
    exact,
)
from sigmaproof.logic.plans.orders import InOrder, LongestOrder
from sigmaproof.logic.terms import Term
from sigmaproof.logic.times import SECOND

MOST_WAYS = 100
"""Ways to fulfil an expression."""

Base = Callable[[Rule], Iterable[tuple[Term, Mapping[str, str]]]]
"""What a rule means: terms, each with what its events call fields where that is something else."""

_Literals = tuple[frozenset[str], frozenset[str]]
"""References that are there, and that are not."""


def lower_correlation(found: Resolved, base: Base) -> Correlated:
    """What a correlation rule means. Raises `UnsupportedQuery` for too many ways to fulfil its expression."""
    rule = found.correlation
    numbers = [found.parts.index(part) for part in found.parts]
    parts: list[Part] = []
    for place, number in enumerate(numbers):
        if number == place:
            parts += _parts(found, place, base)
    return Correlated(
        tuple(parts), _measure(rule, numbers), _counted(rule), rule.span * SECOND, rule.group_by
    )


def _parts(found: Resolved, place: int, base: Base) -> Iterable[Part]:
    part, rule = found.parts[place], found.correlation
    by = tuple(_field(found, place, name) for name in rule.group_by)
    values = tuple(_field(found, place, name) for name in rule.fields)
    if isinstance(part, Resolved):
        yield Part(place, lower_correlation(part, base), by, values)
        return
    for term, names in base(part):
        yield Part(place, term, by, values, tuple(names.items()))


def _field(found: Resolved, place: int, name: str) -> str:
    """What a name stands for in the events of a rule: an alias's field, or the field of that name."""
    fields = dict(found.correlation.aliases).get(name, ())
    part = found.parts[place]
    called = part.correlation if isinstance(part, Resolved) else part
    names = {found.correlation.rules[place].lower(), called.id.lower(), called.name.lower()}
    return next((field for reference, field in fields if reference.lower() in names), name)


def _counted(rule: Correlation) -> Counted:
    if rule.type.temporal:
        return Counted.RULES
    if rule.type is Type.EVENT_COUNT:
        return Counted.EVENTS
    return Counted.VALUES if rule.type is Type.VALUE_COUNT else Counted.NUMBERS


def _measure(rule: Correlation, numbers: Sequence[int]) -> Measure:
    places = tuple(numbers)
    if not isinstance(rule.condition, tuple):
        return _expressed(rule, rule.condition, places)
    if not rule.condition:
        ordered = rule.type is Type.TEMPORAL_ORDERED
        return InOrder((Way(tuple(range(len(places)))),), places) if ordered else Together((Way(places),))
    bounds: Bounds = tuple(Bound(OPERATORS[one.operator], exact(one.than)) for one in rule.condition)
    match rule.type:
        case Type.TEMPORAL_ORDERED:
            return LongestOrder(bounds, places)
        case Type.VALUE_SUM | Type.VALUE_AVG:
            return Total(bounds, mean=rule.type is Type.VALUE_AVG)
        case Type.VALUE_PERCENTILE | Type.VALUE_MEDIAN:
            return Ranked(bounds, Fraction(exact(rule.percentile)))
    return Different(bounds)


def _expressed(rule: Correlation, condition: Node, places: tuple[int, ...]) -> Measure:
    place = {reference: rule.rules.index(reference) for reference in rule.rules}
    ordered = rule.type is Type.TEMPORAL_ORDERED
    ways = []
    for there, not_there in _ways(condition, wanted=True):
        at = sorted({place[one] if ordered else places[place[one]] for one in there})
        ways.append(Way(tuple(at), frozenset(places[place[one]] for one in not_there)))
    return InOrder(tuple(ways), places) if ordered else Together(tuple(ways))


def _ways(node: Node, *, wanted: bool) -> list[_Literals]:
    """The ways in which an expression is true, or (not `wanted`) false."""
    match node:
        case Name(name):
            one = frozenset((name,))
            return [(one, frozenset())] if wanted else [(frozenset(), one)]
        case Denied(inner):
            return _ways(inner, wanted=not wanted)
        case Every(parts) | Some(parts):
            found = [_ways(part, wanted=wanted) for part in parts]
            return (
                _all(found) if isinstance(node, Every) is wanted else _least(list(chain.from_iterable(found)))
            )
    raise UnsupportedQuery(f"{type(node).__name__} in a correlation's expression")


def _all(parts: Iterable[list[_Literals]]) -> list[_Literals]:
    ways: list[_Literals] = [(frozenset(), frozenset())]
    for part in parts:
        joined = [(there | more, gone | less) for there, gone in ways for more, less in part]
        ways = _least([way for way in joined if not way[0] & way[1]])
    return ways


def _least(ways: list[_Literals]) -> list[_Literals]:
    """Without those that ask for all that another one asks for, and more."""
    ways = list(dict.fromkeys(ways))
    if len(ways) > MOST_WAYS:
        raise UnsupportedQuery(f"an expression with more than {MOST_WAYS} ways to hold")
    return [
        way for way in ways if not any(one != way and one[0] <= way[0] and one[1] <= way[1] for one in ways)
    ]
