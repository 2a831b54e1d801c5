"""What `diff` loads of both states: what changed, and of the rest only what that touches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.commands.diff_placeholders import mention, placeholder_values
from sigmaproof.commands.diff_states import State, States, changed, moved
from sigmaproof.config import Config
from sigmaproof.errors import InvalidInput, Place, Problem
from sigmaproof.judge.diff import Fate, FileChange
from sigmaproof.judge.diff_pairs import Matched, pairs
from sigmaproof.judge.edits import edits
from sigmaproof.load.files import decoded
from sigmaproof.load.fixtures import load_fixture
from sigmaproof.load.rules import CODE, find_rule, indexed, parse_rule_file
from sigmaproof.load.sigmahq import INFO, load_info
from sigmaproof.load.values import Case, Fixtures, Kind, RuleDocument, RuleFile, Rules
from sigmaproof.workspace import Workspace

_SPECIAL = (
    "^[\"']?(filter|correlation)[\"']?[ \t]*:",
    "^[ \t]+[\"']?(title|logsource)[\"']?[ \t]*:",
    "^(---)?[ \t]*[{?]",
    "^[\"'].*:",
)
"""Lines of every file that can hold a filter or a correlation rule; of other files, hardly any has one."""
_DATA = re.compile(rb"(?:file|path)[\"']?[ \t]*:[ \t]*([\"']?)(.+?)\1[ \t\r]*(?:[,}#]|$)", re.MULTILINE)
_KINDS = {
    "pipelines": "pipeline",
    "indices": "index model",
    "sources": "source model",
    "events": "event data",
    "logs": "log fields",
}


class Parsed(Struct, frozen=True):
    """Rule files of one state, by path."""

    files: Mapping[str, RuleFile]
    problems: tuple[Problem, ...]

    @property
    def documents(self) -> list[RuleDocument]:
        """Every document of every file."""
        return [document for file in self.files.values() for document in file.documents]

    def of(self, kind: Kind) -> list[RuleDocument]:
        """Those of one kind."""
        return [document for document in self.documents if document.kind is kind]


def parsed(state: State, paths: Iterable[str]) -> Parsed:
    """The rule files that load, and what is wrong with the others."""
    wanted = sorted(paths)
    contents = state.rules.contents(wanted)
    files: dict[str, RuleFile] = {}
    problems = []
    for path in wanted:
        try:
            files[path] = _rule_file(Path(path), contents.get(path))
        except InvalidInput as error:
            problems.append(error.problem)
    return Parsed(files, tuple(problems))


def _rule_file(path: Path, data: bytes | None) -> RuleFile:
    if data is None:
        raise InvalidInput(Problem(CODE, "cannot be read", Place(path)))
    return parse_rule_file(decoded(data, path, CODE), path)


class Loaded:
    """Both states, as far as the change makes it necessary."""

    def __init__(self, config: Config, states: States) -> None:
        self.config, self.states = config, states
        self.values = placeholder_values(config, states)
        layout = states.layout
        # git looks through every rule while the rest is read
        pool = ThreadPoolExecutor(1)
        self._special = pool.submit(states.base.rules.matching, _SPECIAL, layout.rules)
        pool.shutdown(wait=False)
        self.changed = changed(self.states)
        rules = {path for path in self.changed if layout.is_rule(path)}
        renamed = moved(self.states, rules)
        self.moved = len(renamed)
        rules -= {*renamed, *renamed.values()}
        self.base = parsed(self.states.base, (one for one in rules if self._in(self.states.base, one)))
        self.head = parsed(self.states.head, (one for one in rules if self._in(self.states.head, one)))
        self.rules = rules

    def _in(self, state: State, path: str) -> bool:
        return path in state.rules.listing.files

    @cached_property
    def same(self) -> frozenset[str]:
        """The rule files that are as they were."""
        head = self.states.head.rules.listing.files
        return frozenset(path for path in head if path not in self.rules and self.states.layout.is_rule(path))

    @cached_property
    def special(self) -> Parsed:
        """Of these, those with filters and correlation rules."""
        held = self._special.result() & self.same
        found = parsed(self.states.head, held)
        files = {
            path: file
            for path, file in found.files.items()
            if any(document.kind is not Kind.RULE for document in file.documents)
        }
        return Parsed(files, ())

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The changed files that targets and log sources are described in."""
        return tuple(sorted(path for path in self.changed if self.states.layout.is_model(path)))

    def workspaces(self) -> tuple[Workspace, Workspace]:
        """Targets and source models of both states; one and the same where nothing changed."""
        head = self._workspace(self.states.head)
        apart = self.models or self.values.changed
        base = self._workspace(self.states.base, head.target_names) if apart else head
        for state, workspace in ((self.states.head, head), (self.states.base, base)):
            try:
                _ = workspace.sources
            except InvalidInput as error:
                raise InvalidInput(state.told(error.problem)) from error
        return base, head

    def _workspace(self, state: State, wanted: Iterable[str] = ()) -> Workspace:
        folder = self.states.layout.converters
        listed = state.models.listing.files
        root = state.models.root(path for path in listed if path.startswith(f"{folder}/"))
        values = self.values.base if state is self.states.base else self.values.head
        workspace = Workspace(replace(self.config, converters=root / folder, placeholders=values))
        if not wanted:
            return workspace
        names = [one for one in self.config.targets or wanted if one in workspace.target_names]
        if not names:
            return workspace.over(indexed([]), ())
        return Workspace(replace(workspace.config, targets=tuple(names)))

    def is_source(self, path: str) -> bool:
        """Whether it is a source model, on which every rule's meaning depends."""
        return _kind(path, self.states.layout.converters) == "source model"

    def touched(self, *, whole: bool) -> Parsed:
        """The unchanged rule files that the change touches; `whole`: all of them."""
        filters = [*self.base.of(Kind.FILTER), *self.head.of(Kind.FILTER), *self.filled.of(Kind.FILTER)]
        named = [_named(one) for one in filters]
        if whole or any(names is None for names in named):
            return parsed(self.states.head, self.same)
        words = [name for names in named for name in names or ()]
        held = self.states.base.rules.mentioning(words, self.states.layout.rules) & self.same
        return parsed(self.states.head, held | self.filled.files.keys())

    @cached_property
    def filled(self) -> Parsed:
        """The unchanged rule files with a placeholder whose values changed."""
        words = [mention(name) for name in self.values.changed]
        held = self.states.base.rules.mentioning(words, self.states.layout.rules) & self.same
        return parsed(self.states.head, held)

    @cached_property
    def referred(self) -> Parsed:
        """The unchanged rule files that hold what correlation rules refer to."""
        sides = (self.base, self.head, self.special)
        words = {name for side in sides for one in side.of(Kind.CORRELATION) for name in _references(one)}
        held = self.states.base.rules.mentioning(sorted(words), self.states.layout.rules) & self.same
        return parsed(self.states.head, held)

    def concerned(self) -> list[RuleDocument]:
        """The unchanged correlation rules that refer to a rule that changed, or to another such."""
        sides = (self.base, self.head, self.filled)
        names = {name for side in sides for one in side.documents for name in (one.id, one.name) if name}
        rest, found = self.special.of(Kind.CORRELATION), list[RuleDocument]()
        while new := [one for one in rest if one not in found and names & _references(one)]:
            found += new
            names |= {name for one in new for name in (one.id, one.name) if name}
        return found

    def file_changes(self) -> tuple[FileChange, ...]:
        """The changed files that rules depend on."""
        found = [
            FileChange(_kind(path, self.states.layout.converters), path, self._fate(path))
            for path in self.models
        ]
        if self.values.changed:
            found.append(FileChange("placeholders", self.values.path, Fate.CHANGED))
        for before, after in pairs(self.base.of(Kind.FILTER), self.head.of(Kind.FILTER)):
            if before is None or after is None or edits(before.data, after.data):
                found.append(FileChange("filter", _path(before, after), _fate(before, after)))
        return tuple(found)

    def _fate(self, path: str) -> Fate:
        if path not in self.states.base.models.listing.files:
            return Fate.ADDED
        return Fate.CHANGED if path in self.states.head.models.listing.files else Fate.REMOVED

    def matched(self) -> list[Matched]:
        """The rules of changed files, each beside its other version."""
        kinds = (Kind.RULE, Kind.CORRELATION)
        broken = {problem.place.path for problem in self.head.problems if problem.place}
        old, new = ([one for one in side.documents if one.kind in kinds] for side in (self.base, self.head))
        return pairs((one for one in old if one.path not in broken), new)

    def rules_of(self, side: Parsed, touched: Parsed) -> Rules:
        """What one state's rules are found in."""
        files = {**self.referred.files, **self.special.files, **touched.files, **side.files}
        return indexed(files[path] for path in sorted(files))


