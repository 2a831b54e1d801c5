"""How long `prove` takes over a folder of rules: with nothing kept from earlier runs, and once more.

    python bench/prove_runs.py [RULES]… [-t TARGET]…

Without RULES: SigmaHQ's, from ../shared/corpus, if they are there. Beside seconds stands their ratio to a
fixed loop that is timed right before and after, since the speed of a shared machine varies.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "sigmahq"
TARGETS = ("elastic-eql", "elastic-lucene", "splunk")


def main() -> int:
    """Prints seconds of the clock and of all processors, ratios, and the most memory of one process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rules", nargs="*", type=Path)
    parser.add_argument("-t", "--target", action="append", default=[])
    options = parser.parse_args()
    rules = options.rules or sorted(CORPUS.glob("rules*"))
    if not rules:
        print("no rules: name some", file=sys.stderr)
        return 0
    targets = [word for name in options.target or TARGETS for word in ("-t", name)]
    command = [sys.executable, "-m", "sigmaproof", "prove", *map(str, rules), *targets, "--format", "json"]
    with tempfile.TemporaryDirectory() as kept:
        for name in ("cold", "warm"):
            _timed(name, command, kept)
    return 0


def _timed(name: str, command: list[str], kept: str) -> None:
    before, used, started = _loop(), _used(), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, env={**os.environ, "SIGMAPROOF_CACHE": kept})  # noqa: S603
    wall, used = time.perf_counter() - started, _used() - used
    loop = (before + _loop()) / 2
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(
        f"{name}: exit {done.returncode}   {wall:.1f} s ({wall / loop:.0f} loops)   "
        f"processors {used:.1f} s ({used / loop:.0f} loops)   at most {most} MiB in one process",
        flush=True,
    )


def _used() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def _loop() -> float:
    """Seconds of a fixed piece of work."""
    started, found = time.process_time(), 0
    for number in range(5_000_000):
        found += number * number % 7
    return time.process_time() - started


if __name__ == "__main__":
    raise SystemExit(main())
