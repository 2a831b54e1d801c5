"""Progress of long work, on stderr, only where a person watches and only once it takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sigmaproof.report.style import harmless

_PATIENCE = 1.0
"""Seconds before anything is shown."""


@contextmanager
def progress(verb: str) -> Iterator[Callable[[int, int, str], None]]:
    """Gives a function to call before each step: (steps done, steps in all, what comes next)."""
    if not sys.stderr.isatty():
        yield lambda done, of, name: None
        return
    started = time.monotonic()
    shown = False

    def show(done: int, of: int, name: str) -> None:
        nonlocal shown
        if time.monotonic() - started > _PATIENCE:
            shown = True
            sys.stderr.write(f"\r\x1b[2K{verb} {done + 1}/{of}  {harmless(name, 60)}")
            sys.stderr.flush()

    try:
        yield show
    finally:
        if shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
