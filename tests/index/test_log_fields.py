"""Which fields events of other log sources carry."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigmaproof.errors import InvalidInput
from sigmaproof.index.log_fields import load_log_fields

SHIPPED = Path(__file__).parents[2] / "converters" / "logs"
HEAD = "title: t\nlinks: [x]\nlogs:\n"


def test_as_it_is_written_and_nothing_else() -> None:
    known = load_log_fields(SHIPPED)
    assert known.of({"product": "linux", "service": "sshd"}) == {"message"}
    assert known.of({"product": "Linux"}) == {"message"}
    assert known.of({"product": "linux", "service": "auditd"}) is None
    assert known.of({"product": "linux", "category": "process_creation"}) is None
    assert "cs-uri-stem" in (known.of({"category": "webserver"}) or ())


def test_nothing_is_known_without_a_folder(tmp_path: Path) -> None:
    assert load_log_fields(tmp_path / "none").of({"product": "linux"}) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "  - {fields: a, log_sources: [{product: x}]}\n"
            "  - {fields: b, log_sources: [{product: [y, x]}]}\n",
            5,
        ),
        ("  - {fields: a, log_sources: [{produkt: x}]}\n", 4),
        ("  - {fields: a, log_sources: []}\n", 4),
    ],
)
def test_a_file_that_is_wrong(text: str, line: int, tmp_path: Path) -> None:
    (tmp_path / "l.yml").write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        load_log_fields(tmp_path)
    place = caught.value.problem.place
    assert place is not None
    assert place.line == line


def test_the_pipeline_knows_the_same_logs() -> None:
    from sigmaproof.convert.pipelines import load_pipeline

    known = load_log_fields(SHIPPED)
    steps = load_pipeline(SHIPPED.parent / "pipelines" / "keywords.yml").items
    named = {
        key: frozenset(item.transformation.fields) for item in steps for key in item.transformation._keys
    }
    assert named == known.by_key
