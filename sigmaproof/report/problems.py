"""One problem with an input as text: code, place, remedy."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.errors import Problem
from sigmaproof.report.style import Paint


def problem_lines(problem: Problem, paint: Paint, *, severity: str = "error") -> Iterator[str]:
    """A problem with an input."""
    yield f"{paint.severity(severity, problem.code)}: {problem.message}"
    if problem.place:
        yield f"  {paint.dim('-->')} {problem.place}"
    if problem.help:
        yield f"   {paint.dim('=')} help: {problem.help}"
