"""The command line. Commands load, call and render; what they mean is elsewhere."""

from __future__ import annotations

import atexit
import gc
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sigmaproof.cli_diff import diff
from sigmaproof.cli_export import export
from sigmaproof.cli_fixtures import draft, mutate
from sigmaproof.cli_prove import prove
from sigmaproof.cli_repository import check, init
from sigmaproof.errors import Exit, SigmaproofError, UsageError
from sigmaproof.report.style import Paint
from sigmaproof.terminal import (
    ALSO,
    HELP,
    OUTPUT,
    Commands,
    colors,
    configuration,
    echo,
    exits,
    forms,
    others,
    places,
    say,
    write,
)
from sigmaproof.terminal import PATH as _PATH

if TYPE_CHECKING:
    from sigmaproof.live.address import Address

Command = TypeVar("Command", bound=Callable[..., Any])
_FORMATS = ("console", "json", "junit", "github", "sarif", "markdown", "html")


@click.group(cls=Commands, context_settings={"help_option_names": HELP, "max_content_width": 100})
@click.version_option(package_name="sigmaproof")
def app() -> None:
    """Convert Sigma rules for several SIEMs, and show that every query means what the rule means.

    `sigmaproof COMMAND --help` has the options and exit codes of each. 0 is always as expected, 1 a verdict
    that is not, 2 input that is broken or refused, 3 wrong usage or configuration.
    """


def address(url: str | None, allow_remote: bool, timeout: float) -> Address | None:
    """The real engine that is to be asked, if one is."""
    if url is None:
        return None
    from sigmaproof.live.address import read_address, read_credentials

    return read_address(url, allow_remote=allow_remote, timeout=timeout, credentials=read_credentials())


def reach(command: Command) -> Command:
    """The options that say how far, and how long, a real engine may be reached for."""
    command = click.option(
        "--live-timeout",
        "timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        help="Seconds for one request to a real engine.",
    )(command)
    return click.option(
        "--allow-remote", is_flag=True, help="Let --live send documents to other computers than this one."
    )(command)


@app.command(
    short_help="Run rules and queries on labelled cases.",
    epilog=exits(
        expected="every verdict is as expected",
        verdict="a verdict differs, or nothing ran",
        broken="a rule, fixture or target does not load or convert",
    ),
)
@places
@click.option("-k", "expression", default="", metavar="EXPR", help="Only cases whose rule::case::side match.")
@click.option("-v", "--verbose", is_flag=True, help="Show what passes, too.")
@click.option("-w", "--watch", "again", is_flag=True, help="Run again what a changed file is about.")
@forms(*_FORMATS)
@click.option("-o", "--output", type=_PATH, help="Write the report to this file instead of stdout.")
@ALSO
@click.option("--live", multiple=True, metavar="TARGET=URL", help="Ask a real engine as well; repeatable.")
@reach
@click.option("--prove", "proving", is_flag=True, help="Show proofs on the page, too (--format html).")
@click.option("--mutate", "mutating", is_flag=True, help="Show kill rates on the page, too (--format html).")
@click.argument("paths", nargs=-1, type=_PATH)
def test(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    expression: str,
    verbose: bool,
    again: bool,
    form: str,
    output: Path | None,
    also: tuple[str, ...],
    live: tuple[str, ...],
    allow_remote: bool,
    timeout: float,
    proving: bool,
    mutating: bool,
) -> None:
    """Run every rule, and each target's query for it, on the labelled cases of its fixture.

    With PATHS, only what these rules or fixtures are about; any other file there concerns all of them.
    """
    from sigmaproof.commands.test import Asked, ran, watched
    from sigmaproof.progress import progress

    files = others(also, _FORMATS)
    asked = Asked(
        configuration(rules, fixtures, converters, target),
        paths,
        expression,
        form,
        verbose,
        output is None and colors().out_color,
        live,
        allow_remote,
        timeout,
        tuple(files),
        proving,
        mutating,
    )
    if again:
        watched(asked, partial(write, output=output), say, progress)
    run = ran(asked, progress)
    write(run.texts[form], output)
    for other, path in files.items():
        write(run.texts[other], path)
    if form != "console":
        for problem in run.report.problems:
            say(problem)
    raise SystemExit(run.exit_code)


@app.command(
    short_help="Write each target's query for a rule.",
    epilog=exits(
        expected="every selected rule has its queries",
        verdict="no rule was selected",
        broken="a rule or target does not load, or a query is refused or wrong",
    ),
)
@places
@click.option("-k", "expression", default="", metavar="EXPR", help="Only rules whose stem or title match.")
@forms("text", "json")
@OUTPUT
@click.argument("paths", nargs=-1, type=_PATH)
def convert(
    paths: tuple[Path, ...],
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    expression: str,
    form: str,
    output: Path | None,
) -> None:
    """Write each target's query for the rules in PATHS (default: all rules)."""
    from sigmaproof.commands.convert import convert_rules

    config = configuration((*paths, *rules), fixtures, converters, target)
    text, code = convert_rules(config, expression, form, say, Paint(output is None and colors().out_color))
    write(text, output)
    raise SystemExit(code)


