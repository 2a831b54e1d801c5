"""All values of a column as one text: a literal is looked for once in it, not once in each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

from sigmaproof.logic.checks import Check, Matches
from sigmaproof.logic.values import Value, text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, Glob

_EDGE = "\0"
"""Stands before and behind every value."""


class Joined(Struct, frozen=True):
    """The folded texts of a column's values, with an edge between any two."""

    text: str
    starts: Sequence[int]
    """Where the edge before each value is, and at last the one behind all."""
    rows: Sequence[Sequence[int]]
    """The rows that hold each value."""

    def holding(self, needle: str) -> list[int]:
        """The rows of the values in which a text occurs; one with an edge occurs at that edge only."""
        found: list[int] = []
        at = self.text.find(needle)
        while at >= 0:
            number = bisect_right(self.starts, at) - 1
            found += self.rows[number]
            at = self.text.find(needle, self.starts[number + 1])
        return found


def joined(values: Iterable[tuple[Value, Sequence[int]]], rule: Fold) -> Joined | None:
    """The values, of which null has no text; None if one of them holds what stands for an edge."""
    texts = [(fold(text_of(value), rule), rows) for value, rows in values if value is not None]
    starts = [0]
    for text, _ in texts:
        starts.append(starts[-1] + 1 + len(text))
    whole = _EDGE + "".join(text + _EDGE for text, _ in texts)
    if whole.count(_EDGE) != len(starts):
        return None
    return Joined(whole, starts, [rows for _, rows in texts])


def needle(check: Check) -> tuple[str, Fold] | None:
    """What to look for where a check asks for one literal: in a value, at its ends, or the whole of it."""
    if not isinstance(check, Matches) or not isinstance(check.pattern, Glob):
        return None
    match check.pattern.folded(check.fold).parts:
        case (str(text),):
            found = f"{_EDGE}{text}{_EDGE}"
        case (str(text), last) if last is MANY:
            found = f"{_EDGE}{text}"
        case (first, str(text)) if first is MANY:
            found = f"{text}{_EDGE}"
        case (first, str(text), last) if first is MANY and last is MANY:
            found = text
        case _:
            return None
    return None if _EDGE in text else (found, check.fold)
