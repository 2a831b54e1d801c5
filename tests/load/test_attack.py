"""ATT&CK's names: every tag of a version has one, and tags are read as rules write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigmaproof.load import attack
from sigmaproof.load.attack import Tactic, tactic, technique, versions

FILE = json.loads(Path(attack.__file__).with_name("attack.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("attack.lateral-movement", Tactic("TA0008", "Lateral Movement")),
        ("attack.lateral_movement", Tactic("TA0008", "Lateral Movement")),
        ("Attack.Stealth", Tactic("TA0005", "Stealth")),
        ("attack.defense-evasion", Tactic("TA0005", "Defense Evasion")),
        ("attack.t1047", None),
        ("cve.2021-44228", None),
    ],
)
def test_tactics(tag: str, found: Tactic | None) -> None:
    assert tactic(tag) == found


@pytest.mark.parametrize(
    ("tag", "name", "tactics", "url"),
    [
        ("attack.t1047", "Windows Management Instrumentation", ["TA0002"], "techniques/T1047/"),
        ("attack.T1021.006", "Windows Remote Management", ["TA0008"], "techniques/T1021/006/"),
        # not in force any more, and still in rules
        ("attack.t1562.001", "Disable or Modify Tools", ["TA0005"], "techniques/T1562/001/"),
    ],
)
def test_techniques(tag: str, name: str, tactics: list[str], url: str) -> None:
    found = technique(tag)
    assert found is not None
    assert (found.name, [one.id for one in found.tactics]) == (name, tactics)
    assert found.url == f"https://attack.mitre.org/{url}"


@pytest.mark.parametrize("tag", ["attack.t9999", "attack.g0010", "attack.execution", "", "attack."])
def test_what_is_no_technique(tag: str) -> None:
    assert technique(tag) is None


def test_the_file_is_whole() -> None:
    for short, (number, name) in FILE["tactics"].items():
        assert Tactic(number, name).tag == short
    assert "The MITRE Corporation" in FILE["notice"]
    assert versions() == tuple(FILE["versions"])
    assert len(FILE["techniques"]) > 800
    for number, (name, *short) in FILE["techniques"].items():
        assert name
        assert short
        assert set(short) <= FILE["tactics"].keys()
        assert number.partition(".")[0] in FILE["techniques"]
