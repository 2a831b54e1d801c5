"""Whole runs over tiny repositories: whatever is broken is told once, with its place, and the rest runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from repository import FILES, FIXTURE, RULE, run, written

from sigmaproof.errors import Exit, UsageError
from sigmaproof.judge.results import Report

ROBOCOPY, XCOPY = "robocopy", "xcopy"
OK_RULE = FILES["sigma_rules/robocopy.yml"]
OK_FIXTURE = FILES["fixtures/robocopy.yml"]
OK_TARGET = FILES["converters/siem.yml"]


@dataclass(frozen=True)
class Broken:
    """Files to change, and what must be told: code, `file:line`, words of message and remedy."""

    name: str
    files: dict[str, str | bytes | None]
    code: str
    place: str
    says: str
    remedy: str = ""
    runs: dict[str, list[str]] = field(default_factory=lambda: {XCOPY: ["sigma", "siem"]})
    """Rules that must still run, and their sides."""


def rule(old: str, new: str) -> dict[str, Any]:
    assert old in OK_RULE
    return {"sigma_rules/robocopy.yml": OK_RULE.replace(old, new)}


def case(text: str) -> dict[str, Any]:
    return {"fixtures/robocopy.yml": f"{OK_FIXTURE}cases:\n  - {text}\n"}


def target(text: str, name: str = "siem") -> dict[str, Any]:
    return {f"converters/{name}.yml": text}


KNOWN = (
    "{name: a, label: benign, command_line: b, differs: {%s: {kind: todo, fires: true, reason: since May}}}"
)
BAD_FILTER = """\
title: F
logsource: {category: test}
filter:
  rules: any
  a: {b|contians: c}
  condition: not a
