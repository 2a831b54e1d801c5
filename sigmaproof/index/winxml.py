"""A flat Windows event as the XML that the Windows Event Log API renders, which is what Splunk stores.

One line, attributes in single quotes, no indentation.
https://learn.microsoft.com/windows/win32/wes/eventschema-event-type
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sigmaproof.logic.values import text_of

NAMESPACE = "http://schemas.microsoft.com/win/2004/08/events/event"
SYSTEM = (
    *("EventID", "Version", "Level", "Task", "Opcode", "Keywords", "EventRecordID", "Channel", "Computer"),
    *("Provider_Name", "Provider_Guid", "Provider_EventSourceName", "EventID_Qualifiers", "TimeCreated"),
    *("Execution_ProcessID", "Execution_ThreadID", "Correlation_ActivityID"),
    *("Correlation_RelatedActivityID", "Security_UserID", "Message"),
)
"""Names of a flat event that are not event data."""

_FAILURE, _SUCCESS = 1 << 52, 1 << 53


def event_xml(event: Mapping[str, Any]) -> str:
    """The whole event."""
    data = event_data_xml(event) or ""
    return (
        f"<Event xmlns='{NAMESPACE}'><System>{_system(event)}</System><EventData>{data}</EventData></Event>"
    )


def event_data_xml(event: Mapping[str, Any]) -> str | None:
    """What is inside `EventData`; None if there is nothing."""
    return "".join(_data(event)) or None


def audit_outcome(keywords: int | None) -> str | None:
    """`success` or `failure`, by the standard keywords of audit events."""
    if keywords is None:
        return None
    return "failure" if keywords & _FAILURE else "success" if keywords & _SUCCESS else None


def _data(event: Mapping[str, Any]) -> Iterator[str]:
    for name, value in event.items():
        if name in SYSTEM:
            continue
        for one in value if isinstance(value, list | tuple) else [value]:
            attribute = "" if name == "Data" else f" Name='{_escaped(name)}'"
            yield f"<Data{attribute}>{_escaped(text_of(one))}</Data>"


def _system(event: Mapping[str, Any]) -> str:
    parts = [
        _empty("Provider", event, Name="Provider_Name", Guid="Provider_Guid"),
        *(_element(name, event) for name in ("EventID", "Version", "Level", "Task", "Opcode", "Keywords")),
        _empty("TimeCreated", event, SystemTime="TimeCreated"),
        _element("EventRecordID", event),
        _empty("Correlation", event, ActivityID="Correlation_ActivityID"),
        _empty("Execution", event, ProcessID="Execution_ProcessID", ThreadID="Execution_ThreadID"),
        _element("Channel", event),
        _element("Computer", event),
        _empty("Security", event, UserID="Security_UserID"),
    ]
    return "".join(parts)


def _element(name: str, event: Mapping[str, Any]) -> str:
    value = event.get(name)
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None else f"<{name}>{_escaped(text_of(value))}</{name}>"


def _empty(element: str, event: Mapping[str, Any], **attributes: str) -> str:
    """An element that has attributes only."""
    shown = "".join(
        f" {name}='{_escaped(text_of(event[field]))}'"
        for name, field in attributes.items()
        if event.get(field) is not None
    )
    return f"<{element}{shown}/>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
