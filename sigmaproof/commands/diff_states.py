"""The two states that `diff` compares: two revisions, a revision and the working tree, or two folders."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.config import FILE, Config
from sigmaproof.errors import Place, Problem, UsageError
from sigmaproof.load.files import YAML
from sigmaproof.load.git import Git, repository
from sigmaproof.load.snapshots import EVERYTHING, Snapshot, below, folder, revision, working_tree

_SUFFIXES = tuple(YAML)


class State(Struct, frozen=True):
    """One of the two."""

    rules: Snapshot
    models: Snapshot
    """Where targets and fixtures are; elsewhere if a bare folder of rules is compared."""
    tops: tuple[Path, ...]
    """The folders below which files of this state may be found on disk."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.rules.name

    def shown(self, path: Path) -> Path:
        """A file of this state as a person at the working folder would name it."""
        for top in self.tops:
            if path.is_relative_to(top):
                return path.relative_to(top)
        return path

    def told(self, problem: Problem) -> Problem:
        """A problem with such a file."""
        place = problem.place and replace(problem.place, path=self.shown(problem.place.path))
        message = problem.message
        for top in self.tops:
            message = message.replace(f"{top}{os.sep}", "")
        return replace(problem, place=place, message=message)


class Layout(Struct, frozen=True):
    """Where the parts of a project are, from its top folder."""

    rules: tuple[str, ...]
    fixtures: tuple[str, ...]
    converters: str
    settings: str = ""
    """The configuration file; empty if it is that of neither state."""

    @property
    def folders(self) -> tuple[str, ...]:
        """All of it."""
        return (*self.rules, *self.fixtures, self.converters, *([self.settings] if self.settings else []))

    def is_rule(self, path: str) -> bool:
        """Whether rules are loaded from a file of that name."""
        return any(_loaded(path, root) for root in self.rules)

    def is_fixture(self, path: str) -> bool:
        """Whether fixtures are."""
        return any(_loaded(path, root) for root in self.fixtures)

    def is_model(self, path: str) -> bool:
        """Whether it is a target, or anything that targets and log sources are described in."""
        return _loaded(path, self.converters)


class States(Struct, frozen=True):
    """Both of them, in one layout."""

    base: State
    head: State
    layout: Layout


def states(config: Config, base: str, head: str | None, *, merge_base: bool, scratch: Path) -> States:
    """What the names mean: a revision if there is one, or else a folder. Raises `UsageError`."""
    git, problem = _repository()
    start = _commit(git, base) if git else None
    if git is not None and start is not None:
        return _revisions(git, config, base, start, head, merge_base=merge_base, scratch=scratch)
    if _is_folder(base) and (head is None or _is_folder(head)):
        if merge_base:
            raise UsageError(Problem("usage", "folders have no merge base"))
        return _folders(config, Path(base), Path(head or "."))
    if git is None:
        raise problem or UsageError(Problem("usage", f"no folder {base!r}"))
    raise _unknown(git, base)


def _repository() -> tuple[Git | None, UsageError | None]:
    try:
        return repository(Path()), None
    except UsageError as error:
        return None, error


def _commit(git: Git, name: str) -> str | None:
    return git.commit(name) if name and not name.startswith("./") else None


def _is_folder(name: str) -> bool:
    return bool(name) and os.path.isdir(name)


def _revisions(
    git: Git, config: Config, base: str, start: str, head: str | None, *, merge_base: bool, scratch: Path
) -> States:
    layout = Layout(
        tuple(_within(git.top, one) for one in config.rules),
        tuple(_within(git.top, one) for one in config.fixtures),
        _within(git.top, config.converters),
        _settings(git.top, config),
    )
    end = _commit(git, head) if head is not None else None
    if head is not None and end is None:
        raise _unknown(git, head)
    if merge_base:
        base, start = _merged(git, base, start, end)
    old = _revision(git, base, start, layout, scratch / "base")
    if head is None or end is None:
        new = working_tree(git, layout.folders)
        return States(old, State(new, new, (git.top,)), layout)
    return States(old, _revision(git, head, end, layout, scratch / "head"), layout)


def _revision(git: Git, name: str, commit: str, layout: Layout, scratch: Path) -> State:
    found = revision(git, name, commit, layout.folders, scratch)
    return State(found, found, (scratch,))


