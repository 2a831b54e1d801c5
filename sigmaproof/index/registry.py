"""Registry paths and values as Sysmon writes them, taken apart the way Elastic's Sysmon pipeline does."""

from __future__ import annotations

import re

_HIVES = {
    "HKEY_CLASSES_ROOT": "HKCR",
    "HKEY_CURRENT_CONFIG": "HKCC",
    "HKEY_CURRENT_USER": "HKCU",
    "HKEY_DYN_DATA": "HKDD",
    "HKEY_LOCAL_MACHINE": "HKLM",
    "HKEY_PERFORMANCE_DATA": "HKPD",
    "HKEY_USERS": "HKU",
}
_SHORT = {**_HIVES, **{short: short for short in _HIVES.values()}}
_QWORD = re.compile(r"QWORD \(0x([0-9A-F]{8})-0x([0-9A-F]{8})\)", re.IGNORECASE)
_DWORD = re.compile(r"DWORD \(0x([0-9A-F]{8})\)", re.IGNORECASE)


def hive(path: str) -> str | None:
    """The short name of the hive that a path begins with."""
    return _SHORT.get(path.partition("\\")[0])


def key(path: str) -> str | None:
    """Everything after the hive, the value's name included."""
    return path.rstrip("\\").partition("\\")[2] or None if hive(path) else None


def value(path: str) -> str | None:
    """The last part of a path: a value's name, or a key's when the event is about a key."""
    return path.rstrip("\\").rpartition("\\")[2] or None


def data(details: str) -> tuple[str, str]:
    """What was written, and its type, from Sysmon's `Details`. (Elastic adds QWORD halves 8 bits apart.)"""
    if found := _QWORD.fullmatch(details):
        return str((int(found[1], 16) << 8) + int(found[2], 16)), "SZ_QWORD"
    if found := _DWORD.fullmatch(details):
        return str(int(found[1], 16)), "SZ_DWORD"
    return details, "REG_BINARY" if details == "Binary Data" else "REG_SZ"
