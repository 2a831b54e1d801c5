"""Mutants of correlation rules, as data; and what becomes of them under fixtures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from correlation_types import ALL, BASES, rules

from sigmaproof.commands.mutate import Wanted, mutate_rules, write_cases
from sigmaproof.config import Config
from sigmaproof.judge.correlations import base_terms, prepare_correlation
from sigmaproof.judge.mutate.correlated import CorrelationMutant, correlation_mutants
from sigmaproof.judge.mutate.results import Fate, RuleMutation
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.suite import run_suite
from sigmaproof.workspace import Workspace

CONVERTERS = Path(__file__).parents[2] / "converters"
CASES = yaml.safe_load((Path(__file__).parent / "data" / "correlation_mutants.yml").read_text("utf-8"))
NOTHING = "cases:\n  - {name: nothing, label: benign, event: {EventID: 9}}\n"


def mutants(folder: Path, text: str) -> list[CorrelationMutant]:
    (folder / "corr.yml").write_text(text, encoding="utf-8")
    workspace = Workspace(Config(rules=(folder,), fixtures=(), converters=CONVERTERS))
    document = workspace.rules.documents[-1]
    prepared = prepare_correlation(Preparation(workspace, convert=False), document)
    return list(correlation_mutants(prepared.found, base_terms(workspace.sources)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_mutants(case: dict[str, Any], tmp_path: Path) -> None:
    text = BASES + "---\n" + yaml.safe_dump({"title": "T", "correlation": case["correlation"]})
    assert [one.name for one in mutants(tmp_path, text)] == case["mutants"]


@pytest.mark.parametrize("name", ALL)
def test_mutants_have_their_own_names_and_meanings(name: str, tmp_path: Path) -> None:
    found = mutants(tmp_path, ALL[name])
    assert len(found) >= 4
    assert len({one.name for one in found}) == len(found)
    assert len({one.plan for one in found}) == len(found)
    assert all(one.path[0] == "correlation" for one in found)


class Repository:
    """A repository with one correlation rule, its fixture, and the rules that it names elsewhere."""

    def __init__(self, folder: Path, text: str, fixture: str, apart: str = "") -> None:
        self.fixture = folder / "fixtures" / "corr.yml"
        self.config = Config(
            rules=(folder / "rules",),
            fixtures=(folder / "fixtures",),
            converters=CONVERTERS,
            targets=("splunk",),
        )
        for path, content in (
            ("rules/corr.yml", text),
            ("fixtures/corr.yml", fixture),
            ("rules/base.yml", apart),
        ):
            (folder / path).parent.mkdir(exist_ok=True)
            if content:
                (folder / path).write_text(content, encoding="utf-8")

    def mutated(self, expression: str = "") -> RuleMutation:
        found = mutate_rules(self.config, Wanted(expression, jobs=1), lambda *_: None)
        assert not found.problems
        (rule,) = found.rules
        return rule

    def write(self, rule: RuleMutation) -> None:
        found = mutate_rules(self.config, Wanted(jobs=1), lambda *_: None)
        assert rule in found.rules
        write_cases(found, lambda problem: None)

    def failures(self) -> list[str]:
        report = run_suite(Workspace(self.config))
        assert not report.problems
        return [
            f"{case.case.name}: {one.message}"
            for rule in report.rules
            for case in rule.cases
            for one in case.outcomes
            if one.side == "sigma" and one.status != "pass"
        ]


def fates(rule: RuleMutation, *fates: Fate) -> list[str]:
    return [one.name for one in rule.mutants if one.fate in fates]


def apart(text: str) -> str:
    """The correlation rule alone."""
    return text.removeprefix(BASES).removeprefix("---\n")


WRITTEN = (
    "event_count gte",
    "event_count lt",
    "value_count gte",
    "several values",
    "value_sum gte",
    "temporal",
    "temporal, negated",
    "temporal_ordered, three rules",
    "temporal_ordered, twice one",
    "a range",
    "an alias",
)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_cases_that_are_written_kill_every_survivor(name: str, tmp_path: Path) -> None:
    repository = Repository(tmp_path, apart(ALL[name]), NOTHING, BASES)
    before = repository.mutated()
    assert len(before.survivors) >= 4
    assert all(one.witness and one.witness.timeline for one in before.survivors)
    # nothing but what the bounds themselves hide may stay unknown
    assert len(fates(before, Fate.UNDECIDED)) <= 1, fates(before, Fate.UNDECIDED)
    repository.write(before)
    assert repository.failures() == []
    after = repository.mutated()
    assert fates(after, Fate.SURVIVED) == []
    assert {*fates(after, Fate.UNDECIDED)} <= {*fates(before, Fate.UNDECIDED)}


def counted(cases: Iterable[dict[str, Any]]) -> str:
    return yaml.safe_dump({"cases": list(cases)}, sort_keys=False)


def failed(user: str, at: str) -> dict[str, Any]:
    event = {"EventID": 4625, "Status": "0xc000006d", "Computer": "srv01", "TargetUserName": user}
    return {"at": at, "event": event}


def test_naming_the_groups_does_not_hold_what_is_grouped_by(tmp_path: Path) -> None:
    text = apart(rules("event_count", "[failed]", "[Computer, TargetUserName]", condition="{gte: 2}"))
    fires = {
        "name": "fires",
        "label": "malicious",
        "events": [failed("alice", "0s"), failed("alice", "1s")],
        "groups": [{"group": {"Computer": "srv01", "TargetUserName": "alice"}}],
    }
    quiet = {"name": "quiet", "label": "benign", "events": [failed("alice", "0s"), failed("bob", "1s")]}
    (tmp_path / "one").mkdir()
    alone = Repository(tmp_path / "one", text, counted([fires]), BASES).mutated("group-by and dropped")
    assert fates(alone, Fate.SURVIVED) == ["group-by: Computer dropped", "group-by: TargetUserName dropped"]
    (tmp_path / "two").mkdir()
    both = Repository(tmp_path / "two", text, counted([fires, quiet]), BASES).mutated("group-by and dropped")
    assert {one.name: one.case for one in both.mutants if one.case} == {
        "group-by: TargetUserName dropped": "quiet"
    }


def test_rules_in_the_same_file_are_mutated_with_it(tmp_path: Path) -> None:
    fires = {"name": "fires", "label": "malicious", "events": [failed("alice", "0s"), failed("alice", "1s")]}
    text = rules("event_count", "[failed]", "[Computer]", condition="{gte: 2}")
    found = Repository(tmp_path, text, counted([fires])).mutated("failed:")
    assert "failed: sel: Status|startswith → Status" in fates(found, Fate.KILLED)
    # the events are those of the log, whatever id it has
    (dropped,) = (one for one in found.mutants if one.name == "failed: sel: EventID 4625 dropped")
    assert dropped.fate is Fate.SURVIVED
    assert dropped.line == 5
    assert not any(one.name.startswith("group-by") for one in found.mutants)


def test_a_rule_with_a_fixture_of_its_own_is_not_mutated_again(tmp_path: Path) -> None:
    text = rules("event_count", "[failed]", "[Computer]", condition="{gte: 2}")
    repository = Repository(tmp_path, apart(text), NOTHING, BASES)
    assert not any(one.name.startswith("failed") for one in repository.mutated().mutants)


def test_a_correlation_over_correlations_is_undecided_where_no_case_tells(tmp_path: Path) -> None:
    inner = rules("event_count", "[failed]", "[Computer]", condition="{gte: 2}")
    outer = "---\n" + yaml.safe_dump(
        {
            "title": "Twice",
            "correlation": {
                "type": "event_count",
                "rules": ["together"],
                "timespan": "1h",
                "condition": {"gte": 2},
            },
        }
    )
    found = Repository(tmp_path, inner + outer, NOTHING).mutated("Twice or condition or timespan")
    assert {one.fate for one in found.mutants if one.name.startswith("timespan")} == {Fate.UNDECIDED}
    assert found.mutants[0].reasons == ("no sequences are made of a correlation over correlations",)
