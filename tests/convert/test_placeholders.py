"""Placeholders: the configuration's values, in the rule itself and in every target's query."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigmaproof.config import Config, read_config
from sigmaproof.errors import InvalidInput, UsageError
from sigmaproof.judge.check import check_workspace
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.verify import Side
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
RULE = """\
title: A rule
logsource: {category: process_creation, product: windows}
detection:
  sel:
    Image|endswith: '\\wmic.exe'
    Computer|expand: '%site%-%kind%'
  condition: sel
"""
VALUES = (("site", ("BER", "AMS")), ("kind", ("ws*",)))


def workspace(folder: Path, text: str, **settings: object) -> Workspace:
    (folder / "r.yml").write_text(text, encoding="utf-8")
    targets = ("elastic-eql", "elastic-lucene", "splunk", "stock-eql", "stock-splunk")
    config = Config(rules=(folder,), fixtures=(), converters=ROOT / "converters", targets=targets)
    return Workspace(
        Config(**{**{name: getattr(config, name) for name in config.__struct_fields__}, **settings})
    )


def prepared(workspace: Workspace) -> Prepared:
    (document,) = workspace.rules.documents
    return Preparation(workspace).rule(document)


def fires(side: Side, events: list[RawEvent]) -> list[bool]:
    assert isinstance(side, Meaning)
    return [bool(found.findings) for found in side.answers([[event] for event in events])]


def test_rule_and_queries_have_the_values(tmp_path: Path) -> None:
    found = prepared(workspace(tmp_path, RULE, placeholders=VALUES))
    events = [
        {"Image": r"c:\wmic.exe", "Computer": name}
        for name in ("BER-ws1", "ams-WS2", "BER-dc1", "BER-%kind%")
    ]
    raw = [found.raw(event) for event in events]
    assert fires(found.meaning, raw) == [True, True, False, False]
    for name, side in found.sides.items():
        if not name.startswith("stock"):
            assert fires(side, raw) == [True, True, False, False], name
    texts = {conversion.target: " ".join(conversion.queries) for conversion in found.conversions}
    for name, text in texts.items():
        assert "%" not in text, name


@pytest.mark.parametrize(("known", "hint"), [((), ""), ((("sites", ("a",)),), ' (did you mean "sites"?)')])
def test_a_placeholder_without_values_is_told_with_its_place(
    tmp_path: Path, known: object, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        prepared(workspace(tmp_path, RULE, placeholders=known))
    problem = caught.value.problem
    assert problem.code == "unsupported"
    assert problem.message == f"the placeholder %site% has no values here{hint}"
    assert problem.place is not None
    assert (problem.place.path, problem.place.line) == (tmp_path / "r.yml", 6)
    assert "`[tool.sigmaproof.placeholders]`, `site = [...]`" in problem.help
    assert check_workspace(workspace(tmp_path, RULE, placeholders=known)).problems == (problem,)


def test_other_values_are_another_conversion(tmp_path: Path) -> None:
    first = prepared(workspace(tmp_path, RULE, placeholders=VALUES))
    again = prepared(workspace(tmp_path, RULE, placeholders=(("site", ("X",)), ("kind", ("y",)))))
    for one, other in zip(first.conversions, again.conversions, strict=True):
        assert one.target == other.target
        assert one.queries != other.queries


def config_of(folder: Path, table: str) -> Config:
    (folder / "pyproject.toml").write_text(f"[tool.sigmaproof]\n{table}\n", encoding="utf-8")
    return read_config(folder)


def test_read_from_the_configuration(tmp_path: Path) -> None:
    found = config_of(tmp_path, "placeholders = {hosts = ['ws-*', 'lt-*'], one = 'x'}")
    assert found.placeholders == (("hosts", ("ws-*", "lt-*")), ("one", ("x",)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("placeholders = ['a']", "`tool.sigmaproof.placeholders` is not a table"),
        ("placeholders = {hosts = []}", "`placeholders.hosts` in [tool.sigmaproof] must be a text or a list"),
        (
            "placeholders = {hosts = [1]}",
            "`placeholders.hosts` in [tool.sigmaproof] must be a text or a list",
        ),
        ("placeholders = {'a-b' = ['x']}", "`a-b` is no name of a placeholder"),
    ],
)
def test_a_broken_configuration_is_told(tmp_path: Path, table: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        config_of(tmp_path, table)
    assert message in caught.value.problem.message
    assert caught.value.problem.place is not None
