"""What each repaired backend writes, and what pySigma's own writes today: the tables in `cases.yml`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from conversions import EXACT, Convert

from sigmaproof.index.model import plain_model
from sigmaproof.languages import language as front_end

CASES = yaml.safe_load(Path(__file__).with_name("cases.yml").read_text(encoding="utf-8"))


def parameters(key: str) -> list[Any]:
    return [
        pytest.param(case, language, id=f"{case['name']}-{language}")
        for case in CASES
        for language in EXACT
        if language in (case.get(key, {}) if key else case)
    ]


@pytest.mark.parametrize(("case", "language"), parameters(""))
def test_query(convert: Convert, case: dict[str, Any], language: str) -> None:
    assert convert(case["detection"], language) == case[language]


@pytest.mark.parametrize(("case", "language"), parameters(""))
def test_query_is_accepted_by_its_language(case: dict[str, Any], language: str) -> None:
    if isinstance(case[language], str):
        front_end(language).lower_query(case[language], plain_model(language).index, {})


@pytest.mark.parametrize(("case", "language"), parameters("stock"))
def test_upstream_still_has_the_fault(convert: Convert, case: dict[str, Any], language: str) -> None:
    found = convert(case["detection"], language, stock=True)
    assert found == case["stock"][language], (
        "pySigma's own output changed: if it is right now, drop the repair and its line in the docs"
    )


def test_every_case_has_every_language() -> None:
    assert all(language in case for case in CASES for language in EXACT)
