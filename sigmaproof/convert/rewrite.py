"""A rule's detections, rewritten for the events that its log source means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sigma.conditions import ConditionAND, ConditionOR
from sigma.rule import SigmaDetection, SigmaDetectionItem
from sigma.types import SigmaExists, SigmaFieldReference, SigmaNull, SigmaNumber, SigmaString

from sigmaproof.convert.nodes import Node, all_of, any_of, with_values
from sigmaproof.convert.readings import Lacking, Reading, Renamed, reading
from sigmaproof.convert.values import Unsayable

Where = Mapping[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Events:
    """Some events of an index: how to tell them, and how their fields are named."""

    channel: str
    where: Where
    fields: Mapping[str, Reading]
    rest: str

    @staticmethod
    def of(channel: str, where: Where, fields: Mapping[str, Any], rest: str) -> Events:
        """The events as a pipeline describes them."""
        return Events(channel, where, {name: reading(spec) for name, spec in fields.items()}, rest)

    def reading(self, field: str) -> Reading:
        """How these events hold a field of the taxonomy."""
        return self.fields.get(field) or Renamed(self.rest + field)

    def has(self, field: str) -> bool:
        """Whether these events ever have the field."""
        return not isinstance(self.reading(field), Lacking)

    def uses(self, target: str, *, beside: str) -> bool:
        """Whether these events have `target`, but for another field than `beside`."""
        return any(target in one.targets for name, one in self.fields.items() if name != beside)


def rewritten(detection: Node, events: Sequence[Events]) -> Node:
    """The detection over the names that the events have."""
    parts = [
        rewritten(part, events) if isinstance(part, SigmaDetection) else _item(part, events)
        for part in detection.detection_items
    ]
    return SigmaDetection(parts, detection.source, detection.item_linking)


def condition(events: Sequence[Events]) -> Node | None:
    """The events themselves: what all have in common, and what only some have, with `or` between them."""
    if not events:
        return None
    common = {
        name: values
        for name, values in events[0].where.items()
        if all(one.where.get(name) == values for one in events)
    }
    items: list[Node] = [_equals(name, values) for name, values in common.items()]
    others = [_where(one.where, common) for one in events]
    if all(others):
        items.append(any_of([all_of(parts) for parts in others]))
    return all_of(items) if items else None


def _where(where: Where, common: Mapping[str, Any]) -> list[Node]:
    return [_equals(name, values) for name, values in where.items() if name not in common]


def _equals(name: str, values: tuple[str | int, ...]) -> Node:
    found = [SigmaNumber(one) if isinstance(one, int) else SigmaString(one) for one in values]
    return SigmaDetectionItem(name, [], found, auto_modifiers=False)


def _item(item: Node, events: Sequence[Events]) -> Node:
    if item.field is None:
        return item
    having = [one for one in events if one.has(item.field)] or events
    nodes = [_named(item, one) for one in having]
    # where events lack a field, they lack the names that others have for it, unless these mean something else
    clash = len(events) > 1 and _clash(item.field, events)
    if all(node == nodes[0] for node in nodes) and not (clash and len(having) < len(events)):
        return nodes[0]
    if all(isinstance(node, SigmaDetectionItem) for node in nodes) and not clash:
        return _several(nodes)
    parts = [all_of([*_where(one.where, {}), node]) for one, node in zip(having, nodes, strict=True)]
    if len(having) < len(events) and _holds_on_absence(item):
        parts += [all_of(_where(one.where, {})) for one in events if one not in having]
    return any_of(parts)


def _named(item: Node, events: Events) -> Node:
    found = events.reading(item.field) if events.has(item.field) else Renamed(events.rest + item.field)
    return found.read(_referring(item, events))


def _holds_on_absence(item: Node) -> bool:
    combine = any if item.value_linking is ConditionOR else all
    return combine(map(_asks_absence, item.value)) is not item.negated


def _referring(item: Node, events: Events) -> Node:
    """The item with the fields that its values refer to under the names of these events."""
    if not any(isinstance(value, SigmaFieldReference) for value in item.value):
        return item
    return with_values(item, [_reference(value, events) for value in item.value])


def _reference(value: Any, events: Events) -> Any:
    if not isinstance(value, SigmaFieldReference):
        return value
    target = events.reading(value.field)
    if not isinstance(target, Renamed):
        raise Unsayable(f"a comparison with {value.field}, which the index holds in parts")
    return SigmaFieldReference(target.name, value.starts_with, value.ends_with)


def _clash(field: str, events: Sequence[Events]) -> bool:
    """Whether a name for the field in some events means another field in others."""
    names = {name for one in events for name in one.reading(field).targets}
    return any(one.uses(name, beside=field) for name in names for one in events)


def _several(items: Sequence[Node]) -> Node:
    """The test under each name. What asks for absence asks it of every name."""
    distinct = [one for at, one in enumerate(items) if one not in items[:at]]
    some, every = (ConditionAND, ConditionOR) if items[0].negated else (ConditionOR, ConditionAND)
    groups = []
    for absence, linking in ((False, some), (True, every)):
        parts = [with_values(one, [v for v in one.value if _asks_absence(v) is absence]) for one in distinct]
        if parts[0].value:
            groups.append(SigmaDetection(parts, None, linking))
    if len(groups) == 1:
        return groups[0]
    return SigmaDetection(groups, None, some if items[0].value_linking is ConditionOR else every)


def _asks_absence(value: Any) -> bool:
    return isinstance(value, SigmaNull) or (isinstance(value, SigmaExists) and not value.exists)
