"""`list`: what there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sigmaproof.commands.convert import Say
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Problem
from sigmaproof.languages import names
from sigmaproof.report.style import harmless
from sigmaproof.workspace import Workspace


def listing(config: Config, what: str, say: Say) -> tuple[str, Exit]:
    """One line per rule, target, fixture, index model or language."""
    workspace = Workspace(config)
    problems: Iterable[Problem] = ()
    match what:
        case "rules":
            lines, problems = _rules(workspace), workspace.rules.problems
        case "targets":
            lines, problems = _targets(workspace), workspace.target_problems
        case "fixtures":
            lines, problems = _fixtures(workspace), workspace.fixtures.problems
        case "indices":
            lines = ((path.stem,) for path in sorted((config.converters / "indices").glob("*.yml")))
        case _:
            lines = ((name,) for name in names())
    text = "\n".join("\t".join(map(harmless, line)) for line in lines)
    problems = list(problems)
    for problem in problems:
        say(problem)
    return text, Exit.BROKEN_INPUT if problems else Exit.EXPECTED


def _rules(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    for document in workspace.rules.documents:
        yield document.path.as_posix(), document.kind, document.id, document.title


def _targets(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    for siem in workspace.siems:
        target = siem.target
        yield target.name, target.backend, target.language or "not verified", siem.model.name, target.title


def _fixtures(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    for fixture in workspace.fixtures.fixtures:
        yield fixture.path.as_posix(), fixture.rule, f"{len(fixture.cases)} cases"
