"""Data models for `tstats`: which events a dataset takes, and what its fields are made of, both said in SPL.

Fields as in the Common Information Model, filled the way the add-ons for Sysmon and Windows fill them.
https://docs.splunk.com/Documentation/CIM/latest/User/Endpoint
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.languages.spl import ast
from sigmaproof.languages.spl.parse_expressions import parse_expression
from sigmaproof.languages.spl.parse_search import parse_search

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

    where: ast.Search
    fields: Mapping[str, ast.Expr]

    def knows(self, name: str, root: str) -> None:
        """Raises for a field that the dataset does not have."""
        if name in self.fields or name in INDEXED:
            return
        hint = nearest(name, self.fields)
        if name.startswith(f"{root}."):
            raise UnsupportedQuery(f"tstats: the data model's field {name!r} is not mapped{hint}")
        raise InvalidQuery(f"tstats: {name!r} is neither an indexed field nor one of the data model{hint}")


def data_set(name: str, supplied: Mapping[str, Any]) -> tuple[str, DataSet]:
    """The dataset that `datamodel=` names, with its root."""
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
    definition = known[name]
    fields = tuple(sorted(definition.get("fields", {}).items()))
    return name.partition(".")[2], _compiled(name, definition.get("where", ""), fields)


_ROOTS = {
    "Endpoint": tuple(
        f"Endpoint.{root}" for root in ("Processes", "Registry", "Filesystem", "Ports", "Services")
    ),
    "Web": ("Web.Web",),
    "Network_Resolution": ("Network_Resolution.DNS",),
    "Network_Traffic": ("Network_Traffic.All_Traffic",),
}
"""Root datasets of the Common Information Model, whether they are mapped or not."""


@lru_cache(maxsize=64)
def _compiled(name: str, where: str, fields: tuple[tuple[str, str], ...]) -> DataSet:
    root = name.partition(".")[2]
    return DataSet(
        parse_search(where, where, 0), {f"{root}.{field}": parse_expression(text) for field, text in fields}
    )
