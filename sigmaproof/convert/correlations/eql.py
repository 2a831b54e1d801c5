"""Correlations in EQL: sequences, which join events by keys and slide along.

https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax#eql-sequences
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Any

from sigmaproof.convert.correlations.bases import Base, there
from sigmaproof.convert.correlations.wanted import Wanted, at_least
from sigmaproof.convert.tree import Tree, every, some
from sigmaproof.convert.values import Unsayable
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Different, Together
from sigmaproof.logic.plans.orders import InOrder

MOST_RUNS = 100
MOST_QUERIES = 16

Stage = tuple[Tree, tuple[str, ...]]
"""A condition, and the keys of the events that fulfil it."""


def write(backend: Any, want: Wanted, bases: Sequence[Base]) -> list[str]:
    """The queries, any of which finds. Raises `Unsayable`."""
    variants = [_variants(base, rule.by) for base, rule in zip(bases, want.rules, strict=True)]
    writer = _Writer(backend, want.span)
    queries = [query for stages in _orders(want, variants) for query in writer.sequence(stages)]
    if not queries:
        raise _unsayable("groups that the rules' events hold in different forms")
    if len(queries) > MOST_QUERIES:
        raise _unsayable(f"more than {MOST_QUERIES} sequences")
    return list(dict.fromkeys(queries))


def _orders(want: Wanted, variants: Sequence[Sequence[Stage]]) -> Iterator[list[list[Stage]]]:
    """The sequences of stages, each with its variants, that fulfil the correlation."""
    measure = want.measure
    match measure:
        case Different() if want.counted is Counted.EVENTS:
            yield [_any(variants)] * _least(want)
        case InOrder():
            for order in want.orders:
                yield [list(variants[rule]) for rule in order]
        case Together(ways) if measure.lasting:
            for way in ways:
                yield from _together(way.there, variants)
        case Different() if want.counted is Counted.RULES:
            for chosen in combinations(range(len(variants)), _least(want)):
                yield from _together(chosen, variants)
        case _:
            raise _unsayable(_REASONS.get(want.counted, "that events are missing from a window"))


def _any(variants: Sequence[Sequence[Stage]]) -> list[Stage]:
    """The events of all rules: those with the same keys as one."""
    by_keys: dict[tuple[str, ...], list[Tree]] = {}
    for tree, keys in (stage for rule in variants for stage in rule):
        by_keys.setdefault(keys, []).append(tree)
    return [(some(trees), keys) for keys, trees in by_keys.items()]


_REASONS = {
    Counted.VALUES: "a number of different values",
    Counted.NUMBERS: "a sum, a mean or a percentile",
}


def _least(want: Wanted) -> int:
    """How many it takes."""
    signs = {bound.sign for bound in want.bounds}
    if not signs <= {">", ">="}:
        raise _unsayable("a window without more events: a sequence is found as soon as it is complete")
    least = at_least(want.bounds)
    if least > MOST_RUNS:
        raise _unsayable(f"{least} events: a sequence has {MOST_RUNS} at most")
    return least


def _together(rules: Sequence[int], variants: Sequence[Sequence[Stage]]) -> Iterator[list[list[Stage]]]:
    """Every order of the rules, and every way in which one event serves several of them."""
    for blocks in _partitions(list(dict.fromkeys(rules))):
        yield [list(_at_once([variants[rule] for rule in block])) for block in blocks]


def _partitions(rules: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    """The rules in blocks, in every order of the blocks."""
    if len(rules) > 3:
        raise _unsayable("more than three rules in any order")
    if not rules:
        yield []
        return
    for size in range(1, len(rules) + 1):
        for block in combinations(rules, size):
            for rest in _partitions([one for one in rules if one not in block]):
                yield [block, *rest]


def _at_once(rules: Sequence[Sequence[Stage]]) -> Iterator[Stage]:
    """One event that fulfils all of the rules, in one group."""
    for stages in product(*rules):
        if all(keys == stages[0][1] for _, keys in stages):
            yield every(tree for tree, _ in stages), stages[0][1]


def _variants(base: Base, fields: Sequence[str]) -> list[Stage]:
    found = []
    for kind in base.kinds:
        keys = tuple(name for field in fields for name in kind.fields[field])
        found.append((base.tree if kind.guard is None else every((base.tree, kind.guard)), keys))
    return found


class _Writer:
    def __init__(self, backend: Any, span: int) -> None:
        self.backend, self.span = backend, span

    def sequence(self, stages: Sequence[Sequence[Stage]]) -> Iterator[str]:
        """One query for each choice of variants whose keys can be compared."""
        choices: Iterable[tuple[Stage, ...]] = product(*stages)
        if all(one == stages[0] for one in stages):
            # as many events of one kind
            sizes = {len(keys) for _, keys in stages[0]}
            if len(sizes) > 1 or len(stages[0]) ** len(stages) > MOST_QUERIES:
                raise _unsayable("one count of events that hold their groups in different fields")
        for chosen in choices:
            if len({len(keys) for _, keys in chosen}) == 1:
                yield self._query(chosen)

    def _query(self, stages: Sequence[Stage]) -> str:
        if len(stages) == 1:
            ((tree, keys),) = stages
            return str(self.backend.query(every((tree, *map(there, keys)))))
        keys = stages[0][1]
        same = all(other == keys for _, other in stages)
        by = self._by(keys) if same else ""
        lines = [f"sequence{by} with maxspan={self.span}s"]
        if all(stage == stages[0] for stage in stages):
            lines.append(f"  [{self._event(*stages[0])}] with runs={len(stages)}")
        else:
            lines += [f"  [{self._event(*stage)}]{'' if same else self._by(stage[1])}" for stage in stages]
        return "\n".join(lines)

    def _event(self, tree: Tree, keys: Sequence[str]) -> str:
        # events without an optional key would be a group of their own
        optional = [there(key) for key in keys if self.backend.name_of(key).startswith("?")]
        return str(self.backend.query(every((tree, *optional)))).replace("\n", "\n    ")

    def _by(self, keys: Sequence[str]) -> str:
        return f" by {', '.join(map(self.backend.name_of, keys))}" if keys else ""


def _unsayable(what: str) -> Unsayable:
    return Unsayable(f"cannot be said in EQL: {what}")
