"""Placeholders of each version's own configuration, wherever that is, and when it does not load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from changes import FILES, changed, commit, git, summary, write

from sigmaproof.commands.diff import Request, diff_states
from sigmaproof.config import read_config
from sigmaproof.errors import UsageError
from sigmaproof.judge.diff import Diff
from sigmaproof.judge.select import everything

ADMINS = "[tool.sigmaproof.placeholders]\nadmins = ['backup']\n"
WITH = changed(
    FILES,
    {"pyproject.toml": ADMINS, "sigma_rules/robocopy.yml": {"User: backup": 'User|expand: "%admins%"'}},
)
MORE = changed(WITH, {"pyproject.toml": {"['backup']": "['backup', 'operator']"}})
RULE = "sigma_rules/robocopy.yml"


def compared(base: str, head: str | None = None, **options: Any) -> Diff:
    """`sigmaproof diff` in the working folder, with the configuration that is found there."""
    config = read_config(Path()).overridden(rules=[], fixtures=[], converters=None, targets=(), **options)
    return diff_states(config, Request(base, head, jobs=1), everything, lambda *_: None)


def below(folder: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def test_a_project_in_a_folder_of_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    write(tmp_path, below("team", WITH))
    base = commit(tmp_path)
    write(tmp_path, below("team", MORE))
    head = commit(tmp_path)
    for folder in ("team", "team/sigma_rules"):
        monkeypatch.chdir(tmp_path / folder)
        for found in (compared(base), compared(base, head)):
            rule = summary(found)["rules"][f"team/{RULE}"]
            assert rule["loses"] == ["%admins%: 'operator' added @2"]
        assert summary(compared(head, base))["rules"][f"team/{RULE}"]["gains"] == [
            "%admins%: 'operator' removed @-2"
        ]
        assert summary(compared(head))["rules"] == {}


def test_the_values_are_not_those_of_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    write(tmp_path, WITH)
    base = commit(tmp_path)
    write(tmp_path, MORE)
    head = commit(tmp_path)
    write(tmp_path, changed(WITH, {"pyproject.toml": {"'backup'": "'nobody'"}}))
    monkeypatch.chdir(tmp_path)
    found = summary(compared(base, head))["rules"][RULE]
    assert found["loses"] == ["%admins%: 'operator' added @2"]
    assert "gains" not in found
    assert "cases" not in found


def test_an_old_configuration_that_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    write(tmp_path, changed(WITH, {"pyproject.toml": "[tool.sigmaproof\n"}))
    base = commit(tmp_path)
    write(tmp_path, WITH)
    monkeypatch.chdir(tmp_path)
    found = compared(base)
    assert summary(found)["rules"][RULE]["is"] == "untouched, new"
    assert any("the old version: not valid TOML" in note for note in found.notes)
    assert any("%admins%" in note for note in found.notes)


def test_a_new_configuration_that_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    write(tmp_path, WITH)
    base = commit(tmp_path)
    write(tmp_path, changed(WITH, {"pyproject.toml": {"['backup']": "5"}}))
    head = commit(tmp_path)
    write(tmp_path, WITH)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"placeholders\.admins"):
        compared(base, head)


def test_bare_folders_of_rules_share_the_values_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "here", WITH)
    rule = WITH[RULE]
    write(tmp_path / "old", {"robocopy.yml": rule})
    write(tmp_path / "new", {"robocopy.yml": rule.replace("/purge", "/move")})
    monkeypatch.chdir(tmp_path / "here")
    found = summary(compared("../old", "../new"))
    assert found["rules"]["robocopy.yml"]["is"] == "changed, changed in meaning"
    assert found["files"] == []


def test_a_correlation_over_a_rule_with_a_placeholder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice = {
        "sigma_rules/twice.yml": (
            "title: Twice\ncorrelation:\n  type: event_count\n  rules: "
            "[00000000-0000-4000-8000-000000000001]\n"
            "  timespan: 1m\n  condition: {gte: 2}\n"
        ),
        "fixtures/twice.yml": (
            "event: {Image: 'c:\\robocopy.exe', User: operator}\ncases:\n"
            "  - {name: twice, label: malicious, events: "
            "[{at: 0s, repeat: 2, every: 1s, command_line: x /mir}]}\n"
        ),
    }
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    write(tmp_path, {**WITH, **twice})
    base = commit(tmp_path)
    write(tmp_path, {**MORE, **twice})
    monkeypatch.chdir(tmp_path)
    found = summary(compared(base))
    assert list(found["rules"]) == [RULE, "sigma_rules/twice.yml"]
    assert "sigma: silent newly missed" in found["rules"]["sigma_rules/twice.yml"]["cases"]["twice"]
