"""Event files: every format gives the same events, and damage never hides what is beside it."""

from __future__ import annotations

import time
from pathlib import Path

import polars
import pytest

from sigmaproof.load.events import iter_events, load_events
from sigmaproof.load.sigmahq import load_info
from sigmaproof.load.values import Label, Matches
from sigmaproof.load.windows import flatten

DATA = Path(__file__).parent / "data"
CORPUS = Path(__file__).parents[2] / "../shared/corpus"
SAMPLES = sorted((CORPUS / "sigmahq/regression_data").rglob("*.evtx"))
BOM = b"\xef\xbb\xbf"
SYSTEM = {
    "Provider": {"#attributes": {"Name": "P", "Guid": "G"}},
    "EventID": {"#attributes": {"Qualifiers": 0}, "#text": 104},
    "TimeCreated": {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}},
    "Execution": {"#attributes": {"ProcessID": 1}},
    "Correlation": None,
    "Channel": "System",
    "Computer": "c",
}
FLAT = {
    "Provider_Name": "P",
    "Provider_Guid": "G",
    "EventID": 104,
    "EventID_Qualifiers": 0,
    "TimeCreated": "2026-01-01T00:00:00Z",
    "Execution_ProcessID": 1,
    "Channel": "System",
    "Computer": "c",
}


def xml(**sections: object) -> dict[str, object]:
    return {"Event": {"#attributes": {"xmlns": "x"}, "System": SYSTEM, **sections}}


@pytest.mark.parametrize(
    ("record", "flat"),
    [
        (xml(EventData={"Image": "a", "ProcessId": 5}), {**FLAT, "Image": "a", "ProcessId": 5}),
        (xml(EventData=None), FLAT),
        (
            xml(EventData={"Data": {"#text": ["a", "b"]}, "Binary": "00"}),
            {**FLAT, "Data": ["a", "b"], "Binary": "00"},
        ),
        (xml(EventData={"Data": "a"}), {**FLAT, "Data": "a"}),
        (
            xml(
                EventData={"Data": [{"@Name": "Image", "#text": "a"}, {"#attributes": {"Name": "User"}}, "x"]}
            ),
            {**FLAT, "Image": "a", "User": None, "Data": "x"},
        ),
        (
            xml(
                UserData={
                    "LogFileCleared": {"#attributes": {"xmlns": "y"}, "Channel": "Security", "EventID": 9}
                }
            ),
            {**FLAT, "Channel": ["System", "Security"]},
        ),
        (xml(RenderingInfo={"Message": "m", "Level": "Information"}), {**FLAT, "Message": "m"}),
        (
            {
                "@timestamp": "t",
                "message": "m",
                "host": {"name": "h"},
                "winlog": {
                    "channel": "Security",
                    "event_id": "4624",
                    "provider_name": "P",
                    "event_data": {"A": "1"},
                },
            },
            {
                "Channel": "Security",
                "EventID": 4624,
                "Provider_Name": "P",
                "TimeCreated": "t",
                "Message": "m",
                "A": "1",
            },
        ),
        ({"EventID": "4624", "A": "1"}, {"EventID": 4624, "A": "1"}),
        ({"eventSource": {"a": [1]}, "Event": "text"}, {"eventSource": {"a": [1]}, "Event": "text"}),
    ],
)
def test_flatten(record: dict[str, object], flat: dict[str, object]) -> None:
    assert flatten(record) == flat


def test_raw_records_stay_as_they_are() -> None:
    path = DATA / "text.ndjson"
    assert next(iter_events(path, pytest.fail, raw=True))["EventID"] == "4624"
    events = list(iter_events(path, pytest.fail))
    assert [event["EventID"] for event in events] == [4624, 4625]
    assert events[1]["nested"] == {"a": [1, None, "x"]}


