"""What the shipped targets write for whole rules, and that it is right: the table in `shipped.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from conversions import told

from sigmaproof.convert import Converter, Queries
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.events import EventIndex
from sigmaproof.index.log_fields import load_log_fields
from sigmaproof.index.model import IndexModel, load_index_model, plain_model
from sigmaproof.index.sources import SourceModels, load_sources
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.plain import under_plain
from sigmaproof.judge.prove import Standing, Subject, prove_query
from sigmaproof.languages.lucene import lower_query
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.load.targets import load_target
from sigmaproof.load.values import Target
from sigmaproof.logic.plans import Select

HERE = Path(__file__).parent
CONVERTERS = HERE.parents[1] / "converters"
TARGETS = {"eql": "elastic-eql", "esql": "elastic-esql", "lucene": "elastic-lucene", "spl": "splunk"}
CASES = [
    pytest.param(case, language, id=f"{case['name']}-{language}")
    for case in yaml.safe_load((HERE / "shipped.yml").read_text(encoding="utf-8"))
    for language in TARGETS
    if language in case
]


@cache
def shipped(language: str) -> tuple[Target, IndexModel, Converter]:
    target = load_target(CONVERTERS / f"{TARGETS[language]}.yml")
    assert isinstance(target, Target)
    assert target.index is not None
    model = load_index_model(target.index)
    return target, model, Converter(target, model)


@cache
def known() -> tuple[SourceModels, EventData]:
    return load_sources(CONVERTERS / "sources"), load_event_data(CONVERTERS / "events")


def rule_of(case: dict[str, Any]) -> dict[str, Any]:
    rule = case["rule"]
    return {"title": case["name"], **rule, "detection": {"condition": "s", **rule["detection"]}}


@pytest.mark.parametrize(("case", "language"), CASES)
def test_query(case: dict[str, Any], language: str) -> None:
    _, _, converter = shipped(language)
    assert told(converter.convert(rule_of(case))) == case[language]


@pytest.mark.parametrize(("case", "language"), CASES)
def test_standing(case: dict[str, Any], language: str) -> None:
    if not isinstance(case[language], str):
        return
    target, model, _ = shipped(language)
    sources, data = known()
    rule = read_rule(rule_of(case))
    located = sources.located(lower(rule), rule.logsource)
    meaning = Meaning(Select(located.term), EventIndex())
    carried = None if located.known else load_log_fields(CONVERTERS / "logs").of(rule.logsource)
    subject = Subject(meaning, located.providers, sources, data, carried=carried)
    query = queries_meaning([case[language]], language, model.index, model.document, target.options)
    if not located.known:
        query, model = under_plain([case[language]], target, model, meaning)
    verdict = prove_query(subject, query, model)
    found = verdict.standing, verdict.differences, verdict.reasons
    assert found[0] is Standing(case.get("is", "proven")), found


OURS = [path for path in sorted((HERE.parents[1] / "sigma_rules").rglob("*.yml")) if "corr_" not in path.name]


def lucene_rules() -> list[Any]:
    cases = [
        pytest.param(rule_of(case), id=case["name"])
        for case, language in (one.values for one in CASES)
        if language == "lucene"
    ]
    ours = [pytest.param(yaml.safe_load(path.read_text(encoding="utf-8")), id=path.stem) for path in OURS]
    return cases + ours


@pytest.mark.parametrize("rule", lucene_rules())
def test_what_kibana_adds_to_a_query_string_changes_nothing(rule: dict[str, Any]) -> None:
    target, model, converter = shipped("lucene")
    assert target.options == {"analyze_wildcard": True}
    made = converter.convert(rule)
    for query in made.texts if isinstance(made, Queries) else ():
        for index in (model.index, plain_model("lucene", lines=True).index):
            assert lower_query(query, index, {}) == lower_query(query, index, target.options)
