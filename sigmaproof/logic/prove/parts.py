"""Inverse images of functions that take a text apart: into words, and into pairs of a name and a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.prove.machines import Language, Runner, State, blocks_of, runner
from sigmaproof.text.regex import Chars

_LAST_BLANK = 0x3000
BLANKS = Chars.of(*((code, code) for code in range(_LAST_BLANK + 1) if chr(code).isspace()))
"""What `str.split` cuts at; looking beyond the last one would be most of the time that a start takes."""
_COMMA, _EQUALS, _ZERO = Chars.one(","), Chars.one("="), Chars.one("0")


class Unmarked(Struct, frozen=True, cache_hash=True):
    """The texts that are in the language once every pair of marks is taken out of them."""

    inner: Language
    mark: str

    def machine(self) -> UnmarkedMachine:
        """Its automaton."""
        return UnmarkedMachine(runner(self.inner), Chars.one(self.mark))


@dataclass(slots=True)
class UnmarkedMachine:
    """State: whether a mark waits for the second one, inner state."""

    inner: Runner
    mark: Chars
    start: State = (False, 0)
    blocks: Sequence[Chars] = ()
    _inner_blocks: list[int] = field(default_factory=list)
    _own: int = 0

    def __post_init__(self) -> None:
        self.blocks = blocks_of((*self.inner.machine.blocks, self.mark))
        self._inner_blocks = [self.inner.block(block.ranges[0][0]) for block in self.blocks]
        self._own = next(at for at, block in enumerate(self.blocks) if block == self.mark)

    def step(self, state: State, block: int) -> State:
        waits, inner = state
        if block == self._own:
            return (not waits, inner)
        return (False, self.inner.row(self._settled(state))[self._inner_blocks[block]])

    def accepts(self, state: State) -> bool:
        return self.inner.accepts(self._settled(state))

    def final(self, state: State) -> bool | None:
        return None

    def _settled(self, state: State) -> int:
        """The inner state with a mark that waits in vain read as any other character."""
        waits, inner = state
        return self.inner.row(inner)[self._inner_blocks[self._own]] if waits else int(inner)


class LastPair(Struct, frozen=True, cache_hash=True):
    """Comma-separated NAME=VALUE, where the last value under a name, in any letter case, is in the language.

    A value of nothing but zeros does not count.
    """

    inner: Language
    name: str
    """In small letters of ASCII."""

    def machine(self) -> LastPairMachine:
        """Its automaton."""
        return LastPairMachine(runner(self.inner), self.name)


class _Pair(Struct, frozen=True, cache_hash=True):
    """Where the reading of a pair is."""

    found: bool = False
    """What the last pair of that name says."""
    named: int = 0
    """How much of the name was read; -1: another name."""
    valued: bool = False
    """Behind the sign of equality."""
    filled: bool = False
    """The value has something else than zeros."""
    at: int = 0
    """The inner state."""


_START = _Pair()


@dataclass(slots=True)
class LastPairMachine:
    """State: a `_Pair`."""

    inner: Runner
    name: str
    start: State = _START
    blocks: Sequence[Chars] = ()
    _parts: list[tuple[str, int]] = field(default_factory=list)
    """For each block: its sign in small letters, if it counts for the pairs, and the inner block."""

    def __post_init__(self) -> None:
        letters = [Chars.one(char) | Chars.one(char.upper()) for char in dict.fromkeys(self.name)]
        self.blocks = blocks_of((*self.inner.machine.blocks, _COMMA, _EQUALS, _ZERO, *letters))
        firsts = [block.ranges[0][0] for block in self.blocks]
        self._parts = [(chr(code).lower(), self.inner.block(code)) for code in firsts]

    def step(self, state: State, block: int) -> State:
        char, inner = self._parts[block]
        if char == ",":
            return _Pair(self._closed(state))
        if state.valued:
            filled = state.filled or char != "0"
            return _Pair(state.found, state.named, True, filled, self.inner.row(state.at)[inner])
        if char == "=":
            known = state.named == len(self.name)
            return _Pair(state.found, state.named, True) if known else _Pair(state.found, -1)
        fits = 0 <= state.named < len(self.name) and self.name[state.named] == char
        return _Pair(state.found, state.named + 1 if fits else -1)

    def accepts(self, state: State) -> bool:
        return self._closed(state)

    def final(self, state: State) -> bool | None:
        return None

    def _closed(self, state: _Pair) -> bool:
        return self.inner.accepts(state.at) if state.valued and state.filled else state.found
