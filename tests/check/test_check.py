"""`check`: each doubt in the smallest repository that gives it, and nothing where nothing is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sigmaproof.commands.check import checked, rendered
from sigmaproof.config import Config, read_config
from sigmaproof.errors import Exit, UsageError
from sigmaproof.judge.check import Checked
from sigmaproof.report.codes import DOUBTS
from sigmaproof.report.style import Paint

ROOT = Path(__file__).parents[2]
RULE = """\
title: A rule
logsource: {category: process_creation, product: windows}
detection:
  sel:
    Image|endswith: '\\wmic.exe'
  condition: sel
"""
FIXTURE = """\
event: {Image: 'C:\\Windows\\System32\\wbem\\WMIC.exe'}
malicious: |
  wmic os get caption
benign: |
  whoami
"""


def check(folder: Path, *paths: Path, ignored: tuple[str, ...] = ()) -> Checked:
    config = Config(
        rules=(folder / "sigma_rules",),
        fixtures=(folder / "fixtures",),
        converters=ROOT / "converters",
        targets=("elastic-eql", "elastic-lucene", "splunk"),
    )
    return checked(config, paths, ignored)


def write(folder: Path, rule: str = RULE, fixture: str = FIXTURE, name: str = "rule") -> Path:
    for kind, text in (("sigma_rules", rule), ("fixtures", fixture)):
        (folder / kind).mkdir(exist_ok=True)
        if text:
            (folder / kind / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def told(found: Checked) -> list[tuple[str, int]]:
    every = (*found.problems, *found.doubts, *found.notes)
    return [(one.code, one.place.line if one.place else 0) for one in every]


def with_item(item: str) -> str:
    return RULE.replace("Image|endswith: '\\wmic.exe'", item)


# code: the rule, the fixture, the line that is told
CASES: dict[str, tuple[str, str, int]] = {
    "no-fixture": (RULE, "", 1),
    "no-benign": (RULE, FIXTURE.partition("benign")[0], 0),
    "no-malicious": (RULE, "benign: |\n  a\n", 0),
    "duplicate-title": (f"{RULE}---\n{RULE}", FIXTURE, 8),
    "changed-text": (with_item("LogonId: 0x3e7"), FIXTURE, 5),
    "unknown-log-source": (RULE.replace("windows", "plan9"), FIXTURE, 2),
    "unknown-field": (with_item("CommandLin: x"), FIXTURE, 5),
    "unmapped-field": (with_item("Opcode: Info"), FIXTURE, 5),
    "regex-not-sayable": (with_item("CommandLine|re: 'a\\bb|x(^y)'"), FIXTURE, 5),
    "all-of-one": (with_item("CommandLine|contains|all: x"), FIXTURE, 5),
    "base64-any-case": (with_item("CommandLine|base64|contains: x"), FIXTURE, 5),
    "base64offset-whole": (with_item("CommandLine|base64offset|cased: powershell"), FIXTURE, 5),
    "number-as-text": (with_item("CommandLine|contains: 5"), FIXTURE, 5),
    "quoted-number": (with_item("ProcessId|gt: '5'"), FIXTURE, 5),
    "null-in-list": (with_item("CommandLine: [null, a]"), FIXTURE, 5),
    "nothing-selected": (RULE.replace("condition: sel", "condition: sel or 1 of other*"), FIXTURE, 6),
    "quantifier": (RULE.replace("condition: sel", "condition: 2 of sel*"), FIXTURE, 6),
    "capitals": (RULE.replace("condition: sel", "condition: NOT sel"), FIXTURE, 6),
    "filter-keeps": (
        RULE.replace("detection:", "filter:\n  rules: any").replace("title: A rule", "title: F"),
        "",
        7,
    ),
    "field-case": (with_item("Image: a\n    image: b"), FIXTURE, 3),
    "timeframe": (RULE.replace("  sel:", "  timeframe: 5m\n  sel:"), FIXTURE, 4),
}


def test_every_doubt_has_a_case() -> None:
    assert set(CASES) == set(DOUBTS)


@pytest.mark.parametrize("code", CASES)
def test_doubts(code: str, tmp_path: Path) -> None:
    rule, fixture, line = CASES[code]
    found = check(write(tmp_path, rule, fixture))
    assert found.problems == ()
    assert (code, line) in told(found)
    assert found.exit_code == (Exit.EXPECTED if found.doubts == () else Exit.VERDICT)
    without = check(tmp_path, ignored=(code,))
    assert (code, line) not in told(without)


def test_a_good_repository(tmp_path: Path) -> None:
    found = check(write(tmp_path))
    assert (found.exit_code, told(found), found.files) == (Exit.EXPECTED, [], 2)


def test_our_own_repository() -> None:
    config = read_config(ROOT).overridden(rules=(), fixtures=(), converters=None, targets=())
    assert told(checked(config, (), ())) == []


GOOD = [
    "CommandLine: 'no'",
    "EventID: 1",
    "ProcessId: 0",
    "CommandLine: '0x3e7'",
    "Hashes|contains: 'MD5='",
    "CommandLine|re: '(?i)a+b'",
    "OriginalFileName: wmic.exe",
    "User: null",
    "ParentImage|exists: true",
]


@pytest.mark.parametrize("item", GOOD)
def test_what_is_fine(item: str, tmp_path: Path) -> None:
    assert told(check(write(tmp_path, with_item(item)))) == []


@pytest.mark.parametrize("value", ["0x3e7", "0123", "1_000", "12:30:45", "no", "yes", "1e3", "0b11"])
def test_values_that_yaml_changes(value: str, tmp_path: Path) -> None:
    found = check(write(tmp_path, with_item(f"CommandLine: {value}"))).doubts
    changed = [one for one in found if one.code == "changed-text"]
    # PyYAML reads 1e3 as text: its floats need a dot
    assert [value in one.message for one in changed] == ([] if value == "1e3" else [True])


def test_hints_name_the_nearest_field(tmp_path: Path) -> None:
    (doubt,) = check(write(tmp_path, with_item("CommandLin: x"))).doubts
    assert 'did you mean "CommandLine"?' in doubt.message


BROKEN = [
    ("title: [", FIXTURE, "invalid-rule"),
    (RULE.replace("endswith", "endswit"), FIXTURE, "invalid-rule"),
    (RULE.replace("condition: sel", "condition: sel and"), FIXTURE, "invalid-rule"),
    (RULE, "malicous: |\n  a\n", "invalid-fixture"),
    (RULE, "malicious:\n  - a # b\nbenign: |\n  c\n", "invalid-fixture"),
    (RULE, "rule: other\n" + FIXTURE, "invalid-fixture"),
    (
        RULE,
        FIXTURE + "cases:\n  - {name: a, label: benign, command_line: a, differs: {splnk: {kind: never, "
        "fires: true, reason: a}}}\n",
        "invalid-fixture",
    ),
    (with_item("CommandLine|re: '(?=a)b'"), FIXTURE, "unsupported"),
]


@pytest.mark.parametrize(("rule", "fixture", "code"), BROKEN)
def test_what_does_not_load(rule: str, fixture: str, code: str, tmp_path: Path) -> None:
    found = check(write(tmp_path, rule, fixture))
    assert code in [one.code for one in found.problems]
    assert found.exit_code == Exit.BROKEN_INPUT


def test_a_broken_rule_does_not_hide_the_others(tmp_path: Path) -> None:
    write(tmp_path, with_item("CommandLin: x"), name="other")
    found = check(write(tmp_path, "title: ["))
    # its fixture is no second mistake
    assert [one.code for one in found.problems] == ["invalid-rule"]
    assert "unknown-field" in [one.code for one in found.doubts]


def test_paths_narrow_what_is_told(tmp_path: Path) -> None:
    write(tmp_path, with_item("CommandLin: x"), name="one")
    write(tmp_path, with_item("CommandLin: y").replace("A rule", "Another"), name="two")
    assert len(check(tmp_path).doubts) == 2
    (only,) = check(tmp_path, tmp_path / "sigma_rules" / "two.yml").doubts
    assert only.place is not None
    assert only.place.path.name == "two.yml"
    assert len(check(tmp_path, tmp_path / "sigma_rules").doubts) == 2
    assert check(tmp_path, tmp_path / "fixtures").doubts == ()


def test_an_unknown_code_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no-benin") as error:
        check(write(tmp_path), ignored=("no-benin",))
    assert 'did you mean "no-benign"?' in error.value.problem.message


def test_nothing_to_check(tmp_path: Path) -> None:
    for name in ("sigma_rules", "fixtures"):
        (tmp_path / name).mkdir()
    found = check(tmp_path)
    assert found.exit_code == Exit.VERDICT
    assert "nothing to check" in rendered(found, "text", Paint())


def test_formats_say_the_same(tmp_path: Path) -> None:
    write(tmp_path, "title: [", name="broken")
    found = check(write(tmp_path, with_item("CommandLin: x"), ""))
    codes = [code for code, _ in told(found)]
    assert len(codes) == 3
    document = json.loads(rendered(found, "json", Paint()))
    assert [one["code"] for one in document["findings"]] == codes
    assert [one["code"] for one in document["findings"] if one["level"] == "error"] == ["invalid-rule"]
    (run,) = json.loads(rendered(found, "sarif", Paint()))["runs"]
    assert [one["ruleId"] for one in run["results"]] == codes
    levels = re.findall(r"^::(error|warning|notice) ", rendered(found, "github", Paint()), re.MULTILINE)
    assert levels == ["error", "warning", "warning"]
    text = rendered(found, "text", Paint())
    assert all(f"[{code}]" in text for code in codes)
    assert text.endswith("1 error · 2 warnings · 3 files")
