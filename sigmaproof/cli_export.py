"""The command that writes rules for products to import."""

from __future__ import annotations

from pathlib import Path

import click

from sigmaproof.terminal import JOBS, PATH, budgeted, configuration, exits, places, say, write


@click.command(
    short_help="Write proven rules for Elastic and Splunk to import.",
    epilog=exits(
        expected="written, but for what is not verified",
        verdict="a query that differs is left out, or nothing was exported",
        broken="something is refused, does not load, or cannot be written down",
    ),
)
@places
@click.option("-o", "--output", type=PATH, required=True, metavar="DIR", help="The folder to write into.")
@click.option(
    "--allow-unverified",
    is_flag=True,
    help="Export queries that differ from their rule or that nothing here runs, too; never refused ones.",
)
@budgeted("For one question.")
@JOBS
@click.argument("paths", nargs=-1, type=PATH)
def export(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    output: Path,
    allow_unverified: bool,
    budget: float,
    jobs: int,
) -> None:
    """Write the rules in PATHS (default: all rules) as files that Elastic and Splunk import.

    Only rules whose query is proven or tested; the others are named, with the reason. docs/export.md
    """
    from sigmaproof.commands.export import Request, export_rules
    from sigmaproof.commands.export_files import earlier, summary, write_exports
    from sigmaproof.progress import progress
    from sigmaproof.report.style import harmless, tame

    config = configuration((*paths, *rules), fixtures, converters, target)
    earlier(output)  # proving takes its time: a folder that is not to be written into is told first
    with progress("proving") as show:
        exports = export_rules(config, Request(allow_unverified, budget, jobs), show)
    for problem in exports.problems:
        say(problem)
    write_exports(exports, output)
    write(tame("\n".join(map(harmless, summary(exports, output)))), None)
    raise SystemExit(exports.exit_code)
