"""Data models for `tstats`: which events a dataset takes, and what its fields are made of, both said in SPL.

Fields as in the Common Information Model, filled the way the add-ons for Sysmon and Windows fill them.
https://docs.splunk.com/Documentation/CIM/latest/User/Endpoint
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest

INDEXED = ("_time", "_raw", "host", "index", "source", "sourcetype")
"""Fields that every event has in the index itself."""

_SYSMON = '(source="*Sysmon*" OR sourcetype="*Sysmon*" OR Channel="*Sysmon*")'
_SECURITY = '(source="*Security" OR sourcetype="*Security" OR Channel="Security")'
_FILE = 'mvindex(split({0},"\\\\"),-1)'


def _event(where: str, code: int) -> str:
    return f"({where} AND (EventCode={code} OR EventID={code}))"


_IMAGE = "coalesce(Image, NewProcessName, New_Process_Name)"
_PARENT = "coalesce(ParentImage, ParentProcessName, Creator_Process_Name)"
_DEST = "coalesce(Computer, ComputerName, dest, host)"
_USER = "coalesce(User, SubjectUserName, user)"

MODELS: Mapping[str, Any] = {
    "Endpoint.Processes": {
        "where": f"{_event(_SYSMON, 1)} OR {_event(_SECURITY, 4688)}",
        "fields": {
            "process": "coalesce(CommandLine, Process_Command_Line)",
            "process_path": _IMAGE,
            "process_name": _FILE.format(_IMAGE),
            "process_exec": _FILE.format(_IMAGE),
            "process_id": "coalesce(NewProcessId, New_Process_ID, ProcessId)",
            "process_guid": "ProcessGuid",
            "process_hash": "Hashes",
            "process_current_directory": "CurrentDirectory",
            "process_integrity_level": "coalesce(IntegrityLevel, MandatoryLabel)",
            "original_file_name": "OriginalFileName",
            "parent_process": "ParentCommandLine",
            "parent_process_path": _PARENT,
            "parent_process_name": _FILE.format(_PARENT),
            "parent_process_exec": _FILE.format(_PARENT),
            "parent_process_id": "coalesce(ParentProcessId, ProcessId, Creator_Process_ID)",
            "parent_process_guid": "ParentProcessGuid",
            "action": '"allowed"',
            "dest": _DEST,
            "user": _USER,
        },
    },
    "Endpoint.Registry": {
        "where": " OR ".join(_event(_SYSMON, code) for code in (12, 13, 14)),
        "fields": {
            "registry_path": "TargetObject",
            "registry_key_name": "TargetObject",
            "registry_value_name": _FILE.format("TargetObject"),
            "registry_value_data": "Details",
            "process_path": "Image",
            "process_name": _FILE.format("Image"),
            "process_guid": "ProcessGuid",
            "process_id": "ProcessId",
            "action": 'case(EventType="DeleteKey" OR EventType="DeleteValue", "deleted", '
            'EventType="CreateKey", "created", isnotnull(EventType), "modified")',
            "dest": _DEST,
            "user": _USER,
        },
    },
    "Endpoint.Filesystem": {
        "where": _event(_SYSMON, 11),
        "fields": {
            "file_path": "TargetFilename",
            "file_name": _FILE.format("TargetFilename"),
            "file_create_time": "CreationUtcTime",
            "process_path": "Image",
            "process_name": _FILE.format("Image"),
            "process_guid": "ProcessGuid",
            "process_id": "ProcessId",
            "action": '"created"',
            "dest": _DEST,
            "user": _USER,
        },
    },
}


@dataclass(frozen=True, slots=True)
class DataSet:
    """A root dataset: the search for its events, and its fields as expressions, by their full names."""

    root: str
    where: str
    fields: tuple[tuple[str, str], ...]

    def knows(self, name: str) -> None:
        """Raises for a field that the dataset does not have."""
        known = [field for field, _ in self.fields]
        if name in known or name in INDEXED:
            return
        if name.startswith(f"{self.root}."):
            raise UnsupportedQuery(
                f"tstats: the data model's field {name!r} is not mapped{nearest(name, known)}"
            )
        raise InvalidQuery(
            f"tstats: {name!r} is neither an indexed field nor one of the data model{nearest(name, known)}"
        )


def data_set(name: str, supplied: Mapping[str, Any]) -> DataSet:
    """The dataset that `datamodel=` names."""
    known = {**MODELS, **supplied}
    if "." not in name:
        roots = [full for full in known if full.startswith(f"{name}.")]
        name = roots[0] if len(roots) == 1 else name
    if name not in known:
        model = name.partition(".")[0]
        roots = [full for full in known if full.startswith(f"{model}.")]
        if model in _ROOTS and name not in _ROOTS[model]:
            raise InvalidQuery(f"tstats: {name!r} is no root dataset of {model}: {', '.join(_ROOTS[model])}")
        raise UnsupportedQuery(f"tstats: the data model {name!r} is not mapped{nearest(name, known)}")
    root = name.partition(".")[2]
    fields = tuple((f"{root}.{field}", text) for field, text in known[name].get("fields", {}).items())
    return DataSet(root, known[name].get("where", ""), fields)


_ROOTS = {
    "Endpoint": tuple(
        f"Endpoint.{root}" for root in ("Processes", "Registry", "Filesystem", "Ports", "Services")
    ),
    "Web": ("Web.Web",),
    "Network_Resolution": ("Network_Resolution.DNS",),
    "Network_Traffic": ("Network_Traffic.All_Traffic",),
}
"""Root datasets of the Common Information Model, whether they are mapped or not."""
