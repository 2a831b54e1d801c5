"""Edits of conditions: names and quantifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from sigmaproof.judge.mutate.edits import Edit, Words, edits, shown
from sigmaproof.languages.sigma.conditions import selected
from sigmaproof.languages.sigma.nodes import Every, Name, Node, Quantified, Rule, Some

_WORDS = Words("selection", shown, shown)


def condition_edits(rule: Rule, at: int) -> Iterator[Edit]:
    """Every edit of one of the rule's conditions."""
    names = [name for name, _ in rule.detections]
    path = (rule.section, "condition", at)
    for edit in edits(rule.conditions[at], lambda node: _leaf(node, names), _WORDS):
        yield replace(edit, path=path)


def _leaf(node: Node, names: Sequence[str]) -> Iterator[Edit]:
    if not isinstance(node, Quantified):
        return
    found = selected(node.pattern, names)
    if len(found) < 2:
        return
    if node.least is None:
        yield _quantifier(node, 1, "all → one")
    elif node.least == 1:
        yield _quantifier(node, None, "one → all")
    else:
        yield from (_quantifier(node, node.least + step, "number") for step in (-1, 1))
    if node.least in (None, 1):
        join = Every if node.least is None else Some
        for name in found:
            left = tuple(Name(other) for other in found if other != name)
            rest = left[0] if len(left) == 1 else join(left)
            yield Edit("selection dropped", f"{shown(node)}: {name} dropped", rest)


def _quantifier(node: Quantified, least: int | None, kind: str) -> Edit:
    changed = Quantified(least, node.pattern)
    return Edit(kind, f"{shown(node)} → {shown(changed)}", changed)
