"""`test`: a run over the fixtures, rendered; once, or again whenever a file changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from sigmaproof.commands.convert import Say
from sigmaproof.config import Config
from sigmaproof.errors import SigmaproofError
from sigmaproof.judge.results import Report
from sigmaproof.judge.select import selection
from sigmaproof.judge.suite import run_suite
from sigmaproof.report import View, renderer
from sigmaproof.workspace import Workspace

Show = Callable[[int, int, str], None]
Progress = Callable[[], AbstractContextManager[Show]]


def quiet() -> AbstractContextManager[Show]:
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


def ran(asked: Asked, progress: Progress = quiet, paths: Iterable[Path] = ()) -> tuple[Report, str]:
    """The report, and how it reads. With `paths`, of what these files are about."""
    started = time.perf_counter()
    select = selection(asked.expression)
    workspace = Workspace(asked.config)
    for narrower in (asked.paths, tuple(paths)):
        if narrower:
            workspace.narrow(narrower)
    with progress() as show:
        if asked.live:
            from sigmaproof.live.address import target_addresses
            from sigmaproof.live.suite import run_live_suite

            addresses = target_addresses(asked.live, allow_remote=asked.allow_remote, timeout=asked.timeout)
            report = run_live_suite(workspace, select, show, addresses)
        else:
            report = run_suite(workspace, select, show)
    return report, shown(asked, report, asked.form, time.perf_counter() - started)


def shown(asked: Asked, report: Report, form: str, seconds: float | None = None) -> str:
    """A report in one of its formats."""
    return renderer(form)(report, View(asked.verbose, asked.color and form == asked.form, seconds))


def watched(asked: Asked, write: Callable[[str], None], say: Say, progress: Progress = quiet) -> NoReturn:
    """Tests everything, then what each changed file is about, until the person ends it."""
    from sigmaproof.commands.watch import watch

    def run(files: list[Path]) -> None:
        try:
            write(ran(asked, progress, files)[1])
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
