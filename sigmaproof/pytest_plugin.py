"""The pytest plugin: in a detection repository, each case of a fixture is an item per side: docs/pytest.md.

It is loaded by every run of pytest in its environment, so it imports nothing of ours until a fixture is met.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sigmaproof.config import Config
    from sigmaproof.pytest_items import Repository

_MODES = ("auto", "on", "off")
_FOLDERS = ("sigma_rules", "fixtures")
_MARKERS = (
    "detection: a case of a Sigma rule's fixture, on one side",
    "malicious: a case that the rule should find",
    "benign: a case that the rule should not find",
)
_active = pytest.StashKey[bool]()
_config: pytest.StashKey[Config] = pytest.StashKey()
_repository: pytest.StashKey[Repository] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option, in pytest's configuration."""
    parser.addini(
        "sigmaproof", "Collect fixtures of Sigma rules: auto (where there are some), on, off", default="auto"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Decides whether this is a detection repository."""
    mode = str(config.getini("sigmaproof"))
    if mode not in _MODES:
        raise pytest.UsageError(f"sigmaproof = {mode!r} in pytest's configuration: write auto, on or off")
    active = config.stash[_active] = mode == "on" or (mode == "auto" and _is_ours(config.rootpath))
    for line in _MARKERS if active else ():
        config.addinivalue_line("markers", line)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The collector of a fixture; None for every other file."""
    if file_path.suffix not in (".yml", ".yaml") or not parent.config.stash[_active]:
        return None
    config = _config_of(parent.config)
    if not any(file_path.is_relative_to(root.absolute()) for root in config.fixtures):
        return None
    from sigmaproof.pytest_items import FixtureFile, Repository

    repository = parent.config.stash.setdefault(_repository, Repository(config, parent.config))
    return FixtureFile.from_parent(parent, path=file_path, repository=repository)


def _config_of(pytest_config: pytest.Config) -> Config:
    """What `sigmaproof test` would work on in pytest's root folder."""
    if _config not in pytest_config.stash:
        from sigmaproof.config import read_config
        from sigmaproof.errors import UsageError

        try:
            found = read_config(pytest_config.rootpath)
        except UsageError as error:
            raise pytest.UsageError(f"{error.problem.place}: {error.problem.message}") from None
        whole = found.overridden(rules=(), fixtures=(), converters=None, targets=())
        pytest_config.stash[_config] = whole
    return pytest_config.stash[_config]


def _is_ours(root: Path) -> bool:
    """Whether a folder says that it is a detection repository, or looks like one."""
    return all((root / name).is_dir() for name in _FOLDERS) or _is_configured(root / "pyproject.toml")


def _is_configured(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
        return "sigmaproof" in text and "sigmaproof" in tomllib.loads(text).get("tool", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return False
