"""Every screen over the sample repository, as a snapshot: `make snapshots` accepts what changed."""

from __future__ import annotations

import pytest
from screens import Console
from syrupy.assertion import SnapshotAssertion

EVENTS = "fixtures/data/events.ndjson"
REPOSITORY = "--targets ../../../converters -t elastic-eql -t elastic-lucene -t splunk"
SOURCES = "--targets ../../../converters"

SCREENS = {
    "help": "--help",
    "help-test": "test --help",
    "help-convert": "convert --help",
    "help-explain": "explain --help",
    "help-query": "query --help",
    "help-list": "list --help",
    "help-prove": "prove --help",
    "help-draft": "draft --help",
    "help-mutate": "mutate --help",
    "help-init": "init --help",
    "init-not-empty": "init",
    "help-check": "check --help",
    "help-diff": "diff --help",
    "help-conformance": "conformance --help",
    "test-green": "test -k whoami",
    "test-green-verbose": "test -k whoami -v",
    "test-failing": "test",
    "test-failing-verbose": "test -v -k certutil -t splunk",
    "test-gaps": "test -v -k caret or mixed",
    "test-one-side": "test -k malicious[3]::elastic",
    "test-nothing": "test -k nothing_like_it",
    "test-json": "test -k malicious[3]::elastic or caret::sigma --format json",
    "test-junit": "test -k malicious[3] or caret --format junit",
    "test-github": "test --format github",
    "test-sarif": "test --format sarif -t splunk",
    "test-markdown": "test --format markdown",
    "test-page-only": "test --prove",
    "test-markdown-green": "test -k whoami --format markdown",
    "test-github-green": "test -k whoami --format github",
    "convert": "convert",
    "convert-one": "convert sigma_rules/whoami_privileges.yml -t splunk",
    "convert-select": "convert -k whoami -t elastic",
    "convert-json": "convert -k whoami --format json",
    "convert-nothing": "convert -k nothing_like_it",
    "convert-repository": f"convert -k whoami {REPOSITORY}",
    "explain-match": f"explain whoami_privileges --events {EVENTS}",
    "explain-no-match": "explain whoami_privileges -e Image=C:\\x\\WHOAMI.EXE -e CommandLine=whoami",
    "explain-target": "explain certutil_download -t elastic -t splunk -e Image=\\certutil.exe -e A=A",
    "explain-by-id": "explain 6a0c3f52-6f0b-4d3a-9c58-1d1f3c2f6a01 -e Image=x",
    "mutate": f"mutate sigma_rules/whoami_privileges.yml {SOURCES}",
    "mutate-select": f"mutate -j 1 -k whoami and dropped {SOURCES}",
    "mutate-threshold": f"mutate sigma_rules/whoami_privileges.yml --threshold 95 -j 1 -k endswith {SOURCES}",
    "mutate-json": f"mutate -j 1 -k option::or -f json {SOURCES}",
    "mutate-markdown": f"mutate -j 1 -k whoami --threshold 60 -f markdown {SOURCES}",
    "draft": f"draft whoami_privileges {SOURCES}",
    "draft-unknown-rule": "draft whoami_privilege",
    "draft-there-already": "draft whoami_privileges -o fixtures/whoami_privileges.yml",
    "mutate-nothing": "mutate -k nothing_like_it",
    "query": f"query lucene CommandLine:*priv* --events {EVENTS}",
    "query-count": f"query spl CommandLine=*priv* --events {EVENTS} --format count",
    "query-none": f"query lucene CommandLine:nothing --events {EVENTS}",
    "check": "check",
    "check-ignore": "check --ignore unknown-log-source",
    "check-unknown-code": "check --ignore no-benin",
    "check-github": "check --format github",
    "list-rules": "list rules",
    "list-targets": "list targets",
    "list-fixtures": "list fixtures",
    "list-indices": "list indices",
    "list-languages": "list languages",
    # what goes wrong
    "no-command": "",
    "unknown-command": "tset",
    "unknown-option": "test --tagret splunk",
    "unknown-format": "test --format xml",
    "unknown-also": "test --also jnuit=x.xml",
    "wrong-also": "prove --also x.xml",
    "unknown-target": "test -t splnk",
    "unknown-kind": "list rule",
    "missing-folder": "test --rules no/such/folder",
    "missing-converters": "list targets --targets no/such/folder",
    "missing-argument": "explain",
    "wrong-expression": "test -k (whoami",
    "explain-unknown-rule": "explain whoami_privilege -e a=b",
    "explain-no-event": "explain whoami_privileges",
    "explain-wrong-event": "explain whoami_privileges -e CommandLine",
    "explain-missing-file": "explain whoami_privileges --events no.json",
    "explain-unknown-target": "explain whoami_privileges -t splnk -e a=b",
    "query-unknown-language": f"query lucen x --events {EVENTS}",
    "query-unknown-index": f"query lucene x --events {EVENTS} --index ecs",
    "query-wrong": f"query lucene CommandLine:( --events {EVENTS}",
    "query-missing-file": "query lucene x --events no.json",
    "diff-no-base": "diff",
    "help-export": "export --help",
    "export-no-folder": "export",
    "export-not-empty": "export -o fixtures",
    "export-not-a-folder": "export -o pyproject.toml",
    "output-not-writable": "test -k whoami -o no/such/folder/report.txt",
    "conformance-missing": "conformance no.ndjson",
}
CODES = {0: "as expected", 1: "a verdict differs", 2: "broken input", 3: "usage"}


def words(line: str) -> list[str]:
    """The line as a shell splits it, but for words of several words after `-k`."""
    head, found, expression = line.partition(" -k ")
    if not found:
        return line.split()
    expression, dash, rest = expression.partition(" -")
    return [*head.split(), "-k", expression, *(f"-{rest}".split() if dash else ())]


@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, console: Console, screen_snapshot: SnapshotAssertion) -> None:
    shown = console.screen(*words(SCREENS[name]))
    assert shown == screen_snapshot(name=name)
    assert int(shown.rsplit(" ", 1)[1]) in CODES
    assert "Traceback" not in shown
