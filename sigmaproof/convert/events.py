"""Events of an index as a pipeline tells them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sigma.rule import SigmaDetectionItem
from sigma.types import SigmaNumber, SigmaString

from sigmaproof.convert.nodes import Node, all_of, any_of, negated
from sigmaproof.convert.readings import Lacking, Reading, Renamed, reading

Where = Mapping[str, tuple[str | int, ...]]


@dataclass(frozen=True, slots=True)
class Events:
    """Some events: how to tell them, and how their fields are named."""

    channel: str
    where: Where
    """Of their log source, beside the event id."""
    id_field: str
    ids: frozenset[int] | None
    """Of their log source; None for every event of the channel."""
    fields: Mapping[str, Reading]
    rest: str
    blank: frozenset[str] = frozenset()
    """Texts that the index holds no value for."""
    never: frozenset[str | None] = frozenset()
    """Values that no field of these events has; None: every event has the field."""
    may_lack: frozenset[str] = frozenset()
    """Fields that, all the same, some of the events lack."""
    only: frozenset[int] | None = None
    """Of these in particular, where a log source has several kinds of events."""
    but: frozenset[int] = field(default=frozenset())
    """The event ids that these do not have."""

    def reading(self, field: str) -> Reading:
        """How these events hold a field of the taxonomy."""
        return self.fields.get(field) or Renamed(self.rest + field)

    def has(self, field: str) -> bool:
        """Whether these events ever have the field."""
        return not isinstance(self.reading(field), Lacking)

    def excluded(self, field: str) -> frozenset[str | None]:
        """The values that the field never has."""
        if not self.has(field):
            return frozenset()
        return self.never - {None} if field in self.may_lack else self.never

    def uses(self, target: str, *, beside: str) -> bool:
        """Whether these events have `target`, but for another field than `beside`."""
        return any(target in one.targets for name, one in self.fields.items() if name != beside)

    def marks(self) -> dict[str, tuple[str | int, ...]]:
        """Field by field, what tells these events from others of the index."""
        ids = self.ids if self.only is None else self.only
        return {**self.where, **({} if ids is None else {self.id_field: tuple(sorted(ids))})}


def guard(one: Events, events: Sequence[Events]) -> Node:
    """The test that an event of the log source is of this kind, and of no other."""
    marks = [other.marks() for other in events]
    own = one.marks()
    telling = [name for name in own if _tells(name, marks)][:1]
    names = telling or [name for name in own if any(other.get(name) != own[name] for other in marks)]
    items = [_equals(name, own[name]) for name in names or own]
    if one.but:
        items.append(negated(_equals(one.id_field, tuple(sorted(one.but)))))
    return all_of(items)


def _tells(name: str, marks: Sequence[Where]) -> bool:
    """Whether the field alone tells each kind of event from every other."""
    found = [value for one in marks for value in one.get(name, (None,))]
    return len(set(found)) == len(found) and None not in found


def split(
    events: Events, variants: Sequence[tuple[frozenset[int], Mapping[str, Any]]], own: Mapping[str, Any]
) -> list[Events]:
    """The events in parts that hold their fields in one way each."""
    groups: dict[tuple[int, ...], set[int]] = {}
    named = frozenset[int]().union(*(ids for ids, _ in variants))
    for number in sorted(named if events.ids is None else events.ids):
        fitting = tuple(at for at, (ids, _) in enumerate(variants) if number in ids)
        groups.setdefault(fitting, set()).add(number)
    found = []
    for fitting, numbers in groups.items():
        names = [variants[at][1] for at in fitting]
        readings = {name: reading(spec) for one in (*names, own) for name, spec in one.items()}
        only = None if frozenset(numbers) == events.ids else frozenset(numbers)
        found.append(replace(events, fields={**events.fields, **readings}, only=only))
    return [*found, replace(events, but=named)] if events.ids is None else found


def condition(events: Sequence[Events]) -> Node | None:
    """The events of a whole log source: what all have in common, then what only some have."""
    wholes = list({repr(one): one for one in (_whole(one) for one in events)}.values())
    common = {
        name: values for name, values in wholes[0].items() if all(one.get(name) == values for one in wholes)
    }
    items: list[Node] = [_equals(name, values) for name, values in common.items()]
    others = [[_equals(*pair) for pair in one.items() if pair[0] not in common] for one in wholes]
    if all(others):
        items.append(any_of([all_of(parts) for parts in others]))
    return all_of(items) if items else None


def _whole(events: Events) -> dict[str, tuple[str | int, ...]]:
    ids = {} if events.ids is None else {events.id_field: tuple(sorted(events.ids))}
    return {**events.where, **ids}


def _equals(name: str, values: tuple[str | int, ...]) -> Node:
    found = [SigmaNumber(one) if isinstance(one, int) else SigmaString(one) for one in values]
    return SigmaDetectionItem(name, [], found, auto_modifiers=False)
