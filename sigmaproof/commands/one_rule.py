"""The one rule that a command line names."""

from __future__ import annotations

from pathlib import Path

from sigmaproof.errors import InvalidInput, Problem, UsageError, nearest
from sigmaproof.load.rules import find_rule
from sigmaproof.load.values import Kind, RuleDocument, Rules


def the_rule(rules: Rules, reference: str, *, correlations: bool = False) -> RuleDocument:
    """The rule that is meant; with `correlations`, of a file of several the last one, as for fixtures.

    Raises `InvalidInput` if its file does not load, `UsageError` if none is meant.
    """
    kinds = (Kind.RULE, Kind.CORRELATION) if correlations else (Kind.RULE,)
    found = [one for one in find_rule(rules, reference) if one.kind in kinds]
    if len(found) == 1 or (found and correlations and len({one.path for one in found}) == 1):
        return found[-1]
    for problem in rules.problems:
        if not found and problem.place and problem.place.path.stem == Path(reference).stem:
            raise InvalidInput(problem)
    hint = nearest(reference, rules.by_stem)
    message = f"no rule {reference!r}{hint}" if not found else f"{reference!r} names several rules"
    raise UsageError(Problem("usage", message, help="give a stem, id or path; `sigmaproof list rules`"))
