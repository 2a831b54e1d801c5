"""What pytest collects from a fixture: an item for each case on each side, with our failure message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sigmaproof.config import Config
from sigmaproof.errors import Problem, SigmaproofError
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.results import CaseResult, Outcome, RuleResult
from sigmaproof.judge.suite import RuleNotLoaded, run_fixture
from sigmaproof.judge.verdicts import SIGMA, Status
from sigmaproof.load.values import Case, Fixture
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import Paint
from sigmaproof.workspace import Workspace

_MARK = re.compile(r"[A-Za-z0-9][\w.+/-]*")
"""A tag that `-m` can name."""
LOADS = "loads"
"""The item of a fixture of which something does not load."""


class NotAsExpected(Exception):
    """A case that fails: its text is the message."""


class Gap(NotAsExpected):
    """A case whose gap the fixture admits."""


class Repository:
    """What the fixtures of one session share. Each rule runs once, when the first of its items does."""

    def __init__(self, config: Config, pytest_config: pytest.Config) -> None:
        self.workspace = Workspace(config)
        self._pytest_config = pytest_config
        self._marks: set[str] = set()
        self._ran: dict[int, RuleResult | SigmaproofError] = {}

    @cached_property
    def preparation(self) -> Preparation:
        return Preparation(self.workspace)

    @property
    def sides(self) -> tuple[str, ...]:
        """The rule itself, and the targets."""
        return (SIGMA, *(self.workspace.config.targets or self.workspace.target_names))

    def fixtures(self, path: Path) -> list[Fixture]:
        """What a file holds."""
        return [one for one in self.workspace.fixtures.fixtures if one.path.absolute() == path]

    def problems(self, path: Path) -> list[Problem]:
        """What is wrong with a file."""
        found = self.workspace.fixtures.problems
        return [one for one in found if one.place and one.place.path.absolute() == path]

    def marks(self, tags: Iterable[str]) -> Iterator[str]:
        """Tags as marks. No configuration of pytest could know them before, so they are made known here."""
        for tag in filter(_MARK.fullmatch, tags):
            if tag not in self._marks:
                self._marks.add(tag)
                self._pytest_config.addinivalue_line("markers", f"{tag}: a tag of a fixture's case")
            yield tag

    def result(self, fixture: Fixture) -> RuleResult:
        """What the rule and every target say about the fixture. Raises what is wrong with them."""
        key = id(fixture)
        if key not in self._ran:
            try:
                self._ran[key] = run_fixture(self.preparation, fixture, fixture.cases)
            except SigmaproofError as error:
                self._ran[key] = error
        found = self._ran[key]
        if isinstance(found, RuleNotLoaded):
            raise NotAsExpected(_text(self._broken(fixture) or [found.problem]))
        if isinstance(found, SigmaproofError):
            raise NotAsExpected(_text([found.problem]))
        return found

    def _broken(self, fixture: Fixture) -> list[Problem]:
        """Why the fixture's rule is not there, if its file is."""
        stem = Path(fixture.rule).stem
        return [one for one in self.workspace.rules.problems if one.place and one.place.path.stem == stem]


class FixtureFile(pytest.File):
    """A fixture's file."""

    def __init__(self, *, repository: Repository, **others: Any) -> None:
        super().__init__(**others)
        self.repository = repository

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """A tree of cases and sides, parted as pytest parts an item's name on its command line."""
        if problems := self.repository.problems(self.path):
            yield Loads.from_parent(self, name=LOADS, problems=problems)
        fixtures = self.repository.fixtures(self.path)
        tree: dict[str, Any] = {}
        for fixture in fixtures:
            for case in fixture.cases:
                for side in self.repository.sides:
                    # SigmaHQ's info.yml may be about several rules
                    of = f"{fixture.rule}::" if len(fixtures) > 1 else ""
                    _plant(tree, _parts(f"{of}{case.name}::{side}"), (fixture, case, side))
        yield from _grown(self, tree)


def _parts(name: str) -> list[str]:
    """`a::b[c]::d` as pytest looks for it: nothing is parted behind the first bracket."""
    head, bracket, rest = name.partition("[")
    parts = head.split("::")
    parts[-1] += bracket + rest
    return parts


