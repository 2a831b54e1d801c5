"""What `explain`, `convert`, `prove` and `list` do with correlation rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from screens import Console

RULES = """\
title: Failed logon
name: failed
logsource: {category: test, product: any}
detection:
  sel: {EventID: 4625}
  condition: sel
---
title: Logon
name: logon
logsource: {category: test, product: any}
detection:
  sel: {EventID: 4624}
  condition: sel
---
title: Failures, then a logon
name: burst
correlation:
  type: temporal_ordered
  rules: [failed, logon]
  group-by: [User]
  timespan: 1m
"""
FIXTURE = """\
cases:
  - name: in order
    label: malicious
    events:
      - {at: 0s, event: {EventID: 4625, User: a}}
      - {at: 5s, event: {EventID: 4624, User: b}}
      - {at: 9.5s, event: {EventID: 4624, User: a}}
  - name: out of order
    label: benign
    events:
      - {at: 0s, event: {EventID: 4624, User: a}}
      - {at: 5s, event: {EventID: 4625, User: a}}
"""
TARGET = "title: A SIEM\nbackend: exact_splunk\nlanguage: spl\n"


@pytest.fixture
def repository(console: Console, tmp_path: Path) -> Console:
    files = {"sigma_rules/corr.yml": RULES, "fixtures/corr.yml": FIXTURE, "converters/siem.yml": TARGET}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    console.go(tmp_path)
    return console


def test_explain_shows_a_timeline(repository: Console) -> None:
    code, out, _ = repository.run("explain", "corr", "--case", "in order", "-t", "siem")
    assert code == 0
    assert out.splitlines() == [
        "sigma: match (1)",
        "  temporal_ordered (failed, logon) by User within 1m: all rules",
        "  User: a  fires at 2026-01-01T00:00:09.500000Z",
        "    yes  2026-01-01T00:00:00Z  event 1     failed  1",
        "    yes  2026-01-01T00:00:09.500000Z  event 3     logon   2",
        "  User: b  does not fire, comes to 0",
        "    NO   2026-01-01T00:00:05Z  event 2     logon  0",
        "",
        "siem: match (1)",
        "  alerts at 2026-01-01T00:00:09.500000Z  a",
    ]


def test_explain_says_why_not(repository: Console) -> None:
    code, out, _ = repository.run("explain", "corr", "--case", "out of order")
    assert (code, out.splitlines()[0]) == (0, "sigma: no match")
    assert "User: a  does not fire, comes to 1" in out


def test_explain_reads_files(repository: Console, tmp_path: Path) -> None:
    events = '{"@timestamp": "2026-03-01T10:00:00Z", "EventID": 4625, "User": "a"}\n'
    (tmp_path / "log.ndjson").write_text(events + events.replace("4625", "4624"))
    assert "sigma: match (1)" in repository.run("explain", "corr", "--events", "log.ndjson")[1]
    (tmp_path / "log.ndjson").write_text(events.replace("@timestamp", "when"))
    assert "no event of its rules has" in repository.run("explain", "corr", "--events", "log.ndjson")[1]


def test_a_case_that_is_not_there(repository: Console) -> None:
    code, _, err = repository.run("explain", "corr", "--case", "in ordr")
    assert code == 3
    assert 'did you mean "in order"' in err


def test_a_failure_says_how_far_it_came(repository: Console, tmp_path: Path) -> None:
    fixture = tmp_path / "fixtures/corr.yml"
    fixture.write_text(FIXTURE.replace("benign", "malicious"))
    code, out, _ = repository.run("test")
    assert code == 1
    assert "User: a comes to 1" in out
    assert "siem ✗" in out


def test_convert_writes_them_and_leaves_parts_out(repository: Console, tmp_path: Path) -> None:
    code, out, _ = repository.run("convert")
    assert code == 0
    assert out.count("corr.yml") == 1
    assert "sequence" in out or "streamstats" in out
    for generated in (RULES.replace("name: burst", "generate: true"), f"{RULES}  generate: true\n"):
        (tmp_path / "sigma_rules/corr.yml").write_text(generated)
        assert repository.run("convert")[1].count("corr.yml") == 3


def test_prove_tests_them_on_sequences(repository: Console) -> None:
    code, out, _ = repository.run("prove", "-j", "1")
    assert code == 0
    assert "tested on" in out


def test_list_names_them(repository: Console) -> None:
    assert "correlation\t\tFailures, then a logon" in repository.run("list", "rules")[1]
