"""Samples against trying every combination."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.plans.joined import Key, Step
from sigmaproof.logic.plans.sample import Sample
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import TRUE
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.glob import Glob


def read(document: dict[str, Any], field: str) -> tuple[Any, ...] | None:
    value = document.get(field)
    return tuple(value) if isinstance(value, list) else None if value is None else (value,)


def kind(name: str) -> Step:
    return Step(Leaf("kind", Matches(Glob.of(name))), (Key("k"),))


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sets(st.sampled_from("ab"), min_size=1).map(sorted), "k": st.sampled_from(["x", "y"])}
    ),
    max_size=7,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), _EVENTS)
def test_every_combination(names: list[str], events: list[dict[str, Any]]) -> None:
    ways = [
        rows
        for key in "xy"
        for rows in product(range(len(events)), repeat=len(names))
        if len(set(rows)) == len(rows)
        and all(
            name in events[row]["kind"] and events[row]["k"] == key
            for name, row in zip(names, rows, strict=True)
        )
    ]
    table = Table(events, read)
    steps = tuple(map(kind, names))
    assert list(Sample(steps, per_key=10**6).run(table).findings) == ways
    firsts = {events[rows[0]]["k"]: rows for rows in reversed(ways)}
    assert list(Sample(steps).run(table).findings) == [firsts[key] for key in sorted(firsts)]


def test_nulls_come_first() -> None:
    events = [{"k": "b"}, {"k": None}, {"k": "a"}, {}, {"k": [1, True]}]
    step = Step(TRUE, (Key("k", nullable=True),))
    assert Sample((step,)).run(Table(events, read)).rows == [1, 4, 2, 0]


def test_a_hopeless_sample_ends_soon() -> None:
    events = [{"kind": "a", "k": "x"}] * 19
    assert Sample((kind("a"),) * 20).run(Table(events, read)).findings == ()
