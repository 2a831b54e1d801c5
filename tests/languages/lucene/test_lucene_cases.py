"""Our own cases, answered by real servers, and those of the conformance suite where it is at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigmaproof.judge.conformance import Mark, Result, run_files

OWN = Path(__file__).with_name("cases.ndjson")
SHARED = Path(__file__).parents[4] / "shared" / "conformance" / "lucene.ndjson"


@pytest.mark.parametrize("result", [pytest.param(result, id=result.name) for result in run_files([OWN])])
def test_own(result: Result) -> None:
    assert result.mark is Mark.PASSED, f"{result.place} {result.told}"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared conformance cases are not here")
def test_shared() -> None:
    results = list(run_files([SHARED]))
    amiss = [result for result in results if result.mark is not Mark.PASSED]
    # `_id:1` asks for an id that only the server knew: the documents of the case do not have one.
    assert len(results) >= 4930
    assert [f"{result.group} {result.told}" for result in amiss if result.group != "field_names"] == []
    assert len(amiss) <= 1
