"""`test`: a run over the fixtures, rendered; once, or again whenever a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from sigmaproof.commands.convert import Say
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Problem, SigmaproofError, UsageError
from sigmaproof.judge.results import Report
from sigmaproof.judge.select import selection
from sigmaproof.judge.suite import Watch, run_suite
from sigmaproof.report import View, renderer
from sigmaproof.workspace import Workspace

HTML = "html"
"""The format that shows more than the run: the rules themselves, and what other commands know of them."""
Show = Callable[[int, int, str], None]
Progress = Callable[[str], AbstractContextManager[Show]]


def quiet(verb: str) -> AbstractContextManager[Show]:  # noqa: ARG001  every progress takes one
    """Progress that nobody watches."""
    return nullcontext(lambda done, of, name: None)


class Asked(Struct, frozen=True):
    """What is to be tested, and how it is shown."""

    config: Config
    paths: tuple[Path, ...] = ()
    """Only what these files are about; none: everything."""
    expression: str = ""
    form: str = "console"
    verbose: bool = False
    color: bool = False
    live: tuple[str, ...] = ()
    allow_remote: bool = False
    timeout: float = 60.0
    also: tuple[str, ...] = ()
    """Further formats."""
    prove: bool = False
    mutate: bool = False
    """What the page is to hold beside the run."""


class Run(Struct, frozen=True):
    """A run: what it found, and how that reads in each format."""

    report: Report
    texts: Mapping[str, str]
    exit_code: Exit


def ran(asked: Asked, progress: Progress = quiet, paths: Iterable[Path] = ()) -> Run:
    """Runs the suite. With `paths`, what these files are about. Raises `UsageError`."""
    started = time.perf_counter()
    forms = dict.fromkeys([asked.form, *asked.also])
    if (asked.prove or asked.mutate) and HTML not in forms:
        help_ = "add `--format html -o FILE`, or run the commands `prove` and `mutate`"
        raise UsageError(Problem("usage", "--prove and --mutate add to the page", help=help_))
    workspace = Workspace(asked.config)
    narrower = [one for one in (asked.paths, tuple(paths)) if one]
    for files in narrower:
        workspace.narrow(files)
    if HTML in forms:
        from sigmaproof.commands.page import Watched, tested_page

        watch = Watched()
        report = _report(asked, workspace, progress, watch)
        whole = not narrower and not asked.expression
        text, code = tested_page(workspace, report, watch, asked, progress, whole=whole)
        texts = {HTML: text}
    else:
        report = _report(asked, workspace, progress)
        texts, code = {}, report.exit_code
    seconds = time.perf_counter() - started
    texts |= {form: _shown(asked, report, form, seconds) for form in forms if form != HTML}
    return Run(report, texts, code)


def _report(
    asked: Asked,
    workspace: Workspace,
    progress: Progress,
    watch: Watch = lambda rule, case, events: None,
) -> Report:
    select = selection(asked.expression)
    with progress("testing") as show:
        if not asked.live:
            return run_suite(workspace, select, show, watch)
        from sigmaproof.live.address import target_addresses
        from sigmaproof.live.suite import run_live_suite

        addresses = target_addresses(asked.live, allow_remote=asked.allow_remote, timeout=asked.timeout)
        return run_live_suite(workspace, select, show, addresses)


def _shown(asked: Asked, report: Report, form: str, seconds: float) -> str:
    own = form == asked.form
    return renderer(form)(report, View(asked.verbose, asked.color and own, seconds if own else None))


def watched(asked: Asked, write: Callable[[str], None], say: Say, progress: Progress = quiet) -> NoReturn:
    """Tests everything, then what each changed file is about, until the person ends it."""
    from sigmaproof.commands.watch import watch

    def run(files: list[Path]) -> None:
        try:
            write(ran(asked, progress, files).texts[asked.form])
        except SigmaproofError as error:
            say(error.problem)
        write(f"{_told(files)}waiting for changes; Ctrl-C ends")

    config = asked.config
    watch((*config.rules, *config.fixtures, config.converters), run)
    raise AssertionError("watching ends by an exception only")


def _told(files: list[Path]) -> str:
    if not files:
        return ""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0].name}{more} changed; "
