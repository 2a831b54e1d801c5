"""Screens of `diff`: the sample repository against changed copies of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from screens import SAMPLE, Console
from syrupy.assertion import SnapshotAssertion

WHOAMI, CERTUTIL = "sigma_rules/whoami_privileges.yml", "sigma_rules/certutil_download.yml"
CHANGES: dict[str, dict[str, tuple[str, str]]] = {
    "nothing": {},
    "metadata": {WHOAMI: ("level: medium", "level: high")},
    "other": {WHOAMI: ("[' /priv', ' -priv']", "[' /priv', ' /groups', '-p']")},
    "broken": {WHOAMI: ("condition: ", "condition: nothing or "), CERTUTIL: ("endswith", "contains")},
    "target": {"converters/splunk.yml": ("language: spl", "language: spl\npipelines: [splunk_windows]")},
}


def folders(tmp_path: Path, change: str) -> None:
    for name in ("old", "new"):
        shutil.copytree(SAMPLE, tmp_path / name)
    shutil.copy(SAMPLE / "pyproject.toml", tmp_path)
    for path, (before, after) in CHANGES[change].items():
        file = tmp_path / "new" / path
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after, 1), encoding="utf-8")


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.parametrize("change", CHANGES)
def test_diff_screen(
    change: str, form: str, tmp_path: Path, console: Console, screen_snapshot: SnapshotAssertion
) -> None:
    folders(tmp_path, change)
    console.go(tmp_path)
    shown = console.screen("diff", "old", "new", "--format", form)
    assert shown == screen_snapshot
    assert "Traceback" not in shown


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--fail-on-change",), 1)])
def test_a_change_of_meaning_fails_on_request(
    options: tuple[str, ...], code: int, tmp_path: Path, console: Console
) -> None:
    folders(tmp_path, "nothing")
    (tmp_path / "new" / CERTUTIL).unlink()
    console.go(tmp_path)
    assert console.run("diff", "old", "new", *options)[0] == code
