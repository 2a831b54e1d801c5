"""Watching files: a command runs again whenever one of them changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

INTERVAL = 0.3
"""Seconds between two looks at the files."""

Stamps = Mapping[Path, tuple[int, int]]
"""Of each file, when it was written and how long it is."""


def stamps(roots: Iterable[Path]) -> Stamps:
    """The files under these folders as they are now. Names that begin with a dot are passed over."""
    found = {}
    for root in roots:
        for path in root.rglob("*") if root.is_dir() else (root,):
            if any(part.startswith(".") for part in path.relative_to(root).parts):
                continue
            try:
                facts = path.stat()
            except OSError:
                continue
            if path.is_file():
                found[path] = (facts.st_mtime_ns, facts.st_size)
    return found


def changed(before: Stamps, after: Stamps) -> list[Path]:
    """The files that were written, made or removed in between."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def watch(
    roots: Iterable[Path],
    run: Callable[[list[Path]], None],
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Runs with no path at first, then with those that changed, until the person ends it."""
    roots = tuple(roots)
    seen = stamps(roots)
    run([])
    while True:
        wait(INTERVAL)
        now = stamps(roots)
        if files := changed(seen, now):
            seen = now
            run(files)
