"""`draft`: a first fixture for a rule."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from sigmaproof.commands.convert import Say
from sigmaproof.commands.one_rule import the_rule
from sigmaproof.config import Config
from sigmaproof.errors import Exit, InvalidInput, Place, Problem, UnsupportedQuery, UsageError
from sigmaproof.judge.mutate.cases import read_cases
from sigmaproof.judge.mutate.draft import draft_text, drafted
from sigmaproof.judge.mutate.mutants import left_out
from sigmaproof.judge.prepare import Preparation
from sigmaproof.load.values import RuleDocument
from sigmaproof.workspace import Workspace


def draft_rule(
    config: Config, reference: str, budget: float, output: Path | None, say: Say
) -> tuple[str, Exit]:
    """The text of a fixture for a rule, to be written to `output`."""
    if Path(reference).is_file():
        config = replace(config, rules=(*config.rules, Path(reference)))
    workspace = Workspace(config)
    document = the_rule(workspace.rules, reference)
    preparation = Preparation(workspace, convert=False)
    rule = preparation.whole(document)
    for problem in preparation.problems:
        say(problem)
    place = Place(document.path, document.line)
    try:
        draft = drafted(rule, workspace.sources, _real(workspace), budget)
    except UnsupportedQuery as error:
        raise InvalidInput(Problem("unsupported", str(error), place)) from error
    if not draft.cases:
        reason = "; ".join(draft.undecided) or "there is none"
        say(Problem("never-exercised", f"no event is known that the rule finds: {reason}", place))
        return "", Exit.VERDICT
    if left := left_out(rule):
        say(Problem("note", f"{left:,} of the rule's parts were not looked at, it has so many", place))
    for one in draft.undecided:
        say(Problem("note", f"no case for {one}", place))
    return draft_text(draft, _reference(document, workspace, output)).rstrip("\n"), Exit.EXPECTED


def check_output(output: Path | None, *, force: bool) -> None:
    """Raises `UsageError` for a file that is there already, unless that is to be so."""
    if output is not None and output.exists() and not force:
        raise UsageError(Problem("usage", f"{output} is there already", help="--force writes over it"))


def _real(workspace: Workspace) -> dict[str, list[str]]:
    """Values that the repository's own fixtures have, for events that look like its events."""
    cases = [case for fixture in workspace.fixtures.fixtures for case in fixture.cases if case.file is None]
    return read_cases(cases, lambda event: event).values()


def _reference(document: RuleDocument, workspace: Workspace, output: Path | None) -> str:
    """What `rule:` has to say; nothing if the fixture is named after the rule."""
    stem = document.path.stem if output is None else output.stem
    alone = len(workspace.rules.by_stem.get(stem, ())) == 1
    return "" if stem == document.path.stem and alone else document.id or document.path.as_posix()
