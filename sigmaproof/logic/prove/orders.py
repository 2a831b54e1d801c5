"""Languages of texts that come before or after a given one, by code points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.checks import Order
from sigmaproof.logic.prove.machines import State, blocks_of, members
from sigmaproof.text.regex import LAST, Chars

_LESS, _GREATER = "less", "greater"
_ACCEPTED = {
    Order.EQ: (False, True, False),
    Order.LT: (True, False, False),
    Order.LE: (True, True, False),
    Order.GT: (False, False, True),
    Order.GE: (False, True, True),
}
"""Whether a smaller, an equal, a greater text is meant."""


class Ordered(Struct, frozen=True):
    """The texts that compare so."""

    order: Order
    than: str

    def machine(self) -> OrderMachine:
        """Its automaton."""
        return OrderMachine(self.order, self.than)


@dataclass(slots=True)
class OrderMachine:
    """State: how many characters are the same, or what was decided."""

    order: Order
    than: str
    start: State = 0
    blocks: Sequence[Chars] = ()
    _signs: dict[str, tuple[tuple[bool, ...], tuple[bool, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        codes = {ord(char) for char in self.than}
        below = {code: Chars.of((0, code - 1)) for code in codes}
        above = {code: Chars.of((code + 1, LAST)) for code in codes}
        self.blocks = blocks_of((*below.values(), *above.values()))
        self._signs = {
            chr(code): (members(self.blocks, below[code]), members(self.blocks, above[code]))
            for code in codes
        }

    def step(self, state: State, block: int) -> State:
        if isinstance(state, str):
            return state
        if state == len(self.than):
            return _GREATER
        below, above = self._signs[self.than[state]]
        return _LESS if below[block] else _GREATER if above[block] else state + 1

    def accepts(self, state: State) -> bool:
        less, equal, greater = _ACCEPTED[self.order]
        if state == _GREATER:
            return greater
        return equal if state == len(self.than) else less

    def final(self, state: State) -> bool | None:
        return self.accepts(state) if isinstance(state, str) else None
