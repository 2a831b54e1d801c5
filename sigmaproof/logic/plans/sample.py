"""Samples: one event of each kind that agree in their keys, in no order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from msgspec import Struct

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.joined import Common, Step, common
from sigmaproof.logic.plans.ordered import sort_key
from sigmaproof.logic.run import Table, matching, row_numbers

Rows = tuple[int, ...]


class Sample(Struct, frozen=True):
    """For each combination of key values, different events that fill every step; sorted by key, nulls first.

    Of several events that could fill a step, the first of the table are taken. `per_key`: the most samples
    for one combination; two of them differ in at least one event.
    """

    steps: tuple[Step, ...]
    per_key: int = 1

    def run(self, table: Table) -> Found:
        found = [_candidates(step, table) for step in self.steps]
        keys = sorted(set.intersection(*map(set, found)), key=_order)
        samples = [rows for key in keys for rows in _fillings([step[key] for step in found], self.per_key)]
        return Found(tuple(samples))


def _candidates(step: Step, table: Table) -> dict[Common, list[int]]:
    rows: defaultdict[Common, list[int]] = defaultdict(list)
    for row in row_numbers(matching(step.term, table)):
        for values in common(step, table, row):
            rows[values].append(row)
    return rows


def _order(key: Common) -> tuple[object, ...]:
    return tuple(sort_key(value, nulls_last=False) for value in key)


def _fillings(slots: list[list[int]], most: int) -> list[Rows]:
    """At most `most` ways to take a different row for every slot, the first rows first."""
    found: list[Rows] = []
    for rows in _ways((), slots):
        found.append(rows)
        if len(found) >= most:
            break
    return found


def _ways(taken: Rows, slots: list[list[int]]) -> Iterator[Rows]:
    if not slots:
        yield taken
        return
    for row in slots[0]:
        # Looking ahead keeps every branch that is entered fruitful.
        if row not in taken and _fillable([set(slot) - {*taken, row} for slot in slots[1:]]):
            yield from _ways((*taken, row), slots[1:])


def _fillable(slots: list[set[int]]) -> bool:
    """There is a different row for every slot."""
    owner: dict[int, int] = {}

    def place(slot: int, tried: set[int]) -> bool:
        for row in slots[slot] - tried:
            tried.add(row)
            if row not in owner or place(owner[row], tried):
                owner[row] = slot
                return True
        return False

    return all(place(slot, set()) for slot in range(len(slots)))
