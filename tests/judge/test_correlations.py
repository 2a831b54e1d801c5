"""Correlation rules under fixtures: counts, groups and times; what is wrong is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import run, written

from sigmaproof.errors import Exit
from sigmaproof.judge.results import Outcome, Report
from sigmaproof.judge.verdicts import SIGMA, Status

RULES = """\
title: Failed logon
name: failed
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4625}
  condition: sel
---
title: Started
name: started
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '\\a.exe'}
  condition: sel
---
title: Three failures, then a start
name: burst
correlation:
  type: event_count
  rules: [failed]
  group-by: [User]
  timespan: 1m
  condition: {gte: 3}
"""
SOURCES = """\
title: Windows
product: windows
links: [https://example.org]
channels:
  sysmon: {channel: Sysmon}
  security: {channel: Security}
log_sources:
  - {service: security, events: [{channel: security}]}
  - category: process_creation
    events:
      - {channel: sysmon, event_id: 1}
      - {channel: security, event_id: 4688, fields: {Image: NewProcessName, User: SubjectUserName}}
"""
THREE = "events: [{at: 0s, repeat: 3, every: 10s, event: {EventID: 4625, User: a}}]"


def report(root: Path, case: str, rules: str = RULES, **more: str) -> Report:
    files: dict[str, str | None] = {
        "sigma_rules/corr.yml": rules,
        "fixtures/corr.yml": f"cases:\n  - {{name: c, {case}}}\n",
        "converters/sources/windows.yml": SOURCES,
    }
    for name in ("robocopy", "xcopy"):
        files[f"sigma_rules/{name}.yml"] = files[f"fixtures/{name}.yml"] = None
    return run(written(root, {**files, **more}))


def outcome(found: Report) -> Outcome:
    assert not found.problems
    (rule,) = found.rules
    (case,) = rule.cases
    return next(one for one in case.outcomes if one.side == SIGMA)


@pytest.mark.parametrize(
    ("case", "status", "code", "message"),
    [
        (f"label: malicious, {THREE}", "pass", None, ""),
        (f"label: malicious, {THREE}, matches: 1", "pass", None, ""),
        (f"label: malicious, {THREE}, matches: 2", "fail", "missed", "finds 1, the case wants 2"),
        (f"label: benign, {THREE}", "fail", "false-alarm", "labelled benign"),
        (f"label: malicious, {THREE}, groups: [{{group: {{User: a}}}}]", "pass", None, ""),
        (
            f"label: malicious, {THREE}, groups: [{{group: {{User: a}}, at: 20s, matches: 1}}]",
            "pass",
            None,
            "",
        ),
        (
            f"label: malicious, {THREE}, groups: [{{group: {{User: a}}, at: 10s}}]",
            "fail",
            "differs",
            "for User: a after 20 s, the case wants 10 s",
        ),
        (
            f"label: malicious, {THREE}, groups: [{{group: {{User: b}}}}]",
            "fail",
            "missed",
            "not for User: b, the case wants at least 1",
        ),
        (
            f"label: malicious, {THREE}, groups: [{{group: {{User: a}}, matches: 2}}]",
            "fail",
            "missed",
            "1 times for User: a, the case wants 2",
        ),
        (
            "label: malicious, groups: [{group: {User: a}}], events: ["
            "{at: 0s, repeat: 3, every: 1s, event: {EventID: 4625, User: a}},"
            "{at: 0s, repeat: 3, every: 1s, event: {EventID: 4625, User: b}}]",
            "fail",
            "false-alarm",
            "for User: b, a group that the case does not name",
        ),
        (
            f"label: malicious, {THREE}, groups: [{{group: {{Usr: a}}}}]",
            "error",
            "invalid-fixture",
            'groups by User, not by Usr (did you mean "User"?)',
        ),
        (
            "label: malicious, start: '2026-03-01T00:00:00Z', groups: [{group: {User: a}, at: 20s}],"
            f"{THREE}",
            "pass",
            None,
            "",
        ),
        (
            "label: benign, events: [{at: 0s, repeat: 3, every: 31s, event: {EventID: 4625, User: a}}]",
            "pass",
            None,
            "",
        ),
        (
            "label: benign, events: [{at: 0s, repeat: 9, every: 1s, event: {EventID: 4624, User: a}}]",
            "pass",
            None,
            "",
        ),
        (
            f"label: malicious, {THREE}, matches: 2, todo: only one burst is seen",
            "gap",
            None,
            "only one burst",
        ),
    ],
)
def test_cases(tmp_path: Path, case: str, status: str, code: str | None, message: str) -> None:
    found = outcome(report(tmp_path, case))
    assert (str(found.status), found.code and str(found.code)) == (status, code), found.message
    assert message in found.message


def test_a_target_answers_on_timelines(tmp_path: Path) -> None:
    found = report(tmp_path, f"label: malicious, {THREE}")
    (case,) = found.rules[0].cases
    (target,) = (one for one in case.outcomes if one.side != SIGMA)
    assert (target.side, target.status, target.matches) == ("siem", Status.PASS, 1)
    assert found.rules[0].conversions[0].queries
    assert found.exit_code is Exit.EXPECTED


TWO_SOURCES = (
    RULES.replace("rules: [failed]", "rules: [failed, started]")
    .replace("type: event_count", "type: temporal")
    .replace("  condition: {gte: 3}\n", "")
)


def test_events_come_from_the_log_source_that_their_id_names(tmp_path: Path) -> None:
    failure = "{at: 0s, event: {EventID: 4625, User: %s}}"
    start = "{at: 1s, event: {EventID: %s, Image: 'C:\\a.exe', User: %s}}"
    events = ", ".join([failure % "a", failure % "b", failure % "c"])
    events += ", " + ", ".join([start % (4688, "a"), start % (1, "b"), start % (2, "c")])
    groups = "[{group: {User: a}}, {group: {User: b}}]"
    case = f"label: malicious, matches: 2, groups: {groups}, events: [{events}]"
    assert outcome(report(tmp_path, case, TWO_SOURCES)).status is Status.PASS


def test_an_event_that_may_come_from_anywhere_is_refused(tmp_path: Path) -> None:
    found = outcome(report(tmp_path, "label: benign, events: [{at: 0s, event: {User: a}}]", TWO_SOURCES))
    assert found.status is Status.ERROR
    assert "which of the rule's log sources" in found.message
    assert "EventID" in found.help


def test_base_rules_in_other_files_and_filters(tmp_path: Path) -> None:
    base, _, burst = RULES.split("---\n")
    filter_ = "title: F\nlogsource: {product: windows, service: security}\nfilter:\n  rules: [failed]\n"
    filter_ += "  admin: {User: a}\n  condition: not admin\n"
    files = {"sigma_rules/base.yml": base}
    assert outcome(report(tmp_path, f"label: malicious, {THREE}", burst, **files)).status is Status.PASS
    files["sigma_rules/filter.yml"] = filter_
    assert outcome(report(tmp_path, f"label: benign, {THREE}", burst, **files)).status is Status.PASS


def test_doubts_and_unknown_log_sources_are_notes(tmp_path: Path) -> None:
    rules = RULES.replace("gte: 3", "gte: 3, lt: 2").replace("service: security", "service: unheard_of")
    (rule,) = report(tmp_path, f"label: benign, {THREE}", rules).rules
    assert any("unknown log source" in note for note in rule.notes)
    assert any("never-fires" in note for note in rule.notes)


def test_groups_are_for_correlation_rules(tmp_path: Path) -> None:
    single = RULES.split("---\n")[0]
    case = f"label: malicious, {THREE}, groups: [{{group: {{User: a}}}}]"
    found = outcome(report(tmp_path, case, single))
    assert found.status is Status.FAIL
    assert "correlation rules" in found.message
