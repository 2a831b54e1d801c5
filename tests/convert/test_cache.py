"""Conversions kept between runs: as made anew, and gone as soon as anything they depend on changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from sigmaproof.caches import cache_folder
from sigmaproof.convert import Converter, Queries, Refused
from sigmaproof.convert.cache import ConversionCache
from sigmaproof.index.model import plain_model
from sigmaproof.load.values import Target

RULE = {
    "title": "t",
    "logsource": {"category": "test"},
    "detection": {"a": {"f": "x"}, "condition": "a"},
}


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setenv("SIGMAPROOF_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "stock.yml"
    path.write_text("title: t\nbackend: lucene\n", encoding="utf-8")
    return Target("stock", path, "t", "lucene", "default", (), {}, "lucene", None, {})


def kept(root: Path) -> list[Path]:
    return sorted((root / "cache").rglob("*.json"))


def test_a_second_conversion_is_read_and_not_made(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Converter(target, plain_model("lucene")).convert(RULE)
    assert first == Queries(("f:x",))
    monkeypatch.setattr(Converter, "_converted", lambda *_: pytest.fail("converted again"))
    assert Converter(target, plain_model("lucene")).convert(RULE) == first


@pytest.mark.parametrize("conversion", [Queries(("a", "b\n\u2013\ud800")), Refused("cannot be said")])
def test_what_is_stored_is_what_is_loaded(target: Target, conversion: Queries | Refused) -> None:
    cache = ConversionCache(target)
    cache.store("00ff", conversion)
    assert cache.load("00ff") == conversion


def test_key_depends_on_values_types_and_files(target: Target) -> None:
    cache = ConversionCache(target)
    documents = [
        [RULE],
        [RULE, RULE],
        [{"f": 1}],
        [{"f": "1"}],
        [{"f": True}],
        [{"f": None}],
        [{"f": "None"}],
    ]
    assert len({cache.key(one) for one in documents}) == len(documents)
    before = cache.key([RULE])
    target.path.write_text("title: other\nbackend: lucene\n", encoding="utf-8")
    assert ConversionCache(target).key([RULE]) != before
    pipeline = target.path.with_name("p.yml")
    with_pipeline = replace(target, pipelines=(pipeline,))
    without_file = ConversionCache(with_pipeline).key([RULE])
    pipeline.write_text("name: p", encoding="utf-8")
    assert ConversionCache(with_pipeline).key([RULE]) != without_file


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"texts": []}', b'{"texts": [1]}', b'{"refused": null}', b"\xff"]
)
def test_what_cannot_be_read_is_made_anew(target: Target, tmp_path: Path, content: bytes) -> None:
    converter = Converter(target, plain_model("lucene"))
    made = converter.convert(RULE)
    (path,) = kept(tmp_path)
    path.write_bytes(content)
    assert converter.convert(RULE) == made
    assert path.read_bytes() != content


def test_off_and_unwritable_keep_nothing(
    target: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGMAPROOF_CACHE", "off")
    assert cache_folder() is None
    assert Converter(target, plain_model("lucene")).convert(RULE) == Queries(("f:x",))
    assert kept(tmp_path) == []
    monkeypatch.setenv("SIGMAPROOF_CACHE", str(target.path / "no-folder"))
    assert Converter(target, plain_model("lucene")).convert(RULE) == Queries(("f:x",))
