"""The commands about a repository as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from sigmaproof.report.style import Paint
from sigmaproof.terminal import OUTPUT, PATH, colors, configuration, echo, exits, forms, places, write

_CHECKS = ("text", "json", "github", "sarif")


@click.command(
    short_help="Find what is broken or doubtful, without running.",
    epilog=exits(
        expected="nothing, or notes only",
        verdict="a warning, or nothing to check",
        broken="an error: something does not load, or is not modelled",
    ),
)
@places
@click.option("--ignore", "ignored", multiple=True, metavar="CODE", help="Leave a doubt out; repeatable.")
@forms(*_CHECKS)
@OUTPUT
@click.argument("paths", nargs=-1, type=PATH)
def check(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    ignored: tuple[str, ...],
    form: str,
    output: Path | None,
) -> None:
    """Find what is broken or doubtful in rules, fixtures and targets, without converting or running a rule.

    With PATHS, tell what is in these files or folders. Warnings alone exit with 1.
    """
    from sigmaproof.commands.check import checked, rendered

    found = checked(configuration(rules, fixtures, converters, target), paths, ignored)
    write(rendered(found, form, Paint(output is None and colors().out_color)), output)
    raise SystemExit(found.exit_code)


@click.command(
    short_help="Write a new detection repository.",
    epilog=exits(
        expected="written",
    ),
)
@click.option(
    "--ci",
    type=click.Choice(("github", "gitlab", "none")),
    default="github",
    show_default=True,
    help="The CI server to write a workflow for.",
)
@click.argument("folder", default=".", type=PATH)
def init(folder: Path, ci: str) -> None:
    """Write a new detection repository with a working example into FOLDER (default: this one).

    The folder must be empty or not there; a `.git` in it is fine.
    """
    from sigmaproof.commands.init import new_repository

    for path in new_repository(folder, ci):
        echo(str(path))
    go = "" if folder == Path() else f"cd {folder} && "
    echo(f"next: {go}sigmaproof test", err=True)
