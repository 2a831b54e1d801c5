"""What code scanning and annotations point at are files of the repository, wherever the command was run."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sigmaproof.cli import main
from sigmaproof.report.repository import top_folder

SAMPLE = Path(__file__).parents[1] / "cli" / "sample"
FIXTURE = "fixtures/certutil_download.yml"


@pytest.fixture
def top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample as `team/detections`; not yet a repository."""
    shutil.copytree(SAMPLE, tmp_path / "top" / "team" / "detections")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path / "top"


def folder(path: Path) -> None:
    (path / ".git").mkdir()
    (path / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")


def worktree(path: Path) -> None:
    (path / ".git").write_text("gitdir: /elsewhere/.git/worktrees/one\n", encoding="utf-8")


def shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, at: Path, *words: str
) -> set[str]:
    """The files that `test` names in both formats, run in a folder; both name the same."""
    monkeypatch.chdir(at)
    found = []
    for form in ("sarif", "github"):
        monkeypatch.setattr("sys.argv", ["sigmaproof", "test", "-t", "splunk", "--format", form, *words])
        with pytest.raises(SystemExit):
            main()
        found.append(places(capsys.readouterr().out))
    assert found[0] == found[1]
    return found[0]


def places(text: str) -> set[str]:
    if not text.startswith("{"):
        return set(re.findall(r"^::error file=([^,]*)", text, re.MULTILINE))
    (run,) = json.loads(text)["runs"]
    return {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].removeprefix("file://")
        for one in run["results"]
    }


@pytest.mark.parametrize("made", [folder, worktree])
@pytest.mark.parametrize("at", ["team/detections", "team/detections/fixtures"])
def test_from_the_top_of_the_repository(
    made: Callable[[Path], None],
    at: str,
    top: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made(top)
    assert shown(capsys, monkeypatch, top / at) == {f"team/detections/{FIXTURE}"}


def test_folders_that_are_named(
    top: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder(top)
    here = Path("..") / "detections"
    options = [part for name in ("rules", "fixtures") for part in (f"--{name}", str(here / name))]
    options[1] = str(here / "sigma_rules")
    found = shown(capsys, monkeypatch, top / "team" / "detections", *options)
    assert found == {f"team/detections/{FIXTURE}"}
    absolute = [str(top / "team" / "detections" / one) if one.startswith("..") else one for one in options]
    assert shown(capsys, monkeypatch, top / "team" / "detections", *absolute) == found


def test_without_a_repository(
    top: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = top / "team" / "detections"
    assert shown(capsys, monkeypatch, at) == {FIXTURE}
    (top / ".git").mkdir()  # nothing in it that makes a repository
    (top / "team" / ".git").write_text("?", encoding="utf-8")
    assert shown(capsys, monkeypatch, at) == {FIXTURE}
    monkeypatch.setenv("GITHUB_WORKSPACE", str(top))
    assert shown(capsys, monkeypatch, at) == {f"team/detections/{FIXTURE}"}
    monkeypatch.setenv("GITHUB_WORKSPACE", str(top.parent / "other"))
    assert shown(capsys, monkeypatch, at) == {FIXTURE}


def test_files_outside_of_the_repository(
    top: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = top / "team" / "detections"
    other = top / "team" / "other"
    shutil.copytree(at / "fixtures", other / "fixtures")
    folder(at)
    found = shown(capsys, monkeypatch, at, "--fixtures", str(other / "fixtures"))
    assert found == {str(other / FIXTURE)}


def test_the_nearest_repository_counts(tmp_path: Path) -> None:
    inner = tmp_path / "modules" / "inner"
    (inner / "deep").mkdir(parents=True)
    folder(tmp_path)
    assert top_folder(inner / "deep") == tmp_path
    worktree(inner)  # a submodule
    assert top_folder(inner / "deep") == inner
