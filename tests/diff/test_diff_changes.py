"""What changes do, from data/changes.yml: between commits, in the working tree, between folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from changes import FILES, changed, commit, compared, repository, summary, write

CASES = yaml.safe_load((Path(__file__).parent / "data" / "changes.yml").read_text(encoding="utf-8"))


def expected(case: dict[str, Any]) -> dict[str, Any]:
    return {
        "rules": case["rules"],
        "exit": case.get("exit", 0),
        "files": case.get("files", []),
        "problems": case.get("problems", []),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_between_a_commit_and_the_working_tree(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = changed(FILES, case.get("before", {}))
    base = repository(tmp_path, before)
    write(tmp_path, changed(before, case["change"]))
    monkeypatch.chdir(tmp_path)
    assert summary(compared(base)) == expected(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_between_two_commits(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = changed(FILES, case.get("before", {}))
    base = repository(tmp_path, before)
    write(tmp_path, changed(before, case["change"]))
    head = commit(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert summary(compared(base, head)) == expected(case)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_between_two_folders(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = changed(FILES, case.get("before", {}))
    write(tmp_path / "old", before)
    write(tmp_path / "new", changed(before, case["change"]))
    monkeypatch.chdir(tmp_path)
    assert summary(compared("old", "new")) == expected(case)
