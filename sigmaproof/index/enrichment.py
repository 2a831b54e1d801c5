"""Enrichment: fields that a team's collection adds to events, the same for rules and for every target.

A source model says which: what an expression finds in another field. An event that has the field already
keeps it. docs/index-models.md says how a team adds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field
from pydantic import Field, field_validator

from sigmaproof.load.formats import Model, Text
from sigmaproof.logic.values import text_of
from sigmaproof.text.capture import Captures, capture
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import RegexError

VALUE = "value"
"""The group of an expression that holds what is added."""

At = tuple[str, int]
"""A channel, case-folded, and an event id."""


class EventModel(Model):
    """The events of one id in a channel."""

    channel: Text
    """A name from `channels`."""
    event_id: int


class AddedModel(Model):
    """A field that is added to some events."""

    events: list[EventModel] = Field(min_length=1)
    where: dict[Text, Text] = Field(default_factory=dict)
    """Raw names: one of these fields ends so, in any letter case. Empty: nothing is asked."""
    of: Text
    """The raw name of the field that is looked at."""
    pattern: Text
    """Found anywhere in it, the first time; its group `value` is what is added."""
    split: str = ""
    """Cuts that into several values."""
    trim: str = ""
    """Characters that do not count at both ends of a value."""
    lowercase: bool = False

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        try:
            capture(parse(pattern))
        except RegexError as error:
            raise ValueError(str(error)) from error
        if f"(?P<{VALUE}>" not in pattern:
            raise ValueError(f"the expression has no group `(?P<{VALUE}>…)`")
        return pattern


class Added(Struct, frozen=True, dict=True):
    """A field, and how its values are found."""

    name: str
    of: str
    pattern: str
    where: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    trim: str = ""
    lowercase: bool = False

    @cached_property
    def _find(self) -> Callable[[str], Captures | None]:
        return capture(parse(self.pattern))

    def value(self, event: Mapping[str, Any]) -> str | list[str] | None:
        """What is added to an event: a text, several if there is more than one, or nothing."""
        source = event.get(self.of)
        if source is None or isinstance(source, list | tuple | dict) or not self._concerns(event):
            return None
        found = self._find(text_of(source))
        values = list(dict.fromkeys(self._values(found[VALUE]))) if found and VALUE in found else []
        return values if len(values) > 1 else next(iter(values), None)

    def _concerns(self, event: Mapping[str, Any]) -> bool:
        ends = ((event.get(name), ending.lower()) for name, ending in self.where.items())
        return not self.where or any(isinstance(one, str) and one.lower().endswith(end) for one, end in ends)

    def _values(self, text: str) -> Iterator[str]:
        for one in text.split(self.split) if self.split else [text]:
            value = one.strip(self.trim) if self.trim else one
            if value:
                yield value.lower() if self.lowercase else value


def enriched(event: dict[str, Any], fields: Iterable[Added]) -> dict[str, Any]:
    """The event with those of the fields that it does not have."""
    for one in fields:
        if event.get(one.name) is None:
            value = one.value(event)
            if value is not None:
                event[one.name] = value
    return event
