"""Checks on analysed text: what is asked of the words of a value, not of the value.

A phrase does not cross values unless its slop is so large that it spans the gap between them (`AllValues`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heapreplace

from msgspec import Struct

from sigmaproof.logic.checks import Check, Predicate, ValueCheck
from sigmaproof.logic.values import Cell, Read, Value, text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.tokens import ANALYSERS

GAP = 100
"""Positions between the last word of a value and the first of the next one."""

_BETWEEN_VALUES = "\U0010fffe"


class Words(ValueCheck, frozen=True):
    """Some word of the analysed text satisfies the check."""

    word: Check
    analyser: str = "standard"

    def predicate(self) -> Predicate:
        analyse, holds = ANALYSERS[self.analyser], self.word.predicate()
        return lambda value: value is not None and any(map(holds, analyse(text_of(value))))


class Phrase(ValueCheck, frozen=True):
    """Words that satisfy these checks stand one after the other, moved by at most `slop` places in all."""

    words: tuple[Check, ...]
    slop: int = 0
    analyser: str = "standard"

    def predicate(self) -> Predicate:
        analyse = ANALYSERS[self.analyser]
        checks = [word.predicate() for word in self.words]

        def holds(value: Value) -> bool:
            if value is None:
                return False
            words = _placed(text_of(value), analyse)
            places = [
                [at - offset for at, word in words if check(word)] for offset, check in enumerate(checks)
            ]
            return _within(places, self.slop)

        return holds


class Near(ValueCheck, frozen=True):
    """The value is at most `edits` insertions, deletions, changes or swaps of neighbours away from `text`.

    The first `prefix` code points must be the same.
    """

    text: str
    edits: int
    prefix: int = 0
    fold: Fold = Fold.EXACT

    def predicate(self) -> Predicate:
        wanted = fold(self.text, self.fold)

        def holds(value: Value) -> bool:
            if value is None:
                return False
            text = fold(text_of(value), self.fold)
            if abs(len(text) - len(wanted)) > self.edits or text[: self.prefix] != wanted[: self.prefix]:
                return False
            return _near(wanted, text, self.edits)

        return holds


class AllValues(Struct, frozen=True):
    """All values of a field as one text, for a phrase whose slop spans the gap between values."""

    field: str

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.field,)

    def cell(self, read: Read) -> Cell:
        """One value; absent where the field is."""
        values = read(self.field)
        return (_BETWEEN_VALUES.join(map(text_of, values)),) if values else values

    def __str__(self) -> str:
        return self.field


def _placed(text: str, analyse: Callable[[str], tuple[str, ...]]) -> list[tuple[int, str]]:
    """The words of a text with their positions."""
    words: list[tuple[int, str]] = []
    start = 0
    for part in text.split(_BETWEEN_VALUES):
        words += enumerate(analyse(part), start)
        start = words[-1][0] + 1 + GAP if words else start
    return words


def _within(places: Sequence[Sequence[int]], slop: int) -> bool:
    """Whether one number can be taken from each ascending list so that all are at most `slop` apart."""
    if not all(places):
        return False
    heap = [(place[0], 0, row) for row, place in enumerate(places)]
    heapify(heap)
    greatest = max(place for place, _, _ in heap)
    while True:
        least, at, row = heap[0]
        if greatest - least <= slop:
            return True
        if at + 1 == len(places[row]):
            return False
        following = places[row][at + 1]
        greatest = max(greatest, following)
        heapreplace(heap, (following, at + 1, row))


def _near(left: str, right: str, most: int) -> bool:
    """Optimal string alignment (insert, delete, change, swap two neighbours once) within a band of `most`."""
    far = most + 1
    before: dict[int, int] = {}
    row = {j: j for j in range(most + 1)}
    for i, a in enumerate(left, 1):
        below = {0: i} if i <= most else {}
        for j in range(max(1, i - most), min(len(right), i + most) + 1):
            b = right[j - 1]
            cost = min(row.get(j, far) + 1, below.get(j - 1, far) + 1, row.get(j - 1, far) + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before.get(j - 2, far) + 1)
            below[j] = cost
        before, row = row, below
    return row.get(len(right), far) <= most
