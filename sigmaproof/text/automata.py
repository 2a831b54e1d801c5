"""Deterministic automata of expressions, one state per derivative, built as far as they are looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sigmaproof.text.derivatives import Empty, Expressions, Node, Side, side
from sigmaproof.text.named_classes import NEWLINE, WORD
from sigmaproof.text.regex import Anchor, Chars, Regex, RegexTooLarge
from sigmaproof.text.walk import anchors

MOST_STATES = 10_000
"""States of the largest automaton, as many as Lucene allows itself."""

_RANGES_PER_NODE = 16
"""Ranges of characters that cost as much as a node of an expression."""

State = int
Moves = tuple[tuple[Chars, State], ...]


@dataclass(slots=True)
class Automaton:
    """The automaton of one expression. States are small numbers, 0 is where it starts."""

    regex: Regex
    most_states: int = MOST_STATES
    _expressions: Expressions = field(default_factory=Expressions)
    _states: list[tuple[Node, Side]] = field(default_factory=list)
    _ids: dict[tuple[Node, Side], State] = field(default_factory=dict)
    _moves: dict[State, Moves] = field(default_factory=dict)
    _context: tuple[Chars, ...] = ()
    _accepting: dict[State, bool] = field(default_factory=dict)
    _blocks: dict[frozenset[Node], list[Chars]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = anchors(self.regex)
        if found - {Anchor.START, Anchor.END}:
            self._context = (NEWLINE, WORD)
        elif Anchor.START in found:
            self._context = (Chars(()),)
        with _bounded():
            self._state(self._expressions.of(self.regex), Side.EDGE)

    def accepts(self, state: State) -> bool:
        """Whether a text may end here."""
        known = self._accepting.get(state)
        if known is None:
            node, before = self._states[state]
            known = self._expressions.matches_empty(node, before, Side.EDGE) is Empty.YES
            self._accepting[state] = known
        return known

    def final(self, state: State) -> bool | None:
        """What every continuation is from here on, if it is clear at once: accepted, refused, or None."""
        node = self._states[state][0]
        if node == self._expressions.anything:
            return True
        return False if node == self._expressions.nothing else None

    def moves(self, state: State) -> Moves:
        """Where each character leads: every character is in exactly one of the classes.

        Raises `RegexTooLarge` when the automaton has grown beyond its bounds.
        """
        known = self._moves.get(state)
        if known is None:
            with _bounded():
                known = self._moves[state] = self._compute(state)
        return known

    def _compute(self, state: State) -> Moves:
        node, before = self._states[state]
        expressions = self._expressions
        targets: defaultdict[State, list[tuple[int, int]]] = defaultdict(list)
        for block in self._partition(frozenset(expressions.heads(node))):
            code = block.ranges[0][0]
            expressions.spend(len(block.ranges) // _RANGES_PER_NODE)
            target = self._state(expressions.derivative(node, before, code), side(code))
            targets[target] += block.ranges
        return tuple((Chars.of(*ranges), target) for target, ranges in targets.items())

    def _partition(self, heads: frozenset[Node]) -> list[Chars]:
        known = self._blocks.get(heads)
        if known is None:
            classes = [Chars(self._expressions.keys[head][1]) for head in heads]
            known = self._blocks[heads] = partition((*classes, *self._context))
        return known

    def _state(self, node: Node, before: Side) -> State:
        # What came before matters to anchors only.
        if not self._context or node in (self._expressions.anything, self._expressions.nothing):
            before = Side.EDGE
        elif len(self._context) == 1 and self._states:
            before = Side.OTHER
        found = self._ids.get((node, before))
        if found is None:
            found = self._ids[node, before] = len(self._states)
            self._states.append((node, before))
            if found >= self.most_states:
                raise RegexTooLarge(f"the pattern's automaton has more than {self.most_states} states")
        return found


@contextmanager
def _bounded() -> Iterator[None]:
    # Hundreds of alternatives in a row inside a repetition nest that deep once they are multiplied out.
    try:
        yield
    except RecursionError:
        raise RegexTooLarge("the pattern's alternatives nest too deeply") from None


def partition(classes: Iterable[Chars]) -> list[Chars]:
    """The fewest blocks that tell the classes apart; each character is in exactly one block."""
    changes: defaultdict[int, set[int]] = defaultdict(set, {0: set()})
    for number, chars in enumerate(set(classes)):
        for low, high in chars.ranges:
            changes[low] ^= {number}
            changes[high + 1] ^= {number}
    blocks: defaultdict[frozenset[int], list[tuple[int, int]]] = defaultdict(list)
    members: set[int] = set()
    places = sorted(place for place in changes if place <= 0x10FFFF)
    for low, after in zip(places, [*places[1:], 0x110000], strict=True):
        members ^= changes[low]
        blocks[frozenset(members)].append((low, after - 1))
    return [Chars(tuple(ranges)) for ranges in blocks.values()]


def dfa_matcher(regex: Regex) -> Callable[[str], bool]:
    """A predicate over whole texts: one table look-up per character.

    Builds the whole automaton: only this function raises `RegexTooLarge`, the predicate never does.
    """
    rows, accepting = _table(Automaton(regex))

    def matches(text: str) -> bool:
        state = 0
        for char in text:
            starts, targets = rows[state]
            state = targets[bisect_right(starts, char) - 1]
        return accepting[state]

    return matches


def _table(automaton: Automaton) -> tuple[list[tuple[list[str], list[State]]], list[bool]]:
    """For each state, the characters where a run of one target begins, and the targets."""
    rows: list[tuple[list[str], list[State]]] = []
    states = 1
    while len(rows) < states:
        runs = sorted((low, to) for chars, to in automaton.moves(len(rows)) for low, _ in chars.ranges)
        rows.append(([chr(low) for low, _ in runs], [to for _, to in runs]))
        states = max(states, 1 + max(rows[-1][1]))
    return rows, [automaton.accepts(state) for state in range(states)]
