"""What an Elasticsearch index holds of a document, type by type."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index.elastic import ACCEPTED, DYNAMIC, ElasticIndex
from sigmaproof.index.elastic_dates import resolve_date
from sigmaproof.text.fold import Fold

VALUES: list[tuple[dict[str, Any], Any, Any]] = [
    ({"type": "keyword"}, "Wmic", ("Wmic",)),
    ({"type": "keyword"}, 4, ("4",)),
    ({"type": "keyword"}, True, ("true",)),
    ({"type": "keyword"}, "", ("",)),
    ({"type": "keyword"}, None, None),
    ({"type": "keyword"}, [], None),
    ({"type": "keyword"}, [None], None),
    ({"type": "keyword"}, [["a"], "b", None], ("a", "b")),
    ({"type": "keyword", "null_value": "NULL"}, ["a", None], ("a", "NULL")),
    ({"type": "keyword", "null_value": "NULL"}, [], None),
    ({"type": "keyword", "ignore_above": 8}, "12345678", ("12345678",)),
    ({"type": "keyword", "ignore_above": 8}, ["short", "longer than eight"], ("short",)),
    ({"type": "keyword", "ignore_above": 8}, "😀😀😀😀😀", None),
    ({"type": "keyword", "ignore_above": 8}, "éééééééé", ("éééééééé",)),
    ({"type": "text"}, 4.5, ("4.5",)),
    ({"type": "long"}, [4, "4", "04", 4.7, "4.7", "1e2"], (4, 4, 4, 4, 4, 100)),
    ({"type": "long"}, 9007199254740993, (9007199254740993,)),
    ({"type": "long"}, "", None),
    ({"type": "double"}, ["4", 4, " 4.5 "], (4.0, 4.0, 4.5)),
    ({"type": "float"}, 0.1, (0.10000000149011612,)),
    ({"type": "boolean"}, [True, "true", "false", ""], (True, True, False, False)),
    (
        {"type": "ip"},
        ["::ffff:10.0.0.1", "FE80::1", "fe80:0:0:0:0:0:0:1"],
        ("10.0.0.1", "fe80::1", "fe80::1"),
    ),
    ({"type": "date"}, ["2025-12-16", 1765797991123], (1765843200000, 1765797991123)),
    ({"type": "date"}, "2025-12-15T11:26:31.123Z", (1765797991123,)),
    ({"type": "date"}, "2025-12-15T12:26:31,123+01:00", (1765797991123,)),
    ({"type": "date", "format": "epoch_second"}, 1765797991, (1765797991000,)),
]

REJECTED: list[tuple[dict[str, Any], Any]] = [
    ({"type": "long"}, "0x4"),
    ({"type": "long"}, True),
    ({"type": "long"}, 2**63),
    ({"type": "long"}, "1e999999999"),
    ({"type": "double"}, "abc"),
    ({"type": "boolean"}, "True"),
    ({"type": "boolean"}, 1),
    ({"type": "ip"}, "notanip"),
    ({"type": "ip"}, ""),
    ({"type": "date"}, "2024-02-30"),
    ({"type": "date"}, "2025-12-15 11:26:31.123"),
    ({"type": "keyword"}, {"a": 1}),
    ({"type": "keyword"}, "x" * 32767),
]


@pytest.mark.parametrize(("spec", "value", "held"), VALUES)
def test_values(spec: dict[str, Any], value: Any, held: Any) -> None:
    index = ElasticIndex.from_mapping({"f": spec})
    assert index.read({"f": value}, "f") == held
    assert index.read({"f": value}, ACCEPTED) == (True,)


@pytest.mark.parametrize(("spec", "value"), REJECTED)
def test_malformed_values_reject_the_document(spec: dict[str, Any], value: Any) -> None:
    index = ElasticIndex.from_mapping({"f": spec})
    assert index.read({"f": value}, "f") is None
    assert index.read({"f": value}, ACCEPTED) is None
    assert (index.rejection({"f": value}) or "").startswith("f: ")


def test_ignore_malformed_keeps_the_document() -> None:
    index = ElasticIndex.from_mapping({"f": {"type": "long", "ignore_malformed": True}})
    assert index.read({"f": ["x", 4]}, "f") == (4,)
    assert index.rejection({"f": ["x", 4]}) is None


NAMED = ElasticIndex.from_mapping(
    {
        "process": {
            "properties": {
                "name": {
                    "type": "keyword",
                    "fields": {"caseless": {"type": "keyword", "normalizer": "lowercase"}},
                },
                "pid": {"type": "long"},
            }
        },
        "host.name": {"type": "keyword"},
        "also": {"type": "alias", "path": "process.name"},
    }
)


def test_names_nested_and_dotted() -> None:
    names = [field.name for field in NAMED.fields()]
    assert names == ["process.name", "process.name.caseless", "process.pid", "host.name"]
    for document in (
        {"process": {"name": "a"}},
        {"process.name": "a"},
        {"process": [{"name": "a"}, {"pid": 1}]},
    ):
        assert NAMED.read(document, "process.name") == ("a",)
        assert NAMED.read(document, "process.name.caseless") == ("a",)
        assert NAMED.read(document, "also") == ("a",)
    assert NAMED.read({"host": {"name": "h"}}, "host.name") == ("h",)


def test_field_types() -> None:
    name = NAMED.field("process.name")
    assert name is not None
    assert (name.type, name.fold, name.sub_fields) == ("keyword", Fold.EXACT, ("process.name.caseless",))
    caseless = NAMED.field("process.name.caseless")
    assert caseless is not None
    assert (caseless.source, caseless.fold) == ("process.name", Fold.LOWER)
    assert NAMED.field("process") is None
    assert [field.name for field in NAMED.under("process")] == [
        "process.name",
        "process.name.caseless",
        "process.pid",
    ]


def test_unmapped_fields_have_no_values() -> None:
    assert NAMED.field("nope") is None
    assert NAMED.read({"nope": "1"}, "nope") is None


def test_defaults_for_unmapped_fields() -> None:
    keyword = ElasticIndex.from_mapping({}, default="keyword")
    assert keyword.read({"a": {"b": 1}}, "a.b") == ("1",)
    dynamic = ElasticIndex.from_mapping({}, default=DYNAMIC)
    assert dynamic.read({"a": "x" * 257}, "a") == ("x" * 257,)
    assert dynamic.read({"a": "x" * 257}, "a.keyword") is None


def test_unknown_normalizers_and_date_formats_are_refused() -> None:
    with pytest.raises(UnsupportedQuery, match="normalizer"):
        ElasticIndex.from_mapping({"f": {"type": "keyword", "normalizer": "mine"}})
    with pytest.raises(UnsupportedQuery, match="date format"):
        ElasticIndex.from_mapping({"f": {"type": "date", "format": "dd/MM"}}).read({"f": "1"}, "f")


NOW = 1765797991123  # 2025-12-15T11:26:31.123Z

DATES = [
    ("now", False, NOW),
    ("now/d", False, 1765756800000),
    ("now/d", True, 1765843199999),
    ("now-1d/d", False, 1765670400000),
    ("now/w", False, 1765756800000),
    ("now/M", True, 1767225599999),
    ("2025-12-15||+1M/y", False, 1767225600000),
    ("2025-12-15", True, 1765843199999),
    ("2025", False, 1735689600000),
    ("nonsense", False, None),
    ("now+x", False, None),
]


@pytest.mark.parametrize(("text", "last", "millis"), DATES)
def test_date_mathematics(text: str, last: bool, millis: int | None) -> None:
    assert resolve_date(text, "strict_date_optional_time||epoch_millis", NOW, last=last) == millis
