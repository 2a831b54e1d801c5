"""The question itself: SAT over the graph, and what the theory refutes is told to the solver as a lemma."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pysat.solvers import Minisat22

from sigmaproof.logic.prove.graph import NULL, Free, Graph, Leaf, Literal, Slot, reached, reasons
from sigmaproof.logic.prove.guesses import guesses
from sigmaproof.logic.prove.search import Limits, OutOfBudget
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.prove.theory import ABSENT, Conflict, Theory, unwritten

Event = Mapping[str, Any]
Run = Callable[[Sequence[Event]], Sequence[tuple[bool, bool]]]
"""What both sides say about some events when they are run."""

_MOST_TRIES = 40
"""Ways to differ that depend on something only running decides, before giving up on more of them."""
_BATCH = 50


@dataclass(frozen=True, slots=True)
class Side:
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


@dataclass(slots=True)
class Question:
    """Two literals of one graph."""

    graph: Graph
    left: Literal
    right: Literal
    run: Run
    limits: Limits
    _solver: Minisat22 | None = None
    _switch: Literal = 0
    _theory: Theory = field(init=False)
    lemmas: int = 0

    def __post_init__(self) -> None:
        used = reached(self.graph, [self.left, self.right])
        leaves = {one: leaf for one, leaf in self.graph.leaves.items() if isinstance(leaf, Leaf)}
        written = unwritten(leaf for one, leaf in leaves.items() if one in used)
        self._theory = Theory(leaves, written)

    def left_only(self) -> Side:
        """Events that only the left side finds."""
        return self._separate([self.left, -self.right], (True, False))

    def right_only(self) -> Side:
        """Events that only the right side finds."""
        return self._separate([self.right, -self.left], (False, True))

    def close(self) -> None:
        """Frees the solver."""
        if self._solver is not None:
            self._solver.delete()

    def _separate(self, roots: list[Literal], wanted: tuple[bool, bool]) -> Side:
        if self.graph.all(roots) == -1 or roots[0] == -roots[1]:
            return NEVER
        try:
            return self._search(roots, wanted)
        except OutOfBudget as error:
            return Side(undecided=(str(error),))

    def _search(self, roots: list[Literal], wanted: tuple[bool, bool]) -> Side:
        solver, switch = self._loaded()
        undecided: dict[str, None] = {}
        tries = 0
        while solver.solve(assumptions=[*roots, switch]):
            self.limits.check()
            holds = {abs(literal): literal > 0 for literal in solver.get_model() or ()}
            chosen = reasons(self.graph, roots, holds)
            event = self._event(chosen)
            if event is None:
                continue
            free = [leaf for one in chosen if isinstance(leaf := self.graph.leaves[abs(one)], Free)]
            found = self._confirmed(event, free, wanted)
            if found is not None:
                return Side(found)
            undecided.update(dict.fromkeys(_why(free)))
            tries += 1
            if tries >= _MOST_TRIES:
                break
            blocked = [-one for one in chosen if isinstance(self.graph.leaves[abs(one)], Free)]
            solver.add_clause([-switch, *(blocked or [-one for one in chosen])])
        return Side(undecided=tuple(undecided))

    def _loaded(self) -> tuple[Minisat22, Literal]:
        """The solver with the graph, and a new switch under which clauses count for one direction only."""
        if self._solver is None:
            self._solver = Minisat22(bootstrap_with=list(self.graph.clauses()))
            self._solver.append_formula(list(self._presence()))
            self._solver.set_phases([-leaf for leaf in self.graph.leaves])
            self._switch = self.graph.size
        self._switch += 1
        return self._solver, self._switch

    def _presence(self) -> Iterable[list[Literal]]:
        """What has a text is present."""
        present = {leaf.slot: one for one, leaf in self._theory.leaves.items() if leaf.values == ALL}
        for one, leaf in self._theory.leaves.items():
            known = present.get(leaf.slot)
            if known not in (None, one) and leaf.values is not NULL:
                yield [-one, known]

    def _event(self, chosen: Iterable[Literal]) -> dict[str, Any] | None:
        """Values for the chosen literals; None if there are none, and the solver was told why."""
        slots: defaultdict[Slot, list[Literal]] = defaultdict(list)
        for literal in sorted(chosen, key=abs):
            leaf = self.graph.leaves[abs(literal)]
            if isinstance(leaf, Leaf):
                slots[leaf.slot].append(literal)
        values: defaultdict[str, list[Any]] = defaultdict(list)
        possible = True
        for slot, literals in slots.items():
            value = self._theory.decide(literals, self.limits)
            if isinstance(value, Conflict):
                self.lemmas += 1
                assert self._solver is not None
                self._solver.add_clause([-one for one in value.literals])
                possible = False
            elif value is not ABSENT:
                values[slot.field].append(value)
        if not possible:
            return None
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}

    def _confirmed(
        self, event: dict[str, Any], free: Sequence[Free], wanted: tuple[bool, bool]
    ) -> Event | None:
        if self.run([event])[0] == wanted:
            return event
        if not free:
            return None
        tried = guesses(self.graph, free, event, self.limits)
        while batch := list(islice(tried, _BATCH)):
            self.limits.check()
            for one, answer in zip(batch, self.run(batch), strict=True):
                if answer == wanted:
                    return one
        return None


def _why(free: Sequence[Free]) -> Iterable[str]:
    if not free:
        yield "an event that should tell the sides apart does not (please report this)"
    for one in free:
        yield one.reason
