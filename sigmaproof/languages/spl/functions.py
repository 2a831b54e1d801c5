"""The functions of `eval`, over cells: several values in, several values out; None and no value are null.

https://help.splunk.com/en/splunk-enterprise/search/spl-search-reference/9.4/evaluation-functions
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import md5, sha1, sha256, sha512
from typing import Any
from urllib.parse import unquote

from sigmaproof.languages.spl import times
from sigmaproof.logic.plans.records_values import LONGEST, Apply
from sigmaproof.logic.terms import Subject
from sigmaproof.logic.values import Cell, Value, number_of, text_of
from sigmaproof.text.fold import Fold, fold

Function = Callable[..., Cell]
Number = int | float

_LARGEST = 2**53


def _first(cell: Cell) -> Value:
    return cell[0] if cell else None


def _number(cell: Cell) -> Number | None:
    return number_of(_first(cell)) if cell and len(cell) == 1 else None


def _cell(value: Value) -> Cell:
    """One value; a whole float is an integer, and what is no number is null."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() and abs(value) < _LARGEST else value
    return None if value is None else (value,)


def _numeric(function: Callable[..., Number | None]) -> Function:
    """A function of numbers; null if one argument is none."""

    @wraps(function)
    def over(*cells: Cell) -> Cell:
        numbers = [_number(cell) for cell in cells]
        return None if any(number is None for number in numbers) else _cell(function(*numbers))

    return over


def _textual(function: Callable[..., Value]) -> Function:
    """A function of texts, applied to each value of the first; null if one argument is."""

    @wraps(function)
    def over(*cells: Cell) -> Cell:
        if not all(cells):
            return None
        rest = [text_of(_first(cell)) for cell in cells[1:]]
        results = [function(text_of(value), *rest) for value in cells[0] or ()]
        return tuple(result for result in results if result is not None) or None

    return over


def _add(left: Cell, right: Cell) -> Cell:
    numbers = _number(left), _number(right)
    if numbers[0] is not None and numbers[1] is not None:
        return _cell(numbers[0] + numbers[1])
    texts = isinstance(_first(left), str) and isinstance(_first(right), str)
    return (text_of(_first(left)) + text_of(_first(right)),) if texts else None


def _joined(*cells: Cell) -> Cell:
    return ("".join(text_of(_first(cell)) for cell in cells),) if all(cells) else None


def _rounded(number: Cell, places: Cell = (0,)) -> Cell:
    value, digits = _number(number), _number(places)
    if value is None or digits is None or abs(digits) > 30:
        return None
    scale = 10 ** int(digits)
    return _cell(math.floor(abs(value) * scale + 0.5) / scale * (1 if value >= 0 else -1))


def _substr(text: str, start: str, length: str | None = None) -> str | None:
    """Counts from 1; a negative start counts from the end."""
    first = number_of(start)
    most = number_of(length) if length is not None else len(text)
    if first is None or most is None:
        return None
    begin = max(0, int(first) - 1 if first > 0 else len(text) + int(first) if first else 0)
    return text[begin : begin + max(0, int(most))]


def _strip(text: str, letters: str, where: str) -> str:
    return {"both": text.strip, "left": text.lstrip, "right": text.rstrip}[where](letters)


def _split(text: Cell, delimiter: Cell) -> Cell:
    if not text or not delimiter:
        return None
    by = text_of(_first(delimiter))
    return tuple(part for value in text for part in (text_of(value).split(by) if by else text_of(value)))


def _mvindex(values: Cell, start: Cell, end: Cell = None) -> Cell:
    first, last = _number(start), _number(end) if end else _number(start)
    if not values or first is None or last is None:
        return None
    low, high = (int(at) + len(values) if at < 0 else int(at) for at in (first, last))
    return values[low : high + 1] or None if low >= 0 else None


def _mvzip(left: Cell, right: Cell, delimiter: Cell = (",",)) -> Cell:
    by = text_of(_first(delimiter))
    return tuple(
        text_of(one) + by + text_of(other) for one, other in zip(left or (), right or (), strict=False)
    )


def _mvrange(start: Cell, end: Cell, step: Cell = (1,)) -> Cell:
    first, last, by = _number(start), _number(end), _number(step)
    if first is None or last is None or by is None or by < 1 or (last - first) / by > 10_000:
        return None
    return tuple(range(int(first), int(last), int(by))) or None


def _tonumber(value: Cell, base: Cell = (10,)) -> Cell:
    text, radix = text_of(_first(value)).strip(), _number(base)
    try:
        return _cell(int(text, int(radix)) if radix not in (None, 10) else float(text)) if value else None
    except ValueError:
        return None


def _tostring(value: Cell, form: Cell = None) -> Cell:
    number, how = _number(value), text_of(_first(form))
    if not value or number is None or not how:
        return (text_of(_first(value)),) if value else None
    match how:
        case "hex":
            return (f"0x{int(number):X}",)
        case "commas":
            return (f"{number:,}" if isinstance(number, int) else f"{number:,.2f}",)
        case "duration":
            return (f"{int(number) // 3600:02}:{int(number) // 60 % 60:02}:{int(number) % 60:02}",)
    return (text_of(_first(value)),)


