"""`mutate --write` and `draft -o` on a copy of the sample: what they write, and what they leave."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from screens import SAMPLE, Console

SOURCES = ("--targets", str(Path(__file__).parents[2] / "converters"))
FIXTURE = Path("fixtures/whoami_privileges.yml")


@pytest.fixture
def copied(console: Console, tmp_path: Path) -> Console:
    shutil.copytree(SAMPLE, tmp_path / "sample")
    console.go(tmp_path / "sample")
    return console


def test_written_cases_kill_the_survivors(copied: Console) -> None:
    before = FIXTURE.read_bytes()
    others = Path("fixtures/certutil_download.yml").read_bytes()
    code, out, err = copied.run("mutate", "-k", "whoami", "--write", *SOURCES)
    assert code == 0
    assert "survived 12" in out
    assert "9 cases added, to be reviewed" in err
    after = FIXTURE.read_bytes()
    assert after.startswith(before)
    assert Path("fixtures/certutil_download.yml").read_bytes() == others
    assert copied.run("test", "-k", "whoami", "-t", "splunk")[0] == 0
    code, out, _ = copied.run("mutate", "-k", "whoami", "--write", "--threshold", "100", *SOURCES)
    assert (code, "100.0 %" in out) == (0, True)
    assert FIXTURE.read_bytes() == after


def test_a_fixture_that_leaves_no_place_stays(copied: Console) -> None:
    text = "cases: [{name: one, label: malicious, event: {Image: '\\whoami.exe', CommandLine: ' /priv'}}]\n"
    FIXTURE.write_text(text, encoding="utf-8")
    _, _, err = copied.run("mutate", "-k", "whoami", "--write", *SOURCES)
    assert "cases cannot be added" in err
    assert FIXTURE.read_text(encoding="utf-8") == text


def test_the_threshold_decides(copied: Console) -> None:
    for threshold, expected in (("0", 0), ("55.5", 0), ("55.6", 1)):
        assert copied.run("mutate", "-k", "whoami", "--threshold", threshold, *SOURCES)[0] == expected


def test_what_does_not_load_is_told_and_the_rest_goes_on(copied: Console) -> None:
    Path("fixtures/certutil_download.yml").write_text("malicios: x\n", encoding="utf-8")
    code, out, err = copied.run("mutate", *SOURCES)
    assert code == 2
    assert "malicious" in err
    assert "whoami_privileges" in out


def test_a_draft_is_not_written_over_anything(copied: Console) -> None:
    before = FIXTURE.read_bytes()
    code, _, err = copied.run("draft", "whoami_privileges", "-o", str(FIXTURE), *SOURCES)
    assert (code, "is there already" in err) == (3, True)
    assert FIXTURE.read_bytes() == before
    assert copied.run("draft", "whoami_privileges", "-o", str(FIXTURE), "--force", *SOURCES)[0] == 0
    assert FIXTURE.read_text(encoding="utf-8").startswith("# A draft")
    assert copied.run("mutate", "-k", "whoami", "--threshold", "100", *SOURCES)[0] == 0


def test_a_draft_by_path_of_a_rule_elsewhere(copied: Console, tmp_path: Path) -> None:
    rule = tmp_path / "elsewhere.yml"
    rule.write_text(
        "title: t\nlogsource: {category: c}\ndetection: {s: {A: x}, condition: s}\n", encoding="utf-8"
    )
    code, out, _ = copied.run("draft", str(rule), *SOURCES)
    assert (code, "A: x" in out) == (0, True)
