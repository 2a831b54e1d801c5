"""The rules that a correlation is about, as an index holds their events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from sigma.collection import SigmaCollection
from sigma.conditions import ConditionOR
from sigma.rule import SigmaDetection

from sigmaproof.convert.events import Events, guard
from sigmaproof.convert.log_sources import EVENTS, KNOWN
from sigmaproof.convert.nodes import Node
from sigmaproof.convert.readings import Lacking, Renamed
from sigmaproof.convert.tree import Leaf, Tree, denied, every, read_condition, some
from sigmaproof.convert.value_readings import InParts
from sigmaproof.convert.values import Presence, Unsayable, read_value

Held = tuple[str, ...]
"""The field of the index that holds a field of the taxonomy; two that hold an account's domain and name."""


class Kind(Struct, frozen=True):
    """Events that hold their fields in one way. Without a guard: all events of the rule."""

    guard: Tree | None
    fields: Mapping[str, Held]


class Base(Struct, frozen=True):
    """A rule: its condition, and where its kinds of events hold what the correlation asks of them."""

    tree: Tree
    kinds: tuple[Kind, ...]
    whole: bool = True
    """Whether all of the rule's events are of these kinds; others are in no group."""
    known: frozenset[str] | None = None
    """What the pipeline says that the events hold in parts."""

    def name(self, field: str) -> Held | None:
        """Where all events hold a field; None if that depends on their kind."""
        held = {kind.fields[field] for kind in self.kinds}
        return held.pop() if self.whole and len(held) == 1 else None


def read_base(backend: Any, collection: SigmaCollection, fields: Sequence[str]) -> Base:
    """The one rule of a collection. Raises `Unsayable` for a field that the index does not hold as it is."""
    collection.resolve_rule_references()
    (rule,) = collection.rules
    backend.init_processing_pipeline()
    rule.fields = list(fields)
    backend.last_processing_pipeline.apply(rule)
    tree = some(read_condition(one.parsed) for one in rule.detection.parsed_condition)
    known = backend.last_processing_pipeline.state.get(KNOWN)
    events: Sequence[Events] | None = rule.custom_attributes.get(EVENTS)
    if events is None:
        return Base(tree, (Kind(None, _mapped(fields, rule.fields)),), known=known)
    kinds = tuple(_kinds(events, fields))
    return Base(tree, kinds, len(kinds) == len(events) or kinds[0].guard is None, known)


def _mapped(fields: Sequence[str], names: Sequence[str]) -> dict[str, Held]:
    """Fields under the names that a pipeline gave them, which it does one by one or not at all."""
    if len(fields) != len(names):
        raise Unsayable("cannot be said: a group by a field that the index holds under several names")
    return {field: (name,) for field, name in zip(fields, names, strict=True)}


def _kinds(events: Sequence[Events], fields: Sequence[str]) -> Iterable[Kind]:
    held = [(one, _held(one, fields)) for one in events]
    having = [(one, names) for one, names in held if names is not None]
    if not having:
        raise Unsayable("cannot be said: a group by a field that none of the events has")
    if len(having) == len(held) and all(names == having[0][1] for _, names in having):
        yield Kind(None, having[0][1])
        return
    for one, names in having:
        yield Kind(tree_of(guard(one, events)), names)


def _held(events: Events, fields: Sequence[str]) -> dict[str, Held] | None:
    """None if the events lack one of the fields, and so are in no group."""
    found: dict[str, Held] = {}
    for field in fields:
        match events.reading(field):
            case Renamed(name):
                found[field] = (name,)
            case InParts("account") as parts:
                roles = dict(parts.fields)
                found[field] = (roles["domain"], roles["name"])
            case Lacking():
                return None
            case _:
                raise Unsayable(
                    f"cannot be said: groups or values of {field}, which the index keeps otherwise"
                )
    return found


def tree_of(node: Node) -> Tree:
    """A detection of pySigma's as a tree."""
    if isinstance(node, SigmaDetection):
        parts = map(tree_of, node.detection_items)
        return some(parts) if node.item_linking is ConditionOR else every(parts)
    found = some(Leaf(node.field, (read_value(value),)) for value in node.value)
    return denied(found) if node.negated else found


def there(field: str) -> Tree:
    """The field has a value."""
    return Leaf(field, (Presence(True),))
