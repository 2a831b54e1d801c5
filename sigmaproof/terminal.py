"""What every command does on a terminal: read its places, put out its product, and tell what is wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from sigmaproof.config import Config, read_config
from sigmaproof.errors import Problem, UsageError, nearest
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import Paint

Command = TypeVar("Command", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)


_COMMANDS = ("init", "draft", "check", "test", "prove", "mutate", "diff", "convert", "export")


HELP = ["-h", "--help"]


class Commands(click.Group):
    """The commands, in the order in which a person comes to need them."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The daily ones first, the others by name."""
        names = super().list_commands(context)
        return [name for name in _COMMANDS if name in names] + [n for n in names if n not in _COMMANDS]

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """-h, too, in whatever context it is asked for."""
        return HELP

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Adds a command that answers to -h, whoever asks first: click keeps the help option it makes."""
        cmd.context_settings.setdefault("help_option_names", HELP)
        cmd.get_help_option(click.Context(cmd, help_option_names=HELP))
        super().add_command(cmd, name)


class Streams(Struct, frozen=True):
    """Where the product goes, and where the talk goes."""

    out_color: bool
    err_color: bool


def colors() -> Streams:
    """Colour only on a terminal or under FORCE_COLOR, and never under NO_COLOR."""
    if os.environ.get("NO_COLOR"):
        return Streams(False, False)
    if os.environ.get("FORCE_COLOR"):
        return Streams(True, True)
    wanted = os.environ.get("TERM") != "dumb"
    return Streams(wanted and sys.stdout.isatty(), wanted and sys.stderr.isatty())


def echo(text: str, *, err: bool = False) -> None:
    """Prints text as it is: what has colours was given them on purpose."""
    try:
        click.echo(text, err=err, color=True)
    except BrokenPipeError:
        # the reader has seen enough; what the command finds out still decides the exit code
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(problem: Problem) -> None:
    """Tells a problem, or what is merely worth knowing, on stderr."""
    severity = "note" if problem.code in ("note", "live") else "error"
    for line in problem_lines(problem, Paint(colors().err_color), severity=severity):
        echo(line, err=True)


def write(text: str, output: Path | None) -> None:
    """Puts the product on stdout, or into a file. Raises `UsageError` for a file that cannot be written."""
    if output is None:
        if text:
            echo(text)
        return
    try:
        output.write_text(f"{text}\n" if text else "", encoding="utf-8")
    except OSError as error:
        raise UsageError(Problem("usage", f"cannot write {output}: {error.strerror}")) from error


def others(pairs: Iterable[str], formats: Iterable[str]) -> dict[str, Path]:
    """The files of `--also`, by their formats. Raises `UsageError` for what is not FORMAT=FILE."""
    from sigmaproof.commands.pairs import parted

    found = parted("--also", pairs, "FORMAT=FILE")
    for form in found:
        if form not in formats:
            message = f"--also {form}: there is no such format{nearest(form, formats)}"
            raise UsageError(Problem("usage", message, help=f"formats: {', '.join(formats)}"))
    return {form: Path(path) for form, path in found.items()}


OUTPUT = click.option("-o", "--output", type=PATH, help="Write to this file instead of stdout.")
ALSO = click.option(
    "--also", multiple=True, metavar="FORMAT=FILE", help="Write the same in another format; repeatable."
)
JOBS = click.option("-j", "--jobs", default=0, metavar="N", help="Processes (default: one per core).")


def forms(*names: str) -> Callable[[Command], Command]:
    """The option that chooses a format; the first is the default."""
    return click.option(
        "--format", "-f", "form", type=click.Choice(names), default=names[0], show_default=True
    )


def budgeted(told: str) -> Callable[[Command], Command]:
    """The option that says how long a proof may take, which is told in the help."""
    return click.option("--budget", default=5.0, show_default=True, metavar="SECONDS", help=told)


def _target_names(context: click.Context, _: click.Parameter, begun: str) -> list[str]:
    """The targets whose names begin so, for the shell: a file each, none of them read."""
    folder = context.params.get("converters")
    try:
        folder = folder or configuration((), (), None, ()).converters
    except UsageError:
        return []
    return sorted(path.stem for path in Path(folder).glob("*.y*ml") if path.stem.startswith(begun))


def places(command: Command) -> Command:
    """The options that say where rules, fixtures and targets are."""
    for option in reversed(
        (
            click.option("--rules", multiple=True, type=PATH, help="Rules: a folder or file; repeatable."),
            click.option("--fixtures", multiple=True, type=PATH, help="Fixtures; repeatable."),
            click.option("--targets", "converters", type=PATH, help="The folder with the target files."),
            click.option(
                "-t",
                "--target",
                multiple=True,
                metavar="NAME",
                help="Only this target; repeatable.",
                shell_complete=_target_names,
            ),
        )
    ):
        command = option(command)
    return command


def configuration(
    rules: Iterable[Path], fixtures: Iterable[Path], converters: Path | None, target: Iterable[str]
) -> Config:
    """The configuration of this folder with what the command line says."""
    found = read_config(Path()).overridden(
        rules=rules, fixtures=fixtures, converters=converters, targets=target
    )
    for path in (*rules, *fixtures, *([converters] if converters else [])):
        if not path.exists():
            raise UsageError(Problem("usage", f"no such file or folder: {path}"))
    return found


def exits(*, expected: str, verdict: str = "", broken: str = "") -> str:
    """The exit codes of a command, as its help ends with them and the reference has them."""
    told = (expected, verdict, broken, "wrong usage or configuration")
    return "Exit codes: " + "; ".join(f"{code} {what}" for code, what in enumerate(told) if what) + "."
