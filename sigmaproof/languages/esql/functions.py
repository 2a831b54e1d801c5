"""ES|QL's functions of values.

A function gives null for a null and, with a warning, for several values, unless it is one for several.
https://www.elastic.co/docs/reference/query-languages/esql/functions-operators/
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from math import fmod, isfinite

from msgspec import Struct

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.index.elastic_dates import DEFAULT_FORMATS, parse_date
from sigmaproof.languages.esql.types import Type
from sigmaproof.logic.values import Cell, Value, number_of, text_of
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import Regex, RegexError, UnsupportedRegex
from sigmaproof.text.replace import replacer

Number = int | float


class Function(Struct, frozen=True):
    """`takes`: the least and the greatest number of arguments; `whole`: it sees all values at once.

    `gives`: the type of its result; None is the type of its first argument.
    """

    gives: Type | None
    takes: tuple[int, int]
    apply: Callable[..., object]
    whole: bool = False
    several: bool = False
    """Its result can be several values."""

    def cell(self, *cells: Cell) -> Cell:
        """The result for one row."""
        if self.whole:
            return _cell(self.apply(*cells))
        if any(cell is None or len(cell) != 1 for cell in cells):
            return None
        try:
            return _cell(self.apply(*(cell[0] for cell in cells if cell)))
        except (ArithmeticError, ValueError, TypeError):
            return None


def _cell(result: object) -> Cell:
    if result is None:
        return None
    values = result if isinstance(result, tuple) else (result,)
    return tuple(value for value in values if value is not None) or None


def mapped(convert: Callable[[Value], Value]) -> Callable[[Cell], tuple[Value, ...]]:
    """A conversion of every value; one that fails is null."""

    def over(cell: Cell) -> tuple[Value, ...]:
        found = []
        for value in cell or ():
            try:
                found.append(convert(value))
            except (ArithmeticError, ValueError):
                continue
        return tuple(found)

    return over


def replaceable(pattern: str) -> Regex:
    """A regular expression of Java's. Raises `InvalidQuery`; `UnsupportedQuery` for what is not modelled."""
    try:
        tree = parse(pattern, dialect=Dialect.JAVA)
        replacer(tree)
    except UnsupportedRegex as error:
        raise UnsupportedQuery(f"REPLACE of {pattern!r}: {error}") from None
    except RegexError as error:
        raise InvalidQuery(f"REPLACE of {pattern!r}: {error}") from None
    return tree


def divide(left: Number, right: Number) -> Number:
    """Of whole numbers, without the remainder."""
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    whole = abs(left) // abs(right)
    return whole if (left < 0) == (right < 0) else -whole


def modulo(left: Number, right: Number) -> Number:
    """The remainder, with the sign of the left number."""
    if isinstance(left, float) or isinstance(right, float):
        return fmod(left, right)
    return left - right * int(divide(left, right))


def lower(cell: Cell) -> Cell:
    """Every value in lower case."""
    return tuple(text_of(value).lower() for value in cell or ()) or None


def _date(value: Value) -> int | None:
    return int(value) if isinstance(value, int | float) else parse_date(text_of(value), DEFAULT_FORMATS)


def _whole(value: Value) -> int | None:
    number = float(value) if isinstance(value, str) else value
    return None if number is None or not isfinite(number) else round(number)


def _substring(text: str, start: int, length: int | None = None) -> str:
    begin = start - 1 if start > 0 else max(len(text) + start, 0) if start < 0 else 0
    return text[begin:] if length is None else text[begin : begin + length]


def _slice(cell: Cell, start: Cell, end: Cell = None) -> tuple[Value, ...]:
    values, (first,) = cell or (), start or (0,)
    (last,) = end or (first,)
    count, low, high = len(values), int(number_of(first) or 0), int(number_of(last) or 0)
    low, high = (low + count if low < 0 else low), (high + count if high < 0 else high)
    return values[max(low, 0) : high + 1] if high >= 0 else ()


def _zip(left: Cell, right: Cell, between: Cell = None) -> tuple[str, ...]:
    one, other, (mark,) = left or (), right or (), between or (",",)
    longest = max(len(one), len(other))
    rows = (([text_of(side[n])] if n < len(side) else []) for n in range(longest) for side in (one, other))
    pairs = list(rows)
    return tuple(text_of(mark).join(pairs[n] + pairs[n + 1]) for n in range(0, 2 * longest, 2))


def _sorted(cell: Cell, order: Cell = None) -> tuple[Value, ...]:
    descending = bool(order) and text_of(order[0]).upper() == "DESC" if order else False
    return tuple(sorted(cell or (), key=_rank, reverse=descending))


def _rank(value: Value) -> tuple[bool, Number, str]:
    return (True, 0, value) if isinstance(value, str) else (False, value or 0, "")


def _percentile(cell: Cell, percent: Cell) -> Number | None:
    """Linear between the two nearest ranks; of whole numbers without the remainder."""
    numbers = sorted(number for value in cell or () if (number := number_of(value)) is not None)
    share = number_of(percent[0]) if percent and len(percent) == 1 else None
    if not numbers or share is None or not 0 <= share <= 100:
        return None
    at = share / 100 * (len(numbers) - 1)
    low, high = numbers[int(at)], numbers[min(int(at) + 1, len(numbers) - 1)]
    part = (at - int(at)) * (high - low)
    return low + (int(part) if all(isinstance(one, int) for one in numbers) else part)