def _plant(tree: dict[str, Any], parts: list[str], leaf: tuple[Fixture, Case, str]) -> None:
    *branches, last = parts
    for branch in branches:
        tree = tree.setdefault(branch, {})
    tree[last] = leaf


def _grown(parent: pytest.Collector, tree: Mapping[str, Any]) -> Iterator[pytest.Item | pytest.Collector]:
    for name, found in tree.items():
        if isinstance(found, dict):
            yield Cases.from_parent(parent, name=name, tree=found)
        else:
            fixture, case, side = found
            yield CaseItem.from_parent(parent, name=name, fixture=fixture, case=case, side=side)


class Cases(pytest.Collector):
    """A case with its sides."""

    def __init__(self, *, tree: Mapping[str, Any], **others: Any) -> None:
        super().__init__(**others)
        self.tree = tree

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Its sides."""
        yield from _grown(self, self.tree)


class _Told(pytest.Item):
    """An item whose failure is a message of ours."""

    line = 0

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The message; a traceback only for a defect of ours."""
        if isinstance(excinfo.value, NotAsExpected):
            return Message(str(excinfo.value), str(self.path), self.line)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the case stands."""
        return self.path, self.line - 1 if self.line else None, self.nodeid.partition("::")[2]


class CaseItem(_Told):
    """A case on one side."""

    def __init__(self, *, fixture: Fixture, case: Case, side: str, **others: Any) -> None:
        super().__init__(**others)
        self.fixture, self.case, self.side, self.line = fixture, case, side, case.line
        for mark in ("detection", case.label.value, *_repository_of(self).marks(case.tags)):
            self.add_marker(mark)
        known = case.differs.get(side)
        reason = known.reason if known else case.todo
        if reason:
            self.add_marker(pytest.mark.xfail(reason=reason, strict=True, raises=Gap))

    def runtest(self) -> None:
        """Raises `NotAsExpected` with what to read, `Gap` for an admitted gap."""
        repository = _repository_of(self)
        rule = repository.result(self.fixture)
        result, outcome = _outcome(rule, self.case, self.side, repository)
        if outcome.status is Status.GAP:
            raise Gap(outcome.message)
        if outcome.status is Status.NOT_VERIFIED:
            pytest.skip(outcome.message)
        if outcome.status is not Status.PASS:
            raise NotAsExpected("\n".join(outcome_lines(rule, result, outcome, Paint())))


def _repository_of(item: pytest.Item) -> Repository:
    file = item.getparent(FixtureFile)
    assert file is not None
    return file.repository


def _outcome(rule: RuleResult, case: Case, side: str, repository: Repository) -> tuple[CaseResult, Outcome]:
    for result in rule.cases:
        for outcome in result.outcomes:
            if result.case is case and outcome.side == side:
                return result, outcome
    # a target that does not load has no outcomes
    problems = dict.fromkeys([*repository.workspace.target_problems, *repository.preparation.problems])
    raise NotAsExpected(_text(problems) or f"{side} did not run")


class Loads(_Told):
    """Fails with what is wrong with a fixture; there is none where nothing is."""

    def __init__(self, *, problems: Iterable[Problem], **others: Any) -> None:
        super().__init__(**others)
        self.problems = tuple(problems)
        self.line = next((one.place.line for one in self.problems if one.place), 0)

    def runtest(self) -> None:
        """Raises `NotAsExpected`."""
        raise NotAsExpected(_text(self.problems))


class Message:
    """A failure as pytest prints and passes it on."""

    def __init__(self, text: str, path: str, line: int) -> None:
        self.text = text
        self.reprcrash = _Crash(path, line, text.partition("\n")[0])

    def __str__(self) -> str:
        return self.text

    def toterminal(self, writer: Any) -> None:
        """What pytest's terminal calls."""
        for line in self.text.split("\n"):
            writer.line(line)


class _Crash:
    """What pytest's summary line and JUnit report look for."""

    def __init__(self, path: str, line: int, message: str) -> None:
        self.path, self.lineno, self.message = path, line, message

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


def _text(problems: Iterable[Problem]) -> str:
    return "\n".join(line for one in problems for line in problem_lines(one, Paint()))
