"""The commands about a repository as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from sigmaproof.report.style import Paint
from sigmaproof.terminal import PATH, colors, configuration, places, write

_CHECKS = ("text", "json", "github", "sarif")


@click.command()
@places
@click.option("--ignore", "ignored", multiple=True, metavar="CODE", help="Leave a doubt out; repeatable.")
@click.option("--format", "-f", "form", type=click.Choice(_CHECKS), default="text", show_default=True)
@click.option("-o", "--output", type=PATH, help="Write to this file instead of stdout.")
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
