"""Deliberate faults of conversion: each one is refuted, and the right query is proven."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from sigmaproof.index.event_data import load_event_data
from sigmaproof.index.events import EventIndex
from sigmaproof.index.model import IndexModel, load_index_model
from sigmaproof.index.sources import load_sources
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import Missing, Standing, Subject, prove_query, separates
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.logic.plans import Select

HERE = Path(__file__).parent
CONVERTERS = HERE.parents[1] / "converters"
DATA = yaml.safe_load((HERE / "data" / "faults.yml").read_text(encoding="utf-8"))
FAULTS = [
    pytest.param(name, old, new, id=f"{name}: {fault}")
    for name, language in DATA["languages"].items()
    for fault, (old, new) in language["faults"].items()
]


@cache
def subject() -> Subject:
    rule = read_rule(DATA["rule"])
    sources = load_sources(CONVERTERS / "sources")
    located = sources.located(lower(rule), rule.logsource)
    data = load_event_data(CONVERTERS / "events")
    return Subject(Meaning(Select(located.term), EventIndex()), located.providers, sources, data)


@cache
def model(name: str) -> IndexModel:
    return load_index_model(CONVERTERS / "indices" / f"{name}.yml")


def query(language: str, text: str) -> tuple[Meaning, IndexModel]:
    index = model(DATA["languages"][language]["index"])
    return queries_meaning([text], language, index.index, index.document, {}), index


@pytest.mark.parametrize("language", DATA["languages"])
def test_the_right_query_is_proven(language: str) -> None:
    verdict = prove_query(subject(), *query(language, DATA["languages"][language]["query"]))
    assert verdict.standing is Standing.PROVEN, (verdict.reasons, verdict.differences)


@pytest.mark.parametrize(("language", "old", "new"), FAULTS)
def test_a_fault_is_refuted(language: str, old: str, new: str) -> None:
    right = DATA["languages"][language]["query"]
    assert old in right
    meaning, index = query(language, right.replace(old, new, 1))
    verdict = prove_query(subject(), meaning, index)
    assert verdict.standing is Standing.DIFFERS, verdict.reasons
    for one in verdict.differences:
        sides = (subject().meaning, meaning)
        holds, fails = sides if one.direction is Missing.QUERY else sides[::-1]
        assert separates([one.event], holds, fails) == [True]


def test_what_an_index_says_anyway_need_not_be_asked() -> None:
    language = DATA["languages"]["eql"]
    for old, new in language["right"].values():
        assert old in language["query"]
        verdict = prove_query(subject(), *query("eql", language["query"].replace(old, new, 1)))
        assert verdict.standing is Standing.PROVEN


@pytest.mark.parametrize("language", DATA["languages"])
def test_what_is_proven_survives_random_events(language: str) -> None:
    meaning, _ = query(language, DATA["languages"][language]["query"])
    events = [event(Random(seed)) for seed in range(500)]
    rule = subject().meaning
    assert not any(separates(events, rule, meaning))
    assert not any(separates(events, meaning, rule))


def event(random: Random) -> dict[str, Any]:
    """An event near what the rule is about."""
    sysmon = random.random() < 0.6
    texts = ["C:\\x\\WMIC.exe", "\\wmic.exe", "wmic.exe", "a /NODE:b", "/uer:", "c:\\A\\b.exe", "", "-", "x"]
    names = ["Image", "CommandLine", "ParentImage"]
    names = names if sysmon else ["NewProcessName", "CommandLine", "ParentProcessName"]
    found: dict[str, Any] = {name: random.choice(texts) for name in names if random.random() < 0.9}
    channel = "Microsoft-Windows-Sysmon/Operational" if sysmon else "Security"
    ids = [1, 1, 5, 11] if sysmon else [4688, 4688, 4689]
    return {"Channel": channel, "EventID": random.choice(ids), **found}
