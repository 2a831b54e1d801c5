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


CORRELATION = """\
title: A logon
name: logon
logsource: {product: windows, service: security}
detection:
  sel: {EventID: 4624}
  condition: sel
---
title: A rule
name: wmic
logsource: {category: process_creation, product: windows}
detection:
  sel:
    Image|endswith: '\\wmic.exe'
  condition: sel
---
title: A correlation
correlation:
  type: temporal
  rules: [logon, wmic]
  group-by: [Computer, session]
  timespan: 5m
  aliases:
    session:
      logon: TargetLogonId
      wmic: LogonId
"""
SEQUENCES = """\
cases:
  - name: both
    label: malicious
    events:
      - {at: 0s, event: {EventID: 4624, Computer: a, TargetLogonId: '0x1'}}
      - {at: 1s, event: {EventID: 1, Computer: a, LogonId: '0x1', Image: 'C:\\wmic.exe'}}
  - name: two computers
    label: benign
    events:
      - {at: 0s, event: {EventID: 4624, Computer: a, TargetLogonId: '0x1'}}
      - {at: 1s, event: {EventID: 1, Computer: b, LogonId: '0x1', Image: 'C:\\wmic.exe'}}
"""


def with_condition(condition: str, kind: str = "event_count", rules: str = "[wmic]") -> str:
    head, _, _ = CORRELATION.partition("correlation:")
    return f"{head}correlation:\n  type: {kind}\n  rules: {rules}\n  timespan: 5m\n  condition: {condition}\n"


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
    "always-fires": (with_condition("{gte: 1}"), SEQUENCES, 21),
    "never-fires": (with_condition("{eq: 0}"), SEQUENCES, 21),
    "absence": (with_condition("{lt: 3}"), SEQUENCES, 21),
    "long-timespan": (CORRELATION.replace("5m", "25h"), SEQUENCES, 21),
    "timespan-unit": (CORRELATION.replace("5m", "1w"), SEQUENCES, 21),
    "idle-key": (with_condition("{field: Image, gte: 3}"), SEQUENCES, 21),
    "unused-rule": (with_condition("wmic", "temporal", "[logon, wmic]"), SEQUENCES, 19),
    "rule-twice": (CORRELATION.replace("[logon, wmic]", "[logon, wmic, logon]"), SEQUENCES, 19),
    "unused-alias": (CORRELATION.replace("[Computer, session]", "[Computer]"), SEQUENCES, 22),
    "no-benign-sequence": (
        CORRELATION,
        SEQUENCES.replace(
            "      - {at: 0s, event: {EventID: 4624, Computer: a, TargetLogonId: '0x1'}}\n"
            "      - {at: 1s, event: {EventID: 1, Computer: b",
            "      - {at: 1s, event: {EventID: 1, Computer: b",
        ),
        0,
    ),
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


def test_a_good_correlation(tmp_path: Path) -> None:
    found = check(write(tmp_path, CORRELATION, SEQUENCES))
    assert (found.exit_code, told(found)) == (Exit.EXPECTED, [])


# what is put for what, and what is told of it where
ASKED = [
    (
        "wmic: LogonId",
        "wmic: LogonID",
        "unknown-field",
        25,
        "events of `wmic` have no field 'LogonID'",
    ),
    ("      wmic: LogonId\n", "", "unknown-field", 20, "events of `wmic` have no field 'session'"),
    ("[Computer, session]", "[Compter, session]", "unknown-field", 20, 'did you mean "Computer"?'),
    ("[Computer, session]", "[Computer, session, Opcode]", "unmapped-field", 20, "keeps nothing of 'Opcode'"),
    (
        "      wmic: LogonId",
        "      wmic: LogonId\n      A rule: x",
        "invalid-rule",
        26,
        "for a rule that is not there",
    ),
    ("[logon, wmic]", "[logon, wmik]", "invalid-rule", 19, 'did you mean "wmic"?'),
    ("[logon, wmic]", "[logon, A rule]", "invalid-rule", 19, "is a title, not a name or an id"),
    ("[logon, wmic]", "[wmic]", "unused-alias", 22, "session is for logon, which `rules` does not name"),
    ("5m", "0m", "invalid-rule", 21, "longer than nothing"),
    ("5m", "5", "invalid-rule", 21, "is no timespan"),
    ("type: temporal", "type: temporl", "invalid-rule", 18, 'did you mean "temporal"?'),
    ("{EventID: 4624}", "{EventID|x: 4624}", "invalid-rule", 5, "unknown modifier"),
]


@pytest.mark.parametrize(("old", "new", "code", "line", "words"), ASKED, ids=[one[1][:24] for one in ASKED])
def test_what_a_correlation_asks_of_its_rules(
    old: str, new: str, code: str, line: int, words: str, tmp_path: Path
) -> None:
    found = check(write(tmp_path, CORRELATION.replace(old, new), SEQUENCES))
    every = (*found.problems, *found.doubts)
    assert (code, line) in told(found)
    assert any(words in one.message for one in every if one.code == code)
    assert len(found.problems) == (code == "invalid-rule")


def test_an_event_id_says_which_of_a_channel(tmp_path: Path) -> None:
    """Of the Security log every event is meant, and only those that are listed have known fields."""
    for number, codes in ((4688, ["unknown-field"]), (4624, [])):
        rule = CORRELATION.replace("4624", str(number)).replace("logon: TargetLogonId", "logon: TargetLogon")
        found = check(write(tmp_path, rule, SEQUENCES))
        assert [code for code, _ in told(found)] == codes


def test_fields_that_collection_adds_are_there(tmp_path: Path) -> None:
    for field, codes in (("WmicNode", []), ("WmicNod", ["unknown-field"])):
        rule = with_condition(f"{{field: {field}, gte: 3}}", "value_count")
        assert [code for code, _ in told(check(write(tmp_path, rule, SEQUENCES)))] == codes


def test_generate_is_for_rules_of_the_same_file(tmp_path: Path) -> None:
    generating = CORRELATION + "  generate: true\n"
    assert told(check(write(tmp_path, generating, SEQUENCES))) == []
    head, _, alone = generating.rpartition("---\n")
    write(tmp_path, head, "", "base")
    found = check(write(tmp_path, alone, SEQUENCES), ignored=("no-fixture",))
    assert told(found) == [("idle-key", 11)]


def test_a_correlation_over_correlations(tmp_path: Path) -> None:
    first = CORRELATION.replace("title: A correlation\n", "title: A correlation\nname: both\n")
    over = "---\ntitle: Often\ncorrelation:\n  type: event_count\n  rules: [both]\n  group-by: [{}]\n"
    over += "  timespan: 1h\n  condition: {{gte: 3}}\n"
    for by, codes in (("session", []), ("Computer", []), ("Sesion", ["unknown-field"])):
        found = check(write(tmp_path, first + over.format(by), SEQUENCES))
        assert [code for code, _ in told(found)] == codes


def test_a_correlation_without_a_fixture_is_told_by_its_title(tmp_path: Path) -> None:
    (doubt,) = check(write(tmp_path, CORRELATION, "")).doubts
    assert doubt.message == 'no fixture tests the rule "A correlation"'


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
