"""YAML as pySigma reads it, YAML 1.2 for the rest, and no harm from either."""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

import pytest
import yaml

from sigmaproof.load.yaml_text import Flavour, Lines, YamlError, read_yaml

CORPUS = Path(__file__).parents[2] / "../shared/corpus/sigmahq"
LETTERS = "abcdefghi"


def bomb(item: str) -> str:
    """Nine levels of ten aliases each: a billion values."""
    pairs = zip("_" + LETTERS, LETTERS, strict=False)
    return "_: &_ {x: 1}\n" + "".join(
        f"{this}: &{this} {item % ', '.join([f'*{last}'] * 10)}\n" for last, this in pairs
    )


def value(text: str, flavour: Flavour) -> object:
    return read_yaml(f"a: {text}", flavour)[0].data["a"]


@pytest.mark.parametrize(
    ("text", "in_rules", "elsewhere"),
    [
        ("no", False, "no"),
        ("yes", True, "yes"),
        ("true", True, True),
        ("0123", 83, 123),
        ("0o17", "0o17", 15),
        ("0x1F", 31, 31),
        ("12:30:45", 45045, "12:30:45"),
        ("1_000", 1000, "1_000"),
        ("2026-01-01", date(2026, 1, 1), "2026-01-01"),
        ("1e3", "1e3", 1000.0),
        ("1.5", 1.5, 1.5),
        ("+12", 12, 12),
        ("~", None, None),
        ("", None, None),
        ("'no'", "no", "no"),
        (".", ".", "."),
        ("'-'", "-", "-"),
    ],
)
def test_scalars(text: str, in_rules: object, elsewhere: object) -> None:
    assert value(text, Flavour.RULES) == in_rules
    assert value(text, Flavour.CORE) == elsewhere


def test_merges_are_not_duplicates() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\n"
    for flavour in Flavour:
        assert read_yaml(text, flavour)[0].data["b"] == {"x": 3, "y": 2}


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2", 4, 3, 'duplicate key "c"'),
        ("1: a\n0x1: b", 2, 1, 'duplicate key "1"'),
        ("a: &a {x: 1, z: 3}\nb: {<<: *a, y: 2, y: 3}", 2, 19, 'duplicate key "y"'),
        (bomb("[%s]"), 6, 4, "aliases that expand"),
        (bomb("{<<: [%s]}"), 6, 12, "aliases that expand"),
        ("a: &a [*a]", 1, 4, "contains itself"),
        ("a: " + "[" * 100_000 + "]" * 100_000, 1, 103, "levels of nesting"),
        ("[" * 8_000_000, 1, 101, "levels of nesting"),
        ("- " * 4_000_000, 1, 201, "levels of nesting"),
        ("\n".join(" " * depth + "a:" for depth in range(3000)), 101, 101, "levels of nesting"),
        ("a: " + "9" * 5000, 1, 4, "a number of 5000 characters"),
        ("a:\n\tb: c", 2, 1, "cannot start any token"),
        ("ä: b\nc: \0", 2, 4, "unacceptable character #x0000"),
        ("a: *b", 1, 4, "undefined alias"),
        ("a: b: c", 1, 5, "mapping values are not allowed"),
        ("a: !!python/name:os.system x", 1, 4, "could not determine a constructor"),
        ("a: !!python/object/apply:os.system [x]", 1, 4, "could not determine a constructor"),
        ("a: !!bool maybe", 1, 4, '"maybe" is not a valid bool'),
        ("? [a]\n: b", 1, 3, "unhashable key"),
        ("a: \ud800", 1, 0, "surrogate"),
    ],
)
def test_refused(text: str, line: int, column: int, words: str) -> None:
    for flavour in Flavour:
        begun = time.monotonic()
        with pytest.raises(YamlError, match=re.escape(words)) as error:
            read_yaml(text, flavour)
        assert (error.value.line, error.value.column) == (line, column)
        assert time.monotonic() - begun < 10


def test_a_number_in_base_60_is_bounded() -> None:
    with pytest.raises(YamlError, match="a number of 400001 characters"):
        read_yaml("a: " + "1:" * 200_000 + "1", Flavour.RULES)


def test_a_date_that_is_none_has_its_line() -> None:
    with pytest.raises(YamlError, match="2001-13-45") as error:
        read_yaml("a: 1\nb:\n  - 2001-13-45", Flavour.RULES)
    assert error.value.line == 3


def test_huge_text_is_only_text() -> None:
    assert len(str(value("x" * 5_000_000, Flavour.RULES))) == 5_000_000


def test_lines() -> None:
    lines = Lines("# c\na:\n  b:\n    - c\n    - d: 1\n---\nx: 1", Flavour.RULES)
    assert lines.line(("a", "b", 1, "d")) == 5
    assert lines.line(("a", "absent", 3)) == 2
    assert lines.line(("x",), document=1) == 7
    assert lines.line(("x",), document=9) == 0
    assert lines.node(("a", "absent")) is None
    assert lines.node(("a", "b", 0)).value == "c"
    assert Lines("a: [", Flavour.RULES).line(("a",)) == 0


@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpus")
def test_rules_are_read_as_pysigma_reads_them() -> None:
    for path in sorted(CORPUS.glob("rules/windows/p*/**/*.yml")):
        text = path.read_text(encoding="utf-8")
        found = [document.data for document in read_yaml(text, Flavour.RULES)]
        assert found == list(yaml.load_all(text, yaml.CSafeLoader))
