"""Reports of a comparison: JSON against its schema, Markdown against its limit, both against hostile text."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from changes import FILES, changed, commit, compared, repository, write
from jsonschema import Draft202012Validator
from test_diff_changes import CASES

from sigmaproof.errors import Exit
from sigmaproof.judge.diff import Diff
from sigmaproof.report.comment import DIFF, GITHUB
from sigmaproof.report.diff_console import render as in_text
from sigmaproof.report.diff_json import render as in_json
from sigmaproof.report.diff_markdown import render as in_markdown
from sigmaproof.report.style import Paint

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "diff.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


@pytest.fixture
def diff_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def diff_of(before: dict[str, str], after: dict[str, str]) -> Diff:
        write(tmp_path / "old", before)
        write(tmp_path / "new", after)
        monkeypatch.chdir(tmp_path)
        return compared("old", "new")

    return diff_of


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_comparison_fits_the_schema(case: dict[str, Any], diff_of: Any) -> None:
    before = changed(FILES, case.get("before", {}))
    found = diff_of(before, changed(before, case["change"]))
    text = in_json(found, found.exit_code(fail_on_change=False))
    assert [flaw.message[:200] for flaw in VALIDATOR.iter_errors(json.loads(text))] == []
    assert in_json(found, Exit.EXPECTED) == in_json(found, Exit.EXPECTED)
    assert in_text(found, Paint(), None)
    assert in_markdown(found, Exit.EXPECTED).startswith("### ")


def test_a_comment_is_never_too_long(diff_of: Any) -> None:
    text, fixture = FILES["sigma_rules/robocopy.yml"], FILES["fixtures/robocopy.yml"]
    before = dict(FILES)
    for number in range(150):
        name = f"a_rule_with_quite_a_long_name_number_{number}"
        before[f"sigma_rules/{name}.yml"] = text.replace("000000000001", f"0000000001{number:02x}")
        before[f"fixtures/{name}.yml"] = fixture
    after = {path: one.replace("- /mir\n", f"- /{'x' * 500}\n") for path, one in before.items()}
    found = diff_of(before, after)
    comment = in_markdown(found, Exit.VERDICT)
    assert len(found.rules) == 152
    assert len(comment) <= DIFF < GITHUB
    assert "Left out here" in comment


HOSTILE = "</details> @everyone #1 <b>x</b> ``` | [a](http://b) \x1b[31m \u202e ::error::x"


def test_text_of_others_stays_text(diff_of: Any) -> None:
    quoted = json.dumps(HOSTILE)
    change = {
        "sigma_rules/robocopy.yml": {
            "- /mir\n": f"- {quoted}\n",
            "title: A copy by robocopy": f"title: {quoted}",
        },
        "fixtures/robocopy.yml": {"- name: the backup": f"- name: {quoted}"},
    }
    after = changed(FILES, change)
    found = diff_of(FILES, after)
    comment, screen = in_markdown(found, Exit.VERDICT), in_text(found, Paint(), None)
    for text in (comment, screen):
        assert not {"\x1b", "\u202e"} & set(text)
        assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    outside = _outside_of_code(comment)
    assert "@everyone" not in outside
    assert "](http" not in outside
    assert outside.count("<details>") == outside.count("</details>")


def _outside_of_code(comment: str) -> str:
    """The comment without its fenced blocks and code spans."""
    lines, fence = [], ""
    for line in comment.splitlines():
        ticks = line[: len(line) - len(line.lstrip("`"))]
        if fence:
            fence = "" if line == fence else fence
        elif len(ticks) >= 3:
            fence = ticks
        else:
            lines.append(line)
    return re.sub(r"(`+).*?\1|<code>.*?</code>", "", "\n".join(lines))


def test_the_working_tree_and_a_commit_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = repository(tmp_path, FILES)
    write(tmp_path, changed(FILES, {"sigma_rules/robocopy.yml": {"/mir": "/mira"}}))
    monkeypatch.chdir(tmp_path)
    here = in_json(compared(base), Exit.EXPECTED)
    there = in_json(compared(base, commit(tmp_path)), Exit.EXPECTED)
    assert json.loads(here)["rules"] == json.loads(there)["rules"]
