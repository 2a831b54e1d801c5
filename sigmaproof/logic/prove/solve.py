"""The question itself: SAT over the graph, and what the theory refutes is told to the solver as a lemma."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from pysat.solvers import Minisat22

from sigmaproof.logic.prove.assumptions import spelled_with
from sigmaproof.logic.prove.graph import FALSE, NULL, Free, Graph, Leaf, Literal, Slot, reasons
from sigmaproof.logic.prove.guesses import guesses
from sigmaproof.logic.prove.search import Limits, OutOfBudget
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.prove.theory import ABSENT, Conflict, Theory

Event = Mapping[str, Any]
Run = Callable[[Sequence[Event]], Sequence[bool]]
"""Whether some events tell the sides apart in the direction in question, when both are run on them."""

_MOST_TRIES = 40
"""Ways to differ that depend on something only running decides, before giving up on more of them."""
_BATCH = 50


class Side(Struct, frozen=True):
    """What is known of events on which one side holds and the other does not."""

    event: Event | None = None
    """One that runs so."""
    undecided: tuple[str, ...] = ()
    """Why it is not known whether there is one; nothing, without an event: there is none."""

    @property
    def none(self) -> bool:
        """Whether it is proven that there is no such event."""
        return self.event is None and not self.undecided


NEVER = Side()


class _World(Struct, frozen=True):
    """Which events there can be, and what has been learned of them."""

    theory: Theory
    switches: tuple[Literal, ...]
    """Lemmas hold only while these are on."""


@dataclass(slots=True)
class Prover:
    """Compares literals of one graph; what was learned for one question serves the next."""

    graph: Graph
    limits: Limits
    _solver: Minisat22 = field(default_factory=Minisat22)
    _worlds: dict[str, _World] = field(default_factory=dict)
    _loaded: Literal = 0
    """Nodes below this number are known to the solver."""

    def close(self) -> None:
        """Frees the solver."""
        self._solver.delete()

    def only(
        self,
        left: Literal,
        right: Literal,
        run: Run,
        *,
        without: str = "",
        ascii: bool = False,
        share: float = 1.0,
    ) -> Side:
        """Events, with no character of `without`, that the left literal holds on and the right one does not.

        With `ascii`, only events in plain letters are looked for: that there is none proves nothing.
        `share` is how much of the time that is left it may take.
        """
        roots = [left, -right]
        if self.graph.all(roots) == FALSE:
            return NEVER
        try:
            limits = replace(self.limits.shared(share), ascii=ascii, without=without)
            return self._search(roots, run, limits)
        except OutOfBudget as error:
            return Side(undecided=(str(error),))

    def _search(self, roots: list[Literal], run: Run, limits: Limits) -> Side:
        likely = _first_named(self.graph, roots[0])  # which may add leaves
        self._load(likely)
        switch = self.graph.fresh()  # clauses under it count for this question only
        world = _World(Theory(self.graph), (switch,)) if limits.ascii else self._world(limits.without)
        undecided: dict[str, None] = {}
        tries = 0
        while self._solver.solve(assumptions=[*roots, switch, *world.switches]):
            limits.check()
            holds = {abs(literal): literal > 0 for literal in self._solver.get_model() or ()}
            chosen = reasons(self.graph, roots, holds)
            event, lemmas = self._event(chosen, world.theory, limits)
            for lemma in lemmas:
                self._solver.add_clause([*(-one for one in world.switches), *lemma])
            if event is None:
                continue
            free = [leaf for one in chosen if isinstance(leaf := self.graph.leaves[abs(one)], Free)]
            found = self._confirmed(event, free, run, limits)
            if found is not None:
                return Side(found)
            undecided.update(dict.fromkeys(_why(free)))
            tries += 1
            if tries >= _MOST_TRIES:
                break
            blocked = [-one for one in chosen if isinstance(self.graph.leaves[abs(one)], Free)]
            self._solver.add_clause([-switch, *(blocked or [-one for one in chosen])])
        return Side(undecided=tuple(undecided))

    def _world(self, without: str) -> _World:
        """What is known of events without these characters."""
        if without not in self._worlds:
            switches = (self.graph.fresh(),) if without else ()
            self._worlds[without] = _World(Theory(self.graph), switches)
        return self._worlds[without]

    def _load(self, likely: Set[Literal]) -> None:
        """Tells the solver what has come to the graph since, and which leaves to try first."""
        since, self._loaded = self._loaded, self.graph.size
        self._solver.append_formula(list(self.graph.clauses(since)))
        new = [(one, leaf) for one, leaf in self.graph.leaves.items() if one >= since]
        for one, leaf in new:
            if isinstance(leaf, Leaf) and leaf.values not in (ALL, NULL):
                self._solver.add_clause([-one, self.graph.present(leaf.slot)])  # what has a text is present
        self._solver.set_phases([one if one in likely else -one for one in self.graph.leaves])

    def _event(
        self, chosen: Iterable[Literal], theory: Theory, limits: Limits
    ) -> tuple[dict[str, Any] | None, list[list[Literal]]]:
        """Values for the chosen literals; or none, and clauses that say why."""
        slots: defaultdict[Slot, list[Literal]] = defaultdict(list)
        for literal in sorted(chosen, key=abs):
            leaf = self.graph.leaves[abs(literal)]
            if isinstance(leaf, Leaf):
                slots[leaf.slot].append(literal)
        values: defaultdict[str, list[Any]] = defaultdict(list)
        lemmas: list[list[Literal]] = []
        for slot, literals in slots.items():
            value = theory.decide(literals, limits)
            if isinstance(value, Conflict):
                lemmas.append([-one for one in value.literals])
            elif value is not ABSENT:
                values[slot.field].append(value)
        if lemmas:
            return None, lemmas
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}, []

    def _confirmed(
        self, event: dict[str, Any], free: Sequence[Free], run: Run, limits: Limits
    ) -> Event | None:
        if run([event])[0]:
            return event
        if not free:
            return None
        tried = (
            one for one in guesses(self.graph, free, event, limits) if not spelled_with(one, limits.without)
        )
        while batch := list(islice(tried, _BATCH)):
            limits.check()
            for one, separates in zip(batch, run(batch), strict=True):
                if separates:
                    return one
        return None


def _first_named(graph: Graph, literal: Literal) -> set[Literal]:
    """The leaves of a literal, of every choice the first: events are made of these if they can be."""
    found: set[Literal] = set()
    stack = [literal]
    while stack:
        one = stack.pop()
        parts = graph.parts.get(abs(one))
        if parts is None:
            found.add(one)
        elif one > 0:
            stack += parts
        else:
            stack.append(-min(parts, key=abs))
    slots = [leaf.slot for one in found if isinstance(leaf := graph.leaves.get(one), Leaf)]
    return found.union(map(graph.present, slots))


def _why(free: Sequence[Free]) -> Iterable[str]:
    if not free:
        yield "an event that should tell the sides apart does not (please report this)"
    for one in free:
        yield one.reason
