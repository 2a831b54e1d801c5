"""A Windows event as its XML has it (or as Winlogbeat ships it) → the flat event that Sigma rules name.

System's elements and attributes take the names of SigmaHQ's rules: an attribute is `Element_Attribute`
(`Provider_Name`, `Execution_ProcessID`), except that `TimeCreated` is its `SystemTime`. Every name of
EventData, or of UserData's one element, stands beside them. Where both have a name and differ (`Channel`
of "log cleared"), the field has both values, System's first.
https://learn.microsoft.com/windows/win32/wes/eventschema-event-type
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigmaproof.load.values import Event

_WINLOG = {
    "channel": "Channel",
    "event_id": "EventID",
    "provider_name": "Provider_Name",
    "provider_guid": "Provider_Guid",
    "computer_name": "Computer",
    "record_id": "EventRecordID",
    "version": "Version",
}


def flatten(record: Event) -> Event:
    """The flat event of a Windows record; any other record as it is, with `EventID` as a number."""
    found = record.get("Event")
    if isinstance(found, dict) and isinstance(found.get("System"), dict):
        return _from_xml(found)
    found = record.get("winlog")
    if isinstance(found, dict) and ("event_data" in found or "event_id" in found):
        return _from_winlogbeat(record, found)
    return {**record, "EventID": number(record["EventID"])} if "EventID" in record else record


def _from_xml(event: Event) -> Event:
    flat = {name: value for key, part in event["System"].items() for name, value in _system(key, part)}
    rendered = event.get("RenderingInfo")
    if isinstance(rendered, dict) and rendered.get("Message"):
        flat["Message"] = rendered["Message"]
    for section, content in event.items():
        if section not in ("System", "RenderingInfo") and section[:1] not in "#@":
            _merge(flat, _data(section, content))
    return flat


def _from_winlogbeat(record: Event, winlog: Event) -> Event:
    flat = {name: winlog[key] for key, name in _WINLOG.items() if key in winlog}
    if "EventID" in flat:
        flat["EventID"] = number(flat["EventID"])
    if "@timestamp" in record:
        flat["TimeCreated"] = record["@timestamp"]
    if record.get("message"):
        flat["Message"] = record["message"]
    for section in ("event_data", "user_data"):
        if isinstance(winlog.get(section), dict):
            _merge(flat, winlog[section].items())
    return flat


def _system(key: str, part: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(part, dict):
        yield from [] if part is None else [(key, number(part) if key == "EventID" else part)]
        return
    if "#text" in part:
        yield key, number(part["#text"]) if key == "EventID" else part["#text"]
    for name, value in _attributes(part):
        yield ("TimeCreated" if key == "TimeCreated" and name == "SystemTime" else f"{key}_{name}"), value


def _data(section: str, content: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of EventData, or of the element inside UserData, whatever its depth of wrapping."""
    if not isinstance(content, dict):
        yield from [] if content is None else [("Data" if section == "EventData" else section, content)]
        return
    for key, value in content.items():
        if key == "Data":
            yield from _data_elements(value)
        elif key[:1] in "#@":
            continue
        elif section == "UserData" and isinstance(value, dict) and "#text" not in value:
            yield from _data(key, value)
        else:
            yield key, _text(value)


def _data_elements(value: Any) -> Iterator[tuple[str, Any]]:
    """`Data` elements: named ones by their name, the others together as `Data`."""
    unnamed = []
    for item in value if isinstance(value, list) else [value]:
        name = dict(_attributes(item)).get("Name") if isinstance(item, dict) else None
        if name:
            yield str(name), _text(item)
        else:
            unnamed.append(_text(item))
    if unnamed:
        yield "Data", unnamed[0] if len(unnamed) == 1 else unnamed


def _text(value: Any) -> Any:
    """The text of an element that may carry attributes."""
    if isinstance(value, dict) and any(key[:1] in ("#", "@") for key in value):
        return value.get("#text")
    return value


def _attributes(element: Event) -> Iterator[tuple[str, Any]]:
    attributes = element.get("#attributes")
    if isinstance(attributes, dict):
        yield from attributes.items()
    for key, value in element.items():
        if key.startswith("@"):
            yield key[1:], value


def _merge(flat: Event, data: Any) -> None:
    for name, value in data:
        if name not in flat or flat[name] == value:
            flat[name] = value
        elif name != "EventID":
            flat[name] = [*_values(flat[name]), *_values(value)]


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def number(value: Any) -> Any:
    """`"4624"` as 4624; anything that is not plain digits as it is."""
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16
        else value
    )