def _merged(git: Git, base: str, start: str, end: str | None) -> tuple[str, str]:
    other = end or git.commit("HEAD")
    found = git.merge_base(start, other) if other else None
    if found is None:
        help_ = _DEEPEN if git.is_shallow() else "compare with the revision itself, without --merge-base"
        raise UsageError(Problem("git", f"no merge base with {base!r} is known", help=help_))
    return f"merge base with {base}", found


_DEEPEN = "this clone is shallow: fetch the history, with `git fetch --unshallow` or `fetch-depth: 0`"


def _unknown(git: Git, name: str) -> UsageError:
    help_ = _DEEPEN if git.is_shallow() else "name a branch, tag or commit of this repository, or a folder"
    return UsageError(Problem("git", f"no revision {name!r} is known", help=help_))


def _within(top: Path, path: Path) -> str:
    """A path from the top folder; links are not followed. Raises `UsageError` for one outside."""
    found = os.path.relpath(os.path.join(os.path.realpath(os.curdir), path), top)
    if found == os.pardir or found.startswith(f"{os.pardir}{os.sep}") or os.path.isabs(found):
        raise UsageError(Problem("usage", f"{path} is not in the repository {top}"))
    return PurePosixPath(found).as_posix()


def _settings(top: Path, config: Config) -> str:
    """The configuration file, if it is part of the repository."""
    try:
        return _within(top, config.root / FILE)
    except UsageError:
        return ""


def _folders(config: Config, base: Path, head: Path) -> States:
    """Two folders with a project each, or with rules alone, which are then judged by the targets here."""
    own = _project(config)
    if any((base / root).exists() for root in own.rules):
        old, new = (folder(str(one), one, own.folders) for one in (base, head))
        return States(State(old, old, (base,)), State(new, new, (head,)), own)
    here = Path()
    bare = replace(own, rules=(EVERYTHING,), settings="")
    models = folder("", here, (*own.fixtures, own.converters))
    old, new = (folder(str(one), one, bare.rules) for one in (base, head))
    return States(State(old, models, (base, here)), State(new, models, (head, here)), bare)


def _project(config: Config) -> Layout:
    """The configured folders, from the folder of the configuration."""
    parts = [*config.rules, *config.fixtures, config.converters]
    for path in parts:
        if os.path.isabs(path) or ".." in path.parts:
            raise UsageError(Problem("usage", f"{path} does not name a folder below the two"))
    rules, fixtures = ([path.as_posix() for path in paths] for paths in (config.rules, config.fixtures))
    here = "" if config.root.is_absolute() else (config.root / FILE).as_posix()
    return Layout(tuple(rules), tuple(fixtures), config.converters.as_posix(), here)


def _loaded(path: str, root: str) -> bool:
    """Whether a loader that is given `root` comes by a file: hidden folders are passed over."""
    if not path.lower().endswith(_SUFFIXES) or not below(path, root):
        return False
    rest = path if root == EVERYTHING else path[len(root) :]
    return "/." not in rest and not rest.startswith(".")


def changed(states_: States) -> frozenset[str]:
    """The paths that are not the same file in both states."""
    pairs = ((states_.base.rules, states_.head.rules), (states_.base.models, states_.head.models))
    return frozenset(
        path
        for before, after in pairs
        for path in {*before.listing.files, *after.listing.files}
        if before.listing.files.get(path) != after.listing.files.get(path)
    )


def new_links(states_: States) -> Iterator[Problem]:
    """Links that were not there before."""
    for path in sorted(states_.head.rules.listing.links - states_.base.rules.listing.links):
        yield Problem(
            "invalid-rule", "symbolic links are not followed", Place(Path(path)), "put the file itself here"
        )


def moved(states_: States, paths: Iterable[str]) -> dict[str, str]:
    """Files that are in another folder and otherwise the same: where they were, and where they are."""
    old, new = states_.base.rules.listing.files, states_.head.rules.listing.files
    paths = sorted(paths)
    gone = {(old[path], PurePosixPath(path).name): path for path in paths if path not in new}
    found = {}
    for path in paths:
        if path not in old and (was := gone.pop((new[path], PurePosixPath(path).name), None)) is not None:
            found[was] = path
    return found