@app.command(
    short_help="Show why a rule matches an event, or why not.",
    epilog=exits(
        expected="explained, whether it matches or not",
        broken="the rule, a target or an event does not load",
    ),
)
@places
@click.option("-e", "--event", "pairs", multiple=True, metavar="FIELD=VALUE", help="One field; repeatable.")
@click.option("--events", "file", type=_PATH, help="Explain every event of this file.")
@click.option("--case", metavar="NAME", help="Explain the events of this case of the rule's fixture.")
@click.argument("rule")
def explain(
    rule: str,
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
    pairs: tuple[str, ...],
    file: Path | None,
    case: str | None,
) -> None:
    """Show why RULE (stem, id or path) matches an event or not, in itself and in each -t TARGET.

    A correlation rule is explained over all events together, as a timeline of each group.
    """
    from sigmaproof.commands.explain import explain_rule

    config = configuration(rules, fixtures, converters, target)
    text, code = explain_rule(config, rule, pairs, file, case, target, say, Paint(colors().out_color))
    write(text, None)
    raise SystemExit(code)


@app.command(
    short_help="Search a log with a query in any language.",
    epilog=exits(
        expected="searched, whatever was found",
        verdict="a real engine disagrees",
        broken="the query or the events do not load",
    ),
)
@click.argument("language")
@click.argument("query")
@click.option("--events", "file", type=_PATH, required=True, help="The events to search.")
@click.option("--index", metavar="NAME", help="An index model of converters/indices (default: plain fields).")
@click.option("--targets", "converters", type=_PATH, help="The folder with the index models.")
@click.option("--option", "pairs", multiple=True, metavar="NAME=VALUE", help="A switch of the language.")
@click.option("--format", "-f", "form", type=click.Choice(("ndjson", "count")), default="ndjson")
@click.option("--live", metavar="URL", help="Ask a real engine as well.")
@reach
def query(
    language: str,
    query: str,
    file: Path,
    index: str | None,
    converters: Path | None,
    pairs: tuple[str, ...],
    form: str,
    live: str | None,
    allow_remote: bool,
    timeout: float,
) -> None:
    """Run QUERY, written in LANGUAGE, on the events of a file and print what it finds.

    `sigmaproof list languages` names the languages. A log is NDJSON, JSON, CSV, EVTX or Parquet.
    """
    from sigmaproof.commands.query import run_query

    config = configuration((), (), converters, ())
    server = address(live, allow_remote, timeout)
    text, code = run_query(config, language, query, file, index, pairs, form, say, server)
    write(text, None)
    raise SystemExit(code)


@app.command(
    "list",
    short_help="List rules, targets, fixtures, indices or languages.",
    epilog=exits(
        expected="listed",
        broken="something does not load",
    ),
)
@places
@click.argument("what", type=click.Choice(("rules", "targets", "fixtures", "indices", "languages")))
def list_(
    what: str,
    rules: tuple[Path, ...],
    fixtures: tuple[Path, ...],
    converters: Path | None,
    target: tuple[str, ...],
) -> None:
    """List the rules, targets, fixtures, index models or languages there are."""
    from sigmaproof.commands.listing import listing

    text, code = listing(configuration(rules, fixtures, converters, target), what, say)
    write(text, None)
    raise SystemExit(code)


@app.command(
    short_help="Run queries whose answers are known.",
    epilog=exits(
        expected="every case passes",
        verdict="a case fails, or there is none",
        broken="a file does not load",
    ),
)
@click.argument("files", nargs=-1, required=True, type=_PATH)
@click.option("-v", "--verbose", is_flag=True, help="Explain failures, and name what is not supported.")
@click.option("--live", metavar="URL", help="Ask this real engine instead.")
@reach
def conformance(
    files: tuple[Path, ...], verbose: bool, live: str | None, allow_remote: bool, timeout: float
) -> None:
    """Run conformance case FILES (NDJSON): queries whose answers are known.

    This is also how a language is added: its cases first, then the front end until they pass.
    """
    from sigmaproof.commands.conformance import run_conformance

    paint = Paint(colors().out_color)
    server = address(live, allow_remote, timeout)
    if server is None:
        raise SystemExit(run_conformance(files, verbose, echo, paint))
    from sigmaproof.live.conformance import run_files_at

    raise SystemExit(run_conformance(files, verbose, echo, paint, partial(run_files_at, server)))


app.add_command(draft)
app.add_command(mutate)
app.add_command(check)
app.add_command(init)
app.add_command(diff)
app.add_command(prove)
app.add_command(export)


def main() -> None:
    """The console script: every expected failure is one message and one exit code."""
    # what one run makes is mostly kept to its end: looking for garbage all the time finds little
    gc.set_threshold(100_000, 20, 50)
    # and at the end the process gives everything back at once, without looking through it once more
    atexit.register(gc.freeze)
    # nothing that happens to be installed has a say in what is valid, or is looked for at every start
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "true")
    try:
        app(prog_name="sigmaproof", standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(Exit.USAGE) from None
    except UsageError as error:
        say(error.problem)
        raise SystemExit(Exit.USAGE) from None
    except SigmaproofError as error:
        say(error.problem)
        raise SystemExit(Exit.BROKEN_INPUT) from None
