"""`--format html`: what each command puts on the page, and the exit code of all that was run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from screens import Console

PLACES = ("--targets", "../../../converters", "-t", "splunk")


def page(console: Console, file: Path, *words: str) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Exit code, the page's overview, and the details of its rules."""
    code, out, _ = console.run(*words, "--format", "html", "-o", str(file))
    assert out == ""
    found = re.findall(r'<script type="application/json" id="[^"]+">(.*?)</script>', file.read_text("utf-8"))
    overview, *details = map(json.loads, found)
    return code, overview, details


def test_cases_alone(console: Console, tmp_path: Path) -> None:
    code, overview, details = page(console, tmp_path / "x.html", "test", *PLACES)
    assert (overview["asked"], overview["sides"]) == (["test"], ["sigma", "splunk"])
    assert {rule["key"] for rule in overview["rules"]} == {"certutil_download", "whoami_privileges"}
    whoami = next(one for one in details if "whoami" in one["source"])
    assert whoami["targets"][0]["queries"]
    cases = [case for fixture in whoami["fixtures"] for case in fixture["cases"]]
    assert all(case["trace"] and case["event"] for case in cases)
    assert not [rule for rule in overview["rules"] if rule["kill"] is not None]
    assert code == console.run("test", *PLACES)[0]


def test_with_proofs_and_kill_rates(console: Console, tmp_path: Path) -> None:
    words = ("test", "-k", "whoami", *PLACES, "--prove", "--mutate")
    code, overview, details = page(console, tmp_path / "x.html", *words)
    assert overview["asked"] == ["test", "prove", "mutate"]
    (rule,) = overview["rules"]
    proven = 1 + overview["standings"].index("proven")
    assert (rule["key"], rule["cells"][1][1]) == ("whoami_privileges", proven)
    assert code == console.run("test", "-k", "whoami", *PLACES)[0]
    assert 0 < rule["kill"] <= 100
    assert details[0]["mutation"]["counts"]["killed"] > 0


def test_proofs_alone(console: Console, tmp_path: Path) -> None:
    words = ("prove", "--targets", "../../../converters", "-t", "stock-lucene")
    code, overview, details = page(console, tmp_path / "x.html", *words)
    assert (overview["asked"], overview["sides"], code) == (["prove"], ["stock-lucene"], 1)
    one = details[0]["targets"][0]
    assert one["queries"]
    assert one["proof"]["differences"][0]["event"]


def test_a_query_of_somebody_else(console: Console, tmp_path: Path) -> None:
    words = ("prove", "-t", "splunk", "sigma_rules/whoami_privileges.yml", "--against", "Image=x")
    _, overview, details = page(console, tmp_path / "x.html", *words, "--language", "spl")
    assert overview["sides"] == ["spl"]
    assert [one["name"] for one in details[0]["targets"]] == ["spl"]


@pytest.mark.parametrize("option", ["--prove", "--mutate"])
def test_only_the_page_holds_them(console: Console, option: str) -> None:
    assert console.run("test", option)[0] == 3
    assert console.run("test", option, "--format", "json")[0] == 3
