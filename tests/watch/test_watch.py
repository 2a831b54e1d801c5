"""`test --watch` and `test PATHS`: what a file is about, and what happens when it changes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sigmaproof.commands.test import Asked, ran, watched
from sigmaproof.commands.watch import changed, stamps, watch
from sigmaproof.config import Config
from sigmaproof.errors import Problem

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "sample"))


def config(folder: Path) -> Config:
    return Config(root=folder).overridden(rules=(), fixtures=(), converters=None, targets=())


PATHS = [
    (["fixtures/whoami_privileges.yml"], ["whoami_privileges"]),
    (["sigma_rules/certutil_download.yml"], ["certutil_download"]),
    (["fixtures/data/events.ndjson"], ["whoami_privileges"]),
    (["sigma_rules/certutil_download.yml", "fixtures/whoami_privileges.yml"], None),
    (["sigma_rules"], None),
    (["fixtures"], None),
    (["converters/splunk.yml"], None),
    (["fixtures/whoami_privileges.yml", "converters/splunk.yml"], None),
    (["no/such/file.yml"], None),
]


@pytest.mark.parametrize(("paths", "names"), PATHS, ids=str)
def test_what_files_are_about(paths: list[str], names: list[str] | None, sample: Path) -> None:
    text = (sample / "fixtures" / "whoami_privileges.yml").read_text(encoding="utf-8")
    if "events.ndjson" in paths[0] and "file:" not in text:
        with (sample / "fixtures" / "whoami_privileges.yml").open("a", encoding="utf-8") as file:
            head = "" if "cases:" in text else "cases:\n"
            file.write(f"{head}  - {{name: file, label: malicious, file: data/events.ndjson}}\n")
    report = ran(Asked(config(sample)), paths=[sample / path for path in paths]).report
    assert [rule.name for rule in report.rules] == (names or ["certutil_download", "whoami_privileges"])


def test_stamps_and_changes(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text("a")
    (tmp_path / "one.yml").write_text("a")
    (tmp_path / "two.yml").write_text("a")
    before = stamps([tmp_path])
    assert sorted(path.name for path in before) == ["one.yml", "two.yml"]
    assert changed(before, stamps([tmp_path, tmp_path / "no"])) == []
    (tmp_path / "one.yml").write_text("abc")
    (tmp_path / "two.yml").unlink()
    (tmp_path / "three.yml").write_text("")
    assert [path.name for path in changed(before, stamps([tmp_path]))] == ["one.yml", "three.yml", "two.yml"]


class Enough(Exception):
    pass


def test_watching_runs_again_for_what_changed(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text("1")
    runs: list[list[Path]] = []
    looks = 0

    def wait(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            file.write_text("22")
        if looks == 4:
            raise Enough

    with pytest.raises(Enough):
        watch([tmp_path], runs.append, wait)
    assert runs == [[], [file]]


def test_a_mistake_does_not_end_watching(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository that does not load is told, and tested again when it is mended."""
    texts: list[str] = []
    told: list[Problem] = []
    target = sample / "converters" / "splunk.yml"
    good = target.read_text(encoding="utf-8")
    looks = 0

    def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise Enough
        target.write_text("title: [" if looks == 1 else good, encoding="utf-8")

    monkeypatch.setattr("sigmaproof.commands.watch.watch.__defaults__", (sleep,))
    with pytest.raises(Enough):
        watched(Asked(config(sample), expression="whoami"), texts.append, told.append)
    assert len(texts) == 6
    assert ["invalid-target" in text for text in texts[::2]] == [False, True, False]
    assert texts[3] == "splunk.yml changed; waiting for changes; Ctrl-C ends"


def test_the_command_ends_with_ctrl_c(sample: Path) -> None:
    command = [sys.executable, "-m", "sigmaproof", "test", "--watch", "-k", "whoami"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    with subprocess.Popen(command, cwd=sample, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert any("waiting for changes" in line for line in lines)
        fixture = sample / "fixtures" / "whoami_privileges.yml"
        time.sleep(0.1)
        fixture.write_text(fixture.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert any("whoami_privileges.yml changed; waiting" in line for line in lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
