"""Events as Splunk's fields."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.logic.values import Cell

INDEX = SplunkIndex()
NESTED = {"a": {"b": "x", "c": [1, 2]}, "l": [{"k": "v"}, {"k": "w", "m": [3]}], "p.q": {"r": 1}}


@pytest.mark.parametrize(
    ("document", "field", "cell"),
    [
        ({"f": "x"}, "f", ("x",)),
        ({"f": 5}, "f", ("5",)),
        ({"f": 1.50}, "f", ("1.5",)),
        ({"f": True}, "f", ("true",)),
        ({"f": ["a", None, 1]}, "f", ("a", "1")),
        ({"f": ["a"]}, "f{}", ("a",)),
        ({"f": ""}, "f", ("",)),
        ({"f": None}, "f", None),
        ({"f": []}, "f", None),
        ({}, "f", None),
        ({"f": "x"}, "F", None),
        ({"a.b": "flat"}, "a.b", ("flat",)),
        (NESTED, "a.b", ("x",)),
        (NESTED, "a.c{}", ("1", "2")),
        (NESTED, "l{}.k", ("v", "w")),
        (NESTED, "l{}.m{}", ("3",)),
        (NESTED, "p.q.r", ("1",)),
        (NESTED, "a", None),
        (NESTED, "l.k", None),
        ({"f": 1}, "_raw", ('{"f": 1}',)),
        ({"f": 1, "_raw": "line"}, "_raw", ("line",)),
        ({"_time": "12.5"}, "_time", (12.5,)),
        ({"_time": 12}, "_time", (12,)),
        ({"@timestamp": "1970-01-01T00:01:00Z"}, "_time", (60,)),
        ({"@timestamp": 1_700_000_000_000}, "_time", (1_700_000_000,)),
        ({"TimeCreated": "1970-01-01 00:00:01.5"}, "_time", (1.5,)),
        ({"_time": "yesterday"}, "_time", None),
    ],
)
def test_read(document: dict[str, Any], field: str, cell: Cell) -> None:
    assert INDEX.read(document, field) == cell


def test_fields_are_the_names_that_read() -> None:
    assert INDEX.fields(NESTED) == ["a.b", "a.c", "l{}.k", "l{}.m", "p.q.r"]
    assert all(INDEX.read(NESTED, name) for name in INDEX.fields(NESTED))
