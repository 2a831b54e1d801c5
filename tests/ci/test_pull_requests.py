"""The action's comparison and GitLab's job, on a repository with a base and a branch, as runners run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "ci" / "sigmaproof.gitlab-ci.yml").read_text(encoding="utf-8"))
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of an origin with `main`, on a branch on which a rule finds more."""

    def git(*words: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *words], cwd=tmp_path / "work", check=True, capture_output=True)

    shutil.copytree(SAMPLE, tmp_path / "work")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "sigmaproof"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m sigmaproof "$@"\n')
    command.chmod(0o755)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-q", "-m", "base")
    git("clone", "-q", "--bare", ".", "../origin.git")
    git("remote", "add", "origin", "../origin.git")
    git("switch", "-q", "-c", "change")
    rule = tmp_path / "work" / "sigma_rules" / "whoami_privileges.yml"
    text = rule.read_text(encoding="utf-8")
    assert "' /priv'" in text
    rule.write_text(text.replace("' /priv'", "' /'"), encoding="utf-8")
    git("commit", "-q", "-a", "-m", "wider")
    return tmp_path


def run(clone: Path, script: str, **said: str) -> subprocess.CompletedProcess[str]:
    path = f"{clone / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [*BASH, script],
        cwd=clone / "work",
        env={**os.environ, "PATH": path, **said},
        capture_output=True,
        text=True,
    )


def test_the_action_compares_with_the_merge_base(clone: Path) -> None:
    (step,) = [step for step in ACTION["runs"]["steps"] if step.get("name") == "Diff"]
    (clone / "out").mkdir()
    done = run(clone, step["run"], OUT=str(clone / "out"), TARGETS="", BASE="main")
    assert done.returncode == 0, done.stderr
    report = (clone / "out" / "2-diff.md").read_text(encoding="utf-8")
    assert "whoami_privileges" in report
    assert "matches more" in report


def test_gitlabs_job_runs_to_its_end(clone: Path) -> None:
    base = subprocess.run(
        ["git", "rev-parse", "main"], cwd=clone / "work", check=True, capture_output=True, text=True
    ).stdout.strip()
    script = "\n".join(GITLAB["sigmaproof"]["script"])
    done = run(clone, script, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert done.returncode == 1  # the wider rule fires on a benign case
    assert "whoami_privileges.yml   matches more" in done.stdout
    for name in ("test.xml", "test.md", "prove.xml", "prove.md"):
        assert (clone / "work" / name).stat().st_size > 100, name
    alone = run(clone, script, CI_MERGE_REQUEST_DIFF_BASE_SHA="")
    assert "matches more" not in alone.stdout
