"""A whole test run: every fixture's rule, in itself and in every target, over every case."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import overload

from msgspec.structs import replace

from sigmaproof.errors import InvalidInput, Place, Problem, QueryError, nearest
from sigmaproof.judge.correlations import PreparedCorrelation, check_groups, dated, prepare_correlation
from sigmaproof.judge.meaning import Meaning, RawEvent, Tables
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.results import CaseResult, Report, RuleResult
from sigmaproof.judge.select import Selection, everything
from sigmaproof.judge.verdicts import SIGMA, Code, Status
from sigmaproof.judge.verify import Answer, NoAnswer, Side, judge_case, unreadable
from sigmaproof.load.events import events_of
from sigmaproof.load.rules import find_rule
from sigmaproof.load.sigmahq import INFO
from sigmaproof.load.values import Case, EventFile, Fixture, Kind, RuleDocument, Rules
from sigmaproof.workspace import Workspace

Progress = Callable[[int, int, str], None]
Cases = Sequence[Sequence[RawEvent]]
Watch = Callable[[Prepared | PreparedCorrelation, Case, Sequence[RawEvent]], None]
"""Is told of every case that can be read, with its events as their source writes them."""


def run_suite(
    workspace: Workspace,
    select: Selection = everything,
    progress: Progress = lambda done, of, name: None,
    watch: Watch = lambda rule, case, events: None,
) -> Report:
    """Runs every selected case of every fixture. What does not load stops nothing else."""
    preparation = Preparation(workspace)
    problems = [*workspace.rules.problems, *workspace.fixtures.problems, *unknown_targets(workspace)]
    broken = {problem.place.path.stem for problem in workspace.rules.problems if problem.place}
    notes = list(workspace.fixtures.notes)
    results = []
    chosen = list(_chosen(workspace, preparation.targets, select))
    for done, (fixture, cases) in enumerate(chosen):
        progress(done, len(chosen), fixture.path.stem)
        try:
            results.append(run_fixture(preparation, fixture, cases, select, watch))
        except RuleNotLoaded as error:
            if Path(fixture.rule).stem in broken:
                continue
            # SigmaHQ keeps one folder of recordings for several folders of rules, of which some may be given
            (notes if fixture.path.name == INFO else problems).append(error.problem)
        except InvalidInput as error:
            problems.append(error.problem)
        except Exception as error:
            # a defect of ours, which must not hide what the other rules do
            problems.append(_defect(error, fixture))
    problems += preparation.problems
    return Report(preparation.targets, tuple(results), tuple(dict.fromkeys(problems)), tuple(notes))


def unknown_targets(workspace: Workspace) -> Iterator[Problem]:
    """A difference on record for a target that is not there is a typo: it would admit nothing, silently.

    Without any target, nothing is known of their names, and nothing can differ.
    """
    known = workspace.target_names
    for fixture in workspace.fixtures.fixtures if known else ():
        for case in fixture.cases:
            for name in case.differs:
                if name not in known:
                    message = f'`differs` of "{case.name}" names no target: "{name}"{nearest(name, known)}'
                    place = Place(case.path, case.line)
                    yield Problem("invalid-fixture", message, place, f"targets here: {', '.join(known)}")


def _defect(error: Exception, fixture: Fixture) -> Problem:
    place = traceback.extract_tb(error.__traceback__)[-1]
    message = f"sigmaproof fails on this rule: {type(error).__name__}: {error}"
    told = f"a defect of sigmaproof, at {Path(place.filename).name}:{place.lineno}: please report it"
    return Problem("internal-error", message, Place(fixture.path), told)


class RuleNotLoaded(InvalidInput):
    """A fixture whose rule is not among the rules of this run."""


def rule_of(rules: Rules, fixture: Fixture) -> RuleDocument:
    """The one rule that a fixture is about. Raises `RuleNotLoaded`, or `InvalidInput` when several fit."""
    found = [one for one in find_rule(rules, fixture.rule) if one.kind is not Kind.FILTER]
    if len(found) == 1:
        return found[0]
    # a file of several documents is a correlation rule with its base rules: the last one is meant
    if found and len({one.path for one in found}) == 1:
        return found[-1]
    place = Place(fixture.path, fixture.rule_line)
    if found:
        message = f"{fixture.rule!r} is ambiguous: {', '.join(str(one.path) for one in found)}"
        raise InvalidInput(Problem("invalid-fixture", message, place, "name the rule by id, with `rule:`"))
    message = f"no rule {fixture.rule!r} is loaded"
    help_ = "name the file after its rule, add `rule:`, or give the rule's folder with --rules"
    raise RuleNotLoaded(Problem("invalid-fixture", message, place, help_))


def _chosen(
    workspace: Workspace, targets: Sequence[str], select: Selection
) -> Iterable[tuple[Fixture, list[Case]]]:
    for fixture in workspace.fixtures.fixtures:
        stem = _stem(workspace.rules, fixture)
        cases = [case for case in fixture.cases if any(_wanted(stem, case, (SIGMA, *targets), select))]
        if cases:
            yield fixture, cases


def _wanted(stem: str, case: Case, sides: Iterable[str], select: Selection) -> Iterator[str]:
    """The sides on which a case is selected; a case's name on a side is what `-k` looks at."""
    return (side for side in sides if select(f"{stem}::{case.name}::{side}"))


