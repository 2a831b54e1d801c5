"""`explain`: a rule over one event, test by test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sigmaproof.commands.convert import Say
from sigmaproof.commands.one_rule import the_rule
from sigmaproof.commands.pairs import parted
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Place, Problem, UsageError
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.load.events import load_events
from sigmaproof.report.style import Paint, harmless
from sigmaproof.report.trace import trace_lines
from sigmaproof.workspace import Workspace


def explain_rule(
    config: Config,
    rule: str,
    pairs: Sequence[str],
    file: Path | None,
    sides: Iterable[str],
    say: Say,
    paint: Paint,
) -> tuple[str, Exit]:
    """Why the rule, and each named target, matches each event or not."""
    if not pairs and file is None:
        raise UsageError(Problem("usage", "no event to explain", help="give -e FIELD=VALUE or --events FILE"))
    events, problems = _events(file, pairs)
    workspace = Workspace(config)
    document = the_rule(workspace.rules, rule)
    preparation = Preparation(workspace)
    prepared = preparation.rule(document)
    problems += preparation.problems
    for problem in problems:
        say(problem)
    shown = ["sigma", *(side for side in dict.fromkeys(sides) if side in prepared.sides)]
    blocks = ["\n".join(_block(prepared, event, side, paint)) for event in events for side in shown]
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


def _block(prepared: Prepared, event: dict[str, Any], side: str, paint: Paint) -> Iterator[str]:
    meaning = prepared.meaning if side == "sigma" else prepared.sides[side]
    if not isinstance(meaning, Meaning):
        yield f"{side}: {harmless(meaning.message, lines=True)}"
        return
    trace = meaning.explain(prepared.raw(event))
    if trace is None:
        yield f"{side}: looks at several events; run `sigmaproof test -v`"
        return
    yield paint.bold(f"{side}: {'match' if trace else 'no match'}")
    yield from trace_lines(trace, paint)
