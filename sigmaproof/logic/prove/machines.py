"""Languages of texts as automata that are built as far as they are looked at.

A language is a frozen description, equal to every other one of its kind with the same content; its machine
says how it reads a text. Characters come in blocks that the machine does not tell apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from sigmaproof.text.automata import partition
from sigmaproof.text.regex import Chars

State = Any
"""Where a machine is; hashable."""

COMMON = "aenrtiosldcmpubfghkvwxyzjq01345672890ABCDEFGHIJKLMNOPQRSTUVWXYZ.-_/\\: !\"#$%&'()*+,;<=>?@[]^`{|}~"
"""What can be seen of ASCII, the nicest first."""


class Machine(Protocol):
    """How a language reads a text."""

    @property
    def blocks(self) -> Sequence[Chars]:
        """Every character is in exactly one of these."""

    @property
    def start(self) -> State: ...

    def step(self, state: State, block: int) -> State:
        """Where a character of the block leads."""

    def accepts(self, state: State) -> bool:
        """Whether a text may end here."""

    def final(self, state: State) -> bool | None:
        """What every continuation is, if that is clear at once: accepted, refused, or None."""


class Language(Hashable, Protocol):
    """A set of texts."""

    def machine(self) -> Machine:
        """A new machine for it."""


@dataclass(slots=True)
class Runner:
    """A machine with its states numbered, 0 first, and its moves kept."""

    machine: Machine
    _states: list[State] = field(init=False)
    _ids: dict[State, int] = field(init=False)
    _rows: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _finals: dict[int, bool | None] = field(default_factory=dict)
    _lows: list[int] = field(init=False)
    _blocks: list[int] = field(init=False)
    common: tuple[int, ...] = field(init=False)
    """The blocks of the characters in `COMMON`."""

    def __post_init__(self) -> None:
        self._states = [self.machine.start]
        self._ids = {self.machine.start: 0}
        runs = sorted((low, at) for at, block in enumerate(self.machine.blocks) for low, _ in block.ranges)
        self._lows = [low for low, _ in runs]
        self._blocks = [at for _, at in runs]
        self.common = tuple(self.block(ord(char)) for char in COMMON)

    def row(self, state: int) -> tuple[int, ...]:
        """Where each block leads."""
        known = self._rows.get(state)
        if known is None:
            inner, step = self._states[state], self.machine.step
            known = self._rows[state] = tuple(
                self._number(step(inner, block)) for block in range(len(self.machine.blocks))
            )
        return known

    def accepts(self, state: int) -> bool:
        """Whether a text may end here."""
        return self.machine.accepts(self._states[state])

    def final(self, state: int) -> bool | None:
        """What every continuation is, if that is clear at once."""
        if state not in self._finals:
            self._finals[state] = self.machine.final(self._states[state])
        return self._finals[state]

    def block(self, code: int) -> int:
        """The block of a code point."""
        return self._blocks[bisect_right(self._lows, code) - 1]

    def edges(self) -> Iterable[int]:
        """The code points where blocks begin."""
        return self._lows

    def contains(self, text: str) -> bool:
        """Whether a text is in the language."""
        state = 0
        for char in text:
            known = self.final(state)
            if known is not None:
                return known
            state = self.row(state)[self.block(ord(char))]
        return self.accepts(state)

    def _number(self, state: State) -> int:
        found = self._ids.get(state)
        if found is None:
            found = self._ids[state] = len(self._states)
            self._states.append(state)
        return found


@lru_cache(maxsize=16384)
def runner(language: Language) -> Runner:
    """The language's machine, shared by all who ask; its states stay known."""
    return Runner(language.machine())


def blocks_of(classes: Iterable[Chars]) -> tuple[Chars, ...]:
    """The fewest blocks that tell the classes apart."""
    return tuple(partition(classes))


def members(blocks: Sequence[Chars], chars: Chars) -> tuple[bool, ...]:
    """Which blocks lie inside a class."""
    return tuple(chr(block.ranges[0][0]) in chars for block in blocks)
