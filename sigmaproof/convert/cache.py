"""Conversions kept between runs, so that a run in which nothing changed never imports pySigma.

A conversion is kept under a hash of all that it was made from: the documents, the files of the target, and
the versions of the converters. It is one JSON file in the user's own cache folder. What cannot be read or
written is as if it were not there.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sigmaproof.caches import cache_folder, made
from sigmaproof.config import Placeholders
from sigmaproof.convert.conversion import Conversion, Queries, Refused
from sigmaproof.load.values import Target

_OURS = ("convert", "index", "load", "text")
"""Our own packages whose code a conversion depends on."""


class ConversionCache:
    """The conversions of one target."""

    def __init__(self, target: Target, placeholders: Placeholders = ()) -> None:
        self._folder = cache_folder()
        self._target = f"{_target_digest(target)}\n{sorted(placeholders)!r}" if self._folder else ""

    def key(self, documents: Iterable[Mapping[str, Any]]) -> str:
        """What the conversion of a rule under filters is kept under."""
        text = json.dumps(list(documents), default=repr, sort_keys=False)
        return sha256(f"{self._target}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()

    def load(self, key: str) -> Conversion | None:
        """The conversion kept under a key, if there is one."""
        if self._folder is None:
            return None
        try:
            return _read(json.loads(self._path(self._folder, key).read_bytes()))
        except (OSError, ValueError):
            return None

    def store(self, key: str, conversion: Conversion) -> None:
        """Keeps a conversion; another run never sees half of it."""
        if self._folder is None:
            return
        path = self._path(self._folder, key)
        if not made(path.parent):
            return
        try:
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
                json.dump(_written(conversion), file)
            Path(file.name).replace(path)
        except (OSError, ValueError):
            return

    def _path(self, root: Path, key: str) -> Path:
        return root / "conversions" / key[:2] / f"{key[2:]}.json"


def _written(conversion: Conversion) -> dict[str, Any]:
    if isinstance(conversion, Refused):
        return {"refused": conversion.reason}
    return {"texts": list(conversion.texts)}


def _read(data: Any) -> Conversion | None:
    match data:
        case {"refused": str(reason)}:
            return Refused(reason)
        case {"texts": [*texts]} if texts and all(isinstance(text, str) for text in texts):
            return Queries(tuple(texts))
    return None


def _target_digest(target: Target) -> str:
    """A hash of the target's own files and of the code that reads them."""
    made_of = [target.backend, target.output_format, dict(target.backend_options)]
    digest = sha256(f"{code_digest()}\n{made_of!r}".encode())
    for path in target.files:
        digest.update(b"\0" + path.name.encode() + b"\0" + _content(path))
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@cache
def code_digest() -> str:
    """A hash of the versions of pySigma and its plugins, and of the state of our own code."""
    digest = sha256()
    spec = find_spec("sigma")
    for location in spec.submodule_search_locations or () if spec else ():
        for name in sorted(os.listdir(Path(location).parent)):
            if name.lower().startswith("pysigma"):
                digest.update(name.encode())
    for package in _OURS:
        for path in sorted((Path(__file__).parents[1] / package).rglob("*.py")):
            state = path.stat()
            digest.update(f"{path.name} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()
