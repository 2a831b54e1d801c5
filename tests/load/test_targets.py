"""Targets: files to values, with the files they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigmaproof.load.targets import load_targets

GOOD = """\
title: T
backend: lucene
pipelines: [ours, ecs_windows]
language: lucene
index: ecs
options: {version: 9}
"""


@pytest.fixture
def converters(tmp_path: Path) -> Path:
    for name in ("pipelines/ours.yml", "indices/ecs.yml"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("{}", encoding="utf-8")
    return tmp_path


def test_a_target(converters: Path) -> None:
    (converters / "elastic-lucene.yml").write_text(GOOD, encoding="utf-8")
    (converters / "bare.yml").write_text("title: B\nbackend: sqlite\nlanguage: null\n", encoding="utf-8")
    found = load_targets(converters)
    assert found.problems == ()
    bare, lucene = found.targets
    assert (bare.name, bare.language, bare.index, bare.pipelines) == ("bare", None, None, ())
    assert bare.output_format == "default"
    assert lucene.pipelines == (converters / "pipelines/ours.yml", "ecs_windows")
    assert lucene.index == converters / "indices/ecs.yml"
    assert lucene.options == {"version": 9}
    assert found.named("bare") is bare
    assert found.named("absent") is None
    assert load_targets(converters / "bare.yml").targets == (bare,)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("backend:", "backendd:", 1, "`backend` is missing"),
        ("options:", "option:", 6, 'unknown key "option" (did you mean "options"?)'),
        ("index: ecs", "index: esc", 5, 'no index model "esc"'),
        ("index: ecs", "index: ../indices/ecs", 5, "no index model"),
        ("[ours,", "[ours.yaml,", 3, 'no pipeline file "ours.yaml"'),
        ("[ours,", "[../pipelines/ours.yml,", 3, 'must not contain ".."'),
        ("[ours,", "[/etc/passwd,", 3, "must be relative"),
        ("language: lucene", "language: Lucene", 4, '`language` "Lucene" has a form'),
        ("title: T", "title:", 1, "`title` has no value"),
        ("title: T", "title: [", 3, "not valid YAML"),
        ("[ours, ecs_windows]", "ours", 3, "`pipelines` must be a list"),
        ("{version: 9}", "9", 6, "`options` must be a mapping"),
    ],
)
def test_problem(converters: Path, old: str, new: str, line: int, words: str) -> None:
    (converters / "t.yml").write_text(GOOD.replace(old, new), encoding="utf-8")
    found = load_targets(converters)
    assert found.targets == ()
    assert any(words in problem.message and problem.place.line == line for problem in found.problems), (
        found.problems
    )
    assert {problem.code for problem in found.problems} == {"invalid-target"}


def test_a_name_counts_once(converters: Path) -> None:
    (converters / "t.yml").write_text(GOOD, encoding="utf-8")
    (converters / "t.yaml").write_text(GOOD, encoding="utf-8")
    found = load_targets(converters)
    assert len(found.targets) == 1
    assert "already the name" in found.problems[0].message
