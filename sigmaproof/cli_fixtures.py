"""The commands about fixtures: `mutate` and `draft`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from sigmaproof.terminal import (
    JOBS,
    OUTPUT,
    PATH,
    budgeted,
    colors,
    configuration,
    exits,
    forms,
    places,
    say,
    write,
)


@click.command(
    short_help="Change rules a little: do their fixtures notice?",
    epilog=exits(
        expected="every rule reaches the threshold, if there is one",
        verdict="a rule is below it, or nothing was changed",
        broken="a rule or fixture does not load",
    ),
)
@places
@click.option("-k", "expression", default="", metavar="EXPR", help="Only mutants whose rule::name match.")
@click.option("-v", "--verbose", is_flag=True, help="Show the survivors of many rules, too.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="The kill rate that every rule is to reach; exit code 1 below it.",
)
@click.option("--write", "adding", is_flag=True, help="Add the cases that kill survivors to their fixtures.")
@budgeted("CPU time for one mutant's proof.")
@JOBS
@forms("text", "json", "markdown")
@OUTPUT
@click.argument("paths", nargs=-1, type=PATH)
def mutate(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    expression: str,
    verbose: bool,
    threshold: float | None,
    adding: bool,
    budget: float,
    jobs: int,
    form: str,
    output: Path | None,
) -> None:
    """Change the rules in PATHS (default: all) a little at a time, and see whether their fixtures notice.

    What no case notices is shown with an event that would, as a case to paste.
    """
    from sigmaproof.commands.mutate import Wanted, mutate_rules, write_cases
    from sigmaproof.progress import progress
    from sigmaproof.report import View
    from sigmaproof.report.mutation import renderer

    started = time.perf_counter()
    config = configuration((*paths, *rules), fixtures, converters, target)
    with progress("mutating") as show:
        mutation = mutate_rules(config, Wanted(expression, budget, jobs, threshold), show)
    for problem in mutation.problems:
        say(problem)
    if adding:
        write_cases(mutation, say)
    view = View(verbose, output is None and colors().out_color, time.perf_counter() - started)
    write(renderer(form)(mutation, view), output)
    raise SystemExit(mutation.exit_code)


@click.command(
    short_help="Write a first fixture for a rule.",
    epilog=exits(
        expected="the fixture is written",
        verdict="no event is known that the rule finds",
        broken="the rule does not load, or uses what is not modelled",
    ),
)
@places
@budgeted("CPU time for one event's proof.")
@OUTPUT
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@click.argument("rule")
def draft(
    rule: str,
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    budget: float,
    output: Path | None,
    force: bool,
) -> None:
    """Write a first fixture for RULE (stem, id or path): what it finds, part by part, and near misses.

    Every event was run. The labels are what the rule answers, tagged for a person to review.
    """
    from sigmaproof.commands.draft import check_output, draft_rule

    check_output(output, force=force)
    config = configuration(rules, fixtures, converters, target)
    text, code = draft_rule(config, rule, budget, output, say)
    write(text, output if text else None)
    raise SystemExit(code)
