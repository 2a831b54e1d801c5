"""Everything a command works on, loaded once: rules, fixtures, targets, source models, and what is wrong."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from msgspec import Struct

from sigmaproof.config import Config
from sigmaproof.errors import InvalidInput, Problem, UsageError, nearest
from sigmaproof.index.log_fields import LogFields, load_log_fields
from sigmaproof.index.model import IndexModel, load_index_model, plain_model
from sigmaproof.index.sources import SourceModels, load_sources
from sigmaproof.load.fixtures import load_fixtures
from sigmaproof.load.rules import find_rule, load_rules
from sigmaproof.load.targets import load_targets
from sigmaproof.load.values import Fixture, Fixtures, Rules, Target, Targets


class Siem(Struct, frozen=True):
    """A target and its index model."""

    target: Target
    model: IndexModel

    @property
    def name(self) -> str:
        return self.target.name


class Workspace:
    """Loads each kind of file when first asked for it. A file that does not load is a problem, not an end."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._models: dict[Path, IndexModel] = {}

    def over(self, rules: Rules, targets: Container[str] | None = None) -> Workspace:
        """Other rules with the same source models and, of the same targets, those that are named."""
        other = Workspace(self.config)
        other.rules, other.sources, other._targets = rules, self.sources, self._targets
        siems, problems = self._siems
        other._siems = tuple(one for one in siems if targets is None or one.name in targets), problems
        return other

    @cached_property
    def rules(self) -> Rules:
        """Every rule file under the configured folders."""
        return load_rules(self.config.rules)

    @cached_property
    def fixtures(self) -> Fixtures:
        """Every fixture under the configured folders, one folder after the other."""
        found = [load_fixtures(root) for root in self.config.fixtures]
        return Fixtures(
            tuple(fixture for one in found for fixture in one.fixtures),
            tuple(problem for one in found for problem in one.problems),
            tuple(note for one in found for note in one.notes),
        )

    def narrow(self, paths: Iterable[Path]) -> None:
        """Leaves only the fixtures that these files are, hold events for, or are the rules of.

        A folder stands for its files. Any other file, such as a target's, concerns every fixture.
        """
        wanted = {path.absolute() for path in paths}
        known = {path: self._concerned(path) for path in wanted}
        if all(known.values()):
            kept = {fixture.path for fixtures in known.values() for fixture in fixtures}
            found = self.fixtures
            about = [one for one in found.problems if one.place and _among(one.place.path, wanted)]
            fixtures = tuple(one for one in found.fixtures if one.path in kept)
            self.fixtures = Fixtures(fixtures, tuple(about), found.notes)

    def _concerned(self, path: Path) -> list[Fixture]:
        return [
            one for one in self.fixtures.fixtures if any(_among(file, {path}) for file in self._files(one))
        ]

    def _files(self, fixture: Fixture) -> Iterator[Path]:
        yield fixture.path
        yield from (document.path for document in find_rule(self.rules, fixture.rule))
        yield from (case.file for case in fixture.cases if case.file)

    @cached_property
    def sources(self) -> SourceModels:
        """The source models under `converters/sources`. Raises `InvalidInput` when one does not load."""
        return load_sources(self.config.converters / "sources")

    @cached_property
    def log_fields(self) -> LogFields:
        """What `converters/logs` says of other log sources. Raises `InvalidInput` when it does not load."""
        return load_log_fields(self.config.converters / "logs")

    @cached_property
    def _targets(self) -> Targets:
        return load_targets(self.config.converters)

    @property
    def target_names(self) -> tuple[str, ...]:
        """The names of all targets there are, selected or not, and of those that do not load."""
        broken = {problem.place.path.stem for problem in self._targets.problems if problem.place}
        return tuple(sorted(broken | {target.name for target in self._targets.targets}))

    @cached_property
    def _siems(self) -> tuple[tuple[Siem, ...], tuple[Problem, ...]]:
        loaded = self._targets
        problems = list(loaded.problems)
        siems = []
        for name in dict.fromkeys(self.config.targets or [target.name for target in loaded.targets]):
            target = loaded.named(name)
            if target is not None:
                try:
                    siems.append(Siem(target, self._index_model(target)))
                except InvalidInput as error:
                    problems.append(error.problem)
            elif name not in self.target_names:
                raise _unknown_target(name, self.target_names)
        return tuple(siems), tuple(problems)

    def _index_model(self, target: Target) -> IndexModel:
        """The target's index model; targets that name the same file share it."""
        if target.index is None:
            return index_model(target)
        if target.index not in self._models:
            self._models[target.index] = index_model(target)
        return self._models[target.index]

    @property
    def siems(self) -> tuple[Siem, ...]:
        """The selected targets that load. Raises `UsageError` for a name that no target has."""
        return self._siems[0]

    @property
    def target_problems(self) -> tuple[Problem, ...]:
        """What is wrong with target files and their index models."""
        return self._siems[1]


def _among(path: Path, wanted: set[Path]) -> bool:
    absolute = path.absolute()
    return absolute in wanted or not wanted.isdisjoint(absolute.parents)


def index_model(target: Target) -> IndexModel:
    """The index model that a target names, or the plain one. Raises `InvalidInput`."""
    return load_index_model(target.index) if target.index else plain_model(target.language)


def _unknown_target(name: str, known: Iterable[str]) -> UsageError:
    names = sorted(known)
    listed = f"targets here: {', '.join(names)}" if names else "there are no targets here"
    return UsageError(Problem("unknown-target", f"no target {name!r}{nearest(name, names)}", help=listed))
