"""Command lines in files of others' formats: found, and read as our command line reads them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click

from sigmaproof.cli import app

_COMMAND = re.compile(r"(?:^|[;&|(]\s*|\$ |\bthen |\bdo )(sigmaproof(?: [^\n;|&)]*)?)", re.MULTILINE)
_LIST = re.compile(r'"\$\{\w+\[@\]\}"')
_VARIABLE = re.compile(r"\$\{[^}]*\}|\$\w+")


def in_script(script: str) -> list[list[str]]:
    """The calls of `sigmaproof` in a shell script, as words; a variable is a word."""
    joined = script.replace("\\\n", " ")
    found = (match[1].partition(" # ")[0] for match in _COMMAND.finditer(joined))
    return [shlex.split(_VARIABLE.sub("variable", _LIST.sub("-t variable", one))) for one in found]


def accept(words: list[str]) -> None:
    """Reads a call without running it. Raises click's `UsageError` where the command line would."""
    name, *rest = words
    assert name == "sigmaproof"
    # commands keep the options of the first context that they see
    context = click.Context(app, info_name="sigmaproof", **app.context_settings)
    if rest:
        command_name, command, arguments = app.resolve_command(context, rest)
        assert command is not None
        # redirections are the shell's
        cut = next((n for n, word in enumerate(arguments) if word.startswith((">", "2>"))), len(arguments))
        command.make_context(command_name, arguments[:cut], parent=context)


def scripts(data: Any) -> Iterator[str]:
    """Every script of a workflow, action or pipeline that was read from YAML."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("run", "script", "before_script", "after_script", "entry"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from scripts(value)
    elif isinstance(data, list):
        for value in data:
            yield from scripts(value)
