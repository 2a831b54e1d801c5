"""What `export` puts into its folder: the products' files, and a manifest of what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from sigmaproof.commands.export import Entry, Exports
from sigmaproof.errors import Problem, UsageError
from sigmaproof.export import forms
from sigmaproof.export.search import Search, about
from sigmaproof.export.threshold import threshold
from sigmaproof.load.attack import versions
from sigmaproof.load.files import inside

MANIFEST = "manifest.json"
_FORMAT = "sigmaproof export"


def write_exports(exports: Exports, folder: Path) -> tuple[Path, ...]:
    """Writes everything and names it; what an earlier export wrote and this one does not is removed.

    Raises `UsageError` for a folder that holds anything but an export, and where nothing can be written.
    """
    files = {
        f"{target}/{path}": text.encode()
        for target, found in exports.files.items()
        for path, text in found.items()
    }
    try:
        _remove(folder, earlier(folder), files)
        files[MANIFEST] = manifest(exports, files)
        return tuple(_written(folder, path, content) for path, content in files.items())
    except OSError as error:
        raise _refused(f"cannot write {folder}: {error.strerror}") from error


def earlier(folder: Path) -> Mapping[str, str]:
    """Path → hash of what the last export wrote here. Raises `UsageError` for a folder with anything else."""
    if folder.exists() and not folder.is_dir():
        raise _refused(f"{folder} is not a folder")
    try:
        if not folder.exists() or not any(folder.iterdir()):
            return {}
        data = orjson.loads((folder / MANIFEST).read_bytes())
        if data["format"] == _FORMAT:
            return {str(one["path"]): str(one["sha256"]) for one in data["files"]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    raise _refused(f"{folder} holds other files, and no export", "name a new or empty folder")


def _remove(folder: Path, earlier: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """Removes what nobody has changed since it was written."""
    for path, digest in earlier.items():
        if path in files:
            continue
        try:
            place = inside(folder, path)
        except ValueError:
            continue
        if place.is_file() and sha256(place.read_bytes()).hexdigest() == digest:
            place.unlink()
            for above in list(place.relative_to(folder).parents)[:-1]:
                if not any((folder / above).iterdir()):
                    (folder / above).rmdir()


def _written(folder: Path, path: str, content: bytes) -> Path:
    try:
        place = inside(folder, path)
    except ValueError as error:
        raise _refused(f"cannot write {folder / path}: it {error}") from error
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def manifest(exports: Exports, files: Mapping[str, bytes]) -> bytes:
    """What was exported and what not, of which content and on which grounds; the same for the same input."""
    data = {
        "format": _FORMAT,
        "version": 1,
        "sigmaproof": version("sigmaproof"),
        "attack": list(versions()),
        "targets": [
            {"name": siem.name, "title": siem.target.title, "language": siem.target.language}
            | {"index": siem.model.name, "forms": list(forms(siem.target))}
            for siem in exports.targets
        ],
        "rules": [_rule(one) for one in exports.entries],
        "files": [
            {"path": path, "sha256": sha256(content).hexdigest()} for path, content in sorted(files.items())
        ],
    }
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _rule(entry: Entry) -> dict[str, Any]:
    said = about(entry.document)
    found: dict[str, Any] = {
        "id": said.id,
        "title": said.title,
        "file": said.file,
        "version": said.version,
        "content": entry.content,
        "target": entry.target,
        "verdict": entry.verdict.standing.value,
        "model": "index" if entry.modelled else "plain",
    }
    if entry.verdict.assumes:
        found["assumes"] = [one.value for one in entry.verdict.assumes]
    if entry.left_out:
        return found | {"left_out": entry.left_out}
    return found | {"exported": [_exported(one) for one in entry.searches]}


def _exported(search: Search) -> dict[str, Any]:
    found: dict[str, Any] = {"id": search.id, "query": _digest(search.query)}
    if asked := threshold(search.query):  # not as a window slides along
        found["asked"] = {"every": asked["interval"], "from": asked["from"]}
    return found


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _refused(message: str, help_: str = "") -> UsageError:
    return UsageError(Problem("usage", message, help=help_))


def summary(exports: Exports, folder: Path) -> Iterator[str]:
    """What was written and what was left out, for people."""
    width = max((len(siem.name) for siem in exports.targets), default=0)
    for siem in exports.targets:
        whole = sum(one.target == siem.name for one in exports.entries)
        paths = ", ".join(_tops(folder / siem.name, exports.files.get(siem.name, {})))
        yield f"{siem.name:<{width}}  {exports.exported[siem.name]} of {whole} rules  {paths}".rstrip()
    if exports.left_out:
        yield "left out"
    together: dict[tuple[str, str], list[str]] = {}
    for one in exports.left_out:
        place = f"{one.document.path}:{one.document.line}"
        together.setdefault((place, one.left_out), []).append(one.target)
    for (place, reason), targets in together.items():
        yield f"  {place}  {', '.join(targets)}: {reason}"
    yield str(folder / MANIFEST)


def _tops(folder: Path, paths: Iterable[str]) -> list[str]:
    """The files and folders that people handle as one."""
    tops = (path.partition("/") for path in paths)
    return list(dict.fromkeys(f"{folder / top}{slash}" for top, slash, _ in tops))
