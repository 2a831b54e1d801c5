"""Which fields raw events carry (`converters/events/*.yml`), as far as it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from pydantic import Field

from sigmaproof.errors import InvalidInput
from sigmaproof.index.shape import Place
from sigmaproof.load.files import YAML, walk
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import check, read_source

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
    """Events of one channel."""

    channel: Text
    data: dict[int, Text]
    """Event id: the names of its data, with blanks between them."""


class EventDataFile(Model):
    """What events carry."""

    title: Text
    links: list[Text] = Field(min_length=1)
    events: list[ChannelDataModel] = Field(min_length=1)


class EventData(Struct, frozen=True):
    """The fields of events by channel (case-folded) and event id."""

    by_place: Mapping[tuple[str, int], frozenset[str]] = field(default_factory=dict)

    def fields(self, place: Place) -> frozenset[str] | None:
        """The fields that events from there can have; None if nothing is known of them."""
        return None if place.event_id is None else self.by_place.get((place.channel, place.event_id))


def load_event_data(folder: Path) -> EventData:
    """What the YAML files in a folder say. Raises `InvalidInput` at the first problem."""
    if not folder.exists():
        return EventData()
    paths, problems = walk(folder, YAML, CODE)
    if problems:
        raise InvalidInput(problems[0])
    found: dict[tuple[str, int], frozenset[str]] = {}
    for path in paths:
        source = read_source(path, CODE, empty="write what events carry: title, links, events")
        model = check(EventDataFile, source.data, source)
        if isinstance(model, list):
            raise InvalidInput(model[0])
        for one in model.events:
            for event_id, names in one.data.items():
                found[one.channel.casefold(), event_id] = SYSTEM.union(names.split())
    return EventData(found)
