"""A rule's detections, rewritten for the events that its log source means."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sigma.conditions import ConditionOR
from sigma.rule import SigmaDetection, SigmaDetectionItem
from sigma.types import SigmaExists, SigmaFieldReference, SigmaNull, SigmaString, SpecialChars

from sigmaproof.convert.events import Events, guard
from sigmaproof.convert.nodes import Node, all_of, any_of, asks_absence, key, negated, under_any, with_values
from sigmaproof.convert.readings import Renamed
from sigmaproof.convert.values import Unsayable


def rewritten(detection: Node, events: Sequence[Events]) -> Node:
    """The detection over the names that the events have."""
    parts = [
        rewritten(part, events) if isinstance(part, SigmaDetection) else _item(part, events)
        for part in detection.detection_items
    ]
    return SigmaDetection(parts, detection.source, detection.item_linking)


def _item(item: Node, events: Sequence[Events]) -> Node:
    if item.field is None:
        return item
    having = [one for one in events if one.has(item.field)] or events
    nodes = [_named(item, one) for one in having]
    # where events lack a field, they lack the names that others have for it, unless these mean something else
    clash = len(events) > 1 and (_clash(item.field, events) or _differs_on_absence(item, having, events))
    if all(key(node) == key(nodes[0]) for node in nodes) and not (clash and len(having) < len(events)):
        return nodes[0]
    if all(map(_is_alike(nodes[0]), nodes)) and not clash:
        return under_any(nodes)
    parts = [all_of([guard(one, events), node]) for one, node in zip(having, nodes, strict=True)]
    if len(having) < len(events) and _holds_on_absence(item):
        parts += [guard(one, events) for one in events if one not in having]
    return any_of(parts)


def _differs_on_absence(item: Node, having: Sequence[Events], events: Sequence[Events]) -> bool:
    """Whether absence holds where events lack the field, and nowhere else."""
    lacking = len(having) < len(events)
    return (
        lacking
        and any(map(asks_absence, item.value))
        and any(None in one.excluded(item.field) for one in having)
    )


def _is_alike(first: Node) -> Callable[[Node], bool]:
    """Whether a node asks the same as the first one, under another name."""

    def alike(node: Node) -> bool:
        if not (isinstance(node, SigmaDetectionItem) and isinstance(first, SigmaDetectionItem)):
            return False
        return list(map(asks_absence, node.value)) == list(map(asks_absence, first.value))

    return alike


def _named(item: Node, events: Events) -> Node:
    never = events.excluded(item.field)
    found = events.reading(item.field) if events.has(item.field) else Renamed(events.rest + item.field)
    written = [value for value in item.value if not _is_one_of(value, never)]
    some = item.value_linking is ConditionOR
    if len(written) < len(item.value) and not (some and written):
        return _nowhere(item, found.targets)
    if None in never and written and (any if some else all)(map(_is_anything, written)):
        return negated(_nowhere(item, found.targets))
    item = with_values(item, written)
    return found.read(_referring(_without_blanks(item, events.blank), events))


def _nowhere(item: Node, targets: Sequence[str]) -> Node:
    """A test that holds nowhere, or for a negated item everywhere: no document has an empty text."""
    return with_values(item, [SigmaString("")], next(iter(targets), item.field))


def _is_anything(value: Any) -> bool:
    """Whether any value of a field will do, a blank one, too."""
    if isinstance(value, SigmaExists):
        return bool(value.exists)
    return isinstance(value, SigmaString) and {*value.s} - {""} == {SpecialChars.WILDCARD_MULTI}


def _without_blanks(item: Node, blank: Collection[str]) -> Node:
    """The item with absence in place of texts that the index holds no value for: events have the field."""
    if not any(_is_one_of(value, blank) for value in item.value):
        return item
    return with_values(item, [SigmaNull() if _is_one_of(value, blank) else value for value in item.value])


def _is_one_of(value: Any, texts: Collection[str | None]) -> bool:
    if isinstance(value, SigmaNull):
        return None in texts
    if not isinstance(value, SigmaString) or value.contains_special() or value.contains_placeholder():
        return False
    return "".join(value.s) in texts


def _holds_on_absence(item: Node) -> bool:
    combine = any if item.value_linking is ConditionOR else all
    return combine(map(asks_absence, item.value)) is not item.negated


def _referring(item: Node, events: Events) -> Node:
    """The item with the fields that its values refer to under the names of these events."""
    if not any(isinstance(value, SigmaFieldReference) for value in item.value):
        return item
    return with_values(item, [_reference(value, events) for value in item.value])


def _reference(value: Any, events: Events) -> Any:
    if not isinstance(value, SigmaFieldReference):
        return value
    target = events.reading(value.field) if events.has(value.field) else Renamed(events.rest + value.field)
    if not isinstance(target, Renamed):
        raise Unsayable(
            f"cannot be said: a comparison with {value.field}, which the index does not keep whole"
        )
    return SigmaFieldReference(target.name, value.starts_with, value.ends_with)


def _clash(field: str, events: Sequence[Events]) -> bool:
    """Whether a name for the field in some events means another field in others."""
    names = {name for one in events for name in one.reading(field).targets}
    return any(one.uses(name, beside=field) for name in names for one in events)
