"""Derived values, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.index.command_lines import quoted_words, windows_args
from sigmaproof.index.derive import FUNCTIONS

ARGS = {
    "": [],
    "   ": [],
    "a": ["a"],
    " a  b\tc ": ["a", "b", "c"],
    '"a b" c': ["a b", "c"],
    'a"b c"d': ["ab cd"],
    '""': [""],
    '"" x': ["", "x"],
    '"a': ["a"],
    '"a b': ["a b"],
    # backslashes count only before a quote
    r"a\\b d\"e": [r"a\\b", 'd"e'],
    r"C:\dir\ x": ["C:\\dir\\", "x"],
    r"a\"b c": ['a"b', "c"],
    r'a\\"b c" d': ["a\\b c", "d"],
    r"a\\\"b c": [r"a\"b", "c"],
    r'"C:\dir\\" x': ["C:\\dir\\", "x"],
    r'"C:\dir\" x': ['C:\\dir" x'],
    r"\\server\share": [r"\\server\share"],
    # a doubled quote inside quotes is a quote, and ends the quoted part
    '"a""b" c': ['a"b c'],
    '"a""b c': ['a"b', "c"],
    '""""': ['"'],
    # no exception for the program's name
    r'"C:\a\"b.exe x': ['C:\\a"b.exe x'],
    "a\nb": ["a\nb"],
    "wmic /node:'a b' x": ["wmic", "/node:'a", "b'", "x"],
}

WORDS = {
    "": [],
    "a b": ["a", "b"],
    "a  b": ["a", "", "b"],
    " a": ["", "a"],
    "a ": ["a", ""],
    '"a b" c': ['"a b"', "c"],
    'a"b c"d e': ['a"b c"d', "e"],
    '"a b': ['"a b'],
    "a\tb\nc": ["a", "b", "c"],
    "a\u00a0b": ["a\u00a0b"],
}

VALUES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("text", (4688,), "4688"),
    ("text", (None,), None),
    ("text", ([1, 2],), ["1", "2"]),
    ("lowercase", ("AbC",), "abc"),
    ("integer", ("0x1f4",), 500),
    ("integer", ("500",), 500),
    ("integer", (500,), 500),
    ("integer", ("-1",), -1),
    ("integer", ("1e3",), None),
    ("integer", ("-",), None),
    ("file_name", (r"C:\a\b.exe",), "b.exe"),
    ("file_name", ("b.exe",), None),
    ("file_name", ("C:\\a\\",), None),
    ("last_path_part", (r"C:\a\b.exe",), "b.exe"),
    ("last_path_part", ("b.exe",), "b.exe"),
    ("directory", (r"C:\a\b.exe",), r"C:\a"),
    ("directory", ("b.exe",), None),
    ("path_extension", (r"C:\a.b\c",), r"b\c"),
    ("path_extension", ("c.txt",), None),
    ("extension", (".winlogbeat.yml.new",), "new"),
    ("extension", ("none",), None),
    ("count", (["a", "b"],), 2),
    ("count", ("a",), 1),
    ("count", (None,), None),
    ("hash_of", ("SHA1=AB,MD5=00,IMPHASH=CD", "imphash"), "cd"),
    ("hash_of", ("SHA1=AB,MD5=00", "md5"), None),
    ("hash_of", ("AB", "md5"), None),
    ("account_name", (r"NT AUTHORITY\SYSTEM",), "SYSTEM"),
    ("account_domain", (r"NT AUTHORITY\SYSTEM",), "NT AUTHORITY"),
    ("account_name", ("SYSTEM",), None),
    ("account_name", (r"a\b\c",), None),
    ("before_at", ("ann@corp",), "ann"),
    ("unless_dash", ("-",), None),
    ("only_dash", ("-",), "-"),
    ("registry_hive", (r"HKLM\System",), "HKLM"),
    ("registry_hive", (r"HKEY_LOCAL_MACHINE\System",), "HKLM"),
    ("registry_hive", (r"\REGISTRY\MACHINE",), None),
    ("registry_key", (r"HKLM\System\A\b",), r"System\A\b"),
    ("registry_key", ("HKLM",), None),
    ("registry_key", (r"X\y",), None),
    ("registry_value", (r"HKLM\System\A\b",), "b"),
    ("registry_parent_key", (r"HKLM\System\A\b",), r"System\A"),
    ("endpoint_registry_path", (r"HKU\S-1",), r"HKEY_USERS\S-1"),
    ("endpoint_registry_path", (r"HKLM\HKU",), r"HKLM\HKU"),
    ("registry_data", ("DWORD (0x0000000A)",), "10"),
    ("registry_data", ("QWORD (0x00000001-0x00000002)",), "258"),
    ("registry_data_type", ("QWORD (0x00000000-0x00000002)",), "SZ_QWORD"),
    ("registry_data_type", ("Binary Data",), "REG_BINARY"),
    ("registry_data_type", ("text",), "REG_SZ"),
    ("plain_ip", ("::ffff:192.0.2.1",), "192.0.2.1"),
    ("plain_ip", ("[::ffff:192.0.2.1]:443",), "192.0.2.1"),
    ("plain_ip", ("::1",), "::1"),
    ("address", ("fe80::1",), "fe80::1"),
    ("address", ("host",), None),
    ("iso_time", ("2026-01-05 10:20:30.450",), "2026-01-05T10:20:30.450Z"),
    ("iso_time", ("2026-01-05T10:20:30.4567891Z",), "2026-01-05T10:20:30.456Z"),
    ("iso_time", ("2026-01-05T11:20:30+01:00",), "2026-01-05T10:20:30.000Z"),
    ("iso_time", ("yesterday",), None),
    ("iso_time", (1e300,), None),
    ("epoch_seconds", ("1970-01-01T00:00:10Z",), 10.0),
    ("words", ("a  b\n\tc",), ["a", "b", "c"]),
    ("message_codes", ("%%1537\r\n\t\t%%4416",), ["1537", "4416"]),
    ("item", (["a", "b"], 2), "b"),
    ("item", (["a", "b"], 3), None),
    ("item", ("a", 1), "a"),
    ("joined", ("a", "\\", "b"), r"a\b"),
    ("joined", ("a", None), None),
    ("collect", ("a", ["b", "a"], None), ["a", "b"]),
    ("collect", (None,), None),
    ("first", (None, "b", "c"), "b"),
    ("audit_outcome", ("0x8020000000000000",), "success"),
    ("audit_outcome", ("0x8010000000000000",), "failure"),
    ("audit_outcome", (-9214364837600034816,), "success"),
    ("audit_outcome", ("0x0",), None),
    ("member_name", (r"CN=Doe\, Ann,CN=Users,DC=a,DC=b",), r"Doe\, Ann"),
    ("member_domain", ("CN=Ann",), None),
]


@pytest.mark.parametrize(("line", "expected"), ARGS.items())
def test_windows_args(line: str, expected: list[str]) -> None:
    assert windows_args(line) == expected


@pytest.mark.parametrize(("line", "expected"), WORDS.items())
def test_quoted_words(line: str, expected: list[str]) -> None:
    assert quoted_words(line) == expected


@pytest.mark.parametrize(("name", "sources", "expected"), VALUES)
def test_functions(name: str, sources: tuple[Any, ...], expected: Any) -> None:
    assert FUNCTIONS[name].apply(*sources) == expected


def test_nothing_comes_of_nothing() -> None:
    for function in FUNCTIONS.values():
        if not function.name.startswith("event_"):
            assert function.apply(*[None] * (function.most or 2)) is None, function.name