def _stem(rules: Rules, fixture: Fixture) -> str:
    """What a case of the fixture is called under: its rule's stem, which a fixture by id does not share."""
    found = find_rule(rules, fixture.rule)
    return found[0].path.stem if found else fixture.path.stem


def run_fixture(
    preparation: Preparation,
    fixture: Fixture,
    cases: Sequence[Case],
    select: Selection = everything,
    watch: Watch = lambda rule, case, events: None,
) -> RuleResult:
    """One fixture's rule, in itself and in every target, over some of its cases.

    Raises `RuleNotLoaded` without the rule, and `InvalidInput` for one that is broken or not modelled.
    """
    document = rule_of(preparation.workspace.rules, fixture)
    prepared = prepared_rule(preparation, document)
    results = tuple(_cases(prepared, cases, select, watch))
    failed = any(outcome.status is Status.FAIL for result in results for outcome in result.outcomes)
    return RuleResult(
        document.path,
        document.line,
        document.title,
        document.id,
        fixture.path,
        prepared.conversions,
        results,
        prepared.notes,
        preparation.item_lines(prepared) if failed and isinstance(prepared, Prepared) else {},
    )


def prepared_rule(preparation: Preparation, document: RuleDocument) -> Prepared | PreparedCorrelation:
    """What a rule or correlation rule means, and its queries. Raises `InvalidInput`."""
    if document.kind is Kind.CORRELATION:
        return prepare_correlation(preparation, document)
    return preparation.rule(document)


def placed(prepared: Prepared | PreparedCorrelation, case: Case, read: EventFile) -> EventFile:
    """A case's events as their sources write them."""
    if not read.complete:
        return read
    try:
        if isinstance(prepared, PreparedCorrelation):
            check_groups(prepared, case)
        return EventFile(read.path, tuple(dated(case, map(prepared.raw, read.events))))
    except InvalidInput as error:
        return EventFile(read.path, (), (error.problem,))


def _cases(
    prepared: Prepared | PreparedCorrelation, cases: Sequence[Case], select: Selection, watch: Watch
) -> Iterator[CaseResult]:
    """The results of all cases; each side runs once over the events of all that can be read."""
    read = [events_of(case) for case in cases]
    read = [placed(prepared, case, one) for case, one in zip(cases, read, strict=True)]
    events = [one.events if one.complete else () for one in read]
    tables: Tables = {}
    ours = answers(prepared.meaning, events, tables)
    theirs = {name: answers(side, events, tables) for name, side in prepared.sides.items()}
    for number, case in enumerate(cases):
        wanted = list(_wanted(prepared.document.path.stem, case, (SIGMA, *theirs), select))
        if not read[number].complete:
            yield unreadable(case, read[number].problems, wanted)
            continue
        watch(prepared, case, events[number])
        given = {name: found[number] for name, found in theirs.items() if name in wanted}
        result = judge_case(case, events[number], ours[number], given)
        yield result if SIGMA in wanted else replace(result, outcomes=result.outcomes[1:])


@overload
def answers(side: Meaning, cases: Cases, tables: Tables | None = None) -> list[Answer]: ...
@overload
def answers(side: Side, cases: Cases, tables: Tables | None = None) -> list[Answer] | list[NoAnswer]: ...
def answers(side: Side, cases: Cases, tables: Tables | None = None) -> list[Answer] | list[NoAnswer]:
    """What a side says about the events of each case; all of them are one pass."""
    if isinstance(side, NoAnswer):
        return [side] * len(cases)
    try:
        return [Answer(side, found) for found in side.answers(cases, tables)]
    except QueryError as error:
        return [NoAnswer(Status.ERROR, Code.INVALID_QUERY, str(error))] * len(cases)
