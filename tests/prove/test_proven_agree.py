"""What is proven also holds on events that the prover has not seen, made from each rule's own tests."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sigmaproof.config import read_config
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.event_forms import written
from sigmaproof.index.sources import CHANNEL, EVENT_ID, Provider
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.prove import Standing, Subject, prove_query, separates, term_of
from sigmaproof.load.values import Kind
from sigmaproof.logic.prove import prove
from sigmaproof.logic.terms import Const, Term
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
TARGETS = ("elastic-eql", "elastic-lucene", "splunk")
EVENTS = 120
ORIGIN = (CHANNEL, EVENT_ID)
RULES = sorted(path.stem for path in (ROOT / "sigma_rules").rglob("proc_creation_*.yml"))


@cache
def preparation() -> Preparation:
    config = read_config(ROOT)
    return Preparation(Workspace(config.overridden(rules=(), fixtures=(), converters=None, targets=TARGETS)))


@cache
def data() -> EventData:
    return load_event_data(ROOT / "converters" / "events")


@cache
def made_events() -> Callable[..., list[dict[str, Any]]]:
    spec = importlib.util.spec_from_file_location("made_events", ROOT / "bench" / "made_events.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[..., list[dict[str, Any]]] = module.made_events
    return found


def around_a_match(term: Term, provider: Provider) -> list[dict[str, Any]]:
    """An event that the rule finds, and the same with each of its values changed, or gone."""
    event = prove(term, Const(False)).left.event
    assert event is not None
    found = {**event, CHANNEL: provider.channel, EVENT_ID: provider.event_ids[0]}
    events = [found]
    for name in [name for name in found if name not in ORIGIN]:
        rest = {other: value for other, value in found.items() if other != name}
        text = str(found[name])
        changed = (text + "x", "x" + text, text.swapcase(), text[1:], text[:-1], f"{text} {text}", "-", "")
        events += [rest, *({**rest, name: one} for one in changed)]
    return [one for one in events if written(data(), one)]


@pytest.mark.parametrize("stem", RULES)
def test_both_sides_agree(stem: str) -> None:
    documents = preparation().workspace.rules.documents
    document = next(one for one in documents if one.path.stem == stem and one.kind is Kind.RULE)
    prepared = preparation().rule(document)
    rule = prepared.meaning
    providers = prepared.sources.providers(prepared.rule.logsource) or ()
    term = term_of(rule.plan)
    assert term is not None
    events = [
        *made_events()(term, providers, data(), EVENTS, Random(stem)),
        *around_a_match(term, providers[0]),
    ]
    found = [bool(one.findings) for one in rule.answers([[event] for event in events])]
    assert len(set(found)) == 2, "agreement on events that are all found, or none, says little"
    models = {siem.name: siem.model for siem in preparation().workspace.siems}
    for target in TARGETS:
        query = prepared.sides[target]
        assert isinstance(query, Meaning)
        subject = Subject(rule, providers, prepared.sources, data())
        assert prove_query(subject, query, models[target]).standing is Standing.PROVEN, target
        for holds, fails in ((rule, query), (query, rule)):
            told_apart = separates(events, holds, fails)
            assert not any(told_apart), (target, events[told_apart.index(True)])
