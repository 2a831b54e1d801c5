"""A rule → its mutants: rules that differ from it by one edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.judge.mutate.conditions import condition_edits
from sigmaproof.judge.mutate.edits import Edit
from sigmaproof.judge.mutate.items import detection_edits
from sigmaproof.languages.sigma import Rule, lower
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.logic.terms import Term, bare


class Mutant(Struct, frozen=True):
    """One small change of a rule, and what the rule would then say about an event."""

    kind: str
    place: str
    """The search identifier, with the position of the alternative; or `condition`."""
    change: str
    path: Path
    """Where in the rule's YAML."""
    term: Term
    """Over the rule's own field names; the log source is not part of it."""

    @property
    def name(self) -> str:
        """What the mutant is called, the same from run to run."""
        return f"{self.place}: {self.change}"


_Change = tuple[Path, Edit, Rule]

MOST = 1000
"""Changes of one rule that are looked at. Of more, these are taken from all over the rule."""


def mutants(rule: Rule, most: int = MOST) -> Iterator[Mutant]:
    """The mutants of the rule, in the order of its text; none twice, and none that is the rule itself.

    Filters that the rule takes in stay as they are. Raises `UnsupportedQuery` if the rule is not modelled.
    """
    seen = {bare(lower(rule))}
    for path, edit, changed in _spread(_changes(rule), changes(rule), most):
        try:
            term = lower(changed)
        except UnsupportedQuery:
            continue  # no rule that could have been meant
        if (said := bare(term)) not in seen:
            seen.add(said)
            yield Mutant(edit.kind, _place(path, rule), edit.text, path, term)


def changes(rule: Rule) -> int:
    """How many changes of the rule there are."""
    return sum(1 for _ in _changes(rule))


def left_out(rule: Rule) -> int:
    """How many of them are not looked at."""
    return max(0, changes(rule) - MOST)


def _spread(found: Iterable[_Change], count: int, most: int) -> Iterator[_Change]:
    """At most so many, at even distances."""
    for at, one in enumerate(found):
        if count <= most or at * most // count != (at - 1) * most // count:
            yield one


def _changes(rule: Rule) -> Iterator[_Change]:
    fields = tuple(dict.fromkeys(item.field for item in rule.items if item.field is not None))
    for at, (name, detection) in enumerate(rule.detections):
        for edit in detection_edits(detection, fields):
            detections = (*rule.detections[:at], (name, edit.node), *rule.detections[at + 1 :])
            yield edit.path or (rule.section, name), edit, replace(rule, detections=detections)
    for at in range(len(rule.conditions)):
        for edit in condition_edits(rule, at):
            conditions = (*rule.conditions[:at], edit.node, *rule.conditions[at + 1 :])
            yield edit.path, edit, replace(rule, conditions=conditions)
        if len(rule.conditions) > 1:
            left = rule.conditions[:at] + rule.conditions[at + 1 :]
            path = (rule.section, "condition", at)
            text = f"{rule.written[at]} dropped"
            yield path, Edit("condition dropped", text, left[0]), replace(rule, conditions=left)


def _place(path: Path, rule: Rule) -> str:
    """`selection`, or `selection[2]` for the second alternative of a list; or `condition`."""
    if path[1] == "condition":
        return "condition"
    of_value = path[:-1] in {item.path for item in rule.items}
    steps = path[2:-1] if of_value else path[2:]
    return f"{path[1]}" + "".join(f"[{step + 1}]" for step in steps if isinstance(step, int))
