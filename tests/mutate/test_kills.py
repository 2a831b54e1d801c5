"""What becomes of mutants under labelled events, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.index.sources import load_sources
from sigmaproof.judge.mutate.kills import judged_mutants
from sigmaproof.judge.mutate.results import Fate, Judged, Mutation, RuleMutation
from sigmaproof.languages.sigma import read_rule
from sigmaproof.load.values import Case, Label, Matches
from sigmaproof.load.yaml_text import Flavour, Lines

ROOT = Path(__file__).parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "data" / "kills.yml").read_text(encoding="utf-8"))
SOURCES = load_sources(ROOT / "converters" / "sources")
BOUNDS = {Label.MALICIOUS: Matches(1), Label.BENIGN: Matches(0, 0)}


def labelled(label: Label, events: list[dict[str, Any]]) -> list[Case]:
    return [
        Case(f"{label} {number}", label, Path("f.yml"), 1, (event,), (0.0,), BOUNDS[label])
        for number, event in enumerate(events, 1)
    ]


def judged(case: dict[str, Any], **options: Any) -> tuple[Judged, ...]:
    logsource = case.get("logsource", {"category": "c"})
    rule = read_rule({"title": "t", "logsource": logsource, "detection": case["detection"]})
    cases = [one for label in Label for one in labelled(label, case.get(label.value, []))]
    found, problems = judged_mutants(rule, SOURCES, cases, Lines("", Flavour.RULES), **options)
    assert not problems
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_fates(case: dict[str, Any]) -> None:
    found = judged(case)
    assert {one.name: one.case for one in found if one.fate is Fate.KILLED} == case.get("killed", {})
    survivors = {one.name: one.witness for one in found if one.fate is Fate.SURVIVED}
    assert {name: seen and seen.label.value for name, seen in survivors.items()} == case.get("survived", {})
    left = {one.name: one.fate.value for one in found if one.fate not in (Fate.KILLED, Fate.SURVIVED)}
    assert left == case.get("left", {})


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_the_witnesses_as_cases_kill_every_survivor(case: dict[str, Any]) -> None:
    kept = [one for one in judged(case) if one.witness is not None and not one.killed_by]
    more = dict(case)
    for one in kept:
        assert one.witness is not None
        label = one.witness.label.value
        more[label] = [*more.get(label, []), dict(one.witness.event)]
    assert not [one.name for one in judged(more) if one.fate is Fate.SURVIVED]


def test_a_survivor_says_which_other_witness_kills_it() -> None:
    case = next(case for case in CASES if case["name"] == "nothing but a match")
    detection = {"sel": {"A": ["x", "y"]}, "condition": "sel"}
    found = judged({**case, "detection": detection, "malicious": []})
    told = {one.name: one.killed_by for one in found if one.killed_by}
    names = [one.name for one in found]
    assert told
    assert all(names.index(killer) < names.index(name) for name, killer in told.items())


def test_matches_that_a_case_counts_are_counted() -> None:
    detection = {"sel": {"A|re": "x|y"}, "condition": "sel"}
    rule = read_rule({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    events = ({"A": "x"}, {"A": "y"})
    for wanted, survivors in ((Matches(1), 2), (Matches(2, 2), 0)):
        case = Case("two", Label.MALICIOUS, Path("f.yml"), 1, events, (0.0, 0.0), wanted)
        found, _ = judged_mutants(rule, SOURCES, [case], Lines("", Flavour.RULES))
        dropped = [one for one in found if one.kind == "alternative dropped"]
        assert len(dropped) == 2
        assert sum(one.fate is Fate.SURVIVED for one in dropped) == survivors


def test_without_time_a_mutant_is_undecided_and_counts_for_nothing() -> None:
    case = next(case for case in CASES if case["name"] == "no case at all")
    found = judged(case, budget=0.0)
    assert {one.fate for one in found} == {Fate.UNDECIDED}
    assert all(one.reasons for one in found)
    rule = RuleMutation(Path("r.yml"), 1, "t", mutants=found)
    assert rule.rate is None
    assert Mutation((rule,), threshold=100).exit_code == 0


def test_an_admitted_gap_that_closes_is_noticed() -> None:
    detection = {"sel": {"A|contains|cased": "x"}, "condition": "sel"}
    rule = read_rule({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    gap = Case(
        "gap", Label.MALICIOUS, Path("f.yml"), 1, ({"A": "X"},), (0.0,), Matches(1), todo="letter case"
    )
    found, _ = judged_mutants(rule, SOURCES, [gap], Lines("", Flavour.RULES))
    assert [one.name for one in found if one.fate is Fate.KILLED] == ["sel: A|contains|cased → A|contains"]


@pytest.mark.parametrize(
    ("killed", "survived", "threshold", "code"),
    [(19, 1, 95, 0), (18, 1, 95, 1), (18, 1, None, 0), (0, 0, None, 1), (1, 0, 100, 0)],
)
def test_exit_codes(killed: int, survived: int, threshold: float | None, code: int) -> None:
    mutants = [Judged("m", "k", 1, Fate.KILLED)] * killed + [Judged("m", "k", 1, Fate.SURVIVED)] * survived
    rule = RuleMutation(Path("r.yml"), 1, "t", mutants=tuple(mutants))
    assert Mutation((rule,), threshold=threshold).exit_code == code
