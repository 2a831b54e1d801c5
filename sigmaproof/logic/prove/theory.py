"""What one slot can hold, given what is said of it; and the smallest part of it that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from msgspec import Struct

from sigmaproof.logic.prove.belongs import belongs
from sigmaproof.logic.prove.graph import NULL, NUMBER, Graph, Kind, Leaf, Literal
from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.numbers import Integers
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.values import Value
from sigmaproof.text.regex import RegexTooLarge

ABSENT = object()
"""No value at all."""

_INTEGER = Integers()


class Conflict(Struct, frozen=True):
    """Literals of one slot that cannot be true together."""

    literals: tuple[Literal, ...]


@dataclass(slots=True)
class Theory:
    """Decides slots; remembers what it has decided."""

    graph: Graph
    _known: dict[tuple[frozenset[Literal], frozenset[Literal]], str | None] = field(default_factory=dict)

    def decide(self, literals: Iterable[Literal], limits: Limits) -> Value | object | Conflict:
        """A value that makes all literals of a slot true, `ABSENT`, or what is in conflict.

        Raises `OutOfBudget`.
        """
        wanted = [one for one in literals if one > 0]
        unwanted = [one for one in literals if one < 0]
        if not wanted:
            return ABSENT
        kinds = [one for one in wanted if isinstance(self._values(one), Kind)]
        for one in kinds:
            if self._values(one) is NULL:
                other = next((literal for literal in wanted if literal != one), None)
                return None if other is None else Conflict((one, other))
        text = self._text(wanted, unwanted, limits)
        if isinstance(text, Conflict):
            return text
        return int(text) if any(self._values(one) is NUMBER for one in kinds) else text

    def _text(self, wanted: Sequence[Literal], unwanted: Sequence[Literal], limits: Limits) -> str | Conflict:
        """The shortest text: what is unwanted is looked at only once a text comes up that has it."""
        wanted = sorted(wanted, key=self._says_little)
        active: list[Literal] = []
        while True:
            text = self._shortest(wanted, active, limits)
            if text is None:
                return Conflict(self._core(wanted, active, limits))
            hit = next((one for one in unwanted if one not in active and self._holds(-one, text)), None)
            if hit is None:
                return text
            for one in wanted:  # nearly every conflict is between two, which is far cheaper to see
                if self._impossible((one, hit), limits):
                    return Conflict((one, hit))
            active.append(hit)

    def _core(
        self, wanted: Sequence[Literal], unwanted: Sequence[Literal], limits: Limits
    ) -> tuple[Literal, ...]:
        """The same conflict with as few literals as dropping one after the other leaves."""
        for pair in combinations(wanted, 2):
            if self._impossible(pair, limits):
                return pair
        literals = [*wanted, *unwanted]
        for one in [*wanted, *unwanted[:-1]]:  # without the last one there was a text
            rest = [other for other in literals if other != one]
            if any(other > 0 for other in rest) and self._impossible(rest, limits):
                literals = rest
        return tuple(literals)

    def _says_little(self, literal: Literal) -> bool:
        return self._values(literal) == ALL

    def _impossible(self, literals: Sequence[Literal], limits: Limits) -> bool:
        wanted = [one for one in literals if one > 0]
        return self._shortest(wanted, [one for one in literals if one < 0], limits) is None

    def _shortest(self, wanted: Sequence[Literal], unwanted: Sequence[Literal], limits: Limits) -> str | None:
        key = (frozenset(wanted), frozenset(unwanted))
        if key not in self._known:
            without = [self._language(-one) for one in unwanted]
            if wanted:
                without += self.graph.forbidden.get(self._leaf(wanted[0]).slot.field, ())
            within = [self._language(one) for one in wanted]
            if len(within) > 1:
                within = [one for one in within if one != ALL] or [ALL]
            self._known[key] = shortest(within, without, limits)
        return self._known[key]

    def _holds(self, leaf: Literal, text: str) -> bool:
        language = self._values(leaf)
        if isinstance(language, Kind):
            return False  # a text is neither null nor a number
        try:
            return belongs(text, language)
        except RegexTooLarge as error:
            raise OutOfBudget(f"a pattern is too large: {error.message}") from error

    def _leaf(self, literal: Literal) -> Leaf:
        leaf = self.graph.leaves[abs(literal)]
        assert isinstance(leaf, Leaf)
        return leaf

    def _values(self, literal: Literal) -> Language | Kind:
        return self._leaf(literal).values

    def _language(self, leaf: Literal) -> Language:
        found = self._values(leaf)
        return _INTEGER if isinstance(found, Kind) else found
