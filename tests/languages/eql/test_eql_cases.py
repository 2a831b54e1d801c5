"""Our own cases, and those of the conformance suite where it is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eql_cases import Group, cases, check

OWN = Path(__file__).with_name("cases.ndjson")
SHARED = Path(__file__).parents[4] / "shared" / "conformance" / "eql.ndjson"

UNTOLD = {
    "extra:optionalDefaultNullValueFieldEqualNull": "null_value",
    "extra:optionalDefaultNullValueFieldEqualDefaultValue": "null_value",
    "extra:sequenceWithVersionRangeCheck": "version",
    "extra:sequenceWithVersionRangeCheck2": "version",
}
"""Cases whose index keeps quiet about the mapping parameter that their answer rests on."""

TOLD: dict[str, Any] = {
    "version": "version",
    "optional_field_default_null": {"type": "keyword", "null_value": "NULL"},
}


@pytest.mark.parametrize(("group", "query"), [pytest.param(g, q, id=name) for name, g, q in cases(OWN)])
def test_own(group: Group, query: dict[str, Any]) -> None:
    check(group, query)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared conformance cases are not here")
def test_shared() -> None:
    for name, group, query in cases(SHARED):
        if name in UNTOLD:
            with pytest.raises(AssertionError):
                check(group, query)
            fields = {**group.index["fields"], **TOLD}
            group = Group(group.name, {**group.index, "fields": fields}, group.documents)
        check(group, query)
