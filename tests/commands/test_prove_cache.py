"""Proofs kept between runs: the same answer without the work, and none of it once anything has changed."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from sigmaproof.commands import prove
from sigmaproof.commands.prove import prove_rules
from sigmaproof.commands.prove_cache import ProofCache
from sigmaproof.commands.prove_results import Proofs
from sigmaproof.config import Config
from sigmaproof.judge.prove import Standing, prove_query
from sigmaproof.logic.prove.assumptions import Assumption

CONVERTERS = Path(__file__).parents[2] / "converters"
RULE = """title: {title}
logsource: {{category: process_creation, product: windows}}
detection: {{s: {{Image|endswith: '\\{name}.exe'}}, condition: s}}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("SIGMAPROOF_CACHE", str(tmp_path / "cache"))
    copytree(CONVERTERS, tmp_path / "converters")
    rules = tmp_path / "rules"
    rules.mkdir()
    for name in ("one", "two"):
        (rules / f"{name}.yml").write_text(RULE.format(title=name, name=name), encoding="utf-8")
    return Config(rules=(rules,), converters=tmp_path / "converters", targets=("splunk", "elastic-eql"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One entry for every question that is really worked on."""
    found: list[Any] = []

    def counted(*args: Any, **named: Any) -> Any:
        found.append(args)
        return prove_query(*args, **named)

    monkeypatch.setattr(prove, "prove_query", counted)
    return found


def run(
    config: Config, budget: float = 5.0, assumptions: tuple[Assumption, ...] = tuple(Assumption)
) -> Proofs:
    return prove_rules(config, budget, 1, None, lambda done, of, name: None, assumptions)


def test_nothing_changed(config: Config, asked: list[Any]) -> None:
    first = run(config)
    assert [one.standing for rule in first.rules for _, one in rule.verdicts] == [Standing.PROVEN] * 4
    assert len(asked) == 4
    assert run(config) == first
    assert len(asked) == 4


def test_one_rule_changed(config: Config, asked: list[Any]) -> None:
    run(config)
    (config.rules[0] / "two.yml").write_text(RULE.format(title="two", name="three"), encoding="utf-8")
    run(config)
    assert len(asked) == 6


@pytest.mark.parametrize("changed", ["indices/splunk_windows.yml", "splunk.yml", "sources/windows.yml"])
def test_what_it_rests_on_changed(config: Config, asked: list[Any], changed: str) -> None:
    run(config)
    path = config.converters / changed
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    run(config)
    assert len(asked) == 8


def test_other_questions(config: Config, asked: list[Any]) -> None:
    run(config)
    run(config, budget=4.0)
    run(config, assumptions=())
    assert len(asked) == 12


@pytest.mark.parametrize(
    "content", [b"", b"\xff\0", b"{}", b"[1]", b'{"path": 1, "line": "x", "title": null}']
)
def test_damage_is_as_if_nothing_were_there(
    config: Config, asked: list[Any], tmp_path: Path, content: bytes
) -> None:
    first = run(config)
    kept = list((tmp_path / "cache" / "proofs").glob("*/*.json"))
    assert len(kept) == 2
    for path in kept:
        path.write_bytes(content)
    again = run(config)
    assert [rule.verdicts[0][1].standing for rule in again.rules] == [
        rule.verdicts[0][1].standing for rule in first.rules
    ]
    assert len(asked) == 8


def test_nothing_is_kept(config: Config, asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGMAPROOF_CACHE", "off")
    run(config)
    run(config)
    assert len(asked) == 8


def test_a_whole_run(config: Config) -> None:
    for number in range(100):
        (config.rules[0] / f"{number}.yml").write_text("title: broken\n", encoding="utf-8")
    first = run(config)
    whole = Proofs(first.targets, first.rules * 50, first.problems)
    ProofCache(config, 5.0, tuple(Assumption)).keep_run(whole)
    assert run(config) == whole
    (config.rules[0] / "99.yml").unlink()
    assert len(run(config).rules) == 2


def test_a_rule_that_fails_is_told_again(config: Config) -> None:
    (config.rules[0] / "bad.yml").write_text(
        "title: bad\nlogsource: {category: x}\ndetection: {condition: nothing}\n", encoding="utf-8"
    )
    first, second = run(config).problems, run(config).problems
    assert first == second != ()
