"""Order in time, and limits."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.logic.plans import Select
from sigmaproof.logic.plans.ordered import Cut, Limited, Ordered, Timeline
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import TRUE


def read(document: dict[str, Any], field: str) -> tuple[Any, ...] | None:
    value = document.get(field)
    return tuple(value) if isinstance(value, list) else None if value is None else (value,)


def test_time_then_tiebreaker_then_place() -> None:
    events = [
        {"at": 5},
        {"at": 5, "n": 2},
        {"at": 5, "n": 1},
        {},
        {"at": [9, 1]},
        {"at": 5, "n": 1},
        {"at": "soon"},
        {"at": 5, "n": "text"},
    ]
    plan = Ordered(TRUE, timeline=Timeline("at", "n"))
    assert plan.run(Table(events, read)).rows == [4, 2, 5, 1, 7, 0, 3, 6]
    assert isinstance(plan, Select)


CUTS = [
    ([], [0, 1, 2, 3, 4]),
    ([Cut(2)], [0, 1]),
    ([Cut(2, last=True)], [3, 4]),
    ([Cut(9, last=True)], [0, 1, 2, 3, 4]),
    ([Cut(0)], []),
    ([Cut(0, last=True)], []),
    ([Cut(3, last=True), Cut(2)], [2, 3]),
    ([Cut(3), Cut(1, last=True)], [2]),
    ([Cut(2), Cut(4)], [0, 1]),
]


@pytest.mark.parametrize(("cuts", "rows"), CUTS)
def test_cuts(cuts: list[Cut], rows: list[int]) -> None:
    assert Limited(Select(TRUE), tuple(cuts)).run(Table([{}] * 5, read)).rows == rows
