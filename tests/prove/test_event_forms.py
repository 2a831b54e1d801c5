"""What a log can write is part of the question."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sigmaproof.errors import InvalidInput
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.event_forms import written
from sigmaproof.index.events import EventIndex
from sigmaproof.index.model import load_index_model
from sigmaproof.index.sources import load_sources
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import Standing, Subject, Verdict, prove_query
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.logic.plans import Select

CONVERTERS = Path(__file__).parents[2] / "converters"
SYSMON = {"Channel": "Microsoft-Windows-Sysmon/Operational", "Provider_Name": "Microsoft-Windows-Sysmon"}
SECURITY = {"Channel": "Security", "Provider_Name": "Microsoft-Windows-Security-Auditing"}


@cache
def data() -> EventData:
    return load_event_data(CONVERTERS / "events")


@pytest.mark.parametrize(
    ("event", "possible"),
    [
        ({**SYSMON, "EventID": 3, "Initiated": "true", "DestinationPort": "443"}, True),
        ({**SYSMON, "EventID": 3, "Initiated": "truE"}, False),
        ({**SYSMON, "EventID": 3, "DestinationPort": "0x1bb"}, False),
        ({**SYSMON, "EventID": 3, "DestinationIp": "fe80:0:0:0:3b31:a8fa:5adc:7b9e"}, True),
        ({**SYSMON, "EventID": 3, "DestinationIp": "fe80::/10"}, False),
        ({**SYSMON, "EventID": 3, "User": "-"}, True),
        ({**SYSMON, "EventID": 1, "User": "SYSTEM"}, False),
        ({**SYSMON, "EventID": 1, "CommandLine": ""}, False),
        ({**SYSMON, "EventID": 13, "Details": "{00000000-0000-0000-0000-000000000000}"}, True),
        # a field that the log does not have is believed, but has a value
        ({**SYSMON, "EventID": 7, "CommandLine": "-"}, False),
        ({**SECURITY, "EventID": 4688, "CommandLine": ""}, True),
        ({**SECURITY, "EventID": 4663, "AccessList": "%%4416\r\n\t\t\t\t%%4417\r\n\t\t\t\t"}, True),
        ({**SECURITY, "EventID": 4663, "AccessList": "4416"}, False),
        ({**SECURITY, "EventID": 4624, "IpAddress": "::ffff:10.0.0.1"}, False),
        ({**SECURITY, "EventID": 4769, "IpAddress": "::ffff:10.0.0.1"}, True),
        ({**SECURITY, "EventID": 4662, "AccessMask": "0x100"}, True),
        ({**SECURITY, "EventID": 4662, "AccessMask": "%%1537"}, False),
        ({"Channel": "Application", "EventID": 1000, "Initiated": "truE"}, True),
        ({"Channel": "Application", "EventID": 1000, "Keywords": "0x80000000000000", "Level": 2}, True),
        ({"Channel": "Application", "EventID": 1000, "Keywords": -9223372036854775808}, True),
        ({"Channel": "Application", "EventID": 1000, "Keywords": "Classic"}, False),
        ({"Channel": "Application", "EventID": 1000, "Level": "Error"}, False),
        ({"EventID": 1000, "Level": "Error"}, True),
    ],
)
def test_what_a_log_writes(event: dict[str, Any], possible: bool) -> None:
    assert written(data(), event) is possible


def verdict(detection: dict[str, Any], category: str, query: str) -> Verdict:
    source = {"product": "windows", "category": category}
    rule = read_rule({"title": "t", "logsource": source, "detection": {"s": detection, "condition": "s"}})
    sources = load_sources(CONVERTERS / "sources")
    located = sources.located(lower(rule), rule.logsource)
    subject = Subject(Meaning(Select(located.term), EventIndex()), located.providers, sources, data())
    model = load_index_model(CONVERTERS / "indices" / "splunk_windows.yml")
    return prove_query(subject, queries_meaning([query], "spl", model.index, model.document, {}), model)


_NETWORK = 'source="XmlWinEventLog:Microsoft-Windows-Sysmon/Operational" EventCode=3 '


@pytest.mark.parametrize(
    ("detection", "query", "standing"),
    [
        ({"DestinationIp|cidr": "fe80::/10"}, 'DestinationIp="fe80::/10"', Standing.PROVEN),
        ({"Initiated": "true"}, 'NOT Initiated IN ("false", "-")', Standing.PROVEN),
        ({"Initiated": "true"}, "Initiated=*", Standing.DIFFERS),
        # every event has the field
        ({"Image": None}, 'Image=""', Standing.PROVEN),
        ({"Image": "-"}, "NOT Image=*", Standing.DIFFERS),
    ],
)
def test_only_what_a_log_writes_tells_sides_apart(
    detection: dict[str, Any], query: str, standing: Standing
) -> None:
    found = verdict(detection, "network_connection", _NETWORK + query)
    assert found.standing is standing, found
    assert all(written(data(), one.event) for one in found.differences)


@pytest.mark.parametrize(
    ("forms", "named", "told"),
    [("{a: '('}", "{a: X}", "a: "), ("{a: x}", "{b: X}", "no form 'b'")],
)
def test_a_form_that_cannot_be_read(tmp_path: Path, forms: str, named: str, told: str) -> None:
    text = f"title: t\nlinks: [x]\nforms: {forms}\nevents:\n  - {{channel: C, forms: {named}}}\n"
    (tmp_path / "e.yml").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        load_event_data(tmp_path)
