"""Target by correlation type: what is said is right on sequences of events, and the rest is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from correlation_types import ALL, COUNTED, NUMBERS, TWO, VALUES, rules

from sigmaproof.commands.prove import prove_rules
from sigmaproof.config import Config
from sigmaproof.judge.prove import Standing, Verdict

CONVERTERS = Path(__file__).parents[2] / "converters"

REFUSED = {
    "splunk": set[str](),
    "elastic-eql": {
        *(COUNTED.keys() - {"event_count gt", "event_count gte"}),
        *(VALUES.keys() | NUMBERS.keys()),
        *("temporal lt", "temporal, negated"),
        *(
            "a range",
            "several values",
            "an account",
            "a count of what two rules find",
            "values under an alias",
        ),
    },
    "elastic-esql": {name for name in NUMBERS if "median" in name or "percentile" in name},
}


def verdicts(folder: Path, text: str, *targets: str) -> dict[str, Verdict]:
    """What is known of the queries for a correlation rule."""
    (folder / "corr.yml").write_text(text, encoding="utf-8")
    config = Config(rules=(folder,), fixtures=(), converters=CONVERTERS, targets=targets)
    found = prove_rules(config, 2.0, 1, None, lambda done, of, name: None)
    assert not found.problems
    return dict(found.rules[-1].verdicts)


@pytest.mark.parametrize("name", ALL)
def test_tested_on_sequences_or_refused(tmp_path: Path, name: str) -> None:
    found = verdicts(tmp_path, ALL[name], *REFUSED)
    wanted = {target: Standing.REFUSED if name in REFUSED[target] else Standing.TESTED for target in REFUSED}
    assert {target: verdict.standing for target, verdict in found.items()} == wanted, found


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


def test_lucene_has_none(tmp_path: Path) -> None:
    verdict = verdicts(tmp_path, rules("temporal", TWO), "elastic-lucene")["elastic-lucene"]
    assert verdict.standing is Standing.REFUSED
    assert "windows" in verdict.reasons[0]
