"""Questions as a graph of conjunctions: equal parts of both sides are one node.

A literal is a node's number, negative for its complement. A leaf says that a slot, which is one value of a
field, has a text of a language; or it is free: something that only running it can decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.sequences import ALL

Literal = int
TRUE: Literal = 1
FALSE: Literal = -1


class Slot(Struct, frozen=True, cache_hash=True):
    """One value of a field of the raw event; most fields have only the first."""

    field: str
    place: int = 0


class Kind(Struct, frozen=True, cache_hash=True):
    """In place of a language: the slot holds null, or a number instead of a text."""

    name: str


NULL, NUMBER = Kind("null"), Kind("number")


class Leaf(Struct, frozen=True, cache_hash=True):
    """The slot's value is one of these."""

    slot: Slot
    values: Language | Kind


class Free(Struct, frozen=True, cache_hash=True):
    """What no theory here knows; `fields` are those it depends on."""

    what: Hashable
    reason: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Graph:
    """Leaves and conjunctions by number; node 1 is true."""

    leaves: dict[Literal, Leaf | Free] = field(default_factory=dict)
    parts: dict[Literal, tuple[Literal, ...]] = field(default_factory=dict)
    forbidden: defaultdict[str, dict[Language, None]] = field(default_factory=lambda: defaultdict(dict))
    """Per field, texts that no event has."""
    _ids: dict[Hashable, Literal] = field(default_factory=dict)
    _next: Literal = 2

    def leaf(self, leaf: Leaf | Free) -> Literal:
        """The literal of a leaf."""
        found = self._ids.get(leaf)
        if found is None:
            found = self._ids[leaf] = self._number()
            self.leaves[found] = leaf
        return found

    def forbid(self, field: str, language: Language) -> None:
        """No event has such a text in the field."""
        self.forbidden[field][language] = None

    def present(self, slot: Slot) -> Literal:
        """The slot has a value other than null."""
        return self.leaf(Leaf(slot, ALL))

    def all(self, literals: Iterable[Literal]) -> Literal:
        """The conjunction."""
        given: set[Literal] = set()
        found: set[Literal] = set()
        for one in literals:
            if one == FALSE or -one in given:
                return FALSE
            given.add(one)
            if one in self.parts:
                found.update(self.parts[one])
            elif one != TRUE:
                found.add(one)
        if any(-one in found for one in found):
            return FALSE
        if len(found) <= 1:
            return next(iter(found), TRUE)
        key = tuple(sorted(found))
        number = self._ids.get(key)
        if number is None:
            number = self._ids[key] = self._number()
            self.parts[number] = key
        return number

    def any(self, literals: Iterable[Literal]) -> Literal:
        """The disjunction."""
        return -self.all(-one for one in literals)

    def clauses(self, since: Literal = 0) -> Iterator[list[Literal]]:
        """Clauses that tie every node, from that number on, to its parts."""
        yield [TRUE]
        for node in range(max(since, 2), self._next):
            if node in self.parts:
                yield from ([-node, part] for part in self.parts[node])
                yield [node, *(-part for part in self.parts[node])]

    def fresh(self) -> Literal:
        """A literal that no node has."""
        return self._number()

    @property
    def size(self) -> int:
        """No literal is greater."""
        return self._next

    def _number(self) -> Literal:
        self._next += 1
        return self._next - 1


def reasons(graph: Graph, roots: Iterable[Literal], holds: Mapping[Literal, bool]) -> set[Literal]:
    """Literals of leaves that make all roots true, whatever the other leaves are; few, and cheap ones."""
    costs: dict[Literal, float] = {}
    found: set[Literal] = set()
    stack = list(roots)
    seen: set[Literal] = set()
    while stack:
        literal = stack.pop()
        if literal in seen or literal == TRUE:
            continue
        seen.add(literal)
        parts = graph.parts.get(abs(literal))
        if parts is None:
            found.add(literal)
        elif literal > 0:
            stack += parts
        else:
            stack.append(-min(_false(parts, holds), key=lambda part: _cost(graph, -part, holds, costs)))
    return found


def _false(parts: Iterable[Literal], holds: Mapping[Literal, bool]) -> list[Literal]:
    return [part for part in parts if holds[abs(part)] is (part < 0)]


def _cost(
    graph: Graph, literal: Literal, holds: Mapping[Literal, bool], costs: dict[Literal, float]
) -> float:
    """What it takes to make a literal true that is true: nothing for what absent fields do."""
    known = costs.get(literal)
    if known is not None:
        return known
    parts = graph.parts.get(abs(literal))
    if parts is None:
        leaf = graph.leaves.get(abs(literal))
        found = 1000.0 if isinstance(leaf, Free) else 1.0 if literal > 0 else 0.01
    elif literal > 0:
        found = sum(_cost(graph, part, holds, costs) for part in parts)
    else:
        found = min(_cost(graph, -part, holds, costs) for part in _false(parts, holds))
    costs[literal] = found
    return found
