"""`conformance`: case files against the languages."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sigmaproof.errors import Exit
from sigmaproof.judge.conformance import Mark, Result, run_files
from sigmaproof.report.style import Paint, harmless
from sigmaproof.report.trace import trace_lines

_MOST_TRACES = 3


def run_conformance(
    paths: Sequence[Path],
    verbose: bool,
    write: Callable[[str], None],
    paint: Paint,
    run: Callable[[Sequence[Path]], Iterable[Result]] = run_files,
) -> Exit:
    """Writes a line per failing case, the groups' totals, and the grand total as the last line."""
    totals: dict[tuple[str, str], Counter[Mark]] = defaultdict(Counter)
    for result in run(paths):
        totals[result.language, result.group.split(":", 1)[0]][result.mark] += 1
        if result.mark is Mark.FAILED or (verbose and result.mark is Mark.UNSUPPORTED):
            _write_result(result, verbose, write, paint)
    width = max((len(f"{language} {group}") for language, group in totals), default=0)
    for (language, group), counts in totals.items():
        write(f"{f'{language} {group}':<{width}}  {_counts(counts)}")
    everything = sum(totals.values(), Counter())
    write(_counts(everything))
    return Exit.VERDICT if everything[Mark.FAILED] or not everything else Exit.EXPECTED


def _write_result(result: Result, verbose: bool, write: Callable[[str], None], paint: Paint) -> None:
    facts = (str(result.place), result.group, result.name, result.mark.upper(), result.told)
    write("  ".join(map(harmless, facts)))
    for row, trace in result.traces[:_MOST_TRACES] if verbose else ():
        write(f"  document {row}")
        for line in trace_lines(trace, paint, 2):
            write(line)


def _counts(counts: Counter[Mark]) -> str:
    return ", ".join(f"{counts[mark]} {mark}" for mark in Mark)