def test_every_format_gives_the_same_events(tmp_path: Path) -> None:
    rows = [{"EventID": 1, "Image": "a,b", "User": "é"}, {"EventID": 2, "Image": "c", "User": None}]
    present = [{name: value for name, value in row.items() if value is not None} for row in rows]
    files = {
        "list.json": b'[{"EventID":1,"Image":"a,b","User":"\xc3\xa9"},\n {"EventID":2,"Image":"c"}]',
        "many.json": BOM
        + b'{"EventID":1,\r\n"Image":"a,b","User":"\\u00e9"}\r\n{"EventID":2,"Image":"c"}\r\n',
        "lines.ndjson": b'{"EventID":1,"Image":"a,b","User":"\xc3\xa9"}\r\n\r\n{"EventID":2,"Image":"c"}',
        "lines.jsonl": BOM + b'{"EventID":1,"Image":"a,b","User":"\xc3\xa9"}\n{"EventID":2,"Image":"c"}\n',
        "table.csv": b'\xef\xbb\xbfEventID,Image,User\r\n1,"a,b",\xc3\xa9\r\n2,c,\r\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    polars.DataFrame(rows).write_parquet(tmp_path / "table.parquet")
    for path in sorted(tmp_path.iterdir()):
        found = load_events(path)
        assert list(found.events) == present, path.name
        assert found.complete


DEEP = b'{"a":' * 100_000
HALF = b'{"a": "\\ud800"}'


@pytest.mark.parametrize(
    ("name", "content", "events", "said"),
    [
        ("cut.json", b'{"a":1}\n{"a":\n2}  {"a":3} \n {"a": ', 3, [(4, "Expecting value")]),
        ("number.json", b'[{"a":1},\n{"a":2},3]', 2, [(2, "a JSON int where an event")]),
        ("open.json", b'[{"a":1}\n', 1, [(2, "the list does not end")]),
        ("comma.json", b'[{"a":1}\n {"a":2}]', 1, [(2, "a comma is missing")]),
        ("trailing.json", b'[{"a":1},]', 1, [(1, "Expecting value")]),
        ("after.json", b'[{"a":1}] {}', 1, [(1, "text after the list")]),
        ("deep.json", b'{"a":1}\n' + DEEP, 1, [(2, "nested too deeply")]),
        ("nan.json", b'{"a":1}\n{"a":NaN}', 1, [(2, "NaN is not JSON")]),
        ("long.json", b'{"a":1}{"a":"' + b"x" * 20_000_000, 1, [(1, "more than 16 MiB")]),
        ("digits.json", b'{"a":' + b"9" * 5000 + b"}", 0, [(1, "digits")]),
        ("latin.json", b'{"a":1}\n{"a":"\xff"}', 1, [(2, "not UTF-8")]),
        ("utf16.json", '{"a":1}'.encode("utf-16"), 0, [(1, "not UTF-8")]),
        ("half.json", b'{"a":1}\n' + HALF, 1, [(2, "surrogate")]),
        ("blank.json", b" \n" * 10_000_000, 0, []),
        ("lines.ndjson", b'{"a":1}\n{"a":\n{"a":2}\n[1]\n', 2, [(2, "not valid JSON"), (4, "a JSON list")]),
        ("deep.ndjson", DEEP + b'\n{"a":1}\n', 1, [(1, "not valid JSON")]),
        ("latin.ndjson", b'{"a":"\xff"}\n{"a":1}\n', 1, [(1, "not valid UTF-8")]),
        ("half.ndjson", HALF + b'\n{"a":1}\n', 1, [(1, "surrogate")]),
        ("null.ndjson", b'{"a":\0}\n{"a":1}\n', 1, [(1, "not valid JSON")]),
        ("long.ndjson", b'{"a":1}\n' + b"x" * 20_000_000, 1, [(2, "more than 16 MiB")]),
        ("pretty.ndjson", b'{\n"a": 1\n}\n', 0, [(1, "not valid JSON"), (2, ""), (3, "")]),
        ("cells.csv", b"a,b\n1,2,3\n4,5\n", 1, [(2, "more cells than the header")]),
        ("quote.csv", b'a,b\n1,2\n"x\n', 1, [(3, "not valid CSV")]),
        ("latin.csv", b"a\n1\n\xff\n", 1, [(3, "not UTF-8")]),
        ("text.parquet", b"PAR1 and no more", 0, [(0, "not readable as Parquet")]),
        ("empty.evtx", b"", 0, [(0, "not a readable event log")]),
        ("text.evtx", b"garbage" * 1000, 0, [(0, "not a readable event log")]),
        ("events.exe", b"", 0, [(0, 'no reader for ".exe" files')]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_damage(tmp_path: Path, name: str, content: bytes, events: int, said: list[tuple[int, str]]) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    begun = time.monotonic()
    found = load_events(path)
    assert time.monotonic() - begun < 10
    assert len(found.events) == events
    assert [problem.place.line for problem in found.problems] == [line for line, _ in said]
    for problem, (_, words) in zip(found.problems, said, strict=True):
        assert words in problem.message
        assert problem.code == "invalid-events"
    assert found.complete is not bool(said)


def test_reading_stops_when_nothing_is_right(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_text("x\n" * 100_000 + "{}\n", encoding="utf-8")
    found = load_events(path)
    assert len(found.problems) == 21
    assert "the rest of the file was not read" in found.problems[-1].message


def test_objects_larger_than_a_reading_window(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[" + ",\n".join(['{"a":"' + "x" * 700_000 + '"}'] * 9) + "]", encoding="utf-8")
    found = load_events(path)
    assert (len(found.events), found.complete) == (9, True)


def test_links_and_absent_files(tmp_path: Path) -> None:
    (tmp_path / "x.json").symlink_to("/dev/zero")
    assert "symbolic links" in load_events(tmp_path / "x.json").problems[0].message
    assert "no such file" in load_events(tmp_path / "y.json").problems[0].message
    assert "not an ordinary file" in load_events(make_folder(tmp_path / "z.json")).problems[0].message


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


needs_samples = pytest.mark.skipif(not SAMPLES, reason="needs ../shared/corpus")


@needs_samples
def test_an_event_log_and_its_json_are_the_same_events() -> None:
    for path in SAMPLES:
        log, text = load_events(path), load_events(path.with_suffix(".json"))
        assert log.complete
        assert text.complete
        # SigmaHQ's JSON lost the blanks at the end of values
        assert [trimmed(event) for event in log.events] == [trimmed(event) for event in text.events], path


def trimmed(event: dict[str, object]) -> dict[str, object]:
    return {name: value.rstrip() if isinstance(value, str) else value for name, value in event.items()}


@needs_samples
def test_a_log_that_is_cut_keeps_what_it_had(tmp_path: Path) -> None:
    source = max(SAMPLES, key=lambda path: len(load_events(path).events))
    whole, path = load_events(source).events, tmp_path / "cut.evtx"
    counts = []
    for size in range(4096 + 10, 4096 + 65536, 1999):
        path.write_bytes(source.read_bytes()[:size])
        found = load_events(path)
        assert found.events == whole[: len(found.events)]
        assert "the log is cut off after" in found.problems[-1].message
        counts.append(len(found.events))
    assert counts == sorted(counts)
    assert {0, len(whole)} < set(counts)
    path.write_bytes(source.read_bytes()[:4096])
    assert "0 of 1 chunks are there" in load_events(path).problems[-1].message


@needs_samples
def test_a_damaged_record_keeps_what_stands_before_it(tmp_path: Path) -> None:
    source = max(SAMPLES, key=lambda path: len(load_events(path).events))
    content, path = bytearray(source.read_bytes()), tmp_path / "damaged.evtx"
    content[4096 + 3000 : 4096 + 3100] = b"\xff" * 100
    path.write_bytes(content)
    found = load_events(path)
    assert found.events == load_events(source).events[:1]
    assert "record 2 is damaged" in found.problems[0].message
    assert "export the log again" in found.problems[0].help


INFO = """\
id: 78f47243-0906-4e62-b75d-e23d58f0ddd7
rule_metadata:
    - id: EF0FF092-a24a-4fbc-beea-06c08d53e085
      title: T
regression_tests_info:
    - name: Positive Detection Test
      type: json
      provider: P
      match_count: 1
      path: regression_data/rules/x/a.json
    - {name: Positive Detection Test, type: evtx, path: old/place/a.json}
    - {name: quiet, type: json, match_count: 0, path: regression_data/rules/x/a.json}
    - {name: raw, type: raw, path: regression_data/rules/x/a.raw}
    - {name: absent, type: json, path: regression_data/rules/x/b.json}
    - {name: outside, type: json, path: ../a.json}
"""


@pytest.mark.parametrize(
    "below", ["regression_data", "regression_data/rules", "regression_data/rules/x", "."]
)
def test_sigmahq_info(tmp_path: Path, below: str) -> None:
    folder = tmp_path / "regression_data/rules/x"
    folder.mkdir(parents=True)
    (folder / "a.json").write_text('{"a": 1}', encoding="utf-8")
    (folder / "info.yml").write_text(INFO, encoding="utf-8")
    found = load_info(folder / "info.yml", tmp_path / below)
    (fixture,) = found.fixtures
    assert (fixture.rule, fixture.rule_line) == ("ef0ff092-a24a-4fbc-beea-06c08d53e085", 2)
    assert [(case.name, case.label, case.matches, case.file, case.line) for case in fixture.cases] == [
        ("Positive Detection Test", Label.MALICIOUS, Matches(1, 1), folder / "a.json", 6),
        ("Positive Detection Test [2]", Label.MALICIOUS, Matches(1), folder / "a.json", 11),
        ("quiet", Label.BENIGN, Matches(0, 0), folder / "a.json", 12),
    ]
    assert [(problem.place.line, problem.message) for problem in found.problems] == [
        (14, 'there is no file "regression_data/rules/x/b.json"'),
        (15, '`path` "../a.json" must not contain ".."'),
    ]
    assert [(note.code, note.place.line) for note in found.notes] == [("unsupported", 13)]


def test_sigmahq_info_without_a_test_is_a_note(tmp_path: Path) -> None:
    path = tmp_path / "info.yml"
    path.write_text(
        INFO.partition("regression_tests_info")[0] + "# regression_tests_info:\n", encoding="utf-8"
    )
    found = load_info(path, tmp_path)
    assert (found.fixtures, found.problems) == ((), ())
    assert found.notes[0].code == "no-fixture"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("match_count: 1", "match_count: one", 9, "`match_count` must be a whole number"),
        ("rule_metadata", "rules", 1, "`rule_metadata` is missing"),
        ("      path: regression_data/rules/x/a.json\n", "", 6, "`path` is missing"),
        ("id: 78", "id: [78", 2, "not valid YAML"),
    ],
)
def test_sigmahq_info_that_is_wrong(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    path = tmp_path / "info.yml"
    path.write_text(INFO.replace(old, new), encoding="utf-8")
    (problem,) = load_info(path, tmp_path).problems
    assert words in problem.message
    assert problem.place.line == line


@pytest.mark.parametrize(("count", "kept", "complete"), [(3, 3, True), (4, 3, False)])
def test_a_file_of_too_many_events_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, kept: int, complete: bool
) -> None:
    monkeypatch.setattr("sigmaproof.load.events.MOST_EVENTS", 3)
    path = tmp_path / "many.ndjson"
    path.write_text('{"a": 1}\n' * count)
    found = load_events(path)
    assert (len(found.events), found.complete) == (kept, complete)
    assert [problem.message for problem in found.problems] == [
        "more than 3 events: the rest of the file was not read"
    ] * (not complete)
