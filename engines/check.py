"""Starts real engines on loopback, runs fixtures, exported queries and Lucene cases on them, and stops them.

usage: python engines/check.py [--cases FILE]... [opensearch[=VERSION] | elasticsearch[=VERSION]]...
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests/languages/lucene/cases.ndjson"
TARGET = "elastic-lucene"
_PATIENCE = 900  # seconds for downloading, building and starting an engine, and for one run on it
_GRACE = 20  # seconds that an engine has to stop by itself


def main() -> int:
    """The worst exit code of all runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engines", nargs="*", default=["opensearch", "elasticsearch"])
    parser.add_argument("--cases", action="append", type=Path, default=[], help="more conformance cases")
    given = parser.parse_args()
    cases = [path for path in (CASES, *given.cases) if path.is_file()]
    summary: list[tuple[str, int]] = []
    for engine in given.engines:
        with running(*engine.split("=", 1)) as (url, name):
            summary += [(f"{name}: {what}", code) for what, code in runs(url, cases)]
    print()
    for what, code in summary:
        print(f"{'ok  ' if code == 0 else 'FAIL'}  {what}")
    return max(code for _, code in summary)


@contextmanager
def running(product: str, *version: str) -> Iterator[tuple[str, str]]:
    """The URL and the name of an engine that runs until the context ends, however it ends."""
    started = time.monotonic()
    server = subprocess.Popen(  # noqa: S603
        [str(ROOT / "engines/run"), product, *version],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C here must not stop it before its indices are deleted
    )
    late = Timer(_PATIENCE, server.kill)
    late.start()
    try:
        ready = (server.stdout.readline() if server.stdout else "").split()
        late.cancel()
        if ready[:1] != ["ready"]:
            raise SystemExit(f"{product} did not start")
        name = " ".join(ready[2:])
        print(f"{name} on {ready[1]}, ready after {time.monotonic() - started:.0f} s", flush=True)
        yield ready[1], name
    finally:
        late.cancel()
        stop(server)


def stop(server: subprocess.Popen[str]) -> None:
    """An engine stops when its input ends; one that does not is made to."""
    if server.stdin:
        server.stdin.close()
    for end in (server.terminate, server.kill):
        try:
            server.wait(_GRACE)
            return
        except subprocess.TimeoutExpired:
            end()
    server.wait()


def runs(url: str, cases: list[Path]) -> Iterator[tuple[str, int]]:
    """What is run on one engine, with its exit code."""
    yield "fixtures", sigmaproof("test", "-t", TARGET, "--live", f"{TARGET}={url}")
    yield "exported queries", _ran(str(ROOT / "engines/exported.py"), url)
    for path in cases:
        yield f"cases of {path.name}", sigmaproof("conformance", "--live", url, str(path))


def sigmaproof(*arguments: str) -> int:
    """The exit code of a run. It is let finish when we are interrupted: it has indices to delete."""
    return _ran("-m", "sigmaproof", *arguments)


def _ran(*arguments: str) -> int:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, timeout=_PATIENCE, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