def _named(filter_: RuleDocument) -> list[str] | None:
    """The rules that a filter names; None for any."""
    body = filter_.data.get("filter")
    found = body.get("rules") if isinstance(body, Mapping) else None
    if isinstance(found, str):
        return None if found == "any" else [found]
    return [str(one) for one in found] if isinstance(found, list) and found else None


def _references(rule: RuleDocument) -> frozenset[str]:
    """The names and ids that a correlation rule refers to."""
    body = rule.data.get("correlation")
    found = body.get("rules") if isinstance(body, Mapping) else None
    names = found if isinstance(found, list) else [found] if found else []
    return frozenset(text for one in names for text in (str(one), str(one).lower()))


def _path(before: RuleDocument | None, after: RuleDocument | None) -> str:
    one = after or before
    assert one is not None
    return one.path.as_posix()


def _fate(before: RuleDocument | None, after: RuleDocument | None) -> Fate:
    if before is None:
        return Fate.ADDED
    return Fate.CHANGED if after else Fate.REMOVED


def _kind(path: str, folder: str) -> str:
    parts = PurePosixPath(path).relative_to(folder).parts
    return _KINDS.get(parts[0], "target") if len(parts) > 1 else "target"


class FixtureFinder:
    """The labelled cases of rules, looked for where they can be only."""

    def __init__(self, loaded: Loaded, documents: Iterable[RuleDocument], *, whole: bool) -> None:
        self._states, self._changed = loaded.states, loaded.changed
        found = list(documents)
        self._stems = {one.path.stem for one in found}
        held = frozenset[str]()
        if not whole:
            words = sorted({*self._stems, *(one.id for one in found if one.id)})
            held = self._states.base.models.mentioning(words, self._states.layout.fixtures)
        self._held = None if whole else held

    def head(self) -> Fixtures:
        """The fixtures of the new state."""
        listed = self._states.head.models.listing.files
        return self._load(self._states.head, (path for path in listed if self._wanted(path)))

    def base(self) -> Fixtures:
        """The fixtures of the old state that are not the same in the new one."""
        listed = self._states.base.models.listing.files
        paths = (path for path in listed if path in self._changed and self._wanted(path))
        return self._load(self._states.base, paths)

    def _wanted(self, path: str) -> bool:
        if not self._states.layout.is_fixture(path):
            return False
        own = path in self._changed or PurePosixPath(path).stem in self._stems
        return self._held is None or own or path in self._held

    def _load(self, state: State, paths: Iterable[str]) -> Fixtures:
        wanted = sorted(paths)
        root = state.models.root([*wanted, *_data_files(state, wanted)])
        found = [_fixture(root, path, self._states.layout.fixtures) for path in wanted]
        return Fixtures(
            tuple(
                replace(one, cases=tuple(_shown(state, case) for case in one.cases))
                for each in found
                for one in each.fixtures
            ),
            tuple(state.told(problem) for each in found for problem in each.problems),
        )


