"""A literal without what the conjunctions around its parts say already.

Both sides of a question ask much the same, but each guards its tests in its own way: a query asks first
that a field is there at all, and is no mere dash. Once the guards that follow from the tests are gone, most
pairs of sides are one node, and nothing is left to search for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sigmaproof.logic.prove.belongs import kept_belongs
from sigmaproof.logic.prove.graph import FALSE, TRUE, Graph, Kind, Leaf, Literal, Slot
from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.sequences import ALL, Chain
from sigmaproof.text.regex import RegexTooLarge


def simplified(graph: Graph, literal: Literal) -> Literal:
    """A literal that is true of the same events, and says little twice."""
    return _Simplifier(graph).literal(literal)


@dataclass(slots=True)
class _Simplifier:
    """Walks down with what is known on the way; `_trail` has it in order, so that it can be taken back."""

    graph: Graph
    _true: set[Literal] = field(default_factory=lambda: {TRUE})
    _texts: defaultdict[Slot, list[Language]] = field(default_factory=lambda: defaultdict(list))
    """Languages that a slot's text is known to be in."""
    _trail: list[Literal] = field(default_factory=list)

    def literal(self, literal: Literal) -> Literal:
        """The literal under what is known."""
        parts = self.graph.parts.get(abs(literal))
        if parts is None:
            return self._unit(literal)
        found = self._conjunction(parts)
        return found if literal > 0 else -found

    def _conjunction(self, parts: Sequence[Literal]) -> Literal:
        mark = len(self._trail)
        units, nodes = self._apart(parts)
        fitting = self._assume(units)
        while fitting:
            known = len(self._trail)
            units, nodes = self._apart(self._inside(nodes))
            fitting = self._assume(units)
            if len(self._trail) == known:
                break
        units = self._trail[mark:]
        self._forget(mark)
        # once more in order of strength: a unit that was found late can say an earlier one, or rule it out
        fitting = fitting and self._assume(units)
        units = self._trail[mark:]
        self._forget(mark)
        return self.graph.all([*units, *nodes]) if fitting else FALSE

    def _inside(self, nodes: Iterable[Literal]) -> Iterable[Literal]:
        for node in nodes:
            found = self.literal(node)
            yield from self.graph.parts.get(found, (found,))

    def _apart(self, parts: Iterable[Literal]) -> tuple[list[Literal], list[Literal]]:
        units: list[Literal] = []
        nodes: list[Literal] = []
        for one in parts:
            (nodes if abs(one) in self.graph.parts else units).append(one)
        return units, nodes

    def _assume(self, units: Iterable[Literal]) -> bool:
        """Whether they can all be true with what is known, which they join; the strongest come first."""
        for one in sorted(units, key=self._weakness):
            found = self._unit(one)
            if found == FALSE:
                return False
            if found != TRUE:
                self._learn(one)
        return True

    def _learn(self, unit: Literal) -> None:
        self._true.add(unit)
        self._trail.append(unit)
        if (said := self._said(unit)) is not None:
            slot, language = said
            self._texts[slot].append(language)

    def _forget(self, mark: int) -> None:
        for unit in self._trail[mark:]:
            self._true.discard(unit)
            if (said := self._said(unit)) is not None:
                self._texts[said[0]].pop()
        del self._trail[mark:]

    def _weakness(self, unit: Literal) -> int:
        """A text says most; then that there is one, or none; what rules out some of them says least."""
        said = self._said(unit)
        if said is not None:
            return 0 if _only_text(said[1]) is not None else 1
        leaf = self.graph.leaves.get(abs(unit))
        return 2 if unit > 0 or (isinstance(leaf, Leaf) and leaf.values == ALL) else 3

    def _said(self, unit: Literal) -> tuple[Slot, Language] | None:
        """What a literal says of a text, beyond that there is one."""
        leaf = self.graph.leaves.get(unit)
        if not isinstance(leaf, Leaf) or isinstance(leaf.values, Kind) or leaf.values == ALL:
            return None
        return leaf.slot, leaf.values

    def _unit(self, unit: Literal) -> Literal:
        """A leaf, or the complement of one; true or false if that is known."""
        if unit < 0:
            return -self._unit(-unit)
        if unit in self._true:
            return TRUE
        leaf = self.graph.leaves[unit]
        known = FALSE if -unit in self._true else None
        if known is None and isinstance(leaf, Leaf):
            known = self._told(leaf)
        return unit if known is None else known

    def _told(self, leaf: Leaf) -> Literal | None:
        """What is known of the slot decides the leaf, or does not."""
        if isinstance(leaf.values, Kind):
            return None
        texts = self._texts.get(leaf.slot, ())
        if leaf.values == ALL:
            return TRUE if texts else None
        if -self.graph.present(leaf.slot) in self._true:
            return FALSE
        return _decided(leaf.values, tuple(texts)) if texts else None


@lru_cache(maxsize=16384)
def _decided(language: Language, within: tuple[Language, ...]) -> Literal | None:
    """Whether a text in all of the others is in the language, if one of the two sides is a single text."""
    text = _only_text(language)
    try:
        if text is not None and not all(kept_belongs(text, one) for one in within):
            return FALSE
        single = next((known for one in within if (known := _only_text(one)) is not None), None)
        if single is not None:
            return TRUE if kept_belongs(single, language) else FALSE
    except RegexTooLarge:
        pass
    return None


def _only_text(language: Language) -> str | None:
    return language.text if isinstance(language, Chain) else None
