"""Proofs kept between runs: of each rule, and of a whole run in which nothing has changed.

A rule's proofs are kept under a hash of all that they were made from: the text of its file, the filters,
every file below `converters/`, the budget, the assumptions, and the code of this program. A whole run is kept
under the same and the content of all its rule files, so that nothing has to be parsed to find that nothing
changed. Each is one JSON file in the user's own cache folder. What cannot be read or written is as if it were
not there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from msgspec import DecodeError, json
from msgspec.structs import replace

from sigmaproof.caches import cache_folder, made
from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.config import Config
from sigmaproof.convert.cache import code_digest
from sigmaproof.load.files import MAX_TEXT, YAML, walk
from sigmaproof.load.values import RuleDocument
from sigmaproof.logic.prove.assumptions import Assumption

_RUNS = 8
"""So many whole runs are kept, the latest."""
_MANY = 100
"""A run over fewer rules is not worth keeping as a whole."""

Kept = TypeVar("Kept")


class ProofCache:
    """The proofs of one kind of run; nothing is kept without a folder."""

    def __init__(self, config: Config, budget: float, assumptions: Sequence[Assumption]) -> None:
        self._folder = cache_folder()
        self._rules = config.rules
        self._shared = ""
        self._run = ""
        if self._folder is not None:
            said = [*config.targets, "", config.placeholders, budget, *(one.value for one in assumptions)]
            digest = sha256(f"{_code_digest()}\n{code_digest()}\n{said!r}".encode())
            self._shared = _files_digest(digest.hexdigest(), [config.converters], named=False)
            self._run = _files_digest(self._shared, config.rules, named=True)

    def run(self) -> Proofs | None:
        """What the whole run found, if nothing has changed since."""
        return self._load(f"runs/{self._run}.json", Proofs)

    def keep_run(self, proofs: Proofs) -> None:
        """Keeps what a whole run found."""
        if self._folder is not None and len(proofs.rules) >= _MANY:
            self._store(f"runs/{self._run}.json", proofs)
            _only_latest(self._folder / "runs")

    def rule(self, document: RuleDocument, text: str, filters: Iterable[str]) -> RuleProof | None:
        """What is known of a rule; `text` and `filters` are the content of its file and of theirs."""
        found = self._load(self._of_rule(document, text, filters), RuleProof)
        if found is None:
            return None
        return replace(found, path=document.path, line=document.line, title=document.title)

    def keep_rule(self, proof: RuleProof, document: RuleDocument, text: str, filters: Iterable[str]) -> None:
        """Keeps what is known of a rule."""
        self._store(self._of_rule(document, text, filters), proof)

    def _of_rule(self, document: RuleDocument, text: str, filters: Iterable[str]) -> str:
        said = "\0".join([self._shared, str(document.index), text, *filters])
        key = sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        return f"proofs/{key[:2]}/{key[2:]}.json"

    def _load(self, name: str, kind: type[Kept]) -> Kept | None:
        if self._folder is None:
            return None
        try:
            return json.decode((self._folder / name).read_bytes(), type=kind, dec_hook=_decoded)
        except (OSError, ValueError, DecodeError):
            return None

    def _store(self, name: str, kept: Proofs | RuleProof) -> None:
        if self._folder is None or not made((self._folder / name).parent):
            return
        path = self._folder / name
        try:
            with tempfile.NamedTemporaryFile("wb", dir=path.parent, delete=False) as file:
                file.write(json.encode(kept, enc_hook=str))
            Path(file.name).replace(path)
        except (OSError, ValueError, TypeError):
            return


def _decoded(kind: type, value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise ValueError(kind)


def _files_digest(start: str, roots: Iterable[Path], *, named: bool) -> str:
    """A hash of the YAML files below some folders, and of what is wrong with the folders."""
    digest = sha256(start.encode())
    for root in roots:
        paths, problems = walk(root, YAML, "")
        digest.update(f"{len(paths)} {problems!r}".encode("utf-8", "surrogatepass"))
        for path in paths:
            name = str(path) if named else str(path.relative_to(root)) if path != root else path.name
            content = _content(path)
            digest.update(f"{name} {len(content)}\0".encode("utf-8", "surrogatepass"))
            digest.update(content)
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    """The content of a file, or of as much of it as anybody reads."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_TEXT + 1)
    except OSError as error:
        return f"{error.strerror}".encode()


@cache
def _code_digest() -> str:
    """A hash of the state of our own code."""
    root = Path(__file__).parents[1]
    digest = sha256()
    for folder, folders, files in os.walk(root):
        folders.sort()
        for name in sorted(files):
            if name.endswith((".py", ".lark")):
                state = os.stat(os.path.join(folder, name))
                digest.update(f"{folder} {name} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()


def _only_latest(folder: Path) -> None:
    try:
        found = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in found[_RUNS:]:
            path.unlink()
    except OSError:
        return
