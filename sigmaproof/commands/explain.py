"""`explain`: a rule over one event, test by test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sigmaproof.commands.convert import Say
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Problem, UsageError
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.load.events import load_events
from sigmaproof.load.rules import find_rule
from sigmaproof.load.values import Kind
from sigmaproof.report.style import Paint, harmless
from sigmaproof.report.trace import trace_lines
from sigmaproof.workspace import Workspace


def explain_rule(
    config: Config,
    rule: str,
    pairs: Iterable[str],
    file: Path | None,
    sides: Iterable[str],
    say: Say,
    paint: Paint,
) -> tuple[str, Exit]:
    """Why the rule, and each named target, matches each event or not."""
    events = [*_events(file, say), *([_event(pairs)] if pairs else [])]
    if not events:
        raise UsageError(Problem("usage", "no event to explain", help="give -e FIELD=VALUE or --events FILE"))
    workspace = Workspace(config)
    found = [one for one in find_rule(workspace.rules, rule) if one.kind is Kind.RULE]
    if len(found) != 1:
        message = f"no rule {rule!r}" if not found else f"{rule!r} names several rules"
        raise UsageError(Problem("usage", message, help="give a stem, id or path; `sigmaproof list rules`"))
    preparation = Preparation(workspace)
    for problem in preparation.problems:
        say(problem)
    prepared = preparation.rule(found[0])
    blocks = [
        "\n".join(_block(prepared, event, side, paint)) for event in events for side in ("sigma", *sides)
    ]
    return "\n\n".join(blocks), Exit.BROKEN_INPUT if preparation.problems else Exit.EXPECTED


def _events(file: Path | None, say: Say) -> Iterable[dict[str, Any]]:
    if file is None:
        return ()
    read = load_events(file)
    for problem in read.problems:
        say(problem)
    return read.events


def _event(pairs: Iterable[str]) -> dict[str, Any]:
    event: dict[str, Any] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found:
            raise UsageError(Problem("usage", f"-e {pair!r} is not FIELD=VALUE"))
        event[name] = value
    return event


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
