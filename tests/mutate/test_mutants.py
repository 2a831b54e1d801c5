"""Mutants of small rules, as data."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.config import read_config
from sigmaproof.judge.mutate.mutants import Mutant, changes, mutants
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.load.rules import load_rules
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.logic.terms import bare

CASES = yaml.safe_load((Path(__file__).parent / "data" / "mutants.yml").read_text(encoding="utf-8"))
ROOT = Path(__file__).parents[2]
RULES = [one for one in load_rules([ROOT / "sigma_rules"]).documents if one.kind is Kind.RULE]


def rule_of(case: dict[str, Any]) -> Any:
    return read_rule({"title": "t", "logsource": {"category": "c"}, "detection": case["detection"]})


def of(case: dict[str, Any]) -> list[Mutant]:
    found = list(mutants(rule_of(case)))
    return [one for one in found if one.kind in case["only"]] if "only" in case else found


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_mutants(case: dict[str, Any]) -> None:
    assert [one.name for one in of(case)] == case["mutants"]


@pytest.mark.parametrize("document", RULES, ids=lambda document: document.path.stem)
def test_mutants_of_a_rule_have_their_own_names_and_meanings(document: RuleDocument) -> None:
    rule = replace(read_rule(document.data), placeholders=read_config(ROOT).placeholders)
    found = list(mutants(rule))
    assert len({one.name for one in found}) == len(found)
    terms = {bare(one.term) for one in found}
    assert len(terms) == len(found)
    assert bare(lower(rule)) not in terms


def test_they_are_the_same_from_run_to_run() -> None:
    case = next(case for case in CASES if case["name"] == "conditions")
    assert of(case) == of(case)


def test_filters_of_others_stay_as_they_are() -> None:
    rule = rule_of({"detection": {"sel": {"A|cased": "x"}, "condition": "sel"}})
    filter_ = read_rule(
        {
            "title": "f",
            "logsource": {"category": "c"},
            "filter": {"rules": "any", "sel": {"B": "y"}, "condition": "not sel"},
        }
    )
    from sigmaproof.languages.sigma import with_filters

    whole = with_filters(rule, [filter_])
    assert [one.name for one in mutants(whole)] == [one.name for one in mutants(rule)]
    assert all("B" in repr(one.term) for one in mutants(whole))


@pytest.mark.parametrize("most", [1, 7, 40, 42, 1000])
def test_of_many_changes_some_from_all_over_are_taken(most: int) -> None:
    rule = rule_of({"detection": {"sel": {"A|cased": [f"-v{n}" for n in range(36)]}, "condition": "sel"}})
    every = [one.name for one in mutants(rule)]
    assert len(every) == changes(rule)
    found = [one.name for one in mutants(rule, most)]
    assert len(found) == min(most, len(every))
    assert found == [name for name in every if name in found]
    if most == 7:
        gaps = [every.index(two) - every.index(one) for one, two in pairwise(found)]
        assert max(gaps) - min(gaps) <= 1
