"""`init`: a new detection repository with a working example."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sigmaproof.errors import Problem, UsageError

_PACKAGE = Path(__file__).parents[1]
_TEMPLATES = _PACKAGE / "templates"
_NAME = "proc_creation_win_whoami_privileges"
_ALWAYS = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "rule.yml": f"sigma_rules/process_creation/{_NAME}.yml",
    "fixture.yml": f"fixtures/{_NAME}.yml",
    "pre-commit.yml": ".pre-commit-config.yaml",
    "vscode.json": ".vscode/settings.json",
    "gitignore": ".gitignore",
}
WORKFLOWS = {"github": ".github/workflows/detections.yml", "gitlab": ".gitlab-ci.yml", "none": ""}
"""CI server → its file."""
_TARGETS = ("elastic-eql.yml", "elastic-lucene.yml", "splunk.yml")
_BELOW = ("events", "indices", "pipelines", "sources")
_SCHEMAS = ("fixture", "target", "index", "source")
_MAY_BE_THERE = frozenset({".git"})


def new_repository(folder: Path, ci: str) -> list[Path]:
    """Writes a repository into an empty folder, or one that is not there, and names its files.

    Raises `UsageError` for a folder with anything in it but `.git`, and where nothing can be written.
    """
    try:
        there = {path.name for path in folder.iterdir()} if folder.exists() else set()
        if not there <= _MAY_BE_THERE:
            raise _refused(folder, sorted(there - _MAY_BE_THERE))
        written = []
        for path, text in _files(ci):
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
            written.append(place)
    except OSError as error:
        raise UsageError(Problem("usage", f"cannot write {folder}: {error.strerror}")) from error
    return written


def _refused(folder: Path, names: list[str]) -> UsageError:
    more = ", …" if len(names) > 3 else ""
    message = f"{folder} is not empty: {', '.join(names[:3])}{more}"
    return UsageError(Problem("usage", message, help="name a new folder: sigmaproof init FOLDER"))


def _files(ci: str) -> Iterator[tuple[str, str]]:
    """Each file's path and text."""
    facts = {
        "{version}": version("sigmaproof"),
        "{id}": str(uuid.uuid4()),
        "{date}": datetime.now(UTC).date().isoformat(),
    }
    chosen = {f"{ci}.yml": WORKFLOWS[ci]} if WORKFLOWS[ci] else {}
    for source, path in {**_ALWAYS, **chosen}.items():
        text = (_TEMPLATES / source).read_text(encoding="utf-8")
        for word, fact in facts.items():
            text = text.replace(word, fact)
        yield path, text
    for path in _shipped():
        yield path, (shipped() / path).read_text(encoding="utf-8")


def shipped() -> Path:
    """Where `converters/` and `schemas/` are: inside the installed package, or above it in its repository."""
    inside = _PACKAGE / "shipped"
    return inside if inside.is_dir() else _PACKAGE.parent


def _shipped() -> Iterator[str]:
    yield from (f"converters/{name}" for name in _TARGETS)
    for folder in _BELOW:
        for path in sorted((shipped() / "converters" / folder).glob("*.yml")):
            yield f"converters/{folder}/{path.name}"
    yield from (f"schemas/{name}.schema.json" for name in _SCHEMAS)
