"""What raw events carry (`converters/events/*.yml`): their fields, and what values a log writes in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace
from pydantic import Field, field_validator, model_validator

from sigmaproof.errors import nearest
from sigmaproof.index.shape import Place
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import models
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import RegexError

CODE = "invalid-events"
SYSTEM = frozenset(
    {
        *("Channel", "EventID", "EventID_Qualifiers", "EventRecordID", "Computer", "TimeCreated", "Message"),
        *("Provider_Name", "Provider_Guid", "Provider_EventSourceName", "Security_UserID"),
        *("Version", "Level", "Task", "Opcode", "Keywords", "Execution_ProcessID", "Execution_ThreadID"),
        *("Correlation_ActivityID", "Correlation_RelatedActivityID"),
    }
)
"""What every event of the Windows event log can carry."""


class ChannelDataModel(Model):
    """Events of one channel, or some of them."""

    channel: Text
    only: list[int] = Field(default_factory=list)
    """The event ids that the forms are about; none: every event of the channel."""
    complete: bool = False
    """The listed events carry all of their data, always."""
    unknown: list[str] = Field(default_factory=list)
    """What stands in any field for a value that is not known."""
    never: list[str] = Field(default_factory=list)
    """Texts that no field has, but those whose form says so."""
    forms: dict[Text, Text] = Field(default_factory=dict)
    """The name of a form: the fields of the channel that have it, with blanks between them."""
    data: dict[int, str] = Field(default_factory=dict)
    """Event id: the names of its data, with blanks between them."""
    added: dict[int, str] = Field(default_factory=dict)
    """Event id: fields that collection adds to some of these events (a source model's `enrichment`)."""


class EventDataFile(Model):
    """What events carry."""

    title: Text
    links: list[Text] = Field(min_length=1)
    forms: dict[Text, Text] = Field(default_factory=dict)
    """By name, an expression that a whole value matches; letter case counts."""
    system: dict[Text, Text] = Field(default_factory=dict)
    """The name of a form: what every Windows event can carry that has it, with blanks between the names."""
    events: list[ChannelDataModel] = Field(min_length=1)

    @field_validator("forms")
    @classmethod
    def _readable(cls, forms: dict[str, str]) -> dict[str, str]:
        for name, source in forms.items():
            try:
                parse(whole(source))
            except RegexError as error:
                raise ValueError(f"{name}: {error.message}") from error
        return forms

    @model_validator(mode="after")
    def _named(self) -> EventDataFile:
        for name in [*self.system, *(name for one in self.events for name in one.forms)]:
            if name not in self.forms:
                raise ValueError(f"no form {name!r}")
        for name in " ".join(self.system.values()).split():
            if name not in SYSTEM:
                raise ValueError(f"{name!r} is not what every event can carry{nearest(name, SYSTEM)}")
        return self


class Form(Struct, frozen=True):
    """The values of a field as a log writes them."""

    source: str = ""
    """An expression for the whole value; empty: any text."""
    unknown: tuple[str, ...] = ()
    """What is written beside that."""
    never: tuple[str, ...] = ()
    """What is not."""


class EventData(Struct, frozen=True):
    """The fields of events by channel (case-folded) and event id, and the forms of their values."""

    by_place: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    """Channels of which every listed event carries all of its data."""
    forms: Mapping[tuple[str, int | None], Mapping[str, Form]] = field(default_factory=dict)
    """By channel, event id (None: any) and field; under no name, the form of all other fields."""
    system: Mapping[str, Form] = field(default_factory=dict)
    """Of what every event can carry."""
    added: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)
    """What some events have besides."""

    def fields(self, place: Place) -> frozenset[str] | None:
        """The fields that events from there can have; None if nothing is known of them."""
        if place.event_id is None:
            return None
        at = place.channel, place.event_id
        found = self.by_place.get(at)
        return None if found is None else found | self.added.get(at, frozenset())

    def always(self, place: Place) -> frozenset[str]:
        """The fields that every event from there has."""
        if place.event_id is None or place.channel not in self.complete:
            return frozenset()
        return self.by_place.get((place.channel, place.event_id), SYSTEM) - SYSTEM

    def form(self, place: Place, name: str) -> Form | None:
        """The form of a field's values; None if any value is possible."""
        if name in SYSTEM:
            return self.system.get(name) if place.channel else None
        forms = self.forms.get((place.channel, None))
        if forms is None:
            return None
        if place.event_id is not None and name in self.added.get((place.channel, place.event_id), ()):
            return _of_added(forms[""])
        own = self.forms.get((place.channel, place.event_id), {})
        found = own.get(name) or forms.get(name, forms[""])
        if place.channel not in self.complete or name in (self.fields(place) or (name,)):
            return found
        # a field that the log does not write, and that is believed all the same, has a value
        return replace(found, unknown=(), never=(*found.never, *found.unknown))


def _of_added(form: Form) -> Form:
    """What collection adds is never a text that the log writes for nothing."""
    return Form(never=tuple({"": None, **dict.fromkeys((*form.never, *form.unknown))}))


def whole(source: str) -> str:
    """An expression that matches a whole text."""
    return rf"\A(?:{source})\z"


def load_event_data(folder: Path) -> EventData:
    """What the YAML files in a folder say. Raises `InvalidInput` at the first problem."""
    data: dict[tuple[str, int], frozenset[str]] = {}
    forms: dict[tuple[str, int | None], Mapping[str, Form]] = {}
    system: dict[str, Form] = {}
    complete: set[str] = set()
    added: dict[tuple[str, int], frozenset[str]] = {}
    for _, model in models(
        folder, EventDataFile, CODE, empty="write what events carry: title, links, events"
    ):
        system |= _named(model.system, model.forms, ())
        for one in model.events:
            channel = one.channel.casefold()
            for event_id, names in one.data.items():
                data[channel, event_id] = SYSTEM.union(names.split())
            added |= {(channel, number): frozenset(names.split()) for number, names in one.added.items()}
            about: list[int | None] = [*one.only] or [None]
            forms |= dict.fromkeys([(channel, number) for number in about], _forms(one, model.forms))
            complete |= {channel} if one.complete else set()
    return EventData(data, frozenset(complete), forms, system, added)


def _forms(channel: ChannelDataModel, sources: Mapping[str, str]) -> dict[str, Form]:
    unknown = tuple(channel.unknown)
    return {"": Form("", unknown, tuple(channel.never))} | _named(channel.forms, sources, unknown)


def _named(forms: Mapping[str, str], sources: Mapping[str, str], unknown: tuple[str, ...]) -> dict[str, Form]:
    """The forms of fields that are listed by the names of their forms."""
    return {name: Form(sources[form], unknown) for form, names in forms.items() for name in names.split()}
