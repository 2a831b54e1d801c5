"""Drafts: what is written loads, passes, and kills the rule's mutants, without any help from its fixture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.commands.draft import draft_rule
from sigmaproof.commands.mutate import Wanted, mutate_rules
from sigmaproof.config import Config
from sigmaproof.errors import Exit, Problem
from sigmaproof.judge.suite import run_suite
from sigmaproof.load.fixtures import load_fixture
from sigmaproof.load.values import Label
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
RULES = {
    "wmic": (ROOT / "sigma_rules/windows/process_creation/proc_creation_win_wmic_shadowcopy_deletion.yml"),
    "child": (ROOT / "sigma_rules/windows/process_creation/proc_creation_win_wmiprvse_susp_child.yml"),
}
DETECTIONS: dict[str, dict[str, Any]] = {
    "numbers": {"sel": {"EventID": [4624, 4625], "LogonType|gte": 3}, "condition": "sel"},
    "what matters nowhere": {
        "sel": {"A": "x"},
        "filter": {"B|exists": True},
        "condition": "sel or not filter",
    },
    "keywords": {"words": ["mimikatz", "sekurlsa"], "condition": "words"},
    "words of YAML": {"sel": {"A": ["no", "null", "a: b", "# c", "'"]}, "condition": "sel"},
    "null and empty": {"sel": {"A": [None, ""]}, "condition": "sel"},
    "a field that another holds": {"sel": {"A|fieldref": "B", "C": "x"}, "condition": "sel"},
}


def config(root: Path, rule: Path, targets: tuple[str, ...] = ()) -> Config:
    (root / "fixtures").mkdir(exist_ok=True)
    return Config().overridden(
        rules=[rule], fixtures=[root / "fixtures"], converters=ROOT / "converters", targets=targets
    )


def written(root: Path, detection: dict[str, Any]) -> Path:
    path = root / "a_rule.yml"
    rule = {"title": "A rule", "logsource": {"category": "c"}, "detection": detection}
    path.write_text(yaml.safe_dump(rule, sort_keys=False), encoding="utf-8")
    return path


def drafted(root: Path, rule: Path) -> tuple[str, Exit, list[Problem]]:
    said: list[Problem] = []
    text, code = draft_rule(config(root, rule), rule.stem, 5.0, None, said.append)
    return text, code, said


def kill_rate(root: Path, rule: Path, text: str) -> float | None:
    path = root / "fixtures" / f"{rule.stem}.yml"
    path.write_text(f"{text}\n", encoding="utf-8")
    assert not load_fixture(path).problems
    report = run_suite(Workspace(config(root, rule, ("elastic-eql", "elastic-lucene", "splunk"))))
    assert not report.problems
    assert not [one for *_, one in report.outcomes() if one.side == "sigma" and one.status != "pass"]
    mutation = mutate_rules(config(root, rule), Wanted(jobs=1), lambda *_: None)
    assert not mutation.problems
    return mutation.rate


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_draft_passes_and_kills(rule: Path, tmp_path: Path) -> None:
    text, code, said = drafted(tmp_path, rule)
    assert (code, said) == (Exit.EXPECTED, [])
    assert kill_rate(tmp_path, rule, text) == 100


@pytest.mark.parametrize("detection", DETECTIONS.values(), ids=DETECTIONS)
def test_small_rules(detection: dict[str, Any], tmp_path: Path) -> None:
    rule = written(tmp_path, detection)
    text, code, said = drafted(tmp_path, rule)
    assert (code, said) == (Exit.EXPECTED, [])
    assert kill_rate(tmp_path, rule, text) == 100


def test_every_alternative_holds_alone(tmp_path: Path) -> None:
    detection = {
        "sel": [{"A": ["a1", "a2"]}, {"B": "b"}],
        "other": {"C|contains|all": ["c1", "c2"]},
        "condition": "1 of them",
    }
    rule = written(tmp_path, detection)
    path = tmp_path / "f.yml"
    path.write_text(drafted(tmp_path, rule)[0], encoding="utf-8")
    (fixture,) = load_fixture(path).fixtures
    found = [case.events[0] for case in fixture.cases if case.label is Label.MALICIOUS]
    for alone in ({"A": "a1"}, {"A": "a2"}, {"B": "b"}):
        assert alone in found
    assert any(set(event) == {"C"} for event in found)
    assert all(case.tags == ("review",) for case in fixture.cases)


def test_a_rule_that_never_holds_has_no_draft(tmp_path: Path) -> None:
    rule = written(tmp_path, {"sel": {"A": "x"}, "condition": "sel and not sel"})
    text, code, (problem,) = drafted(tmp_path, rule)
    assert (text, code, problem.code) == ("", Exit.VERDICT, "never-exercised")


def test_without_time_the_reason_is_told(tmp_path: Path) -> None:
    rule = written(tmp_path, {"sel": {"A|contains": "x"}, "condition": "sel"})
    said: list[Problem] = []
    text, code = draft_rule(config(tmp_path, rule), rule.stem, 0.0, None, said.append)
    assert (text, code) == ("", Exit.VERDICT)
    assert "time" in said[0].message


def test_the_rule_is_named_where_the_file_is_not_named_after_it(tmp_path: Path) -> None:
    rule = RULES["wmic"]
    text, _ = draft_rule(config(tmp_path, rule), str(rule), 5.0, tmp_path / "other.yml", lambda _: None)
    assert yaml.safe_load(text)["rule"] == yaml.safe_load(rule.read_text(encoding="utf-8"))["id"]
