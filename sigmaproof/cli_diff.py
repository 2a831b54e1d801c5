"""The command that compares two versions of a repository."""

from __future__ import annotations

import time
from pathlib import Path

import click

from sigmaproof.config import read_config
from sigmaproof.report.style import Paint
from sigmaproof.terminal import JOBS, OUTPUT, budgeted, colors, exits, forms, places, say, write


@click.command(
    short_help="Show what a change does to events.",
    epilog=exits(
        expected="as expected, whatever is found now that was not before",
        verdict="a case of the new fixture differs, or with --fail-on-change something changed",
        broken="a rule, fixture or target of the new version does not load, or is refused now",
    ),
)
@places
@click.option("-k", "expression", default="", metavar="EXPR", help="Only rules whose stem or title match.")
@budgeted("CPU time for one question.")
@JOBS
@click.option("--merge-base", is_flag=True, help="Compare with the commit where HEAD left BASE.")
@click.option("--fail-on-change", is_flag=True, help="Exit 1 when some event is found by one version only.")
@forms("text", "json", "markdown")
@OUTPUT
@click.argument("base")
@click.argument("head", required=False)
def diff(
    base: str,
    head: str | None,
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    expression: str,
    budget: float,
    jobs: int,
    merge_base: bool,
    fail_on_change: bool,
    form: str,
    output: Path | None,
) -> None:
    """Show what a change does to events: between two revisions, or folders, BASE and HEAD.

    Without HEAD, the working tree is compared with BASE.
    """
    from sigmaproof.commands.diff import Request, diff_states, rendered
    from sigmaproof.judge.select import selection
    from sigmaproof.progress import progress

    started = time.perf_counter()
    config = read_config(Path()).overridden(
        rules=rules, fixtures=fixtures, converters=converters, targets=target
    )
    request = Request(base, head, merge_base, budget, jobs)
    with progress("comparing") as show:
        found = diff_states(config, request, selection(expression), show)
    for problem in found.problems:
        say(problem)
    code = found.exit_code(fail_on_change=fail_on_change)
    paint = Paint(output is None and colors().out_color)
    write(rendered(found, form, code, paint, time.perf_counter() - started), output)
    raise SystemExit(code)
