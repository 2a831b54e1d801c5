"""The pytest plugin, in detection repositories and beside them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

# pytester forgets what a run imports: what is imported here stays
from sigmaproof.config import Config
from sigmaproof.judge.suite import run_suite
from sigmaproof.judge.verdicts import Status
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
PLUGIN = ("-p", "no:sigmaproof", "-p", "sigmaproof.pytest_plugin", "-p", "no:randomly")
FIXTURE = "fixtures/certutil_download.yml"


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    config = Config(root=SAMPLE).overridden(rules=[], fixtures=[], converters=None, targets=[])
    assert run_suite(Workspace(config)).rules


@pytest.fixture
def sample(pytester: pytest.Pytester) -> pytest.Pytester:
    shutil.copytree(SAMPLE, pytester.path, dirs_exist_ok=True)
    return pytester


def run(place: pytest.Pytester, *words: str) -> pytest.RunResult:
    return place.runpytest_inprocess(*PLUGIN, *words)


def items(place: pytest.Pytester, *words: str) -> list[str]:
    shown = run(place, "--collect-only", "-q", *words).outlines
    return [line for line in shown if "::" in line]


def test_every_case_is_an_item_per_side(sample: pytest.Pytester) -> None:
    found = items(sample)
    assert len(found) == 12 * 3
    assert found[:3] == [f"{FIXTURE}::malicious[1]::{side}" for side in ("sigma", "elastic", "splunk")]
    assert f"{FIXTURE}::mixed case::elastic" in found


def test_outcomes_are_those_of_the_test_command(sample: pytest.Pytester) -> None:
    config = Config(root=SAMPLE).overridden(rules=[], fixtures=[], converters=None, targets=[])
    totals = run_suite(Workspace(config)).totals
    run(sample).assert_outcomes(
        passed=totals[Status.PASS], failed=totals[Status.FAIL], xfailed=totals[Status.GAP]
    )


def test_a_failure_is_our_message(sample: pytest.Pytester) -> None:
    found = run(sample, "-k", "malicious[3] and elastic")
    found.assert_outcomes(failed=1, deselected=35)
    text = found.stdout.str()
    found.stdout.fnmatch_lines(
        [
            "error[[]missed[]]: elastic does not find an event that the rule finds",
            "*--> fixtures/certutil_download.yml:6  malicious[[]3[]]",
            "*= why:   CommandLine: case differs*",
            f"FAILED {FIXTURE}::malicious[[]3[]]::elastic - error*",
        ]
    )
    assert "Traceback" not in text
    assert "runtest" not in text


SELECTED = [
    (["-k", "splunk"], 12),
    (["-k", "not sigma and malicious[2]"], 4),
    (["-m", "benign"], 15),
    (["-m", "detection and malicious"], 21),
    ([f"{FIXTURE}::malicious[2]::elastic"], 1),
    ([f"{FIXTURE}::malicious"], 9),
    ([f"{FIXTURE}::mixed case"], 3),
    ([f"{FIXTURE}::mixed case::splunk"], 1),
    (["fixtures/whoami_privileges.yml"], 12),
    (["sigma_rules"], 0),
]


@pytest.mark.parametrize(("options", "count"), SELECTED, ids=str)
def test_selection(options: list[str], count: int, sample: pytest.Pytester) -> None:
    assert len(items(sample, *options)) == count


def test_on_several_cores(sample: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    one, two = run(sample), run(sample, "-n", "2")
    assert two.parseoutcomes() == one.parseoutcomes()
    two.stdout.fnmatch_lines(["error[[]missed[]]: elastic does not find an event that the rule finds"])


def test_junit(sample: pytest.Pytester) -> None:
    run(sample, "--junitxml", "out.xml")
    cases = ElementTree.parse(sample.path / "out.xml").findall(".//testcase")
    assert len(cases) == 36
    failed = [one for one in cases if one.find("failure") is not None]
    assert {str(one.find("failure").get("message"))[:6] for one in failed} == {"error["}  # type: ignore[union-attr]


def test_gaps_are_strict(sample: pytest.Pytester) -> None:
    fixture = sample.path / FIXTURE
    text = fixture.read_text(encoding="utf-8")
    run(sample, "-k", "caret").assert_outcomes(xfailed=3, deselected=33)
    run(sample, "-k", "caret", "--runxfail").assert_outcomes(failed=3, deselected=33)
    fixture.write_text(text.replace("url^cache", "urlcache"), encoding="utf-8")
    closed = run(sample, "-k", "caret and sigma")
    closed.assert_outcomes(failed=1, deselected=35)
    closed.stdout.fnmatch_lines(["error[[]gap-closed[]]: the admitted gap is closed*"])
    fixture.write_text(text.replace("UrlCache", "urlcache"), encoding="utf-8")
    gone = run(sample, "-k", "mixed and elastic")
    gone.stdout.fnmatch_lines(["error[[]difference-gone[]]*"])


def test_a_broken_fixture_fails_beside_the_others(sample: pytest.Pytester) -> None:
    fixture = sample.path / FIXTURE
    text = fixture.read_text(encoding="utf-8")
    fixture.write_text(text + "  - {name: x, label: malicous, command_line: a}\n", encoding="utf-8")
    found = run(sample, "-k", "loads or whoami")
    found.assert_outcomes(passed=12, failed=1, deselected=24)
    found.stdout.fnmatch_lines(["error[[]invalid-fixture[]]*", f"*--> {FIXTURE}:21*"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("broken", "error[[]invalid-rule[]]*"),
        ("gone", "error[[]invalid-fixture[]]: no rule 'certutil_download' is loaded"),
        ("modifier", "error[[]invalid-rule[]]*contians*"),
    ],
)
def test_a_rule_that_does_not_load_is_told_at_its_cases(
    change: str, told: str, sample: pytest.Pytester
) -> None:
    rule = sample.path / "sigma_rules" / "certutil_download.yml"
    if change == "gone":
        rule.unlink()
    elif change == "broken":
        rule.write_text("title: [", encoding="utf-8")
    else:
        text = rule.read_text(encoding="utf-8")
        rule.write_text(text.replace("|contains", "|contians"), encoding="utf-8")
    found = run(sample)
    outcomes = found.parseoutcomes()
    assert outcomes["passed"] == 12
    assert outcomes["failed"] == 24
    found.stdout.fnmatch_lines([told])
    assert "Traceback" not in found.stdout.str()


def test_a_target_that_does_not_load_is_told(sample: pytest.Pytester) -> None:
    (sample.path / "converters" / "splunk.yml").write_text("title: x\n", encoding="utf-8")
    found = run(sample, "-k", "splunk and whoami")
    found.assert_outcomes(failed=4, deselected=32)
    found.stdout.fnmatch_lines(["error[[]invalid-target[]]*"])


def test_tags_are_marks(sample: pytest.Pytester) -> None:
    fixture = sample.path / FIXTURE
    text = fixture.read_text(encoding="utf-8")
    tags = "    tags: [attack.t1105, 'not a mark', _x]\n"
    fixture.write_text(text.replace("  - name: caret\n", f"  - name: caret\n{tags}"), encoding="utf-8")
    assert len(items(sample, "--strict-markers", "-m", "attack.t1105")) == 3


TEST = "def test_nothing():\n    pass\n"


def test_another_project_is_left_alone(pytester: pytest.Pytester) -> None:
    """Nothing is collected, and nothing of ours imported, where a project only has fixtures of its own."""
    pytester.makepyfile(test_one=TEST)
    (pytester.path / "fixtures").mkdir()
    (pytester.path / "fixtures" / "x.yml").write_text("a: 1\n", encoding="utf-8")
    code = (
        "import sys, pytest\n"
        f"code = pytest.main([{', '.join(map(repr, PLUGIN))}, '-q'])\n"
        "ours = sorted(name for name in sys.modules if name.startswith('sigmaproof'))\n"
        "print(int(code), ours)\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=pytester.path, env=environment
    )
    assert found.stdout.endswith("0 ['sigmaproof', 'sigmaproof.pytest_plugin']\n"), found.stdout


MODES = [("off", 0), ("auto", 36), ("on", 36)]


@pytest.mark.parametrize(("mode", "count"), MODES)
def test_modes(mode: str, count: int, sample: pytest.Pytester) -> None:
    sample.makeini(f"[pytest]\nsigmaproof = {mode}\n")
    assert len(items(sample)) == count


def test_a_wrong_mode_is_told(sample: pytest.Pytester) -> None:
    sample.makeini("[pytest]\nsigmaproof = yes\n")
    assert run(sample).ret == pytest.ExitCode.USAGE_ERROR


def test_folders_elsewhere_are_found_by_the_configuration(sample: pytest.Pytester) -> None:
    (sample.path / "fixtures").rename(sample.path / "cases")
    (sample.path / "pyproject.toml").write_text('[tool.sigmaproof]\nfixtures = "cases"\n', encoding="utf-8")
    assert len(items(sample)) == 36
    (sample.path / "pyproject.toml").write_text("[tool.sigmaproof]\nfixture = 1\n", encoding="utf-8")
    assert run(sample).ret != 0


def test_our_own_tests_collect_no_fixture() -> None:
    """`make test` has the command line for that."""
    table = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert table["tool"]["pytest"]["ini_options"]["testpaths"] == ["tests"]
    assert table["project"]["entry-points"]["pytest11"] == {"sigmaproof": "sigmaproof.pytest_plugin"}
    found = subprocess.run(
        [sys.executable, "-m", "pytest", *PLUGIN, "--collect-only", "-q", "tests/cli"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert found.returncode == 0
    assert ".yml::" not in found.stdout
