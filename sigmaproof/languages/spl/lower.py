"""Whole pipelines: every command by the function that lowers it."""

from __future__ import annotations

from sigmaproof.errors import QuerySyntaxError
from sigmaproof.languages.spl.lower_rows import ROW_WISE
from sigmaproof.languages.spl.lower_tables import RELATIONAL
from sigmaproof.languages.spl.parse_commands import GENERATING, parse_command
from sigmaproof.languages.spl.pipe import Pipe, Step
from sigmaproof.languages.spl.reader import RawCommand, RawPipeline
from sigmaproof.languages.spl.scope import Context
from sigmaproof.logic.terms import FALSE

_COMMANDS = {**ROW_WISE, **RELATIONAL}


def lower_pipeline(raw: RawPipeline, context: Context, *, inner: bool = False) -> Pipe:
    """A pipeline; `inner`: a subsearch, whose first command may do without a pipe."""
    pipe = Pipe(context)
    if (raw.piped or inner) and raw.commands[0].name not in GENERATING:
        pipe = _without_input(raw.commands[0], raw, context)
    for number, command in enumerate(raw.commands):
        parsed = parse_command(command, raw.source, context.options.switches)
        step = Step(command.subsearches, number == 0, lambda sub: lower_pipeline(sub, context, inner=True))
        pipe = _COMMANDS[type(parsed)](parsed, pipe, step)
    return pipe


def _without_input(command: RawCommand, raw: RawPipeline, context: Context) -> Pipe:
    """What a search gives whose first command only works on rows, and has none."""
    parse_command(command, raw.source, context.options.switches)
    if context.options.switches.non_generating_first == "error":
        message = f"{command.name} brings no events, so it cannot be the first command (non_generating_first)"
        raise QuerySyntaxError(message, raw.source, command.offset)
    return Pipe(context).keeping(FALSE)
