"""Index models: raw events and their documents, as data; the formats; the recorded events."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sigmaproof.errors import InvalidInput
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.model import IndexModel, load_index_model, origins_of, plain_model, targets_of
from sigmaproof.index.schemas import SCHEMAS, write_schemas
from sigmaproof.index.shape import Constant, Derived, Place, Raw
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.load.yaml_text import Flavour, read_yaml

ROOT = Path(__file__).parents[2]
INDICES = ROOT / "converters" / "indices"
MODELS = ("ecs_windows", "ecs_endpoint", "splunk_windows")
EVENTS = ROOT.parent / "shared" / "corpus" / "events" / "windows.ndjson.gz"
CASES = read_yaml((Path(__file__).parent / "data" / "documents.yml").read_text("utf-8"), Flavour.CORE)[0].data
HEADER = "title: t\nproduct: elastic\nversion: '1'\nlinks: [https://example.com]\n"


@cache
def model(name: str) -> IndexModel:
    return load_index_model(INDICES / f"{name}.yml")


def expectations() -> Iterator[Any]:
    for case in CASES:
        for name in MODELS:
            if name in case:
                yield pytest.param(name, case["raw"], case[name], id=f"{case['name']}-{name}")


@pytest.mark.parametrize(("name", "raw", "expected"), list(expectations()))
def test_documents(name: str, raw: dict[str, Any], expected: dict[str, Any]) -> None:
    document = model(name).document(raw)
    assert {field: document.get(field) for field in expected.get("document", {})} == expected.get(
        "document", {}
    )
    assert not [field for field in expected.get("absent", []) if field in document]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@pytest.mark.parametrize("name", MODELS)
def test_every_value_is_one_that_the_index_accepts(name: str, case: dict[str, Any]) -> None:
    index = model(name).index
    document = model(name).document(case["raw"])
    if isinstance(index, ElasticIndex):
        assert index.rejection(document) is None
        assert all(index.field(field) is not None for field in document), name


def test_the_xml_of_an_event() -> None:
    raw = {"Channel": "X", "EventID": 5, "Provider_Name": "P", "A": "x & <y>", "Data": ["1", "2"], "B": ""}
    document = model("splunk_windows").document(raw)
    assert document["_raw"] == (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='P'/>"
        "<EventID>5</EventID><TimeCreated/><Correlation/><Execution/><Channel>X</Channel><Security/></System>"
        "<EventData><Data Name='A'>x &amp; &lt;y&gt;</Data><Data>1</Data><Data>2</Data></EventData></Event>"
    )
    assert document["A"] == "x & <y>"


def test_a_prover_can_read_where_fields_come_from() -> None:
    shape = model("ecs_windows").shape
    assert shape is not None
    place = Place("microsoft-windows-sysmon/operational", 1)
    origins = origins_of(shape, place)
    assert origins["process.executable"] == Derived(
        "first", (Raw("Destination"), Raw("SourceImage"), Raw("Image"))
    )
    assert origins["event.category"] == Constant(("process",))
    assert {"process.command_line", "process.args"} <= set(targets_of(shape, place, "CommandLine"))
    assert list(targets_of(shape, place, "LogonId")) == ["winlog.event_data.LogonId"]
    assert Place("security", 4688) in shape.places()


def test_the_provider_decides_whether_the_security_pipeline_runs() -> None:
    ecs = model("ecs_windows")
    raw = {"Channel": "Security", "EventID": 4624, "TargetUserName": "a"}
    assert ecs.document(raw)["user.name"] == "a"
    assert "user.name" not in ecs.document({**raw, "Provider_Name": "AD FS Auditing"})


def test_plain_models() -> None:
    assert isinstance(plain_model("spl").index, SplunkIndex)
    plain = plain_model("eql")
    assert plain.document({"a": 1}) == {"a": 1}
    assert plain.index.read({"a": "x"}, "a") == ("x",)


BROKEN = {
    "documnets: []\n": ('unknown key "documnets" (did you mean "documents"?)', 5),
    "documents:\n  - name: a\n    derived: {x: {windows_arg: A}}\n": (
        'no function "windows_arg" (did you mean "windows_args"?)',
        7,
    ),
    "documents:\n  - name: a\n    derived: {x: {hash_of: A}}\n": ("`hash_of` takes 2 sources, not 1", 7),
    "documents:\n  - name: a\n    derived: {x: [A]}\n": (
        "write a raw field, or one function with its sources",
        7,
    ),
    "documents:\n  - name: a\n    when: {chanel: x}\n": ('unknown key "chanel" (did you mean "channel"?)', 7),
    "documents:\n  - name: a\n    rst: a\n": ('unknown key "rst" (did you mean "rest"?)', 7),
    "mapping: {x: {type: keywrd}}\n": ('no mapping type "keywrd" (did you mean "keyword"?)', 5),
    "default: keywords\n": ('no mapping type "keywords" (did you mean "keyword"?)', 5),
}


@pytest.mark.parametrize(
    ("text", "expected"), BROKEN.items(), ids=[message for message, _ in BROKEN.values()]
)
def test_a_broken_file_is_told_with_its_line(text: str, expected: tuple[str, int], tmp_path: Path) -> None:
    path = tmp_path / "x.yml"
    path.write_text(HEADER + text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_index_model(path)
    problem = caught.value.problem
    assert problem.place is not None
    assert (problem.message, problem.place.line, problem.code) == (*expected, "invalid-index")


def test_schemas_are_current(tmp_path: Path) -> None:
    write_schemas(tmp_path)
    for name in SCHEMAS:
        assert (ROOT / "schemas" / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), name


@cache
def recorded() -> tuple[dict[str, Any], ...]:
    """Every twentieth recorded event, and the first three of every channel and event id."""
    seen: dict[Place, int] = {}
    kept = []
    with gzip.open(EVENTS, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            event = json.loads(line)
            place = Place.of(event)
            seen[place] = seen.get(place, 0) + 1
            if seen[place] <= 3 or number % 20 == 0:
                kept.append(event)
    return tuple(kept)


@pytest.mark.skipif(not EVENTS.exists(), reason="the recorded events are not here")
@pytest.mark.parametrize(
    ("name", "least"), [("ecs_windows", 0.9), ("ecs_endpoint", 0.1), ("splunk_windows", 0)]
)
def test_every_recorded_event_gets_a_document(name: str, least: float) -> None:
    events = recorded()
    described = sum(model(name).describes(event) for event in events)
    for event in events:
        assert bool(model(name).document(event)) == model(name).holds(event)
    assert described >= least * len(events), f"{described} of {len(events)}"
