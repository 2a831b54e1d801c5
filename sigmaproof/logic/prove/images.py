"""Languages of the texts that a function leads into another language: inverse images.

A machine for the function's result is fed while the text is read, so nothing is ever written backwards.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from msgspec import Struct

from sigmaproof.logic.prove.machines import Language, Runner, State, blocks_of, runner
from sigmaproof.text.fold import Fold, case_classes, fold
from sigmaproof.text.regex import Chars

IRREGULAR = "İΣ"
"""Letters whose lower case is two, or depends on what is beside them."""


class Folded(Struct, frozen=True, cache_hash=True):
    """The texts whose folded form is in the language."""

    inner: Language
    fold: Fold

    def machine(self) -> CharwiseMachine:
        """Its automaton."""
        return CharwiseMachine(runner(self.inner), _folded(self.fold))


@dataclass(slots=True)
class CharwiseMachine:
    """Reads each character as another one."""

    inner: Runner
    changed: Changed
    blocks: Sequence[Chars] = ()
    start: State = 0
    _to: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        blocks = dict(enumerate(self.inner.machine.blocks))
        lost: dict[int, list[int]] = {}
        won: dict[int, list[int]] = {}
        for code, at in self._moved():
            lost.setdefault(self.inner.block(code), []).append(code)
            won.setdefault(at, []).append(code)
        for at, codes in lost.items():
            blocks[at] &= ~_chars(codes)
        for at, codes in won.items():
            blocks[at] |= _chars(codes)
        found = [(chars, at) for at, chars in blocks.items() if chars.ranges]
        self.blocks = [chars for chars, _ in found]
        self._to = [at for _, at in found]

    def _moved(self) -> Iterator[tuple[int, int]]:
        """The characters that are read as one of another block, and that block."""
        # both ends lie in the largest block of most; those few that touch another one are all that matter
        largest = max(self.inner.machine.blocks, key=lambda block: block.size)
        ranges = [
            pair for block in self.inner.machine.blocks if block is not largest for pair in block.ranges
        ]
        for code, to in self.changed.touching(ranges):
            at = self.inner.block(to)
            if at != self.inner.block(code):
                yield code, at

    def step(self, state: State, block: int) -> State:
        return self.inner.row(state)[self._to[block]]

    def accepts(self, state: State) -> bool:
        return self.inner.accepts(state)

    def final(self, state: State) -> bool | None:
        return self.inner.final(state)


class Changed(Struct, frozen=True):
    """Code points that are read as others, in order, and the same by what they are read as."""

    pairs: tuple[tuple[int, int], ...]
    reverse: tuple[tuple[int, int], ...]

    @staticmethod
    def of(pairs: Iterable[tuple[int, int]]) -> Changed:
        """These pairs of a code point and another."""
        found = tuple(sorted(pairs))
        return Changed(found, tuple(sorted((to, code) for code, to in found)))

    def touching(self, ranges: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """The pairs of which one lies in one of these inclusive ranges."""
        found: set[tuple[int, int]] = set()
        for low, high in ranges:
            found.update(_between(self.pairs, low, high))
            found.update((code, to) for to, code in _between(self.reverse, low, high))
        return found


def _between(pairs: Sequence[tuple[int, int]], low: int, high: int) -> Sequence[tuple[int, int]]:
    return pairs[bisect_left(pairs, (low, 0)) : bisect_left(pairs, (high + 1, 0))]


@cache
def _folded(rule: Fold) -> Changed:
    letters = (member for members in case_classes(rule) for member in members)
    return Changed.of((ord(one), ord(to)) for one in letters if (to := fold(one, rule)) != one)


def _chars(codes: Iterable[int]) -> Chars:
    return Chars.of(*((code, code) for code in codes))


@dataclass(slots=True)
class Fed:
    """A machine around another one, which one character sets apart from all others."""

    inner: Runner
    separator: Chars
    start: State
    blocks: Sequence[Chars] = ()
    parts: list[tuple[bool, int]] = field(default_factory=list)
    """For each block: whether it is the separator, and the inner block."""

    def __post_init__(self) -> None:
        self.blocks = blocks_of((*self.inner.machine.blocks, self.separator))
        firsts = [block.ranges[0][0] for block in self.blocks]
        self.parts = [(chr(code) in self.separator, self.inner.block(code)) for code in firsts]

    def final(self, state: State) -> bool | None:
        return None


class After(Struct, frozen=True, cache_hash=True):
    """What follows the last separator is in the language; without one, the whole text is."""

    inner: Language
    separator: Chars
    required: bool = False
    """A text without a separator is not meant."""
    filled: bool = False
    """Nor is one with nothing after it."""

    def machine(self) -> AfterMachine:
        """Its automaton."""
        return AfterMachine(runner(self.inner), self.separator, (not self.required, False, 0), rule=self)


@dataclass(slots=True)
class AfterMachine(Fed):
    """State: whether the text is meant so far, something came after the separator, inner state."""

    rule: After = field(kw_only=True)

    def step(self, state: State, block: int) -> State:
        apart, inner = self.parts[block]
        return (True, False, 0) if apart else (state[0], True, self.inner.row(state[2])[inner])

    def accepts(self, state: State) -> bool:
        meant, filled, inner = state
        return meant and (filled or not self.rule.filled) and self.inner.accepts(inner)


class Before(Struct, frozen=True, cache_hash=True):
    """What precedes a separator is in the language."""

    inner: Language
    separator: Chars
    last: bool = False
    """The last separator, otherwise the first."""
    required: bool = False
    """A text without a separator is not meant; otherwise it is taken whole."""
    filled: bool = False
    """Nor is one with nothing before it."""
    only: bool = False
    """Nor is one with a second separator."""

    def machine(self) -> BeforeMachine:
        """Its automaton."""
        return BeforeMachine(runner(self.inner), self.separator, (None, False, 0), rule=self)


@dataclass(slots=True)
class BeforeMachine(Fed):
    """State: the verdict at the separator, whether anything came before it, inner state."""

    rule: Before = field(kw_only=True)

    def step(self, state: State, block: int) -> State:
        verdict, filled, at = state
        apart, inner = self.parts[block]
        if verdict is not None and not self.rule.last:
            return (False, True, 0) if apart and self.rule.only else state
        after = self.inner.row(at)[inner]
        if not apart:
            return (verdict, True, after)
        found = self.inner.accepts(at) and (filled or not self.rule.filled)
        return (found, True, after if self.rule.last else 0)

    def accepts(self, state: State) -> bool:
        verdict, _, at = state
        if verdict is not None:
            return bool(verdict)
        return not self.rule.required and self.inner.accepts(at)


class SecondOfTwo(Struct, frozen=True, cache_hash=True):
    """The text has one separator, and what follows it, which is not nothing, is in the language."""

    inner: Language
    separator: Chars

    def machine(self) -> SecondMachine:
        """Its automaton."""
        return SecondMachine(runner(self.inner), self.separator, (0, False, 0))


@dataclass(slots=True)
class SecondMachine(Fed):
    """State: separators so far (up to 2), whether anything followed, inner state."""

    def step(self, state: State, block: int) -> State:
        seen, _, at = state
        apart, inner = self.parts[block]
        if apart:
            return (min(seen + 1, 2), False, 0)
        return (1, True, self.inner.row(at)[inner]) if seen == 1 else state

    def accepts(self, state: State) -> bool:
        seen, filled, at = state
        return bool(seen == 1 and filled and self.inner.accepts(at))

    def final(self, state: State) -> bool | None:
        return False if state[0] == 2 else None


class SomeWord(Struct, frozen=True, cache_hash=True):
    """Some run of characters that are not separators is in the language."""

    inner: Language
    separator: Chars

    def machine(self) -> WordMachine:
        """Its automaton."""
        return WordMachine(runner(self.inner), self.separator, (False, False, 0))


@dataclass(slots=True)
class WordMachine(Fed):
    """State: whether a word was found, whether a word has begun, inner state."""

    def step(self, state: State, block: int) -> State:
        found, begun, at = state
        apart, inner = self.parts[block]
        if found:
            return state
        if apart:
            return (begun and self.inner.accepts(at), False, 0)
        return (False, True, self.inner.row(at)[inner])

    def accepts(self, state: State) -> bool:
        found, begun, at = state
        return bool(found or (begun and self.inner.accepts(at)))

    def final(self, state: State) -> bool | None:
        return True if state[0] else None


class Lowered(Struct, frozen=True, cache_hash=True):
    """The texts whose lower case is in the language; İ and Σ, whose lower case is irregular, are left out."""

    inner: Language

    def machine(self) -> CharwiseMachine:
        """Its automaton."""
        return CharwiseMachine(runner(self.inner), _lowered())


@cache
def _lowered() -> Changed:
    letters = (member for members in case_classes(Fold.LOWER) for member in members)
    return Changed.of(
        (ord(letter), ord(letter.lower()))
        for letter in letters
        if letter not in IRREGULAR and letter.lower() != letter
    )


class Prefixed(Struct, frozen=True, cache_hash=True):
    """A prefix, and after it a text of the language."""

    prefix: str
    inner: Language

    def machine(self) -> PrefixMachine:
        """Its automaton."""
        return PrefixMachine(self.prefix, runner(self.inner))


@dataclass(slots=True)
class PrefixMachine:
    """State: how much of the prefix was read (-1: something else), inner state."""

    prefix: str
    inner: Runner
    start: State = (0, 0)
    blocks: Sequence[Chars] = ()
    _parts: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        own = [Chars.one(char) for char in dict.fromkeys(self.prefix)]
        self.blocks = blocks_of((*self.inner.machine.blocks, *own))
        firsts = [block.ranges[0][0] for block in self.blocks]
        self._parts = [(chr(code), self.inner.block(code)) for code in firsts]

    def step(self, state: State, block: int) -> State:
        at, inner = state
        char, inner_block = self._parts[block]
        if at == len(self.prefix):
            return (at, self.inner.row(inner)[inner_block])
        return (at + 1, 0) if at >= 0 and self.prefix[at] == char else (-1, 0)

    def accepts(self, state: State) -> bool:
        return bool(state[0] == len(self.prefix) and self.inner.accepts(state[1]))

    def final(self, state: State) -> bool | None:
        if state[0] < 0:
            return False
        return self.inner.final(state[1]) if state[0] == len(self.prefix) else None
