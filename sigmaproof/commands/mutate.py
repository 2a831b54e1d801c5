"""`mutate`: how much of a rule its fixture holds in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.commands.convert import Say
from sigmaproof.commands.parallel import spread
from sigmaproof.config import Config
from sigmaproof.errors import InvalidInput, Place, Problem, UnsupportedQuery
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.judge.correlations import prepare_correlation
from sigmaproof.judge.mutate.kills import judged_mutants
from sigmaproof.judge.mutate.mutants import left_out
from sigmaproof.judge.mutate.results import Judged, Mutation, RuleMutation
from sigmaproof.judge.mutate.timelines import judged_correlation
from sigmaproof.judge.mutate.written import new_cases
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.select import Selection, selection
from sigmaproof.judge.suite import RuleNotLoaded, rule_of
from sigmaproof.languages.sigma import Rule
from sigmaproof.load.case_text import NotWritable, with_cases
from sigmaproof.load.fixtures import load_fixture
from sigmaproof.load.rules import rule_lines
from sigmaproof.load.sigmahq import INFO
from sigmaproof.load.values import Case, Fixture, Kind, RuleDocument
from sigmaproof.workspace import Workspace

Show = Callable[[int, int, str], None]
_Found = tuple[RuleDocument, list[Fixture]]


class Wanted(Struct, frozen=True):
    """How much is to be found out."""

    expression: str = ""
    budget: float = 5.0
    jobs: int = 0
    threshold: float | None = None


def mutate_rules(config: Config, wanted: Wanted, show: Show) -> Mutation:
    """The mutants of every rule that has a fixture, and what became of them."""
    workspace = Workspace(config)
    select = selection(wanted.expression)
    found, problems = _with_fixtures(workspace)
    work = _Work(workspace, select, wanted.budget, found)
    rules: list[RuleMutation] = []
    for document, result in zip(
        (document for document, _ in found), spread(work.rule, found, wanted.jobs), strict=True
    ):
        show(len(rules), len(found), document.title)
        rules.append(result)
    problems += [*work.preparation.problems, *(problem for rule in rules for problem in rule.problems)]
    kept = tuple(rule for rule in rules if rule.mutants or rule.problems)
    without = _without_fixture(workspace, found, select)
    return Mutation(kept, without, tuple(dict.fromkeys(problems)), wanted.threshold)


class _Work:
    """What every rule of a run shares; a worker process inherits it."""

    def __init__(
        self, workspace: Workspace, select: Selection, budget: float, found: Sequence[_Found]
    ) -> None:
        self.workspace, self.select, self.budget = workspace, select, budget
        self.judged = {(document.path, document.index) for document, _ in found}
        """The rules with fixtures of their own."""
        self.preparation = Preparation(workspace, convert=False)
        self.files = {file.path: file for file in workspace.rules.files}

    def rule(self, found: _Found) -> RuleMutation:
        """The mutants of one rule under its fixtures."""
        document, fixtures = found
        cases = [case for fixture in fixtures for case in fixture.cases]
        paths = tuple(dict.fromkeys(fixture.path for fixture in fixtures))
        result = RuleMutation(document.path, document.line, document.title, paths, len(cases))
        try:
            if document.kind is Kind.CORRELATION:
                judged, problems = self._correlation(document, cases)
                return replace(result, mutants=judged, problems=problems)
            rule = self.preparation.whole(document)
            judged, problems = self._judged(document, rule, cases)
        except InvalidInput as error:
            return replace(result, problems=(error.problem,))
        except UnsupportedQuery as error:
            problem = Problem("unsupported", str(error), Place(document.path, document.line))
            return replace(result, problems=(problem,))
        return replace(result, mutants=judged, left_out=left_out(rule), problems=problems)

    def _judged(
        self, document: RuleDocument, rule: Rule, cases: Sequence[Case]
    ) -> tuple[tuple[Judged, ...], tuple[Problem, ...]]:
        return judged_mutants(
            rule,
            self.workspace.sources,
            cases,
            rule_lines(self.files[document.path]),
            document=document.index,
            select=self._selected(document),
            budget=self.budget,
        )

    def _correlation(
        self, document: RuleDocument, cases: Sequence[Case]
    ) -> tuple[tuple[Judged, ...], tuple[Problem, ...]]:
        inside = [
            (self.preparation.whole(one), one.index)
            for one in self.files[document.path].documents
            if one.kind is Kind.RULE and (one.path, one.index) not in self.judged
        ]
        return judged_correlation(
            prepare_correlation(self.preparation, document),
            self.data,
            cases,
            rule_lines(self.files[document.path]),
            parts=inside,
            select=self._selected(document),
            budget=self.budget,
        )

    def _selected(self, document: RuleDocument) -> Selection:
        return lambda name: self.select(f"{document.path.stem}::{name}")

    @cached_property
    def data(self) -> EventData:
        """What events carry, for the timelines of correlation rules."""
        return load_event_data(self.workspace.config.converters / "events")


def _with_fixtures(workspace: Workspace) -> tuple[list[_Found], list[Problem]]:
    """The rules that fixtures are about, each with all of them, in the order of the fixtures."""
    problems = [*workspace.rules.problems, *workspace.fixtures.problems]
    found: dict[tuple[Path, int], _Found] = {}
    for fixture in workspace.fixtures.fixtures:
        try:
            document = rule_of(workspace.rules, fixture)
        except RuleNotLoaded:
            continue  # a fixture of a rule that this run is not about; `test` tells those of no rule
        except InvalidInput as error:
            problems.append(error.problem)
            continue
        if document.kind is not Kind.FILTER:
            found.setdefault((document.path, document.index), (document, []))[1].append(fixture)
    return list(found.values()), problems


def _without_fixture(workspace: Workspace, found: Sequence[_Found], select: Selection) -> tuple[Path, ...]:
    """Rules without a fixture. Those in a correlation rule's file need none: they are part of it."""
    judged = {(document.path, document.index) for document, _ in found}
    documents = workspace.rules.documents
    correlated = {document.path for document in documents if document.kind is Kind.CORRELATION}
    without = (
        document.path
        for document in documents
        if (document.path, document.index) not in judged
        and (document.kind is Kind.CORRELATION or document.path not in correlated)
        and document.kind is not Kind.FILTER
    )
    return tuple(path for path in dict.fromkeys(without) if select(path.stem))


def write_cases(mutation: Mutation, say: Say) -> None:
    """Puts the cases that kill the survivors into their fixtures. Tells which, and what cannot be written."""
    for rule in mutation.rules:
        if not rule.survivors:
            continue
        path = next((path for path in rule.fixtures if path.name != INFO), None)
        if path is None:
            message = f"no fixture of ours for {rule.path.stem}: its recordings are not changed"
            say(Problem("note", message, Place(rule.fixtures[0]), "start one with `sigmaproof draft`"))
            continue
        try:
            count = _appended(path, rule.survivors)
        except NotWritable as error:
            message = f"cases cannot be added: {error}"
            say(Problem("invalid-fixture", message, Place(path), "paste them where they belong"))
            continue
        say(Problem("note", f"{count} added, to be reviewed", Place(path)))


def _appended(path: Path, survivors: Sequence[Judged]) -> str:
    """Adds the cases to the file; the rest of it keeps every byte. Gives how many they are."""
    taken = [case.name for fixture in load_fixture(path).fixtures for case in fixture.cases]
    cases = list(new_cases(survivors, taken))
    path.write_bytes(with_cases(path.read_bytes().decode("utf-8"), cases).encode("utf-8"))
    return "1 case" if len(cases) == 1 else f"{len(cases)} cases"
