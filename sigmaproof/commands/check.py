"""`check`: what can be said about a repository's files without converting or running a rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from sigmaproof.config import Config
from sigmaproof.errors import Problem, UsageError, nearest
from sigmaproof.judge.check import Checked, check_workspace
from sigmaproof.report.codes import CODES, DOUBTS
from sigmaproof.report.findings import Finding, Level, problem_findings
from sigmaproof.report.github import annotate
from sigmaproof.report.json import json_text
from sigmaproof.report.markdown import number
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.sarif import sarif
from sigmaproof.report.style import Paint, tame
from sigmaproof.workspace import Workspace


def checked(config: Config, paths: Sequence[Path], ignored: Iterable[str]) -> Checked:
    """What a check finds in some files (none named: in all), without the codes that are ignored."""
    codes = frozenset(ignored)
    for code in codes:
        if code not in DOUBTS:
            message = f"--ignore {code}: there is no such doubt{nearest(code, DOUBTS)}"
            raise UsageError(Problem("usage", message, help=f"doubts: {', '.join(sorted(DOUBTS))}"))
    found = check_workspace(Workspace(config))
    wanted = {path.absolute() for path in paths}
    problems, doubts, notes = (
        tuple(one for one in every if one.code not in codes and _within(one, wanted))
        for every in (found.problems, found.doubts, found.notes)
    )
    return replace(found, problems=problems, doubts=doubts, notes=notes)


def _within(problem: Problem, wanted: set[Path]) -> bool:
    if not wanted or problem.place is None:
        return True
    path = problem.place.path.absolute()
    return any(path == one or one in path.parents for one in wanted)


def rendered(found: Checked, form: str, paint: Paint) -> str:
    """What was found in one of the formats text, json, github and sarif."""
    if form == "text":
        return tame("\n".join(_text(found, paint)))
    if form == "json":
        return json_text(_document(found), indent=True)
    return annotate(_findings(found)) if form == "github" else sarif(_findings(found))


def _findings(found: Checked) -> Iterator[Finding]:
    yield from problem_findings(found.problems, Level.ERROR)
    yield from problem_findings(found.doubts, Level.WARNING)
    yield from problem_findings(found.notes, Level.NOTE)


def _text(found: Checked, paint: Paint) -> Iterator[str]:
    for problem in found.problems:
        yield from problem_lines(problem, paint)
    for doubt in found.doubts:
        yield from problem_lines(doubt, paint, severity="warning")
    for note in found.notes:
        yield from problem_lines(note, paint, severity="note")
    counts = (
        number(len(found.problems), "error"),
        number(len(found.doubts), "warning"),
        number(found.files, "file"),
    )
    yield " · ".join(counts) if found.files else "nothing to check: no rule and no fixture was found"


def _document(found: Checked) -> dict[str, Any]:
    return {
        "version": 1,
        "summary": {
            "exit_code": int(found.exit_code),
            "files": found.files,
            "errors": len(found.problems),
            "warnings": len(found.doubts),
            "notes": len(found.notes),
        },
        "findings": [_finding(one) for one in _findings(found)],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "level": finding.level.value,
        "meaning": CODES.get(finding.code, ""),
        "message": finding.message,
        "path": place.path.as_posix() if place else None,
        "line": place.line if place else 0,
        "column": place.column if place else 0,
        "help": finding.details,
    }
