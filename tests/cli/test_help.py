"""Help: it fits terminals of 80 and 100 columns, and says what a command's exit codes mean."""

from __future__ import annotations

import re

import click
import pytest

from sigmaproof.cli import app

CONTEXT = click.Context(app, info_name="sigmaproof")
COMMANDS = app.list_commands(CONTEXT)


def shown(name: str, width: int) -> str:
    command = app.get_command(CONTEXT, name)
    assert command is not None
    context = click.Context(command, info_name=name, parent=CONTEXT, terminal_width=width)
    return command.get_help(context)


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("name", COMMANDS)
def test_it_fits_and_tells_the_exit_codes(name: str, width: int) -> None:
    text = shown(name, width)
    assert max(map(len, text.splitlines())) <= width
    codes = re.findall(r"(?:Exit codes: |; )(\d) ", " ".join(text.split()))
    assert {"0", "3"} <= set(codes) <= {"0", "1", "2", "3"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help(name: str) -> None:
    command = app.get_command(CONTEXT, name)
    assert command is not None
    options = [one for one in command.params if isinstance(one, click.Option)]
    without = [one.opts for one in options if not one.help and not isinstance(one.type, click.Choice)]
    assert without == []


def test_the_list_of_commands_is_one_line_each() -> None:
    text = app.get_help(click.Context(app, info_name="sigmaproof", terminal_width=80))
    listed = text.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == COMMANDS
    assert not [line for line in listed if line.endswith("...")]
