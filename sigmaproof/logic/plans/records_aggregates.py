"""What a group of records adds up to: counts, sums, ranks, and values in their order."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import pstdev, pvariance, stdev, variance

from msgspec import Struct

from sigmaproof.logic.plans.records import Record, cell_of
from sigmaproof.logic.terms import Subject
from sigmaproof.logic.values import Cell, Value, number_of, text_of
from sigmaproof.text.fold import Fold, fold

LONGEST_LIST = 100
"""Values that `list` keeps."""

Number = int | float
Timed = tuple[Value, Number]
"""A value, and the time of its record."""


class Measure(Struct, frozen=True):
    """One function over a group: of a subject's values, or (None) of the records themselves."""

    function: str
    subject: Subject | None
    name: str
    """The field that takes the result."""
    percent: float = 50
    """Of `perc`."""
    ignore_case: bool = False
    """`dc` takes letters that differ in case for the same."""
    mean_of_two: bool = False
    """`median` of an even number is the mean of the middle two, not the higher one."""

    def over(self, records: Sequence[Record]) -> Cell:
        """The result for a group; None where there is none."""
        if self.subject is None:
            return (len(records),)
        values: list[Timed] = []
        for record in records:
            time = record.time() or 0
            values += [(value, time) for value in cell_of(self.subject, record.get) or ()]
        return (_FUNCTIONS.get(self.function) or _UNNAMED[self.function])(self, values) or None


def measure_function(name: str) -> tuple[str, float] | None:
    """The function that a name stands for, with its percentage; None if there is no such function."""
    found = re.fullmatch(r"(?:exact|upper)?p(?:erc)?(\d+(?:\.\d+)?)", name)
    if found:
        return "perc", float(found[1])
    name = _SYNONYMS.get(name, name)
    return (name, 50) if name in _FUNCTIONS else None


def measure_names() -> tuple[str, ...]:
    """Every function's name."""
    return (*_FUNCTIONS, *_SYNONYMS)


def _texts(values: Iterable[Timed]) -> list[str]:
    return [text_of(value) for value, _ in values]


def _numbers(values: Iterable[Timed]) -> list[Number]:
    return [number for number in (number_of(value) for value, _ in values) if number is not None]


def _number(value: Number) -> Cell:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return (
        (int(value),) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else (value,)
    )


def _numeric(function: Callable[[list[Number]], Number], least: int = 1) -> Function:
    """A function of the values that are numbers, if there are so many."""

    def over(_: Measure, values: list[Timed]) -> Cell:
        numbers = _numbers(values)
        return _number(function(numbers)) if len(numbers) >= least else None

    return over


def _extreme(pick: Callable[..., Value]) -> Function:
    """By number if all values are numbers, else by text."""

    def over(_: Measure, values: list[Timed]) -> Cell:
        if not values:
            return None
        numbers = _numbers(values)
        return (pick(numbers if len(numbers) == len(values) else _texts(values)),)

    return over


def _distinct(measure: Measure, values: list[Timed]) -> Cell:
    rule = Fold.SIMPLE if measure.ignore_case else Fold.EXACT
    return (len({fold(text, rule) for text in _texts(values)}),)


def _mode(_: Measure, values: list[Timed]) -> Cell:
    return (Counter(_texts(values)).most_common(1)[0][0],) if values else None


def _median(measure: Measure, values: list[Timed]) -> Cell:
    numbers = sorted(_numbers(values))
    if not numbers:
        return None
    middle = len(numbers) // 2
    even = measure.mean_of_two and len(numbers) % 2 == 0
    return _number((numbers[middle - 1] + numbers[middle]) / 2 if even else numbers[middle])


def _percentile(measure: Measure, values: list[Timed]) -> Cell:
    """Linear between the two nearest ranks."""
    numbers = sorted(_numbers(values))
    if not numbers:
        return None
    at = (len(numbers) - 1) * min(measure.percent, 100) / 100
    low, high = numbers[math.floor(at)], numbers[math.ceil(at)]
    return _number(round(low + (high - low) * (at - math.floor(at)), 10))


def _by_time(pick: Callable[..., Timed]) -> Function:
    return lambda measure, values: (pick(values, key=lambda timed: timed[1])[0],) if values else None


def _spread(numbers: list[Number]) -> Number:
    return max(numbers) - min(numbers)


Function = Callable[[Measure, list[Timed]], Cell]

_FUNCTIONS: Mapping[str, Function] = {
    "count": lambda measure, values: (len(values),),
    "dc": _distinct,
    "values": lambda measure, values: tuple(sorted(set(_texts(values)))),
    "list": lambda measure, values: tuple(_texts(values)[:LONGEST_LIST]),
    "min": _extreme(min),
    "max": _extreme(max),
    "range": _numeric(_spread),
    "sum": _numeric(math.fsum),
    "sumsq": _numeric(lambda numbers: math.fsum(number * number for number in numbers)),
    "avg": _numeric(lambda numbers: math.fsum(numbers) / len(numbers)),
    "stdev": _numeric(lambda numbers: stdev(numbers) if len(numbers) > 1 else 0),
    "stdevp": _numeric(pstdev),
    "var": _numeric(lambda numbers: variance(numbers) if len(numbers) > 1 else 0),
    "varp": _numeric(pvariance),
    "median": _median,
    "perc": _percentile,
    "mode": _mode,
    "first": lambda measure, values: (values[0][0],) if values else None,
    "last": lambda measure, values: (values[-1][0],) if values else None,
    "earliest": _by_time(min),
    "latest": _by_time(max),
}

_UNNAMED: Mapping[str, Function] = {
    "distinct": lambda measure, values: tuple(dict.fromkeys(value for value, _ in values))
}
"""Functions that no name in a search stands for; another language's names may."""

_SYNONYMS = {"c": "count", "distinct_count": "dc", "estdc": "dc", "mean": "avg"}
