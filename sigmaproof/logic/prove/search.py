"""The shortest text that is in some languages and outside others."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from operator import itemgetter

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.logic.prove.machines import COMMON, Language, Runner, runner
from sigmaproof.text.regex import Chars, RegexTooLarge

_CHECK_EVERY = 256
_UNWRITTEN = Chars.of(
    (0, 8),
    (0x0B, 0x0C),
    (0x0E, 0x1F),
    (0x7F, 0x84),
    (0x86, 0x9F),
    (0xD800, 0xDFFF),
    (0xFFFE, 0xFFFF),
    (0x10FFFE, 0x10FFFF),
)
"""Characters that no event has: XML cannot write them."""


class OutOfBudget(Exception):
    """The question takes longer, or more room, than it may."""


class Limits(Struct, frozen=True):
    """When to give up."""

    deadline: float
    """By `time.process_time`."""
    most_states: int = 200_000
    ascii: bool = False
    """Only texts in ASCII are looked for; that none is found proves nothing about others."""
    without: str = ""
    """Only texts with none of these characters are looked for."""

    def shared(self, share: float) -> Limits:
        """The same, with a part of the time that is left."""
        if share == 1.0:
            return self
        now = time.process_time()
        return replace(self, deadline=now + share * (self.deadline - now))

    def check(self) -> None:
        """Raises `OutOfBudget` once the time is up."""
        if time.process_time() > self.deadline:
            raise OutOfBudget("the time for this question is up")


def shortest(wanted: Sequence[Language], unwanted: Sequence[Language], limits: Limits) -> str | None:
    """The shortest text in all of the one and none of the other, letters before signs; None if none is.

    Raises `OutOfBudget`.
    """
    kept = _answers((tuple(wanted), tuple(unwanted), limits.ascii, limits.without))
    if not kept:
        kept.append(_found(wanted, unwanted, limits))
    return kept[0]


@lru_cache(maxsize=65536)
def _answers(_question: tuple[tuple[Language, ...], tuple[Language, ...], bool, str]) -> list[str | None]:
    """Where an answer is kept once it is known: the targets of a rule ask much the same, and so do rules."""
    return []


def _found(wanted: Sequence[Language], unwanted: Sequence[Language], limits: Limits) -> str | None:
    try:
        machines = [runner(one) for one in (*wanted, *unwanted)]
        signs = [True] * len(wanted) + [False] * len(unwanted)
        return _search(machines, signs, limits)
    except RegexTooLarge as error:
        raise OutOfBudget(f"a pattern is too large: {error.message}") from error


_Path = tuple["_Path", str] | None
_States = tuple[int, ...]


def _search(machines: list[Runner], signs: list[bool], limits: Limits) -> str | None:
    alphabet = _Alphabet(machines, limits)
    start = (0,) * len(machines)
    if _hopeless(machines, signs, start):
        return None
    before: dict[_States, tuple[_States, str] | None] = {start: None}
    level = [start]
    due = _CHECK_EVERY  # looking at the clock is slow
    while level:
        following: list[_States] = []
        for states in level:
            if _wanted(machines, signs, states):
                return _written(before, states)
            for reached, char in alphabet.moves(states):
                if reached not in before:
                    before[reached] = (states, char)
                    if not _hopeless(machines, signs, reached):
                        following.append(reached)
            if len(before) > due:
                limits.check()
                due += _CHECK_EVERY
            if len(before) > limits.most_states:
                raise OutOfBudget(
                    f"patterns on one field have more than {limits.most_states} states together"
                )
        level = following
    return None


# Loops and no generators in these two: they are asked of every state of every search.
def _hopeless(machines: Iterable[Runner], signs: Iterable[bool], states: _States) -> bool:
    for machine, state, sign in zip(machines, states, signs, strict=True):
        if machine.final(state) is (not sign):
            return True
    return False


def _wanted(machines: Iterable[Runner], signs: Iterable[bool], states: _States) -> bool:
    for machine, state, sign in zip(machines, states, signs, strict=True):
        if machine.accepts(state) is not sign:
            return False
    return True


def _written(before: dict[_States, tuple[_States, str] | None], states: _States) -> str:
    chars: list[str] = []
    step = before[states]
    while step is not None:
        states, char = step
        chars.append(char)
        step = before[states]
    return "".join(reversed(chars))


class _Alphabet:
    """The characters that some machine tells from others, one of each kind, the nicest first."""

    def __init__(self, machines: Sequence[Runner], limits: Limits) -> None:
        apart = {code for char in limits.without for code in (ord(char), ord(char) + 1)}
        edges = sorted(apart.union(*(machine.edges() for machine in machines)))
        common = zip(*(machine.common for machine in machines), strict=True)
        kinds: dict[tuple[int, ...], str] = {}
        for blocks, char in zip(common, COMMON, strict=True):
            kinds.setdefault(blocks, char)
        for char in _others(edges):
            if char in limits.without or (limits.ascii and not char.isascii()):
                continue
            kinds.setdefault(tuple(machine.block(ord(char)) for machine in machines), char)
        self.chars = list(kinds.values())
        self._backwards = range(len(self.chars) - 1, -1, -1)
        self._picks = list(zip(*kinds, strict=True))
        self._machines = machines
        self._rows: list[dict[int, tuple[int, ...]]] = [{} for _ in machines]

    def moves(self, states: _States) -> Iterable[tuple[_States, str]]:
        """Where one character leads, each place once."""
        if not states:
            return (((), char) for char in self.chars[:1])
        rows = [self._row(at, state) for at, state in enumerate(states)]
        reached = list(zip(*rows, strict=True))
        # backwards, so that of all characters that lead to one place the first is what stays
        first = dict(zip(reversed(reached), self._backwards, strict=True))
        return [(one, self.chars[at]) for one, at in sorted(first.items(), key=itemgetter(1))]

    def _row(self, at: int, state: int) -> tuple[int, ...]:
        known = self._rows[at].get(state)
        if known is None:
            row = self._machines[at].row(state)
            known = self._rows[at][state] = tuple([row[block] for block in self._picks[at]])
        return known


def _others(edges: Sequence[int]) -> Iterable[str]:
    """A character out of each run between two edges: one that can be seen, if there is one."""
    for low, after in zip(edges, [*edges[1:], 0x110000], strict=True):
        found = _visible(low, after - 1)
        if found is not None:
            yield found


@cache
def _visible(low: int, high: int) -> str | None:
    codes = range(low, min(high, low + 512) + 1)
    written = [chr(code) for code in codes if chr(code) not in _UNWRITTEN]
    if not written and high > low + 512:
        written = [chr(code) for code in range(low + 513, high + 1) if chr(code) not in _UNWRITTEN][:512]
    return next((char for char in written if char.isprintable()), written[0] if written else None)