def _extreme(pick: Callable[..., Any]) -> Function:
    def over(*cells: Cell) -> Cell:
        values = [value for cell in cells for value in cell or ()]
        numbers = [number for number in map(number_of, values) if number is not None]
        texts = [text_of(value) for value in values if number_of(value) is None]
        if texts and (pick is max or not numbers):
            return (pick(texts),)  # texts are above all numbers
        return (pick(numbers),) if numbers else None

    return over


def _strftime(time: Cell, form: Cell) -> Cell:
    number = _number(time)
    return (times.formatted(number, text_of(_first(form))),) if number is not None and form else None


def _strptime(text: Cell, form: Cell) -> Cell:
    return _cell(times.parsed(text_of(_first(text)), text_of(_first(form)))) if text and form else None


def _relative_time(time: Cell, step: Cell) -> Cell:
    number = _number(time)
    return _cell(times.relative(number, text_of(_first(step)))) if number is not None and step else None


def _bin(value: Cell, span: Cell) -> Cell:
    number, width = _number(value), _number(span)
    return _cell(times.floored(number, int(width))) if number is not None and width else value


def _bin_range(value: Cell, span: Cell) -> Cell:
    """What `bin` makes of a number that is no time: the range that it is in."""
    low, width = _number(_bin(value, span)), _number(span)
    return (f"{low}-{low + width}",) if low is not None and width else value


def _split_filled(text: Cell, delimiter: Cell) -> Cell:
    return tuple(part for part in _split(text, delimiter) or () if part)


def _typeof(value: Cell) -> Cell:
    if not value:
        return ("Invalid",)
    return ("Number" if _number(value) is not None else "String",)


def _hashed(algorithm: Callable[[bytes], object]) -> Function:
    return _textual(lambda text: algorithm(text.encode()).hexdigest())  # type: ignore[attr-defined]


def _tame(function: Function) -> Function:
    """The function, with null where Python refuses, and instead of values that grow without end."""

    @wraps(function)
    def over(*cells: Cell) -> Cell:
        try:
            result = function(*cells)
        except (ArithmeticError, ValueError, re.error):
            return None
        texts = (value for value in result or () if isinstance(value, str))
        return None if sum(map(len, texts)) > LONGEST else result

    return over


_FUNCTIONS: Mapping[str, Function] = {
    "+": _add,
    "-": _numeric(lambda left, right: left - right),
    "*": _numeric(lambda left, right: left * right),
    "/": _numeric(lambda left, right: left / right),
    "%": _numeric(lambda left, right: math.fmod(left, right)),
    ".": _joined,
    "abs": _numeric(lambda number: abs(number)),
    "ceiling": _numeric(lambda number: math.ceil(number)),
    "ceil": _numeric(lambda number: math.ceil(number)),
    "floor": _numeric(lambda number: math.floor(number)),
    "exp": _numeric(lambda number: math.exp(number)),
    "ln": _numeric(lambda number: math.log(number)),
    "log": _numeric(lambda number, base=10: math.log(number, base)),
    "sqrt": _numeric(lambda number: math.sqrt(number)),
    "pow": _numeric(lambda number, power: float(number) ** power),
    "pi": lambda: (math.pi,),
    "exact": lambda value: value,
    "round": _rounded,
    "max": _extreme(max),
    "min": _extreme(min),
    "lower": _textual(lambda text: fold(text, Fold.LOWER)),
    "upper": _textual(lambda text: text.upper()),
    "len": _textual(lambda text: len(text)),
    "substr": _textual(_substr),
    "trim": _textual(lambda text, letters=" \t": _strip(text, letters, "both")),
    "ltrim": _textual(lambda text, letters=" \t": _strip(text, letters, "left")),
    "rtrim": _textual(lambda text, letters=" \t": _strip(text, letters, "right")),
    "urldecode": _textual(lambda text: unquote(text)),
    "md5": _hashed(lambda data: md5(data, usedforsecurity=False)),
    "sha1": _hashed(lambda data: sha1(data, usedforsecurity=False)),
    "sha256": _hashed(sha256),
    "sha512": _hashed(sha512),
    "split": _split,
    "mvcount": lambda values: (len(values),) if values else None,
    "mvindex": _mvindex,
    "mvjoin": lambda values, by: (text_of(_first(by)).join(map(text_of, values)),) if values and by else None,
    "mvappend": lambda *cells: tuple(value for cell in cells for value in cell or ()),
    "mvdedup": lambda values: tuple(dict.fromkeys(values or ())),
    "mvsort": lambda values: tuple(sorted(values or (), key=text_of)),
    "mvzip": _mvzip,
    "mvrange": _mvrange,
    "tonumber": _tonumber,
    "tostring": _tostring,
    "typeof": _typeof,
    "strftime": _strftime,
    "strptime": _strptime,
    "relative_time": _relative_time,
    "bin": _bin,
    "bin_range": _bin_range,
    "split_filled": _split_filled,
}
FUNCTIONS: Mapping[str, Function] = {name: _tame(function) for name, function in _FUNCTIONS.items()}

INTERNAL = frozenset({"bin", "bin_range", "split_filled"})
"""What commands need, and no expression can call."""


def apply(name: str, *arguments: Subject) -> Apply:
    """The call of a function."""
    return Apply(name, FUNCTIONS[name], arguments)
