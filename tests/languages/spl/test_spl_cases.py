"""Our own cases, and those of the conformance suite where it is at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from spl_cases import Group, cases, check

from sigmaproof.languages.spl.options import choices

OWN = Path(__file__).with_name("cases.ndjson")
SHARED = Path(__file__).parents[4] / "shared" / "conformance" / "spl.ndjson"


@pytest.mark.parametrize(("group", "query"), [pytest.param(g, q, id=name) for name, g, q in cases(OWN)])
def test_own(group: Group, query: dict[str, Any]) -> None:
    check(group, query)


def test_every_switch_is_thrown_in_some_case() -> None:
    thrown = {
        item
        for _, _, query in cases(OWN)
        for item in query.get("options", {}).items()
        if item[0] in choices()
    }
    assert {(name, value) for name, values in choices().items() for value in values[1:]} <= thrown


@pytest.mark.skipif(not SHARED.exists(), reason="the shared conformance cases are not here")
def test_shared() -> None:
    for _, group, query in cases(SHARED):
        check(group, query)
