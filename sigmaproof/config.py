"""Where a repository keeps its rules, fixtures and targets: `[tool.sigmaproof]` of its pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import Place, Problem, UsageError, nearest

FILE = "pyproject.toml"
_CODE = "invalid-configuration"

Placeholders = tuple[tuple[str, tuple[str, ...]], ...]


class Config(Struct, frozen=True):
    """What every command works on. Paths are relative to the folder of the configuration file."""

    rules: tuple[Path, ...] = (Path("sigma_rules"),)
    fixtures: tuple[Path, ...] = (Path("fixtures"),)
    converters: Path = Path("converters")
    """Holds the targets, and below it `pipelines/`, `indices/` and `sources/`."""
    targets: tuple[str, ...] = ()
    """The targets used when a command names none; empty means every target there is."""
    placeholders: Placeholders = ()
    """What `%name%` under the modifier `expand` stands for: value strings, by name."""
    root: Path = Path()

    def overridden(
        self,
        *,
        rules: Iterable[Path],
        fixtures: Iterable[Path],
        converters: Path | None,
        targets: Iterable[str],
    ) -> Config:
        """The same with what the command line says; its paths are relative to the working folder."""
        return replace(
            self,
            rules=tuple(rules) or tuple(_under(self.root, self.rules)),
            fixtures=tuple(fixtures) or tuple(_under(self.root, self.fixtures)),
            converters=converters or self.root / self.converters,
            targets=tuple(targets) or self.targets,
        )


def read_config(start: Path) -> Config:
    """The configuration of the nearest folder upwards from `start` that has one, or the defaults.

    Raises `UsageError` for broken TOML, an unknown key or a value of the wrong type.
    """
    for folder in (start, *start.resolve().parents):
        path = folder / FILE
        if path.is_file():
            table = _table(path, path.read_bytes())
            if table is not None:
                return _parsed(path, table)
    return Config(root=start)


def read_placeholders(path: Path, content: bytes) -> Placeholders:
    """The values of placeholders in a configuration file, whatever else it says; none without any.

    Raises `UsageError` for broken TOML or a value of the wrong type.
    """
    table = _table(path, content) or {}
    return tuple(_placeholders(path, table["placeholders"])) if "placeholders" in table else ()


def _table(path: Path, content: bytes) -> Mapping[str, Any] | None:
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(Problem(_CODE, f"not valid TOML: {error}", Place(path))) from None
    table = data.get("tool", {}).get("sigmaproof")
    if table is not None and not isinstance(table, dict):
        raise _wrong(path, "`tool.sigmaproof` is not a table")
    return table


def _parsed(path: Path, table: Mapping[str, Any]) -> Config:
    known = set(Config.__struct_fields__) - {"root"}
    for key in table:
        if key not in known:
            raise _wrong(path, f"unknown key `{key}` in [tool.sigmaproof]{nearest(key, known)}")
    values: dict[str, Any] = {"root": _relative(path.parent)}
    for key in ("rules", "fixtures"):
        if key in table:
            values[key] = tuple(Path(text) for text in _texts(path, key, table[key]))
    if "targets" in table:
        values["targets"] = _texts(path, "targets", table["targets"])
    if "converters" in table:
        (folder,) = _texts(path, "converters", table["converters"])
        values["converters"] = Path(folder)
    if "placeholders" in table:
        values["placeholders"] = tuple(_placeholders(path, table["placeholders"]))
    return Config(**values)


def _placeholders(path: Path, table: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(table, dict):
        raise _wrong(path, "`tool.sigmaproof.placeholders` is not a table")
    for name, values in table.items():
        if not re.fullmatch(r"\w+", name):
            raise _wrong(path, f"`{name}` is no name of a placeholder: letters, digits and underscores")
        yield name, _texts(path, f"placeholders.{name}", values)


def _texts(path: Path, key: str, value: Any) -> tuple[str, ...]:
    """A text or a list of texts."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise _wrong(path, f"`{key}` in [tool.sigmaproof] must be a text or a list of texts")


def _wrong(path: Path, message: str) -> UsageError:
    return UsageError(Problem(_CODE, message, Place(path)))


def _relative(folder: Path) -> Path:
    """The folder as a person at the working folder would write it."""
    try:
        return folder.resolve().relative_to(Path.cwd())
    except ValueError:
        return folder


def _under(root: Path, paths: Iterable[Path]) -> Iterable[Path]:
    return (root / path for path in paths)
