"""A rule against a query that a vendor wrote for the same thing, as `prove --against` compares them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sigmaproof.index.event_data import load_event_data
from sigmaproof.index.event_forms import written
from sigmaproof.index.events import EventIndex
from sigmaproof.index.model import load_index_model
from sigmaproof.index.sources import load_sources
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import Missing, Standing, Subject, Verdict, prove_query, separates
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.logic.plans import Select

ROOT = Path(__file__).parents[2]
CONVERTERS = ROOT / "converters"
RULE = ROOT / "sigma_rules" / "windows" / "process_creation" / "proc_creation_win_wmic_remote_command.yml"
QUERY = r"""
process where host.os.type == "windows" and event.type == "start" and
  process.name : "WMIC.exe" and
  process.args : "*node:*" and
  process.args : ("call", "set", "get") and
  not process.args : ("*/node:localhost*", "*/node:\"127.0.0.1\"*", "/node:127.0.0.1")
"""


def subject() -> Subject:
    rule = read_rule(yaml.safe_load(RULE.read_text(encoding="utf-8")))
    sources = load_sources(CONVERTERS / "sources")
    located = sources.located(lower(rule), rule.logsource)
    data = load_event_data(CONVERTERS / "events")
    return Subject(Meaning(Select(located.term), EventIndex()), located.providers, sources, data)


def test_each_finds_what_the_other_does_not() -> None:
    model = load_index_model(CONVERTERS / "indices" / "ecs_windows.yml")
    rule, query = subject(), queries_meaning([QUERY], "eql", model.index, model.document, {})
    verdict: Verdict = prove_query(rule, query, model)
    assert verdict.standing is Standing.DIFFERS
    found = {one.direction: one.event for one in verdict.differences}
    assert found.keys() == {*Missing}
    assert separates([found[Missing.QUERY]], rule.meaning, query) == [True]
    assert separates([found[Missing.RULE]], query, rule.meaning) == [True]
    assert all(written(rule.data, event) for event in found.values())


@pytest.mark.parametrize(
    ("line", "by_rule", "by_query"),
    [
        ("wmic /node:dc01 process call create calc", True, True),
        # the rule knows more verbs and more dashes
        ("wmic /node:dc01 process list", True, False),
        ("wmic /node:localhost,dc01 process call create calc", True, False),
        # and every spelling of the local machine
        ("wmic /node:127.0.0.1,localhost os get caption", False, True),
        ("wmic /node:localhost os get caption", False, False),
    ],
)
def test_command_lines(line: str, by_rule: bool, by_query: bool) -> None:
    model = load_index_model(CONVERTERS / "indices" / "ecs_windows.yml")
    query = queries_meaning([QUERY], "eql", model.index, model.document, {})
    event = {
        "Channel": "Microsoft-Windows-Sysmon/Operational",
        "EventID": 1,
        "Provider_Name": "Microsoft-Windows-Sysmon",
        "Image": "C:\\Windows\\System32\\wbem\\WMIC.exe",
        "CommandLine": line,
    }
    found = [side.answers([[event]])[0].findings != () for side in (subject().meaning, query)]
    assert found == [by_rule, by_query]