def cases_of(fixtures: Fixtures, rules: Rules) -> dict[tuple[Path, int], list[Case]]:
    """The cases by the rule that they are about."""
    found: dict[tuple[Path, int], list[Case]] = {}
    for fixture in fixtures.fixtures:
        documents = [one for one in find_rule(rules, fixture.rule) if one.kind is not Kind.FILTER]
        if documents and len({one.path for one in documents}) == 1:
            last = documents[-1]
            found.setdefault((last.path, last.index), []).extend(fixture.cases)
    return found


def _shown(state: State, case: Case) -> Case:
    return replace(case, path=state.shown(case.path))


def _fixture(root: Path, path: str, roots: Iterable[str]) -> Fixtures:
    place = root / path
    if place.name != INFO:
        return load_fixture(place)
    folder = next((one for one in roots if path.startswith(f"{one}/")), PurePosixPath(path).parent)
    return load_info(place, root / folder)


def _data_files(state: State, paths: Iterable[str]) -> list[str]:
    """The event files that fixtures may mean: every one below the fixtures with a name that is written."""
    contents = state.models.contents(paths)
    written = (found[2] for data in contents.values() for found in _DATA.finditer(data))
    names = {PurePosixPath(one.decode("utf-8", "replace")).name for one in written}
    listed = state.models.listing.files
    return [path for path in listed if PurePosixPath(path).name in names] if names else []
