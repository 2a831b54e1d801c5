"""Checking a repository: everything that can be said about its files without converting or running a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from sigmaproof.config import Placeholders
from sigmaproof.errors import Exit, InvalidInput, Place, Problem, QueryError
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.check_correlations import Correlations, sequence_doubts
from sigmaproof.judge.check_fields import Surroundings, field_doubts
from sigmaproof.judge.check_rules import rule_doubts, twin_titles
from sigmaproof.judge.suite import RuleNotLoaded, rule_of, unknown_targets
from sigmaproof.languages.sigma import InvalidRule, NoValues, Rule, lower, read_rule
from sigmaproof.load.rules import rule_lines
from sigmaproof.load.sigmahq import INFO
from sigmaproof.load.values import Fixture, Kind, Label, RuleDocument, RuleFile
from sigmaproof.load.yaml_text import Lines
from sigmaproof.workspace import Workspace


class Checked(msgspec.Struct, frozen=True):
    """What a check found."""

    files: int
    """Rule and fixture files that were read, or should have been."""
    problems: tuple[Problem, ...] = ()
    """What does not load."""
    doubts: tuple[Problem, ...] = ()
    """What loads and is probably not meant."""
    notes: tuple[Problem, ...] = ()
    """What is worth knowing."""

    @property
    def exit_code(self) -> Exit:
        """The exit code that this calls for; the worst news wins."""
        if self.problems:
            return Exit.BROKEN_INPUT
        return Exit.VERDICT if self.doubts or not self.files else Exit.EXPECTED


def check_workspace(workspace: Workspace) -> Checked:
    """Every problem with, and doubt about, rules, fixtures and targets."""
    rules, fixtures = workspace.rules, workspace.fixtures
    problems = [*rules.problems, *fixtures.problems, *workspace.target_problems, *unknown_targets(workspace)]
    doubts: list[Problem] = []
    around = _surroundings(workspace, problems)
    correlations = Correlations(workspace, around)
    for file in rules.files:
        for problem, broken in _file(file, around, correlations):
            (problems if broken else doubts).append(problem)
    doubts += twin_titles(rules.documents)
    covered: set[tuple[object, int]] = set()
    for fixture in fixtures.fixtures:
        try:
            document = rule_of(rules, fixture)
        except RuleNotLoaded as error:
            # a rule that is broken is told as itself; recordings may be of other folders' rules
            broken_too = any(one.place and one.place.path.stem == fixture.rule for one in rules.problems)
            if not broken_too and fixture.path.name != INFO:
                problems.append(error.problem)
        except InvalidInput as error:
            problems.append(error.problem)
        else:
            covered.add((document.path, document.index))
            doubts += _fixture(fixture)
            doubts += sequence_doubts(fixture) if document.kind is Kind.CORRELATION else ()
    doubts += _without_fixture(workspace, covered)
    files = len(rules.files) + len(rules.problems) + len(fixtures.fixtures) + len(fixtures.problems)
    told = sorted(dict.fromkeys(doubts), key=_place)
    return Checked(
        files,
        tuple(dict.fromkeys(problems)),
        tuple(one for one in told if one.code not in _NOTES),
        tuple(one for one in told if one.code in _NOTES),
    )


_NOTES = ("unknown-log-source",)
"""Doubts that say what is not looked at, not what is wrong."""


def _surroundings(workspace: Workspace, problems: list[Problem]) -> Surroundings:
    try:
        data = load_event_data(workspace.config.converters / "events")
        return Surroundings(workspace.sources, data, workspace.siems, workspace.config.placeholders)
    except InvalidInput as error:
        problems.append(error.problem)
        return Surroundings(SourceModels(), EventData(), workspace.siems, workspace.config.placeholders)


def _file(file: RuleFile, around: Surroundings, correlations: Correlations) -> Iterator[tuple[Problem, bool]]:
    """Problems with the documents of a file, and doubts: with whether it is a problem."""
    lines = rule_lines(file)
    for document in file.documents:
        if document.kind is Kind.CORRELATION:
            yield from _correlation(document, file, lines, correlations)
            continue
        try:
            rule = _read(document, around.placeholders)
        except InvalidRule as error:
            place = Place(document.path, lines.line(error.path, document.index))
            yield Problem("invalid-rule", error.message, place, error.help), True
        except NoValues as error:
            place = Place(document.path, lines.line(error.path, document.index))
            yield Problem("unsupported", str(error), place, error.help), True
        except QueryError as error:
            yield Problem("unsupported", str(error), Place(document.path, document.line)), True
        else:
            for doubt in rule_doubts(document, rule, lines):
                yield doubt, False
            for doubt in field_doubts(document, rule, lines, around) if rule.rules is None else ():
                yield doubt, False


def _correlation(
    document: RuleDocument, file: RuleFile, lines: Lines, correlations: Correlations
) -> Iterator[tuple[Problem, bool]]:
    try:
        yield from [(doubt, False) for doubt in correlations.doubts(document, file, lines)]
    except InvalidInput as error:
        yield error.problem, True


def _read(document: RuleDocument, placeholders: Placeholders) -> Rule:
    rule = replace(read_rule(document.data), placeholders=placeholders)
    lower(rule)
    return rule


def _fixture(fixture: Fixture) -> Iterator[Problem]:
    labels = {case.label for case in fixture.cases}
    for label in Label:
        if label not in labels and fixture.path.name != INFO:
            yield Problem(f"no-{label.value}", _MISSING[label], Place(fixture.path), _WHY[label])


_MISSING = {
    Label.BENIGN: "the fixture has no benign case",
    Label.MALICIOUS: "the fixture has no malicious case",
}
_WHY = {
    Label.BENIGN: "add what administrators really do: without it a rule that fires on everything passes",
    Label.MALICIOUS: "add what the rule is there for: without it a rule that never fires passes",
}


def _without_fixture(workspace: Workspace, covered: set[tuple[object, int]]) -> Iterator[Problem]:
    """Rules that no fixture is about; of a file's documents, one that is tested speaks for all."""
    tested = {path for path, _ in covered}
    for file in workspace.rules.files:
        named = [one for one in file.documents if one.kind is not Kind.FILTER]
        if file.path not in tested and named:
            message = f'no fixture tests the rule "{named[-1].title}"'
            folder = workspace.config.fixtures[0] if workspace.config.fixtures else "fixtures"
            help_ = f"write {folder}/{file.stem}.yml"
            yield Problem("no-fixture", message, Place(file.path, named[-1].line), help_)


def _place(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return (place.path.as_posix(), place.line, place.column) if place else ("", 0, 0)
