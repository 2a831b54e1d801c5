"""`export` from end to end: which rules, which bytes, which folder, and the very queries that were proven."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from products import flaws, read_conf, read_ndjson

from sigmaproof.commands.convert import only_a_part
from sigmaproof.commands.export import Exports, Request, export_rules
from sigmaproof.commands.export_files import earlier, summary, write_exports
from sigmaproof.config import Config, read_config
from sigmaproof.errors import Exit, UsageError
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.suite import prepared_rule
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
RULE = """\
title: {title}
id: 0a0c3f52-6f0b-4d3a-9c58-1d1f3c2f6a0{number}
date: 2026-01-02
tags: [attack.t1033]
logsource: {{category: process_creation, product: windows}}
detection:
  one: {{{detection}}}
  condition: one
level: high
"""
RULES = {
    "right": r"Image|endswith: \whoami.exe",
    "refused": r"CommandLine|fieldref: Image",
}
REPOSITORY = ("elastic-eql", "elastic-lucene", "splunk")


def config(rules: Path, *targets: str, converters: Path = ROOT / "converters") -> Config:
    values = read_config(ROOT).placeholders
    return Config(rules=(rules,), converters=converters, targets=targets, placeholders=values)


def silent(done: int, whole: int, title: str) -> None:
    """Shows nothing."""


def exported(found: Config, *, unverified: bool = False) -> Exports:
    return export_rules(found, Request(unverified, jobs=1), silent)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    for number, (name, detection) in enumerate(RULES.items()):
        path = tmp_path / "rules" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(RULE.format(title=name.title(), number=number, detection=detection), encoding="utf-8")
    return tmp_path / "rules"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "out"
    write_exports(exported(config(ROOT / "sigma_rules", *REPOSITORY)), folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def read_queries(folder: Path) -> Iterator[tuple[str, str]]:
    """Target and query of every rule, as the products read them."""
    for name in ("elastic-eql", "elastic-lucene"):
        for rule in read_ndjson((folder / name / "rules.ndjson").read_text(encoding="utf-8")):
            assert flaws(rule, "kibana-detection-rule.json") == []
            yield name, rule["query"]
    for one in read_ndjson((folder / "elastic-lucene" / "searches.ndjson").read_text(encoding="utf-8"))[1:]:
        source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        yield "elastic-lucene", source["query"]["query"]
    conf = folder / "splunk" / "sigmaproof_detections" / "default" / "savedsearches.conf"
    for keys in read_conf(conf.read_text(encoding="utf-8")).values():
        yield "splunk", keys["search"]


def test_the_exported_queries_are_those_that_were_proven(whole: Path) -> None:
    preparation = Preparation(Workspace(config(ROOT / "sigma_rules", *REPOSITORY)))
    rules = preparation.workspace.rules
    proven = [
        (one.target, query)
        for document in rules.documents
        if not only_a_part(document, rules)
        for one in prepared_rule(preparation, document).conversions
        for query in one.queries
    ]
    lucene = [one for one in proven if one[0] == "elastic-lucene"]  # also as saved searches
    assert sorted(read_queries(whole)) == sorted([*proven, *lucene])
    assert len(proven) == 47
    assert any(
        query.startswith("sequence ") for target, query in read_queries(whole) if target == "elastic-eql"
    )


def test_the_same_input_gives_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    write_exports(exported(config(ROOT / "sigma_rules", *REPOSITORY)), tmp_path)
    assert files(tmp_path) == files(whole)


def test_the_manifest_says_what_was_left_out(whole: Path) -> None:
    found = manifest(whole)
    assert {one["path"] for one in found["files"]} == files(whole).keys() - {"manifest.json"}
    left = {(one["title"], one["target"]): one["left_out"] for one in found["rules"] if "left_out" in one}
    recon = "Reconnaissance Burst Via WMIC"
    assert left["Logon With Explicit Credentials", "splunk"].endswith("and is a part of that")
    assert "cannot be said in EQL" in left[recon, "elastic-eql"]
    assert (recon, "splunk") not in left
    assert {one["verdict"] for one in found["rules"] if "exported" in one} == {"proven", "tested"}


def test_only_what_is_known_to_be_right(rules: Path) -> None:
    found = exported(config(rules, "splunk", "stock-lucene"))
    told = {(one.document.title, one.target): one.left_out.partition(":")[0] for one in found.entries}
    assert told == {
        ("Right", "splunk"): "",
        ("Right", "stock-lucene"): "differs",  # a keyword's case
        ("Refused", "splunk"): "",
        ("Refused", "stock-lucene"): "refused",
    }
    assert list(found.files["stock-lucene"]) == []


def test_what_is_refused_is_never_exported(rules: Path, tmp_path: Path) -> None:
    found = exported(config(rules, "stock-lucene"), unverified=True)
    assert [one.document.title for one in found.left_out] == ["Refused"]
    write_exports(found, tmp_path / "out")
    told = {one["title"]: one["verdict"] for one in manifest(tmp_path / "out")["rules"] if "exported" in one}
    assert told == {"Right": "differs"}
    [rule] = read_ndjson((tmp_path / "out/stock-lucene/rules.ndjson").read_text())
    assert "Verdict: differs." in rule["note"]


@pytest.mark.parametrize(
    ("kept", "target", "unverified", "code"),
    [
        ("right", "splunk", False, Exit.EXPECTED),
        ("right", "stock-lucene", False, Exit.VERDICT),
        ("right", "stock-lucene", True, Exit.EXPECTED),
        ("refused", "stock-lucene", True, Exit.BROKEN_INPUT),
        ("", "splunk", False, Exit.VERDICT),
    ],
)
def test_exit_codes(rules: Path, kept: str, target: str, unverified: bool, code: Exit) -> None:
    for name in RULES.keys() - {kept}:
        (rules / f"{name}.yml").unlink()
    assert exported(config(rules, target), unverified=unverified).exit_code is code


def test_ids_stay_over_edits(rules: Path) -> None:
    def ids(target: str) -> list[str]:
        return [
            search.id
            for one in exported(config(rules / "right.yml", target)).entries
            for search in one.searches
        ]

    before = ids("splunk")
    path = rules / "right.yml"
    path.write_text(path.read_text().replace("Right", "Renamed").replace("whoami", "wmic"), encoding="utf-8")
    assert ids("splunk") == before != ids("elastic-eql")


def test_a_query_that_a_conf_cannot_hold_is_left_out(rules: Path, tmp_path: Path) -> None:
    path = rules / "right.yml"
    path.write_text(path.read_text().replace(r"\whoami.exe", r'"a\u2028b"'), encoding="utf-8")
    found = exported(config(path, "splunk"))
    [left] = found.left_out
    assert left.left_out == "splunk-app: it holds control characters"
    assert found.exit_code is Exit.BROKEN_INPUT


def test_targets_say_how(rules: Path, tmp_path: Path) -> None:
    converters = tmp_path / "converters"
    shutil.copytree(ROOT / "converters", converters)
    path = converters / "splunk.yml"
    said = "export: {interval: 7m, forms: [kibana-searches, splunk-app]}\n"
    path.write_text(path.read_text() + said, encoding="utf-8")
    found = exported(config(rules / "right.yml", "splunk", converters=converters))
    assert [(one.message, one.place.path if one.place else None) for one in found.problems] == [
        ("splunk: no cron schedule says every 7m", path),
        ("splunk: queries in spl cannot be exported as kibana-searches", path),
    ]
    assert found.exit_code is Exit.BROKEN_INPUT


def asking(tmp_path: Path, more: str = "") -> Config:
    """A rule about several events and its own rule, for Lucene as threshold rules."""
    converters = tmp_path / "converters"
    shutil.copytree(ROOT / "converters", converters)
    path = converters / "elastic-lucene.yml"
    text = path.read_text(encoding="utf-8")
    said = text.replace("backend_options:\n", "backend_options:\n  asked_every: 5m\n")
    path.write_text(said.replace("export:\n", f"export:\n{more}"), encoding="utf-8")
    rule = ROOT / "sigma_rules/windows/correlation/corr_win_wmi_failed_process_creation_many_hosts.yml"
    return config(rule, "elastic-lucene", converters=converters)


def test_a_threshold_rule_is_exported_as_what_it_is(tmp_path: Path) -> None:
    found = exported(asking(tmp_path))
    assert found.exit_code is Exit.EXPECTED
    write_exports(found, tmp_path / "out")
    [rule] = read_ndjson((tmp_path / "out/elastic-lucene/rules.ndjson").read_text(encoding="utf-8"))
    assert flaws(rule, "kibana-detection-rule.json") == []
    assert (rule["type"], rule["from"], rule["interval"]) == ("threshold", "now-15m", "5m")
    assert "Verdict: tested, assuming asked-at-runs." in rule["note"]
    assert not (tmp_path / "out/elastic-lucene/searches.ndjson").exists()
    [entry] = [one for one in manifest(tmp_path / "out")["rules"] if "exported" in one]
    assert (entry["verdict"], entry["assumes"]) == ("tested", ["asked-at-runs"])
    assert entry["exported"][0]["asked"] == {"every": "5m", "from": "now-15m"}


def test_a_threshold_rule_has_no_other_form(tmp_path: Path) -> None:
    found = exported(asking(tmp_path, "  forms: [kibana-searches]\n"))
    assert "kibana-searches: a search has no threshold" in [one.left_out for one in found.left_out]
    assert found.exit_code is Exit.BROKEN_INPUT


def test_a_folder_with_other_files_is_left_alone(rules: Path, tmp_path: Path) -> None:
    found = exported(config(rules / "right.yml", "splunk"))
    for content in (None, b"{}", b"[]", b'{"format": "sigmaproof export"}', b"\xff"):
        folder = tmp_path / "other"
        folder.mkdir(exist_ok=True)
        (folder / "mine.txt").write_text("mine", encoding="utf-8")
        if content is not None:
            (folder / "manifest.json").write_bytes(content)
        with pytest.raises(UsageError, match="holds other files"):
            write_exports(found, folder)
    with pytest.raises(UsageError, match="is not a folder"):
        earlier(folder / "mine.txt")


def test_what_is_not_exported_any_more_is_removed(rules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_exports(exported(config(rules / "right.yml", "splunk", "elastic-lucene")), folder)
    kept = folder / "elastic-lucene" / "searches.ndjson"
    kept.write_text("somebody's own\n", encoding="utf-8")
    data = manifest(folder)
    data["files"].append({"path": "../mine.txt", "sha256": "x"})
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(data), encoding="utf-8")
    write_exports(exported(config(rules / "right.yml", "elastic-eql")), folder)
    assert set(files(folder)) == {
        "elastic-eql/rules.ndjson",
        "elastic-lucene/searches.ndjson",
        "manifest.json",
    }
    assert kept.read_text() == "somebody's own\n"
    assert (tmp_path / "mine.txt").is_file()
    assert not (folder / "splunk").exists()


def test_nothing_is_written_through_a_link(rules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    found = exported(config(rules / "right.yml", "splunk"))
    write_exports(found, folder)
    shutil.rmtree(folder / "splunk")
    (tmp_path / "elsewhere").mkdir()
    (folder / "splunk").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="symbolic link"):
        write_exports(found, folder)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_summary(rules: Path) -> None:
    found = exported(config(rules, "stock-lucene", "stock-eql", "splunk"))
    *first, last = [line.rstrip() for line in summary(found, Path("out"))]
    assert first[:4] == [
        "stock-lucene  0 of 2 rules",
        "stock-eql     0 of 2 rules",
        "splunk        2 of 2 rules  out/splunk/sigmaproof_detections/",
        "left out",
    ]
    assert all(line.startswith(f"  {rules}/") for line in first[4:])
    assert last == "out/manifest.json"


INSPECT = os.environ.get("SPLUNK_APPINSPECT") or shutil.which("splunk-appinspect")


@pytest.mark.skipif(
    not INSPECT, reason="splunk-appinspect is not installed, and SPLUNK_APPINSPECT does not name it"
)
def test_splunk_finds_nothing_wrong_with_the_app(whole: Path, tmp_path: Path) -> None:
    app, report = whole / "splunk" / "sigmaproof_detections", tmp_path / "report.json"
    command = [str(INSPECT), "inspect", str(app), "--mode", "precert", "--data-format", "json"]
    done = subprocess.run([*command, "--output-file", str(report)], capture_output=True, text=True)
    assert report.is_file(), done.stderr
    counts = json.loads(report.read_text(encoding="utf-8"))["summary"]
    assert {key: counts[key] for key in ("error", "failure", "warning")} == {
        "error": 0,
        "failure": 0,
        "warning": 0,
    }
    assert counts["success"] > 50
