"""Target by correlation type: what is said is right on sequences, and the page says what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from correlation_table import COLUMNS, ROWS, RULES, TARGETS, documented, row_of, told, verdicts
from correlation_types import ALL

from sigmaproof.judge.prove import Standing


@pytest.mark.parametrize("name", RULES)
def test_tested_on_sequences_or_refused_as_the_page_says(tmp_path: Path, name: str) -> None:
    found = verdicts(tmp_path, RULES[name], *TARGETS)
    assert {verdict.standing for verdict in found.values()} <= {Standing.TESTED, Standing.REFUSED}, found
    page = {target: documented()[row_of(name), target] for target in TARGETS}
    assert {target: told(verdict) for target, verdict in found.items()} == page, "run `make correlations`"


def test_the_page_has_every_kind_of_rule_once() -> None:
    named = [name for names in ROWS.values() for name in names]
    assert sorted(named) == sorted(RULES)
    assert {*documented()} == {(row, column) for row in ROWS for column in COLUMNS}


@pytest.mark.parametrize(
    ("name", "target", "kind"),
    [
        ("event_count gte", "stock-splunk", "only the rule finds"),
        ("value_count gte", "stock-splunk", "only the rule finds"),
    ],
)
def test_the_sequences_show_what_is_wrong_with_stock_queries(
    tmp_path: Path, name: str, target: str, kind: str
) -> None:
    verdict = verdicts(tmp_path, ALL[name], target)[target]
    assert verdict.standing is Standing.DIFFERS
    (difference,) = verdict.differences
    assert difference.direction.value == kind
    assert 1 < len(difference.event) <= 6
