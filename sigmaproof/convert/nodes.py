"""pySigma's detections as trees that are built anew instead of changed in place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sigma.conditions import ConditionAND, ConditionOR
from sigma.rule import SigmaDetection, SigmaDetectionItem
from sigma.types import SigmaType

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
