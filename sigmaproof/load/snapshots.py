"""States of a project that can be compared: a revision, the working tree, a folder.

A snapshot knows every file by its content's id, so that what changed shows before anything is read. Loaders
read files; `root` gives a folder in which those asked for are files. Symbolic links are not followed.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from msgspec import Struct

from sigmaproof.load.files import MAX_TEXT
from sigmaproof.load.git import Git, Indexed, Listing

EVERYTHING = "."
_PART = 1 << 20
_RACE = 10**9
"""Nanoseconds before the index was written within which a file may have changed unseen."""


class Snapshot(Protocol):
    """One state of a project. Paths are relative to its top folder, with forward slashes."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def listing(self) -> Listing:
        """Its files."""

    def contents(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """The bytes of files, a little more than a loader takes at most; those that can be read."""

    def root(self, paths: Iterable[str]) -> Path:
        """A folder below which these files are; one that cannot be there is left out."""

    def matching(self, patterns: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """The files that have a line with one of the patterns: a dialect that POSIX and Python share."""

    def mentioning(self, words: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """The files that hold one of the words, in any letter case."""


class Revision(Struct, frozen=True):
    """A commit. Files that are asked for are written below `scratch`."""

    git: Git
    name: str
    commit: str
    listing: Listing
    scratch: Path

    def contents(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As `Snapshot` says."""
        wanted = {path: self.listing.files[path] for path in paths}
        found = self.git.contents(wanted.values())
        return {path: found[id_] for path, id_ in wanted.items()}

    def root(self, paths: Iterable[str]) -> Path:
        """`scratch`, with these files in it."""
        wanted = {path: self.listing.files[path] for path in paths if path in self.listing.files}
        missing = {path: id_ for path, id_ in wanted.items() if not (self.scratch / path).exists()}
        found = self.git.contents(missing.values())
        for path, id_ in missing.items():
            _write(self.scratch, path, found[id_])
        return self.scratch

    def matching(self, patterns: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """As `Snapshot` says."""
        return self.git.matching(self.commit, patterns, _below(folders))

    def mentioning(self, words: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """As `Snapshot` says."""
        words = list(words)
        return self.git.mentioning(self.commit, words, _below(folders)) if words else frozenset()


class Folder(Struct, frozen=True):
    """Files on disk."""

    name: str
    top: Path
    listing: Listing

    def contents(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        """As `Snapshot` says."""
        found = ((path, _read(self.top / path)) for path in paths)
        return {path: data for path, data in found if data is not None}

    def root(self, paths: Iterable[str]) -> Path:
        """The top folder, whatever is asked for."""
        return self.top

    def matching(self, patterns: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """As `Snapshot` says."""
        wanted = re.compile("|".join(f"(?:{one})" for one in patterns).encode(), re.MULTILINE)
        return self._holding(wanted, folders)

    def mentioning(self, words: Iterable[str], folders: Iterable[str]) -> frozenset[str]:
        """As `Snapshot` says."""
        escaped = [re.escape(word) for word in words]
        if not escaped:
            return frozenset()
        return self._holding(re.compile("|".join(escaped).encode(), re.IGNORECASE), folders)

    def _holding(self, wanted: re.Pattern[bytes], folders: Iterable[str]) -> frozenset[str]:
        roots = tuple(folders)
        paths = (path for path in self.listing.files if any(below(path, root) for root in roots))
        return frozenset(path for path in paths if wanted.search(_read(self.top / path) or b""))


def revision(git: Git, name: str, commit: str, folders: Iterable[str], scratch: Path) -> Revision:
    """A commit's files below some folders."""
    return Revision(git, name, commit, git.tree(commit, _below(folders)), scratch)


def working_tree(git: Git, folders: Iterable[str]) -> Folder:
    """The files on disk. What looks as it did when git took its id is not read again."""
    roots = tuple(folders)
    index, written = git.index(_below(roots)), git.indexed_at()
    paths, links = _walked(git.top, roots)
    hashed = git.hash_name()
    files = {
        path: _known(index.get(path), facts, written) or _id(git.top / path, facts.st_size, hashed)
        for path, facts in paths.items()
    }
    return Folder("the working tree", git.top, Listing(files, links))


def folder(name: str, top: Path, folders: Iterable[str]) -> Folder:
    """The files below some folders of a folder."""
    paths, links = _walked(top, folders)
    files = {path: _id(top / path, facts.st_size, "sha1") for path, facts in paths.items()}
    return Folder(name, top, Listing(files, links))


def below(path: str, root: str) -> bool:
    """Whether a path is a root, or below it."""
    return root == EVERYTHING or path == root or path.startswith(f"{root}/")


def _below(folders: Iterable[str]) -> list[str]:
    """Folders as git takes them: without any, everything is meant."""
    found = list(folders)
    return [] if EVERYTHING in found else found


def _known(indexed: Indexed | None, facts: os.stat_result, written: int) -> str | None:
    """The id in the index, if the file must still be what it was."""
    if indexed is None or (indexed.modified, indexed.size) != (facts.st_mtime_ns, facts.st_size):
        return None
    return indexed.id if facts.st_mtime_ns < written - _RACE else None


def _walked(top: Path, folders: Iterable[str]) -> tuple[Mapping[str, os.stat_result], frozenset[str]]:
    files: dict[str, os.stat_result] = {}
    links: set[str] = set()
    for root in folders:
        for path, facts in _entries(os.path.join(top, root), "" if root == EVERYTHING else root):
            if facts is None:
                links.add(path)
            else:
                files[path] = facts
    return files, frozenset(links)


def _entries(place: str, path: str) -> Iterator[tuple[str, os.stat_result | None]]:
    """The files at a place and below; None instead of facts for a link."""
    if os.path.islink(place):
        yield path, None
    elif os.path.isdir(place):
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            name = f"{path}/{entry.name}" if path else entry.name
            if entry.is_file(follow_symlinks=False):
                yield name, entry.stat(follow_symlinks=False)
            elif not entry.name.startswith("."):
                yield from _entries(entry.path, name)
    elif os.path.isfile(place):
        yield path, os.stat(place)


def _id(path: Path, size: int, hashed: str) -> str:
    """The id that git would give to the file."""
    made = hashlib.new(hashed, b"blob %d\0" % size, usedforsecurity=False)
    with suppress(OSError), _opened(path) as file:
        while part := file.read(_PART):
            made.update(part)
    return made.hexdigest()


def _read(path: Path) -> bytes | None:
    """The beginning of a file, as far as a loader looks and one byte more; None if it cannot be read."""
    with suppress(OSError), _opened(path) as file:
        return file.read(MAX_TEXT + 1)
    return None


def _opened(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb")


def _write(scratch: Path, path: str, data: bytes) -> None:
    """A file below `scratch`, or none where its name leads elsewhere or is taken by a folder."""
    if not all(map(_is_name, path.split("/"))):
        return
    with suppress(OSError, ValueError):
        place = scratch / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)


def _is_name(part: str) -> bool:
    return part not in ("", ".", "..") and not (os.name == "nt" and set(part) & {"\\", ":"})