def _pick(choose: Callable[[Iterable[Value]], Value]) -> Callable[[Cell], Value]:
    return lambda cell: choose(cell) if cell else None


_MANY = 100

FUNCTIONS: Mapping[str, Function] = {
    "+": Function(None, (2, 2), operator.add),
    "-": Function(None, (2, 2), operator.sub),
    "*": Function(None, (2, 2), operator.mul),
    "/": Function(None, (2, 2), divide),
    "%": Function(None, (2, 2), modulo),
    "ABS": Function(None, (1, 1), abs),
    "CONCAT": Function(Type.TEXT, (2, _MANY), lambda *texts: "".join(map(text_of, texts))),
    "LEFT": Function(Type.TEXT, (2, 2), lambda text, count: text[: max(count, 0)]),
    "LENGTH": Function(Type.INTEGER, (1, 1), len),
    "LOCATE": Function(Type.INTEGER, (2, 3), lambda text, part, at=1: text.find(part, max(at, 1) - 1) + 1),
    "LTRIM": Function(Type.TEXT, (1, 1), str.lstrip),
    "MV_APPEND": Function(None, (2, 2), lambda *cells: sum(cells, ()) if all(cells) else None, True, True),
    "MV_CONCAT": Function(
        Type.TEXT, (2, 2), lambda cell, mark: text_of(mark[0]).join(cell) if cell and mark else None, True
    ),
    "MV_COUNT": Function(Type.INTEGER, (1, 1), lambda cell: len(cell) if cell else None, True),
    "MV_DEDUPE": Function(None, (1, 1), lambda cell: tuple(dict.fromkeys(cell or ())), True, True),
    "MV_FIRST": Function(None, (1, 1), lambda cell: cell[0] if cell else None, True),
    "MV_LAST": Function(None, (1, 1), lambda cell: cell[-1] if cell else None, True),
    "MV_MAX": Function(None, (1, 1), _pick(lambda values: max(values, key=_rank)), True),
    "MV_MIN": Function(None, (1, 1), _pick(lambda values: min(values, key=_rank)), True),
    "MV_PERCENTILE": Function(None, (2, 2), _percentile, True),
    "MV_SLICE": Function(None, (2, 3), _slice, True, True),
    "MV_SORT": Function(None, (1, 2), _sorted, True, True),
    "MV_ZIP": Function(Type.TEXT, (2, 3), _zip, True, True),
    "RIGHT": Function(Type.TEXT, (2, 2), lambda text, count: text[-count:] if count > 0 else ""),
    "RTRIM": Function(Type.TEXT, (1, 1), str.rstrip),
    "SPLIT": Function(Type.TEXT, (2, 2), lambda text, mark: tuple(text.split(mark)), several=True),
    "SUBSTRING": Function(Type.TEXT, (2, 3), _substring),
    "TO_DATETIME": Function(Type.DATE, (1, 1), mapped(_date), True, True),
    "TO_DOUBLE": Function(Type.DOUBLE, (1, 1), mapped(lambda value: float(value or 0)), True, True),
    "TO_INTEGER": Function(Type.INTEGER, (1, 1), mapped(_whole), True, True),
    "TO_LONG": Function(Type.INTEGER, (1, 1), mapped(_whole), True, True),
    "TO_LOWER": Function(Type.TEXT, (1, 1), lower, True, True),
    "TO_STRING": Function(Type.TEXT, (1, 1), mapped(text_of), True, True),
    "TO_UPPER": Function(Type.TEXT, (1, 1), mapped(lambda value: text_of(value).upper()), True, True),
    "TRIM": Function(Type.TEXT, (1, 1), str.strip),
}
"""Functions whose result is no condition; those of dates, and of conditions, are in expressions.py."""

UNMODELLED = frozenset(
    """ACOS ASIN ATAN ATAN2 BIT_LENGTH BYTE_LENGTH CATEGORIZE CBRT CEIL COS COSH DATE_EXTRACT DATE_FORMAT
    DATE_PARSE E EXP FLOOR FROM_BASE64 GREATEST HASH HYPOT IP_PREFIX KQL LEAST LOG LOG10 MATCH MATCH_PHRASE
    MEDIAN_ABSOLUTE_DEVIATION MULTI_MATCH MV_AVG MV_MEDIAN MV_SUM NOW PI POW QSTR
    RANDOM REPEAT REVERSE ROUND SHA1 SHA256 SIGNUM SIN SINH SPACE SQRT STD_DEV TAN TANH TAU TERM
    TO_BASE64 TO_BOOLEAN TO_CARTESIANPOINT TO_CARTESIANSHAPE TO_DATE_NANOS TO_DATEPERIOD TO_DEGREES
    TO_GEOSHAPE TO_IP TO_RADIANS TO_TIMEDURATION TO_UNSIGNED_LONG TO_VERSION TOP VARIANCE WEIGHTED_AVG
    MD5 PERCENTILE MEDIAN TO_GEOPOINT""".split()  # noqa: SIM905  a list of words reads best as words
)
"""Functions that exist and are refused by name."""
