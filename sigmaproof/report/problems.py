"""One problem with an input as text: code, place, remedy."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.errors import Problem
from sigmaproof.report.style import Paint, harmless, tame


def problem_lines(problem: Problem, paint: Paint, *, severity: str = "error") -> Iterator[str]:
    """A problem with an input."""
    yield f"{paint.severity(severity, problem.code)}: {tame(harmless(problem.message, lines=True))}"
    if problem.place:
        yield f"  {paint.dim('-->')} {harmless(str(problem.place))}"
    if problem.help:
        yield f"   {paint.dim('=')} help: {tame(harmless(problem.help, lines=True))}"
