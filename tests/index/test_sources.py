"""Source models: terms over raw names, events as their logs write them, and the log sources of the corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.errors import InvalidInput
from sigmaproof.index.sources import LogSource, load_sources, renamed
from sigmaproof.logic.checks import IsNull, IsTrue, Matches, Present
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import FALSE, And, Label, Not, Or, Term
from sigmaproof.logic.terms import Test as Asked
from sigmaproof.logic.values import Cell, Read
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "sigmahq"
SOURCES = load_sources(ROOT / "converters" / "sources")
PROCESS = {"product": "windows", "category": "process_creation"}
SECURITY = {"product": "windows", "service": "security"}
SYSMON_1 = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1}
SECURITY_4688 = {"Channel": "Security", "EventID": 4688}


@dataclass(frozen=True, slots=True)
class Same:
    """Whether two fields have the same values."""

    left: str
    right: str

    @property
    def fields(self) -> tuple[str, ...]:
        return self.left, self.right

    def cell(self, read: Read) -> Cell:
        return (read(self.left) == read(self.right),)


def read(event: Any, name: str) -> Cell:
    value = event.get(name)
    return None if value is None else (value,)


def holds(term: Term, event: dict[str, Any]) -> bool:
    return bool(matching(term, Table([event], read)))


def ends(field: str, text: str) -> Term:
    return Asked(field, Matches(Glob.of(MANY, text), Fold.SIMPLE))


WMIC = ends("Image", "\\wmic.exe")
LOCATED: list[tuple[str, Term, dict[str, str], dict[str, Any], bool]] = [
    ("Sysmon", WMIC, PROCESS, {**SYSMON_1, "Image": r"C:\WMIC.exe"}, True),
    (
        "channel in other letters",
        WMIC,
        PROCESS,
        {**SYSMON_1, "Channel": "MICROSOFT-WINDOWS-SYSMON/OPERATIONAL", "Image": r"C:\wmic.exe"},
        True,
    ),
    ("event id as text", WMIC, PROCESS, {**SYSMON_1, "EventID": "1", "Image": r"C:\wmic.exe"}, True),
    ("4688", WMIC, PROCESS, {**SECURITY_4688, "NewProcessName": r"C:\wmic.exe"}, True),
    ("4688 has no Image", WMIC, PROCESS, {**SECURITY_4688, "Image": r"C:\wmic.exe"}, False),
    ("Sysmon has no NewProcessName", WMIC, PROCESS, {**SYSMON_1, "NewProcessName": r"C:\wmic.exe"}, False),
    ("another event id", WMIC, PROCESS, {**SYSMON_1, "EventID": 5, "Image": r"C:\wmic.exe"}, False),
    ("another channel", WMIC, PROCESS, {"Channel": "System", "EventID": 1, "Image": r"C:\wmic.exe"}, False),
    ("no channel", WMIC, PROCESS, {"EventID": 1, "Image": r"C:\wmic.exe"}, False),
    (
        "a negation stays inside the log source",
        Not(WMIC),
        PROCESS,
        {"Channel": "System", "EventID": 7045},
        False,
    ),
    (
        "a negation over raw names",
        Not(WMIC),
        PROCESS,
        {**SECURITY_4688, "NewProcessName": r"C:\wmic.exe"},
        False,
    ),
    ("absent on either side", Asked("OriginalFileName", IsNull()), PROCESS, SECURITY_4688, True),
    (
        "an expression over raw names",
        Asked(Same("Image", "ParentImage"), IsTrue()),
        PROCESS,
        {**SECURITY_4688, "NewProcessName": "a", "ParentProcessName": "a"},
        True,
    ),
    (
        "an expression that differs",
        Asked(Same("Image", "ParentImage"), IsTrue()),
        PROCESS,
        {**SECURITY_4688, "NewProcessName": "a", "ParentProcessName": "b"},
        False,
    ),
    (
        "a service is a channel",
        ends("TargetUserName", "a"),
        SECURITY,
        {"Channel": "Security", "EventID": 4624, "TargetUserName": "a"},
        True,
    ),
    (
        "a service of another channel",
        ends("ServiceName", "a"),
        SECURITY,
        {"Channel": "System", "EventID": 7045, "ServiceName": "a"},
        False,
    ),
    (
        "category and service",
        WMIC,
        {**PROCESS, "service": "sysmon"},
        {**SECURITY_4688, "NewProcessName": r"C:\wmic.exe"},
        False,
    ),
    (
        "category and service",
        WMIC,
        {**PROCESS, "service": "sysmon"},
        {**SYSMON_1, "Image": r"C:\wmic.exe"},
        True,
    ),
    ("the product alone", ends("x", "y"), {"product": "windows"}, {"Channel": "Any", "x": "y"}, True),
    (
        "several event ids",
        Asked("PipeName", Present()),
        {"product": "windows", "category": "pipe_created"},
        {**SYSMON_1, "EventID": 18, "PipeName": "a"},
        True,
    ),
]


@pytest.mark.parametrize(
    ("term", "logsource", "event", "expected"),
    [case[1:] for case in LOCATED],
    ids=[case[0] for case in LOCATED],
)
def test_located(term: Term, logsource: dict[str, str], event: dict[str, Any], expected: bool) -> None:
    located = SOURCES.located(term, logsource)
    assert located.known
    assert not located.note
    assert holds(located.term, event) is expected


@pytest.mark.parametrize(
    "logsource",
    [
        {"product": "windows", "category": "file_access"},
        {"product": "linux", "category": "process_creation"},
        {"category": "process_creation"},
        {"product": "windows", "category": "image_load", "service": "security"},
        {"product": "zeek"},
        {},
    ],
)
def test_a_log_source_that_no_model_knows_leaves_the_term_as_it_is(logsource: dict[str, str]) -> None:
    located = SOURCES.located(WMIC, logsource)
    assert located.term == WMIC
    assert not located.known
    assert located.note.startswith("unknown log source: ")


def test_a_log_source_may_be_an_object() -> None:
    @dataclass
    class Named:
        category: str | None = "process_creation"
        product: str | None = "windows"
        service: str | None = None

    named: LogSource = Named()
    assert SOURCES.located(WMIC, named) == SOURCES.located(WMIC, PROCESS)


def test_renaming_keeps_the_shape_of_a_term() -> None:
    term = And((Label("a", WMIC), Not(Or((WMIC, ends("x", "y")))), FALSE))
    assert renamed(term, {}) is term
    assert renamed(And((Label("a", WMIC), ends("x", "y"))), {"Image": "NewProcessName"}) == And(
        (Label("a", ends("NewProcessName", "\\wmic.exe")), ends("x", "y"))
    )


RAW: list[tuple[str, dict[str, str], dict[str, Any], dict[str, Any]]] = [
    (
        "taxonomy names are Sysmon's",
        PROCESS,
        {"Image": "a"},
        {**SYSMON_1, "Provider_Name": "Microsoft-Windows-Sysmon", "Image": "a"},
    ),
    (
        "collection adds what a line of wmic names",
        PROCESS,
        {
            "Image": "C:\\w\\WMIC.exe",
            "CommandLine": 'wmic /node:SRV1,"srv 2",srv1 Path Win32_Process get name',
        },
        {
            **SYSMON_1,
            "Provider_Name": "Microsoft-Windows-Sysmon",
            "Image": "C:\\w\\WMIC.exe",
            "CommandLine": 'wmic /node:SRV1,"srv 2",srv1 Path Win32_Process get name',
            "WmicNode": ["srv1", "srv 2"],
            "WmicAlias": "process",
        },
    ),
    (
        "it adds it to 4688, whichever log source is asked about",
        SECURITY,
        {"EventID": 4688, "NewProcessName": "c:\\wmic.exe", "CommandLine": "wmic -node:@a.txt qfe"},
        {
            **SECURITY_4688,
            "Provider_Name": "Microsoft-Windows-Security-Auditing",
            "NewProcessName": "c:\\wmic.exe",
            "CommandLine": "wmic -node:@a.txt qfe",
            "WmicNode": "@a.txt",
            "WmicAlias": "qfe",
        },
    ),
    (
        "it leaves alone what is there",
        PROCESS,
        {**SYSMON_1, "Image": "c:\\wmic.exe", "CommandLine": "wmic /node:a os get", "WmicNode": "b"},
        {
            **SYSMON_1,
            "Provider_Name": "Microsoft-Windows-Sysmon",
            "Image": "c:\\wmic.exe",
            "CommandLine": "wmic /node:a os get",
            "WmicNode": "b",
            "WmicAlias": "os",
        },
    ),
    (
        "and other programs",
        PROCESS,
        {**SYSMON_1, "Image": "c:\\w.exe", "CommandLine": "w /node:a os get"},
        {
            **SYSMON_1,
            "Provider_Name": "Microsoft-Windows-Sysmon",
            "Image": "c:\\w.exe",
            "CommandLine": "w /node:a os get",
        },
    ),
    (
        "4688 by its id alone",
        PROCESS,
        {"EventID": 4688, "Image": "a", "CommandLine": "c"},
        {
            **SECURITY_4688,
            "Provider_Name": "Microsoft-Windows-Security-Auditing",
            "NewProcessName": "a",
            "CommandLine": "c",
        },
    ),
    (
        "4688 in taxonomy names",
        PROCESS,
        {**SECURITY_4688, "Provider_Name": "P", "ProcessId": 5, "ParentProcessId": 4, "User": "u"},
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessId": 5, "ProcessId": 4, "SubjectUserName": "u"},
    ),
    (
        "4688 in raw names",
        PROCESS,
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a", "ProcessId": "0x4"},
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a", "ProcessId": "0x4"},
    ),
    (
        "a field said twice",
        PROCESS,
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a", "Image": "a"},
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a"},
    ),
    (
        "a field said twice and differently",
        PROCESS,
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a", "Image": "b"},
        {**SECURITY_4688, "Provider_Name": "P", "NewProcessName": "a", "Image": "b"},
    ),
    (
        "from elsewhere",
        PROCESS,
        {"Channel": "System", "EventID": 7045, "Image": "a"},
        {"Channel": "System", "EventID": 7045, "Image": "a"},
    ),
    (
        "a service fills the channel",
        SECURITY,
        {"EventID": 4625},
        {"Channel": "Security", "EventID": 4625, "Provider_Name": "Microsoft-Windows-Security-Auditing"},
    ),
    (
        "defaults",
        {"product": "windows", "category": "registry_set"},
        {"Details": "x"},
        {
            "Channel": SYSMON_1["Channel"],
            "EventID": 13,
            "Provider_Name": "Microsoft-Windows-Sysmon",
            "EventType": "SetValue",
            "Details": "x",
        },
    ),
    ("not modelled", {"product": "linux", "category": "process_creation"}, {"Image": "a"}, {"Image": "a"}),
    ("the product alone", {"product": "windows"}, {"Image": "a"}, {"Image": "a"}),
]


@pytest.mark.parametrize(
    ("logsource", "event", "expected"), [case[1:] for case in RAW], ids=[case[0] for case in RAW]
)
def test_raw(logsource: dict[str, str], event: dict[str, Any], expected: dict[str, Any]) -> None:
    before = dict(event)
    assert SOURCES.raw(event, logsource) == expected
    assert event == before


# a line of wmic, its nodes, its alias
LINES: list[tuple[str, Any, str | None]] = [
    ("wmic", None, None),
    ("wmic os get caption", None, "os"),
    (
        '"C:\\Windows\\System32\\wbem\\WMIC.exe" /NODE:10.0.0.5 /user:"a b" /password:x process list',
        "10.0.0.5",
        "process",
    ),
    ("wmic /node: \"a\" , 'b' os get", ["a", "b"], "os"),
    ("wmic –node:a ―user:x os get", "a", "os"),
    ('wmic /node:"a,b" os get', ["a", "b"], "os"),
    ('wmic /output:"C:\\a b.txt" /node:a nic get', "a", "nic"),
    (
        "wmic /namespace:\\\\root\\securitycenter2 path AntiVirusProduct get displayname",
        None,
        "antivirusproduct",
    ),
    ("wmic /interactive:off class win32_share", None, "share"),
    ("wmic /node:a /failfast:on", "a", None),
    ("wmic /node:- os get", None, "os"),
    ("wmic /node:", None, None),
    ("wmic " + "/node:a " * 20_000, "a", None),
]


@pytest.mark.parametrize(("line", "nodes", "alias"), LINES, ids=[line[:40] for line, _, _ in LINES])
def test_what_a_line_of_wmic_names(line: str, nodes: Any, alias: str | None) -> None:
    event = SOURCES.raw({**SYSMON_1, "OriginalFileName": "wmic.exe", "CommandLine": line}, PROCESS)
    assert (event.get("WmicNode"), event.get("WmicAlias")) == (nodes, alias)


def test_no_folder_no_models(tmp_path: Path) -> None:
    assert not load_sources(tmp_path / "none").by_key


HEADER = "title: t\nproduct: p\nlinks: [https://example.com]\nchannels: {a: {channel: A}}\nlog_sources:\n"
ADDING = "  - {category: c, events: [{channel: a}]}\nenrichment:\n  X: {events: "
BROKEN = {
    "  - {category: c, events: [{channel: b}]}\n": ('no channel "b"', 6),
    "  - {category: c, events: []}\n": ("`events` is empty", 6),
    "  - {category: c, service: s, events: [{channel: a}]}\n": ("name a category or a service", 6),
    "  - {categroy: c, events: [{channel: a}]}\n": ('unknown key "categroy" (did you mean "category"?)', 6),
    "  - {category: c, events: [{channel: a}]}\n  - {category: c, events: [{channel: a}]}\n": (
        "this log source is there already",
        7,
    ),
    ADDING + "[{channel: b, event_id: 1}], of: C, pattern: '(?P<value>.)'}\n": ('no channel "b"', 8),
    ADDING + "[{channel: a, event_id: 1}], of: C, pattern: '(.)'}\n": ("no group `(?P<value>…)`", 8),
    ADDING + "[{channel: a, event_id: 1}], of: C, pattern: '(?P<value>'}\n": ("missing ) to close", 8),
    ADDING + "[{channel: a, event_id: 1}], pattern: '(?P<value>.)'}\n": ("`of` is missing", 8),
}


@pytest.mark.parametrize(
    ("text", "expected"), BROKEN.items(), ids=[message for message, _ in BROKEN.values()]
)
def test_a_broken_file_is_told_with_its_line(text: str, expected: tuple[str, int], tmp_path: Path) -> None:
    (tmp_path / "x.yml").write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_sources(tmp_path)
    problem = caught.value.problem
    assert problem.place is not None
    assert expected[0] in problem.message
    assert (problem.place.line, problem.code) == (expected[1], "invalid-source")


def rules() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(CORPUS.glob("rules*/windows/**/*.yml")):
        with path.open(encoding="utf-8") as file:
            for rule in yaml.load_all(file, yaml.CSafeLoader):
                yield path, rule.get("logsource", {})


@pytest.mark.skipif(not CORPUS.exists(), reason="the public rules are not here")
def test_every_windows_log_source_of_the_public_rules_is_known() -> None:
    unknown = {
        logsource.get("category") or logsource.get("service")
        for _, logsource in rules()
        if logsource.get("product") == "windows" and SOURCES.providers(logsource) is None
    }
    # these two are ETW providers, which no channel carries
    assert unknown == {"file_access", "file_rename"}
