"""The command that proves queries equal to their rules."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import click

from sigmaproof.report.style import Paint
from sigmaproof.terminal import (
    ALSO,
    JOBS,
    OUTPUT,
    PATH,
    budgeted,
    colors,
    configuration,
    exits,
    forms,
    others,
    places,
    say,
    write,
)

_FORMATS = ("text", "json", "markdown", "html", "sarif", "github", "junit")


@click.command(
    short_help="Prove queries equal to their rules, or show an event.",
    epilog=exits(
        expected="everything is proven or tested",
        verdict="something differs, or there is nothing to prove",
        broken="something is refused or does not load",
    ),
)
@places
@budgeted("CPU time for one question.")
@JOBS
@click.option("--assume-nothing", is_flag=True, help="Rest no result on an assumption.")
@click.option("--against", metavar="QUERY|FILE|RULE", help="Compare with this instead of the conversions.")
@click.option("--language", default="", help="Of the query after --against; without it, that is a rule.")
@click.option("--index", default="", metavar="NAME", help="Its index model (default: plain fields).")
@forms(*_FORMATS)
@OUTPUT
@ALSO
@click.argument("paths", nargs=-1, type=PATH)
def prove(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    budget: float,
    jobs: int,
    assume_nothing: bool,
    against: str | None,
    language: str,
    index: str,
    form: str,
    output: Path | None,
    also: tuple[str, ...],
) -> None:
    """Prove that each query finds what its rule means, or show an event that only one of them finds."""
    from sigmaproof.commands.proofs import page_or_text
    from sigmaproof.commands.prove import Against, prove_rules, say_problems
    from sigmaproof.logic.prove.assumptions import Assumption
    from sigmaproof.progress import progress

    started = time.perf_counter()
    config = configuration((*paths, *rules), fixtures, converters, target)
    other = Against(against, language, index) if against else None
    assumptions = () if assume_nothing else tuple(Assumption)
    files = others(also, _FORMATS)
    with progress("proving") as show:
        proofs = prove_rules(config, budget, jobs, other, show, assumptions)
    say_problems(proofs, say)
    paint = Paint(output is None and colors().out_color)
    seconds = time.perf_counter() - started
    shown = partial(page_or_text, config, proofs, converted=other is None)
    write(shown(form, paint, seconds), output)
    for further, path in files.items():
        write(shown(further, Paint(), seconds), path)
    raise SystemExit(proofs.exit_code)