"""
BAD_PIPELINE = "name: x\npriority: 1\ntransformations:\n  - {id: a, type: nothing}\n"
BOTH = {ROBOCOPY: ["sigma", "siem"], XCOPY: ["sigma", "siem"]}
NO_SIEM = {ROBOCOPY: ["sigma"], XCOPY: ["sigma"]}

BROKEN = [
    Broken(
        "rule: not YAML",
        rule("  condition", "\tcondition"),
        "invalid-rule",
        "sigma_rules/robocopy.yml:7",
        "not valid YAML",
    ),
    Broken(
        "rule: empty",
        {"sigma_rules/robocopy.yml": ""},
        "invalid-rule",
        "sigma_rules/robocopy.yml",
        "empty",
        "delete",
    ),
    Broken(
        "rule: not UTF-8",
        {"sigma_rules/robocopy.yml": b"title: \xff\xfe\n"},
        "invalid-rule",
        "sigma_rules/robocopy.yml:1",
        "not UTF-8",
        "save the file",
    ),
    Broken(
        "rule: unknown modifier",
        rule("contains", "contians"),
        "invalid-rule",
        "sigma_rules/robocopy.yml:6",
        "contians",
        "contains",
    ),
    Broken(
        "rule: bad condition",
        rule("condition: one", "condition: one and (two"),
        "invalid-rule",
        "sigma_rules/robocopy.yml:7",
        "condition",
    ),
    Broken(
        "rule: condition names nothing",
        rule("condition: one", "condition: two"),
        "invalid-rule",
        "sigma_rules/robocopy.yml:7",
        "two",
        "one",
    ),
    Broken(
        "rule: broken regular expression",
        rule("contains: robocopy", "re: '(robo'"),
        "invalid-rule",
        "sigma_rules/robocopy.yml:6",
        "regular expression",
    ),
    Broken(
        "correlation: refers to no rule",
        {"sigma_rules/robocopy.yml": "title: C\ncorrelation: {type: event_count}\n"},
        "invalid-rule",
        "sigma_rules/robocopy.yml:2",
        "refers to no rule",
        "under `rules:`",
    ),
    Broken(
        "correlation: its rule is broken",
        {
            "sigma_rules/robocopy.yml": "title: C\ncorrelation:\n  type: temporal\n  timespan: 1m\n"
            "  rules: [base]\n",
            "sigma_rules/base.yml": OK_RULE.replace("title", "name: base\ntitle").replace(
                "contains", "contians"
            ),
        },
        "invalid-rule",
        "sigma_rules/base.yml:7",
        "contians",
        "contains",
    ),
    Broken(
        "correlation: an inner one refers to nothing",
        {
            "sigma_rules/robocopy.yml": "title: C\ncorrelation:\n  type: temporal\n  timespan: 1m\n"
            "  rules: [inner]\n",
            "sigma_rules/base.yml": "title: I\nname: inner\ncorrelation:\n  type: temporal\n  timespan: 1m\n"
            "  rules:\n    - robocpy\n",
        },
        "invalid-rule",
        "sigma_rules/base.yml:7",
        '"robocpy"',
        "same file",
    ),
    Broken(
        "rule: id twice",
        rule("000000001", "000000002"),
        "invalid-rule",
        "sigma_rules/xcopy.yml:2",
        "already used by",
        "new id",
        {ROBOCOPY: ["sigma", "siem"]},
    ),
    Broken(
        "filter: unknown modifier",
        {"sigma_rules/f.yml": BAD_FILTER},
        "invalid-rule",
        "sigma_rules/f.yml:5",
        "contians",
        "contains",
        BOTH,
    ),
    Broken(
        "fixture: typo in a key",
        {"fixtures/robocopy.yml": OK_FIXTURE.replace("benign", "bening")},
        "invalid-fixture",
        "fixtures/robocopy.yml:3",
        'did you mean "benign"',
        "known keys",
        BOTH,
    ),
    Broken(
        "fixture: not YAML",
        {"fixtures/robocopy.yml": "malicious: |\n  a\n benign: ]"},
        "invalid-fixture",
        "fixtures/robocopy.yml:3",
        "not valid YAML",
    ),
    Broken(
        "fixture: no rule",
        {"fixtures/robocpy.yml": OK_FIXTURE},
        "invalid-fixture",
        "fixtures/robocpy.yml",
        "robocpy",
        "rule:",
        BOTH,
    ),
    Broken(
        "fixture: rule is ambiguous",
        {"sigma_rules/more/robocopy.yml": RULE.format(name="robocopy", number=3)},
        "invalid-fixture",
        "fixtures/robocopy.yml",
        "ambiguous",
        "id",
    ),
    Broken(
        "case: unknown label",
        case("{name: a, label: malicous, command_line: b}"),
        "invalid-fixture",
        "fixtures/robocopy.yml:6",
        'did you mean "malicious"',
        runs=BOTH,
    ),
    Broken(
        "case: differs names no target",
        case(KNOWN % "seim"),
        "invalid-fixture",
        "fixtures/robocopy.yml:6",
        'did you mean "siem"',
        "targets here: siem",
        BOTH,
    ),
    Broken(
        "case: no such file",
        case("{name: a, label: benign, file: data/gone.evtx}"),
        "invalid-fixture",
        "fixtures/robocopy.yml:6",
        "data/gone.evtx",
        "spelling",
        BOTH,
    ),
    Broken(
        "target: backend is not installed",
        target("title: T\nbackend: splnk\nlanguage: spl\n", "other"),
        "invalid-target",
        "converters/other.yml",
        'did you mean "splunk"',
        "pip install",
        BOTH,
    ),
    Broken(
        "target: the only one does not load",
        target("title: T\nbackend: nothing_like_it\n"),
        "invalid-target",
        "converters/siem.yml",
        "not installed",
        "pip install",
        NO_SIEM,
    ),
    Broken(
        "target: unknown pipeline",
        target("title: T\nbackend: splunk\npipelines: [splunk_windos]\n", "other"),
        "invalid-target",
        "converters/other.yml",
        'did you mean "splunk_windows"',
        "",
        BOTH,
    ),
    Broken(
        "target: unknown output format",
        target("title: T\nbackend: splunk\noutput_format: savedsearchs\n", "other"),
        "invalid-target",
        "converters/other.yml",
        'did you mean "savedsearches"',
        "",
        BOTH,
    ),
    Broken(
        "target: unknown index",
        target("title: T\nbackend: splunk\nindex: windows\n", "other"),
        "invalid-target",
        "converters/other.yml:3",
        'no index model "windows"',
        "",
        BOTH,
    ),
    Broken(
        "target: broken index",
        target("title: T\nbackend: splunk\nindex: bad\n", "other")
        | {"converters/indices/bad.yml": "titel: x\n"},
        "invalid-index",
        "converters/indices/bad.yml:1",
        "`title` is missing",
        "",
        BOTH,
    ),
    Broken(
        "target: broken pipeline",
        target("title: T\nbackend: splunk\npipelines: [bad]\n", "other")
        | {"converters/pipelines/bad.yml": BAD_PIPELINE},
        "invalid-pipeline",
        "converters/pipelines/bad.yml:4",
        'type "nothing"',
        "",
        BOTH,
    ),
    Broken(
        "target: unknown key",
        target("title: T\nbackend: splunk\npipeline: [x]\n", "other"),
        "invalid-target",
        "converters/other.yml:3",
        'did you mean "pipelines"',
        "",
        BOTH,
    ),
    Broken(
        "source model: broken",
        {"converters/sources/bad.yml": "titel: x\n"},
        "invalid-source",
        "converters/sources/bad.yml:1",
        "`title` is missing",
        runs={},
    ),
]


def shown(report: Report, root: Path) -> list[str]:
    return [
        f"{one.code} {one.place} {one.message} | {one.help}".replace(f"{root}/", "")
        for one in report.problems
    ]


def sides(report: Report) -> dict[str, list[str]]:
    """Per rule, the sides that say the right thing about every case that loads."""
    found: dict[str, list[str]] = {}
    for rule_result, _, outcome in report.outcomes():
        names = found.setdefault(rule_result.name, [])
        if outcome.side not in names:
            names.append(outcome.side)
        assert outcome.status == "pass", outcome
    return found


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_broken_input(broken: Broken, tmp_path: Path) -> None:
    root = written(tmp_path, broken.files)
    report = run(root)
    told = [
        problem
        for problem in report.problems
        if problem.code == broken.code and str(problem.place).removeprefix(f"{root}/") == broken.place
    ]
    assert told, shown(report, root)
    assert broken.says in told[0].message, told[0]
    assert broken.remedy in told[0].message + told[0].help, told[0]
    assert len({problem.message for problem in report.problems}) == len(report.problems), shown(report, root)
    assert sides(report) == broken.runs
    assert report.exit_code == Exit.BROKEN_INPUT


def test_one_message_for_one_mistake(tmp_path: Path) -> None:
    """What follows from a broken rule or target is not told beside it."""
    for number, broken in enumerate(BROKEN):
        root = written(tmp_path / str(number), broken.files)
        report = run(root)
        assert len(report.problems) == 1, (broken.name, shown(report, root))


def test_a_repository_without_mistakes(tmp_path: Path) -> None:
    report = run(written(tmp_path, {}))
    assert report.problems == ()
    assert sides(report) == BOTH
    assert report.exit_code == Exit.EXPECTED
    assert report.targets == ("siem",)


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_cut_event_log(kept: int, tmp_path: Path) -> None:
    """The case is an error with its remedy; the cases beside it are judged."""
    log = b"ElfFile\x00" + bytes(kept)
    files = case("{name: cut, label: malicious, file: cut.evtx}") | {"fixtures/cut.evtx": log}
    report = run(written(tmp_path, files))
    cut = [outcome for _, one, outcome in report.outcomes() if one.case.name == "cut"]
    assert [(outcome.side, str(outcome.status), str(outcome.code)) for outcome in cut] == [
        ("sigma", "error", "invalid-fixture"),
        ("siem", "error", "invalid-fixture"),
    ]
    assert all(outcome.message and outcome.help for outcome in cut)
    rest = [outcome.status for _, one, outcome in report.outcomes() if one.case.name != "cut"]
    assert len(rest) == 8
    assert set(rest) == {"pass"}
    assert report.exit_code == Exit.BROKEN_INPUT


UNKNOWN = [("seim", 'did you mean "siem"'), ("pipelines/x", ""), ("../converters/siem", ""), ("", "")]


@pytest.mark.parametrize(("name", "hint"), UNKNOWN)
def test_a_target_that_is_not_there(name: str, hint: str, tmp_path: Path) -> None:
    root = written(tmp_path, {"converters/pipelines/x.yml": "name: x\npriority: 1\ntransformations: []\n"})
    with pytest.raises(UsageError) as caught:
        run(root, (name,))
    assert hint in caught.value.problem.message
    assert "siem" in caught.value.problem.help


def test_a_target_named_twice_is_one(tmp_path: Path) -> None:
    assert run(written(tmp_path, {}), ("siem", "siem")).targets == ("siem",)


def test_without_targets_differences_are_not_judged(tmp_path: Path) -> None:
    report = run(written(tmp_path, case(KNOWN % "siem") | {"converters/siem.yml": None}))
    assert report.problems == ()
    assert sides(report) == NO_SIEM


def test_a_defect_of_ours_is_told_and_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sigmaproof.judge import suite

    real = suite.judge_case

    def failing(case: Any, *rest: Any) -> Any:
        if case.text == "run robocopy now":
            raise ZeroDivisionError("oh")
        return real(case, *rest)

    monkeypatch.setattr(suite, "judge_case", failing)
    report = run(written(tmp_path, {}))
    assert [problem.code for problem in report.problems] == ["internal-error"]
    assert "ZeroDivisionError" in report.problems[0].message
    assert sides(report) == {XCOPY: ["sigma", "siem"]}


def test_a_log_source_that_is_not_known_is_reported(tmp_path: Path) -> None:
    report = run(written(tmp_path, {}))
    assert {note for rule_result in report.rules for note in rule_result.notes} == {
        "unknown log source: category: test, product: any"
    }


def test_the_order_is_that_of_the_files(tmp_path: Path) -> None:
    files = {f"sigma_rules/{name}.yml": RULE.format(name=name, number=n) for n, name in enumerate("bac", 3)}
    files |= {f"fixtures/{name}.yml": FIXTURE.format(name=name) for name in "bac"}
    report = run(written(tmp_path, files))
    assert [one.name for one in report.rules] == ["a", "b", "c", ROBOCOPY, XCOPY]
