"""Which files are read, and how much of them: only ordinary files inside the folder that was given."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING

from sigmaproof.errors import InvalidInput, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

YAML = frozenset({".yml", ".yaml"})
MAX_TEXT = 8 * 1024 * 1024
"""Bytes of a rule, fixture or target file."""


def walk(root: Path, suffixes: Collection[str], code: str) -> tuple[list[Path], list[Problem]]:
    """The files under `root` (or `root` itself) with one of the suffixes, in a stable order.

    Names that begin with a dot are passed over; links and unreadable folders are problems.
    """
    problems: list[Problem] = []
    if not root.is_dir():
        return ([root], []) if root.exists() else ([], [_absent(root, code)])
    found = [path for path in _entries(root, code, problems) if path.suffix.lower() in suffixes]
    return found, problems


def _entries(folder: Path, code: str, problems: list[Problem]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(code, f"this folder cannot be read: {error.strerror}", Place(folder)))
        return
    for entry in entries:
        path = folder / entry.name
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            problems.append(_link(path, code))
        elif entry.is_dir():
            yield from _entries(path, code, problems)
        else:
            yield path


def _absent(path: Path, code: str) -> Problem:
    return Problem(code, "there is no such file or folder", Place(path), "check the path's spelling")


def _link(path: Path, code: str) -> Problem:
    return Problem(
        code,
        "symbolic links are not followed",
        Place(path),
        "put the file itself here instead of a link to it",
    )


def inside(root: Path, written: str) -> Path:
    """The path that a file's author wrote, joined to `root`; raises ValueError where it would leave it.

    Absolute paths, `..`, drive letters and symbolic links are refused, whatever they lead to.
    """
    parts = PurePosixPath(written).parts
    if not parts or "\0" in written:
        raise ValueError("is not a path")
    if "\\" in written or PureWindowsPath(written).drive:
        raise ValueError("must be written with forward slashes, relative to a folder")
    if written.startswith("/"):
        raise ValueError("must be relative")
    if ".." in parts:
        raise ValueError('must not contain ".."')
    path = root
    for part in parts:
        path = path / part
        if path.is_symlink():
            raise ValueError("leads through a symbolic link, and links are not followed")
    return path


def ordinary(path: Path, code: str) -> os.stat_result:
    """The file's facts; raises InvalidInput when it is absent, a link, a pipe or a device."""
    try:
        facts = path.lstat()
    except (OSError, ValueError):
        raise InvalidInput(_absent(path, code)) from None
    if stat.S_ISLNK(facts.st_mode):
        raise InvalidInput(_link(path, code))
    if not stat.S_ISREG(facts.st_mode):
        raise InvalidInput(Problem(code, "this is not an ordinary file", Place(path)))
    return facts


def read_text(path: Path, code: str, limit: int = MAX_TEXT) -> str:
    """The file as UTF-8 text without its byte order mark; raises InvalidInput with the place."""
    if ordinary(path, code).st_size > limit:
        raise InvalidInput(_too_large(path, code, limit))
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InvalidInput(Problem(code, f"cannot be read: {error.strerror}", Place(path))) from None
    return decoded(data, path, code, limit)


def decoded(data: bytes, path: Path, code: str, limit: int = MAX_TEXT) -> str:
    """The same for the bytes of a file, which a message may call `path`."""
    if len(data) > limit:
        raise InvalidInput(_too_large(path, code, limit))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(not_utf8(path, code, data, error.start)) from None


def not_utf8(path: Path, code: str, data: bytes, offset: int) -> Problem:
    """The problem of a byte at `offset` that is not UTF-8."""
    line = data.count(b"\n", 0, offset) + 1
    column = offset - data.rfind(b"\n", 0, offset)
    return Problem(code, "this is not UTF-8 text", Place(path, line, column), "save the file as UTF-8")


def _too_large(path: Path, code: str, limit: int) -> Problem:
    size = f"{limit // (1024 * 1024)} MiB" if limit >= 1024 * 1024 else f"{limit} bytes"
    return Problem(code, f"the file is larger than {size}", Place(path), "split it into several files")
