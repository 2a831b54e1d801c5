"""Every command that a page shows is run, and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_blocks import Command, File, answers, steps

from sigmaproof.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_SAMPLE = ROOT / "tests" / "cli" / "sample"
_OWN = {"docs/tutorial.md": None, "docs/diff.md": _SAMPLE, "docs/mutation.md": _SAMPLE}
"""Pages that are not about this repository: they start in an empty folder, or in the small one."""
_PARTS = ("sigma_rules", "fixtures", "converters", "schemas", "pyproject.toml", "tests/languages")
_RUN = frozenset({"git", "mkdir", "cat", "cp", "sed"})
_LEFT = frozenset({"pip", "make", "pytest", "eval", "docker", "podman", "cd"})
"""Programs of others, which have tests of their own, or need a network."""


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "repository"
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder


@pytest.fixture
def place(request: pytest.FixtureRequest, repository: Path, tmp_path: Path) -> Path:
    """A folder for a page: a copy of this repository or of the small one, committed, or nothing."""
    folder = tmp_path / "work"
    source = _OWN.get(request.param, repository)
    if source is None:
        folder.mkdir()
        return folder
    shutil.copytree(source, folder)
    for words in (
        "init -q -b main",
        "add -A",
        "commit -q -m first",
        "update-ref refs/remotes/origin/main HEAD",
    ):
        git(folder, *words.split())
    return folder


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=Reader", "-c", "user.email=reader@example.org")
    subprocess.run(["git", *who, *words], cwd=folder, check=True)


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("FORCE_COLOR", "NO_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Reader")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "reader@example.org")


def ran(words: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Exit code of one of our commands, and what it prints on a terminal."""
    monkeypatch.setattr(sys, "argv", words)
    screen = io.StringIO()
    with contextlib.redirect_stdout(screen), contextlib.redirect_stderr(screen):
        try:
            main()
            code = 0
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return code, screen.getvalue()


def other(words: list[str]) -> tuple[int, str]:
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def follow(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Does what the page says; yields what is not as the page says."""
    monkeypatch.chdir(folder)
    for step in steps(page):
        if isinstance(step, File):
            path = Path(step.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
            continue
        words = shlex.split(step.text, comments=True)
        if words[0] == "cd" and _OWN.get(name(page), page) is None:
            monkeypatch.chdir(words[1])
        if words[0] in _LEFT:
            continue
        assert "--watch" not in words, f"{page.name}:{step.line}: does not end"
        assert words[0] in _RUN | {"sigmaproof"}, f"{page.name}:{step.line}: {words[0]}"
        code, printed = ran(words, monkeypatch) if words[0] == "sigmaproof" else other(words)
        if code != step.code or not answers(step.shown, printed):
            yield f"{page.name}:{step.line}: $ {step.text}\nexit {code} instead of {step.code}\n{printed}"


def runs(page: Path) -> bool:
    return any(isinstance(step, Command) for step in steps(page))


@pytest.mark.parametrize(
    ("page", "place"),
    [pytest.param(one, name(one), id=name(one)) for one in PAGES if runs(one)],
    indirect=["place"],
)
def test_the_page_shows_what_happens(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = list(follow(page, place, monkeypatch))
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_no_command_is_outside_of_a_console_block() -> None:
    """In another block, nobody would run it."""
    for page in PAGES:
        for kind, text in re.findall(
            r"^```(\w*)[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S
        ):
            assert kind == "console" or "\n$ sigmaproof" not in f"\n{text}", page


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ([], "anything", True),
        (["a", "b"], "a\nb\n", True),
        (["a"], "a\nb\n", False),
        (["a", "…"], "a\nb\nc\n", True),
        (["…", "c"], "a\nb\nc\n", True),
        (["…", "b"], "a\nb\nc\n", False),
        (["a … c"], "a b c\n", True),
        (["a … c"], "a b\nc\n", False),
        (["1 rule · 0.21 s"], "1 rule · 7.03 s", True),
        (["1 rule · 0.21 s"], "2 rules · 0.21 s", False),
        (["a.c"], "abc", False),
    ],
)
def test_what_is_shown_is_compared(shown: list[str], printed: str, same: bool) -> None:
    assert answers(shown, printed) is same


def test_a_wrong_page_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "```console\n$ sigmaproof tset\n$ echo $?\n3\n$ sigmaproof \\\n"
        "  list languages  # all\nneither\n```\n"
        "*Not run in the tests: needs a server.*\n\n```console\n$ sigmaproof nothing\n```\n"
        '```yaml title="a/b.yml"\na: 1\n```\n',
        encoding="utf-8",
    )
    found = list(steps(page))
    assert [one.code for one in found if isinstance(one, Command)] == [3, 0]
    assert found[-1] == File(14, "a/b.yml", "a: 1\n")
    monkeypatch.setitem(_OWN, "page.md", None)
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (wrong,) = follow(page, tmp_path, monkeypatch)
    assert wrong.startswith("page.md:5: $ sigmaproof list languages")
    assert (tmp_path / "a" / "b.yml").read_text() == "a: 1\n"
    assert os.environ["COLUMNS"] == "100"
