"""`explain`: a rule over one event, test by test; a correlation rule over several, as a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sigmaproof.commands.convert import Say
from sigmaproof.commands.one_rule import the_rule
from sigmaproof.commands.pairs import parted
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Place, Problem, UsageError, nearest
from sigmaproof.judge.alerts import compared
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.story import stories
from sigmaproof.judge.suite import placed, prepared_rule
from sigmaproof.judge.verify import NoAnswer
from sigmaproof.load.events import events_of, load_events
from sigmaproof.load.rules import find_rule
from sigmaproof.load.values import EventFile, RuleDocument
from sigmaproof.logic.times import time_of, told
from sigmaproof.report.style import Paint, harmless
from sigmaproof.report.timeline import timeline_lines
from sigmaproof.report.trace import trace_lines
from sigmaproof.workspace import Workspace


def explain_rule(
    config: Config,
    rule: str,
    pairs: Sequence[str],
    file: Path | None,
    case: str | None,
    sides: Iterable[str],
    say: Say,
    paint: Paint,
) -> tuple[str, Exit]:
    """Why the rule, and each named target, matches each event or not; a correlation rule, all of them."""
    if not pairs and file is None and case is None:
        help_ = "give -e FIELD=VALUE, --events FILE or --case NAME"
        raise UsageError(Problem("usage", "no event to explain", help=help_))
    events, problems = _events(file, pairs)
    workspace = Workspace(config)
    document = the_rule(workspace.rules, rule, correlations=True)
    preparation = Preparation(workspace)
    prepared = prepared_rule(preparation, document)
    given = [prepared.raw(event) for event in events]
    if case is not None:
        read = _case(workspace, document, prepared, case)
        given += read.events
        problems += read.problems
    problems += preparation.problems
    for problem in problems:
        say(problem)
    shown = ["sigma", *(side for side in dict.fromkeys(sides) if side in prepared.sides)]
    if isinstance(prepared, PreparedCorrelation):
        blocks = ["\n".join(_timeline(prepared, given, side, paint)) for side in shown]
    else:
        blocks = ["\n".join(_block(prepared, event, side, paint)) for event in given for side in shown]
    return "\n\n".join(blocks), Exit.BROKEN_INPUT if problems else Exit.EXPECTED


def _events(file: Path | None, pairs: Sequence[str]) -> tuple[list[dict[str, Any]], list[Problem]]:
    read = load_events(file) if file else None
    events = [*(read.events if read else ()), *([_event(pairs)] if pairs else [])]
    problems = list(read.problems if read else ())
    if read and not events and not problems:
        problems.append(Problem("invalid-events", "the file holds no event", Place(read.path)))
    return events, problems


def _event(pairs: Iterable[str]) -> dict[str, Any]:
    return dict(parted("-e", pairs, "FIELD=VALUE"))


def _case(
    workspace: Workspace, document: RuleDocument, prepared: Prepared | PreparedCorrelation, name: str
) -> EventFile:
    """The events of the case of that name in the rule's fixtures. Raises `UsageError` if there is none."""
    known = []
    for fixture in workspace.fixtures.fixtures:
        for case in fixture.cases if document in find_rule(workspace.rules, fixture.rule) else ():
            known.append(case.name)
            if case.name == name:
                return placed(prepared, case, events_of(case))
    message = f'no case "{name}" in a fixture of this rule{nearest(name, known)}'
    raise UsageError(Problem("usage", message, help="`sigmaproof test -v` names the cases"))


def _alerts(
    prepared: PreparedCorrelation, events: Sequence[RawEvent], name: str, paint: Paint
) -> Iterator[str]:
    """When a target alerts, beside when it should."""
    side = prepared.sides[name]
    if isinstance(side, NoAnswer):
        yield harmless(side.message)
        return
    (ours,), (theirs,) = prepared.meaning.answers([events]), side.answers([events])
    read = prepared.meaning.index.read
    found = compared(ours, theirs, lambda row: time_of(lambda field: read(events[row], field)))
    yield paint.bold(f"{name}: {f'match ({found.count})' if found.count else 'no match'}")
    for words, matches in (("alerts", found.told), ("misses", found.missed)):
        for match in matches:
            yield f"  {words} at {told(match.began)}  {harmless(', '.join(match.group))}".rstrip()
    for alert in found.false:
        yield f"  false alarm at {told(alert.time)}  {harmless(', '.join(alert.group or ()))}".rstrip()


def _timeline(
    prepared: PreparedCorrelation, events: Sequence[RawEvent], side: str, paint: Paint
) -> Iterator[str]:
    if side != "sigma":
        yield from _alerts(prepared, events, side, paint)
        return
    groups = stories(prepared.meaning, events)
    count = sum(len(one.began) for one in groups)
    yield paint.bold(f"sigma: {f'match ({count})' if count else 'no match'}")
    yield from timeline_lines(prepared.found, groups, paint)


def _block(prepared: Prepared, event: RawEvent, side: str, paint: Paint) -> Iterator[str]:
    meaning = prepared.meaning if side == "sigma" else prepared.sides[side]
    if not isinstance(meaning, Meaning):
        yield f"{side}: {harmless(meaning.message, lines=True)}"
        return
    trace = meaning.explain(event)
    if trace is None:
        yield f"{side}: looks at several events; run `sigmaproof test -v`"
        return
    yield paint.bold(f"{side}: {'match' if trace else 'no match'}")
    yield from trace_lines(trace, paint)
