"""Decimal intervals as expressions over digits."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.text.regex import Chars, Regex, Repeat, choice, concat

_ZERO = Chars.one("0")


def decimal_interval(low: int, high: int, width: int = 0) -> Regex:
    """The numbers from `low` to `high`: with `width` digits, or (0) with any number of leading zeros."""
    digits = width or len(str(high))
    numbers = choice(list(_ranges(str(low).zfill(digits), str(high).zfill(digits))))
    return numbers if width else concat([Repeat(_ZERO, 0, None), _unpadded(low, high)])


def _unpadded(low: int, high: int) -> Regex:
    """Without leading zeros: one interval for each number of digits."""
    options: list[Regex] = []
    for digits in range(len(str(low)), len(str(high)) + 1):
        least = max(low, 10 ** (digits - 1) if digits > 1 else 0)
        options += _ranges(str(least), str(min(high, 10**digits - 1)))
    return choice(options)


def _ranges(low: str, high: str) -> Iterator[Regex]:
    """The texts of one length between two texts of digits, by their common beginning."""
    if low == high:
        yield concat([Chars.one(digit) for digit in low])
        return
    at = next(at for at, (a, b) in enumerate(zip(low, high, strict=True)) if a != b)
    head: list[Regex] = [Chars.one(digit) for digit in low[:at]]
    first, last = int(low[at]), int(high[at])
    rest = len(low) - at - 1
    if low[at + 1 :].strip("0"):
        yield from (concat([*head, part]) for part in _ranges(low[at:], low[at] + "9" * rest))
        first += 1
    if high[at + 1 :].strip("9"):
        last -= 1
    if first <= last:
        yield concat([*head, _digit(first, last), *[_digit(0, 9)] * rest])
    if last < int(high[at]):
        yield from (concat([*head, part]) for part in _ranges(high[at] + "0" * rest, high[at:]))


def _digit(first: int, last: int) -> Chars:
    return Chars.of((ord(str(first)), ord(str(last))))
