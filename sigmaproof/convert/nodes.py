"""pySigma's detections as trees that are built anew instead of changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sigma.conditions import ConditionAND, ConditionOR
from sigma.rule import SigmaDetection, SigmaDetectionItem
from sigma.types import SigmaExists, SigmaNull, SigmaType

Node = Any
"""A SigmaDetection or a SigmaDetectionItem."""


def all_of(parts: Sequence[Node]) -> Node:
    """Every one of them."""
    return parts[0] if len(parts) == 1 else SigmaDetection(list(parts), None, ConditionAND)


def any_of(parts: Sequence[Node]) -> Node:
    """At least one of them."""
    return parts[0] if len(parts) == 1 else SigmaDetection(list(parts), None, ConditionOR)


def with_values(item: Node, values: Sequence[SigmaType], field: str | None = None) -> Node:
    """The item with other values, and perhaps another field; its modifiers have done their work."""
    return replace(item, field=field or item.field, value=list(values), auto_modifiers=False)


def negated(node: Node) -> Node:
    """The complement."""
    if isinstance(node, SigmaDetectionItem):
        return replace(node, negated=not node.negated, auto_modifiers=False)
    linking = ConditionOR if node.item_linking is ConditionAND else ConditionAND
    return SigmaDetection([negated(part) for part in node.detection_items], node.source, linking)


def key(node: Node) -> str:
    """What a node asks, as text: pySigma's values of different types refuse to be compared."""
    if isinstance(node, SigmaDetectionItem):
        values = [(type(one).__name__, "" if isinstance(one, SigmaNull) else repr(one)) for one in node.value]
        return f"{node.field} {node.negated} {node.value_linking.__name__} {values}"
    return f"{node.item_linking.__name__}({', '.join(map(key, node.detection_items))})"


def asks_absence(value: SigmaType) -> bool:
    """Whether a value stands for a field that is not there."""
    return isinstance(value, SigmaNull) or (isinstance(value, SigmaExists) and not value.exists)


def under_any(items: Sequence[Node]) -> Node:
    """One test under several names, of which an event has one; absence is asked of every name."""
    distinct = list({key(one): one for one in items}.values())
    some, every = (ConditionAND, ConditionOR) if items[0].negated else (ConditionOR, ConditionAND)
    groups = []
    for absence, linking in ((False, some), (True, every)):
        parts = [with_values(one, [v for v in one.value if asks_absence(v) is absence]) for one in distinct]
        if parts[0].value:
            groups.append(SigmaDetection(parts, None, linking))
    if len(groups) == 1:
        return groups[0]
    return SigmaDetection(groups, None, some if items[0].value_linking is ConditionOR else every)
