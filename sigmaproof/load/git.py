"""Git, asked in fixed words: what a revision holds by object id, and the bytes behind ids.

Git runs as a program of its own and only reads. Names that people give stand after `--end-of-options`, paths
after `--` and literally; everything else is object ids. Hooks, monitors, filters, text conversions, replaced
objects and fetching what a partial clone lacks are switched off, or not part of the commands used.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from sigmaproof.errors import Problem, UsageError

CODE = "git"
_SWITCHES = ("--literal-pathspecs", "--no-replace-objects", "--no-pager", "--no-optional-locks")
_SETTINGS = ("core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "color.ui=never")
_ENVIRONMENT = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
_PATIENCE = 120.0
"""Seconds for one question."""
_NOTHING_FOUND = 1
"""The exit code of `git grep` and `git rev-parse --quiet` that is no failure."""
_LINK, _FILES = "120000", ("100644", "100755", "100664")
_INDEXED = re.compile(
    rb"(?P<mode>\d+) (?P<id>[0-9a-f]+) 0\t(?P<path>[^\0]+)\0"
    rb"(?:  ctime: \d+:\d+\n  mtime: (?P<seconds>\d+):(?P<fraction>\d+)\n"
    rb"  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n  size: (?P<size>\d+)\tflags: [0-9a-f]+\n)?"
)


class Listing(Struct, frozen=True):
    """Files by path below the top folder, as git writes paths, with their object ids; links apart."""

    files: Mapping[str, str]
    links: frozenset[str] = frozenset()


class Indexed(Struct, frozen=True):
    """What the index knows of one file: its object, and what the file looked like then."""

    id: str
    size: int
    modified: int
    """Nanoseconds."""


class Git(Struct, frozen=True):
    """One repository."""

    program: str
    top: Path

    def commit(self, name: str) -> str | None:
        """The id of the commit that a name means; None for a name that means none."""
        found = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return _text(found).strip() or None

    def is_shallow(self) -> bool:
        """Whether the history ends somewhere."""
        return _text(self._ask("rev-parse", "--is-shallow-repository")).strip() == "true"

    def merge_base(self, one: str, other: str) -> str | None:
        """The commit in which two histories part; None where none is known."""
        return _text(self._ask("merge-base", one, other)).strip() or None

    def tree(self, commit: str, folders: Iterable[str]) -> Listing:
        """The files of a commit below some folders."""
        listed = self._ask("ls-tree", "-r", "-z", "--full-tree", commit, "--", *folders)
        files, links = {}, set()
        for entry in listed.split(b"\0")[:-1]:
            facts, _, name = entry.partition(b"\t")
            mode, _, id_ = facts.decode("ascii").split(" ")
            if mode in _FILES:
                files[os.fsdecode(name)] = id_
            elif mode == _LINK:
                links.add(os.fsdecode(name))
        return Listing(files, frozenset(links))

    def index(self, folders: Iterable[str]) -> Mapping[str, Indexed]:
        """What the index knows of the files below some folders. A form that is not known tells nothing."""
        listed = self._ask("ls-files", "-z", "--stage", "--debug", "--full-name", "--", *folders)
        return {
            os.fsdecode(found["path"]): Indexed(
                found["id"].decode(),
                int(found["size"]),
                int(found["seconds"]) * 10**9 + int(found["fraction"]),
            )
            for found in _INDEXED.finditer(listed)
            if found["size"] is not None and found["mode"].decode() in _FILES
        }

    def indexed_at(self) -> int:
        """When the index was written, in nanoseconds; 0 where there is none."""
        path = _text(self._ask("rev-parse", "--git-path", "index")).rstrip("\n")
        try:
            return (self.top / path).stat().st_mtime_ns
        except OSError:
            return 0

    def hash_name(self) -> str:
        """How object ids are made here."""
        return _text(self._ask("rev-parse", "--show-object-format")).strip()

    def contents(self, ids: Iterable[str]) -> dict[str, bytes]:
        """The bytes behind object ids. Raises `UsageError` for an object that is not here."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        given = "".join(f"{one}\n" for one in wanted).encode()
        return dict(_objects(self._ask("cat-file", "--batch", given=given), wanted))

    def matching(self, commit: str, patterns: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """The files of a commit that have a line with one of the patterns (POSIX, extended)."""
        return self._grep("-E", commit, patterns, folders)

    def mentioning(self, commit: str, words: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """The files of a commit that hold one of the words, in any letter case."""
        return self._grep("-Fi", commit, words, folders)

    def _grep(
        self, kind: str, commit: str, patterns: Iterable[str], folders: Iterable[str]
    ) -> frozenset[str]:
        given = [part for pattern in patterns for part in ("-e", pattern)]
        words = ("grep", "-l", "-z", "-a", "--full-name", "--no-textconv", kind, *given)
        found = self._ask(*words, commit, "--", *folders)
        names = (os.fsdecode(one) for one in found.split(b"\0")[:-1])
        return frozenset(name.removeprefix(f"{commit}:") for name in names)

    def _ask(self, *words: str, given: bytes = b"") -> bytes:
        return _asked(self.program, self.top, words, given)


def repository(folder: Path) -> Git:
    """The repository that a folder is in. Raises `UsageError` without git, or outside of one."""
    program = shutil.which("git")
    if program is None:
        raise _problem("git is not installed", "install git, or compare two folders")
    try:
        top = os.fsdecode(_asked(program, folder, ("rev-parse", "--show-toplevel"))).rstrip("\n")
    except UsageError as error:
        reason = error.problem.message
        if "not a git repository" in reason:
            reason = "this folder is not in a git repository"
        raise _problem(reason, "go to the repository, or compare two folders") from None
    return Git(program, Path(top))


def _asked(program: str, folder: Path, words: Iterable[str], given: bytes = b"") -> bytes:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [program, *_SWITCHES, *settings, *words]
    try:
        done = subprocess.run(  # noqa: S603  a list of words, and no shell
            command,
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT},
            input=given,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _problem(f"git does not answer within {_PATIENCE:.0f} seconds") from None
    except (OSError, ValueError) as error:
        raise _problem(f"git cannot be run: {error}") from None
    if done.returncode not in (0, _NOTHING_FOUND):
        raise _problem(_reason(done.stderr))
    return done.stdout


def _reason(told: bytes) -> str:
    lines = [line for line in told.decode("utf-8", "replace").splitlines() if line.strip()]
    fatal = next((line for line in lines if line.startswith("fatal: ")), lines[0] if lines else "git fails")
    return f"git: {fatal.removeprefix('fatal: ')}"


def _objects(answer: bytes, wanted: Iterable[str]) -> Iterable[tuple[str, bytes]]:
    at = 0
    for id_ in wanted:
        end = answer.find(b"\n", at)
        facts = answer[at:end].split(b" ")
        if len(facts) != 3:
            raise _problem(f"object {id_} is not in this repository", "fetch it: this is a partial clone")
        size = int(facts[2])
        yield id_, answer[end + 1 : end + 1 + size]
        at = end + 2 + size


def _text(answer: bytes) -> str:
    return os.fsdecode(answer)


def _problem(message: str, remedy: str = "") -> UsageError:
    return UsageError(Problem(CODE, message, help=remedy))
