"""Reading git: what it is not allowed to run, names that mean harm, and what is not there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from changes import FILES, changed, commit, compared, git, repository, summary, write

from sigmaproof.errors import UsageError
from sigmaproof.load.git import repository as opened
from sigmaproof.load.snapshots import revision, working_tree

FOLDERS = ("sigma_rules", "fixtures", "converters")
MORE = {"sigma_rules/robocopy.yml": {"      - /purge": "      - /purge\n      - /move"}}


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The first commit of the repository, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    return repository(tmp_path, FILES)


def message(base: str, head: str | None = None, **options: object) -> str:
    with pytest.raises(UsageError) as error:
        compared(base, head, **options)
    return f"{error.value.problem.message} | {error.value.problem.help}"


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "--help",
        "--output=stolen",
        "-q",
        "HEAD --output=x",
        "HEAD;touch stolen",
        "$(touch stolen)",
        "",
        ".",
    ],
)
def test_a_name_that_is_no_revision(name: str, base: str, tmp_path: Path) -> None:
    if name != ".":  # a folder
        assert "no revision" in message(name)
    assert "no revision" in message("HEAD", name or "none")
    assert not (tmp_path / "stolen").exists()
    assert not (tmp_path / "x").exists()


def test_a_name_with_a_null_character(base: str) -> None:
    assert "git cannot be run" in message("HEAD\0x")


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "not in a git repository" in message("HEAD")


def test_without_git(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "git is not installed" in message("HEAD")


def test_a_shallow_clone(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(tmp_path)
    git(tmp_path, "clone", "--quiet", "--depth", "1", tmp_path.as_uri(), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    assert "shallow" in message(base)
    assert compared("HEAD").rules == ()


def test_histories_without_a_common_commit(base: str, tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "--orphan", "other")
    write(tmp_path, changed(FILES, MORE))
    commit(tmp_path)
    assert "no merge base" in message("main", merge_base=True)


def test_rules_outside_of_the_repository(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sigmaproof.commands.diff import Request, diff_states
    from sigmaproof.config import Config
    from sigmaproof.judge.select import everything

    with pytest.raises(UsageError, match="not in the repository"):
        diff_states(Config(rules=(tmp_path.parent,)), Request(base), everything, lambda *_: None)


def test_the_merge_base(base: str, tmp_path: Path) -> None:
    git(tmp_path, "checkout", "--quiet", "-b", "work")
    write(tmp_path, changed(FILES, MORE))
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "main")
    write(tmp_path, changed(FILES, {"sigma_rules/xcopy.yml": {"/mir": "/m"}}))
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "work")
    both = ["sigma_rules/robocopy.yml", "sigma_rules/xcopy.yml"]
    assert list(summary(compared("main"))["rules"]) == both
    assert list(summary(compared("main", merge_base=True))["rules"]) == both[:1]
    assert list(summary(compared("main", "work", merge_base=True))["rules"]) == both[:1]


def _filter(root: Path, mark: str) -> None:
    git(root, "config", "filter.evil.clean", f"touch {mark}; cat")
    git(root, "config", "filter.evil.smudge", f"touch {mark}; cat")
    (root / ".gitattributes").write_text("* filter=evil\n")


def _textconv(root: Path, mark: str) -> None:
    git(root, "config", "diff.evil.textconv", f"touch {mark}; cat")
    git(root, "config", "diff.evil.command", f"touch {mark}")
    git(root, "config", "diff.external", f"touch {mark}")
    (root / ".gitattributes").write_text("* diff=evil\n")


def _monitor(root: Path, mark: str) -> None:
    program = root / ".git" / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(program))


def _hooks(root: Path, mark: str) -> None:
    for name in ("post-index-change", "post-checkout", "pre-commit", "reference-transaction"):
        program = root / ".git" / "hooks" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ntouch {mark}\n")
        program.chmod(0o755)


def _pager(root: Path, mark: str) -> None:
    git(root, "config", "core.pager", f"touch {mark}; cat")
    git(root, "config", "pager.grep", f"touch {mark}; cat")


@pytest.mark.parametrize("trap", [_filter, _textconv, _monitor, _hooks, _pager])
def test_programs_that_git_could_run_do_not(
    trap: Callable[[Path, str], None], base: str, tmp_path: Path
) -> None:
    write(tmp_path, changed(FILES, MORE))
    mark = tmp_path.parent / f"{tmp_path.name}-ran"
    trap(tmp_path, str(mark))
    assert list(summary(compared(base))["rules"]) == ["sigma_rules/robocopy.yml"]
    assert list(summary(compared(base, "HEAD"))["rules"]) == []
    assert not mark.exists()


@pytest.mark.parametrize(
    "name",
    [
        "-o.yml",
        "--help.yml",
        ":(glob)x.yml",
        "a b.yml",
        "a\nb.yml",
        'a"b.yml',
        "ä.yml",
        "a\\b.yml",
        "*.yml",
        "'.yml",
    ],
)
def test_file_names_that_could_be_anything_else(name: str, base: str, tmp_path: Path) -> None:
    text = FILES["sigma_rules/robocopy.yml"].replace("000000000001", "000000000009")
    files = {**FILES, f"sigma_rules/{name}": text, f"fixtures/{name}": FILES["fixtures/robocopy.yml"]}
    write(tmp_path, files)
    one = commit(tmp_path)
    write(tmp_path, {**files, f"sigma_rules/{name}": text.replace("- /mir\n", "- /mira\n")})
    other = commit(tmp_path)
    for head in (other, None):
        found = summary(compared(one, head))
        assert list(found["rules"]) == [f"sigma_rules/{name}"]
        assert found["problems"] == []


def test_links_are_not_followed(base: str, tmp_path: Path) -> None:
    secret = tmp_path.parent / f"{tmp_path.name}.yml"
    secret.write_text(FILES["sigma_rules/robocopy.yml"].replace("000000000001", "000000000007"))
    (tmp_path / "sigma_rules" / "link.yml").symlink_to(secret)
    (tmp_path / "sigma_rules" / "folder").symlink_to(tmp_path / "converters")
    for head in (None, commit(tmp_path)):
        found = summary(compared(base, head))
        assert found["rules"] == {}
        assert [one.split("/")[-1] for one in found["problems"]] == ["folder", "link.yml"]


def test_a_tree_with_paths_that_lead_out_of_it(base: str, tmp_path: Path) -> None:
    """Git itself would not make such a tree; one who attacks does."""
    blob = git(tmp_path, "rev-parse", "HEAD:fixtures/robocopy.yml")
    inner = _made(tmp_path, b"100644 ../../../stolen.yml\0" + bytes.fromhex(blob))
    tree = _made(tmp_path, b"40000 fixtures\0" + bytes.fromhex(inner))
    bad = git(tmp_path, "commit-tree", "-m", "bad", tree)
    compared(bad, base)
    compared(base, bad)
    assert not list(tmp_path.parent.parent.rglob("stolen.yml"))


def _made(root: Path, data: bytes) -> str:
    words = ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"]
    done = subprocess.run(words, cwd=root, input=data, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_working_tree_has_the_ids_that_git_would_give(base: str, tmp_path: Path) -> None:
    """Unchanged, touched, of the same size and time, new, ignored, and empty files."""
    touched, sly = "sigma_rules/xcopy.yml", "sigma_rules/sly.yml"
    write(tmp_path, {**FILES, sly: "title: one\n", "sigma_rules/empty.yml": ""})
    (tmp_path / ".gitignore").write_text("ignored.yml\n")
    commit(tmp_path)
    (tmp_path / touched).touch()
    before = (tmp_path / sly).stat()
    (tmp_path / sly).write_text("title: two\n")
    os.utime(tmp_path / sly, ns=(before.st_atime_ns, before.st_mtime_ns))
    (tmp_path / "sigma_rules" / "ignored.yml").write_text("title: three\n")
    repo = opened(tmp_path)
    found = working_tree(repo, FOLDERS).listing.files
    for path, id_ in found.items():
        assert id_ == git(tmp_path, "hash-object", "--no-filters", path), path
    committed = revision(repo, "HEAD", git(tmp_path, "rev-parse", "HEAD"), FOLDERS, tmp_path).listing.files
    assert {path for path in found if found[path] != committed.get(path)} == {sly, "sigma_rules/ignored.yml"}


def test_what_looks_unchanged_for_long_is_not_read(
    base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in FILES:
        os.utime(tmp_path / path, (1_600_000_000, 1_600_000_000))
    git(tmp_path, "update-index", "--refresh")
    monkeypatch.setattr("sigmaproof.load.snapshots._opened", lambda path: pytest.fail(f"{path} was read"))
    assert set(working_tree(opened(tmp_path), FOLDERS).listing.files) == set(FILES)
