"""Threshold rules: what is written is tested as what it is, and every fault in one is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from correlation_table import ASKING, asking, documented, row_of, told
from correlation_types import ALL, rules

from sigmaproof.commands.prove import Against, prove_rules
from sigmaproof.config import Config
from sigmaproof.judge.correlations import prepare_correlation
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.workspace import Workspace

SAID = {"event_count gt", "event_count gte", "value_count gt", "value_count gte", "several rules", "no group"}
"""Of all types, those that threshold rules can say; one event is one whatever the window."""


@pytest.fixture(scope="module")
def converters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped targets, of which Lucene's says that its rules are asked every two minutes."""
    return asking(tmp_path_factory.mktemp("asking"), "2m")


def config(folder: Path, converters: Path, text: str) -> Config:
    path = folder / "corr.yml"
    path.write_text(text, encoding="utf-8")
    return Config(rules=(path,), fixtures=(), converters=converters, targets=("elastic-lucene",))


def verdict(
    folder: Path,
    converters: Path,
    text: str,
    against: str = "",
    assumptions: tuple[Assumption, ...] = tuple(Assumption),
) -> Verdict:
    """What is known of the query for a correlation rule, or of another in its place."""
    other = Against(against, "lucene", "ecs_windows") if against else None
    found = prove_rules(
        config(folder, converters, text), 2.0, 1, other, lambda done, of, name: None, assumptions
    )
    assert not found.problems
    return found.rules[-1].verdicts[0][1]


@pytest.mark.parametrize("name", ALL)
def test_tested_as_asked_at_runs_or_refused(tmp_path: Path, converters: Path, name: str) -> None:
    found = verdict(tmp_path, converters, ALL[name])
    if name in SAID:
        assert (found.standing, found.assumes) == (Standing.TESTED, (Assumption.ASKED_AT_RUNS,)), found
    elif name == "one event":
        assert (found.standing, found.assumes) == (Standing.TESTED, ()), found
    else:
        assert found.standing is Standing.REFUSED
        assert "cannot be said as a threshold rule" in found.reasons[0]
    assert told(found) == documented()[row_of(name), ASKING]


def test_whoever_assumes_nothing_sees_what_may_be_missed(tmp_path: Path, converters: Path) -> None:
    found = verdict(tmp_path, converters, ALL["event_count gte"], assumptions=())
    assert found.standing is Standing.DIFFERS
    (difference,) = found.differences
    assert difference.direction.value == "only the rule finds"
    assert [step.split()[1] for step in difference.event] == ["+0s", "+150s", "+300s"]


def test_runs_that_leave_gaps_are_refused(tmp_path: Path) -> None:
    found = verdict(tmp_path, asking(tmp_path, "5m"), ALL["event_count gte"])
    assert found.standing is Standing.REFUSED
    assert "look back no further than to the last one" in found.reasons[0]


@pytest.mark.parametrize("every", ["soon", "0m", "5", "[1]"])
def test_a_time_that_is_none(tmp_path: Path, every: str) -> None:
    found = prove_rules(
        config(tmp_path, asking(tmp_path, every), ALL["event_count gte"]),
        2.0,
        1,
        None,
        lambda done, of, name: None,
    )
    assert any("asked_every is a time such as 5m" in one.message for one in found.problems)


def written(folder: Path, converters: Path, text: str) -> dict[str, Any]:
    """The threshold rule that is written for a correlation rule."""
    preparation = Preparation(Workspace(config(folder, converters, text)))
    document = preparation.workspace.rules.documents[-1]
    ((query,),) = [one.queries for one in prepare_correlation(preparation, document).conversions]
    made: dict[str, Any] = json.loads(query)
    return made


Fault = Callable[[dict[str, Any]], object]
FAULTS: dict[str, tuple[str, Fault]] = {
    "one too many": ("event_count gte", lambda rule: rule["threshold"].update(value=4)),
    "one too few": ("event_count gte", lambda rule: rule["threshold"].update(value=2)),
    "too long a look-back": ("event_count gte", lambda rule: rule.update({"from": "now-6m"})),
    "too short a look-back": ("event_count gte", lambda rule: rule.update({"from": "now-4m"})),
    "no groups": ("event_count gte", lambda rule: rule["threshold"].update(field=[])),
    "another group": ("event_count gte", lambda rule: rule["threshold"].update(field=["process.pid"])),
    "another group as well": (
        "event_count gte",
        lambda rule: rule["threshold"]["field"].append("process.command_line"),
    ),
    "a group where there is none": (
        "no group",
        lambda rule: rule["threshold"].update(field=["winlog.computer_name"]),
    ),
    "events, not values": (
        "value_count gte",
        lambda rule: rule["threshold"].update(value=3, cardinality=[]),
    ),
    "other values": (
        "value_count gte",
        lambda rule: rule["threshold"].update(cardinality=[{"field": "process.pid", "value": 3}]),
    ),
    "one value too few": (
        "value_count gte",
        lambda rule: rule["threshold"]["cardinality"][0].update(value=2),
    ),
    "other events": ("event_count gte", lambda rule: rule.update(query="*")),
    "no events": ("event_count gte", lambda rule: rule.update(query="process.name:nothing")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_found(tmp_path: Path, converters: Path, name: str) -> None:
    kind, fault = FAULTS[name]
    rule = written(tmp_path, converters, ALL[kind])
    right = json.dumps(rule)
    fault(rule)
    assert json.dumps(rule) != right
    assert verdict(tmp_path, converters, ALL[kind], right).standing is Standing.TESTED
    assert verdict(tmp_path, converters, ALL[kind], json.dumps(rule)).standing is Standing.DIFFERS


def test_what_is_written(tmp_path: Path, converters: Path) -> None:
    rule = written(
        tmp_path,
        converters,
        rules(
            "value_count", span="1h", by="[Computer, ParentImage]", condition="{field: CommandLine, gt: 3}"
        ),
    )
    assert rule.keys() == {"query", "threshold", "from", "interval"}
    assert (rule["from"], rule["interval"]) == ("now-1h", "2m")
    assert rule["threshold"] == {
        "field": ["winlog.computer_name", "process.parent.executable"],
        "value": 1,
        "cardinality": [{"field": "process.command_line", "value": 4}],
    }
