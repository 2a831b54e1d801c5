"""Languages of numbers as texts: decimal integers between two bounds, and hexadecimal ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.checks import Order
from sigmaproof.logic.prove.machines import State, blocks_of
from sigmaproof.logic.prove.texts import Pattern
from sigmaproof.text.perl import parse as parse_perl
from sigmaproof.text.regex import Chars

_DIGITS = "0123456789abcdef"
_DECIMAL_LIMIT, _HEX_LIMIT = 19, 16
"""So many digits at most has a number for `derive.integer`."""


class Integers(Struct, frozen=True):
    """Texts of the integers between two bounds (None: open)."""

    low: int | None = None
    high: int | None = None
    loose: bool = False
    """Also with a plus sign, zeros in front, and in hex after 0x, as `derive.integer` reads them."""

    def machine(self) -> IntegerMachine:
        """Its automaton."""
        return IntegerMachine(self)


def bounded(order: Order, than: int | float, *, loose: bool = False) -> Integers | None:
    """The integers that compare so; None if there are none."""
    floor = than.__floor__() if than == than and abs(than) != float("inf") else None
    if floor is None:
        return _unbounded(order, than, loose)
    whole = floor == than
    match order:
        case Order.EQ:
            return Integers(floor, floor, loose) if whole else None
        case Order.LT:
            return Integers(None, floor - whole, loose)
        case Order.LE:
            return Integers(None, floor, loose)
        case Order.GT:
            return Integers(floor + 1, None, loose)
    return Integers(floor + (not whole), None, loose)


def _unbounded(order: Order, than: float, loose: bool) -> Integers | None:
    below = order in (Order.LT, Order.LE)
    return Integers(None, None, loose) if than == float("inf" if below else "-inf") else None


def number_in(text: str) -> Integers | None:
    """The texts that are read as the integer which is written so; None if nothing is."""
    try:
        number = int(text)
    except ValueError:
        return None
    return Integers(number, number, loose=True) if str(number) == text else None


class _Reading(Struct, frozen=True):
    """A number so far: its sign, base, digits with and without zeros in front, and how it compares.

    `low`, `high`: the digits so far against the first ones of each bound: -1, 0 or 1.
    """

    phase: str
    negative: bool = False
    base: int = 10
    digits: int = 0
    significant: int = 0
    low: int = 0
    high: int = 0


_OUT = _Reading("out")


@dataclass(slots=True)
class IntegerMachine:
    """Compares digit by digit; a longer number is a greater one."""

    integers: Integers
    start: State = field(default_factory=lambda: _Reading("sign"))
    blocks: Sequence[Chars] = ()
    _meanings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        signs = ["-", "+", "xX", *_DIGITS[:10], *(letter + letter.upper() for letter in _DIGITS[10:])]
        classes = [Chars.of(*((ord(char), ord(char)) for char in one)) for one in signs]
        self.blocks = blocks_of(classes)
        known = {one: sign[0] for one, sign in zip(classes, signs, strict=True)}
        self._meanings = [known.get(block, "") for block in self.blocks]

    def step(self, state: State, block: int) -> State:
        char = self._meanings[block]
        loose = self.integers.loose
        if char in ("-", "+") and state.phase == "sign" and (loose or char == "-"):
            return _Reading("first", negative=char == "-")
        if char == "x" and loose and state == _Reading("zero", state.negative, digits=1):
            return _Reading("digits", state.negative, 16)
        if not char or char in "-+x" or state.phase == "out" or (state.phase == "zero" and not loose):
            return _OUT
        return self._digit(state, _DIGITS.index(char))

    def _digit(self, state: _Reading, digit: int) -> _Reading:
        limit = 10_000 if not self.integers.loose else _HEX_LIMIT if state.base == 16 else _DECIMAL_LIMIT
        if digit >= state.base or state.digits >= limit:
            return _OUT
        digits = state.digits + 1 if self.integers.loose else 1
        if digit == 0 and state.significant == 0:
            return _Reading("zero", state.negative, state.base, digits)
        bounds = [self._bound(end, state.base) for end in (self.integers.low, self.integers.high)]
        low, high = (
            known or _compared(digit, bound, state.significant)
            for known, bound in zip((state.low, state.high), bounds, strict=True)
        )
        most = max(len(bound) for bound in bounds) + 1
        significant = min(state.significant + 1, most)
        return _Reading("digits", state.negative, state.base, digits, significant, low, high)

    def _bound(self, number: int | None, base: int) -> str:
        if not number:
            return ""
        return f"{abs(number):x}" if base == 16 else str(abs(number))

    def accepts(self, state: State) -> bool:
        if state.phase not in ("zero", "digits") or state.digits == 0:
            return False
        low, high = self.integers.low, self.integers.high
        return (low is None or self._against(state, low, state.low) >= 0) and (
            high is None or self._against(state, high, state.high) <= 0
        )

    def _against(self, state: _Reading, number: int, compared: int) -> int:
        """The number read against a bound: -1, 0 or 1."""
        negative = state.negative and state.significant > 0
        if negative != (number < 0):
            return -1 if negative else 1 if state.significant or number else 0
        length = len(self._bound(number, state.base))
        size = (state.significant > length) - (state.significant < length) or compared
        return -size if negative else size

    def final(self, state: State) -> bool | None:
        return False if state.phase == "out" else None


def _compared(digit: int, bound: str, at: int) -> int:
    if at >= len(bound):
        return 0
    other = _DIGITS.index(bound[at])
    return (digit > other) - (digit < other)


ODD = Pattern(
    parse_perl(
        r"\A(?:[-+]?0[0-9]+|\+[0-9]+|-0|-?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?|-?[0-9]+[eE][-+]?[0-9]+)\z"
    )
)
"""Numbers as no event of a log writes an integer. They are left out where a field is compared as a number."""
