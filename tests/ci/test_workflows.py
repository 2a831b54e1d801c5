"""The action, the hooks and the job for GitLab: they parse, are safe, and say what our command line takes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_lines import accept, in_script, scripts
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "cli" / "sample"
SCHEMAS = ROOT / "tests" / "schemas"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "ci" / "sigmaproof.gitlab-ci.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")


def flaws(data: Any, schema: str) -> list[str]:
    validator = Draft7Validator(json.loads((SCHEMAS / schema).read_text(encoding="utf-8")))
    return [f"{flaw.json_path}: {flaw.message[:200]}" for flaw in validator.iter_errors(data)]


def test_the_action_fits_its_schema() -> None:
    assert flaws(ACTION, "github-action.json") == []
    assert flaws({**ACTION, "runs": {"using": "composit"}}, "github-action.json")


def test_the_hooks_fit_their_schema() -> None:
    assert flaws(HOOKS, "pre-commit-hooks.json") == []


@pytest.mark.parametrize(
    ("data", "commands"),
    [
        (ACTION, ["check", "check", "diff", "prove", "test"]),
        (HOOKS, ["check", "test"]),
        (GITLAB, ["check", "diff", "prove", "test"]),
    ],
    ids=["action", "hooks", "gitlab"],
)
def test_every_command_line_is_one_of_ours(data: Any, commands: list[str]) -> None:
    calls = [words for script in scripts(data) for words in in_script(script)]
    assert sorted(words[1] for words in calls) == commands
    for words in calls:
        accept(words)


def test_the_page_shows_command_lines_and_workflows_that_are() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        assert yaml.safe_load(block)
    for words in in_script(PAGE):
        accept(words)


def test_scripts_hold_no_expressions() -> None:
    """`${{ … }}` in a script is text of others that the shell would run."""
    for step in STEPS:
        assert "${{" not in step.get("run", "")
        assert "run" not in step or step["shell"] == "bash"
    told = [value for step in STEPS for value in step.get("env", {}).values()]
    assert {"${{ github.base_ref }}", "${{ inputs.targets }}"} <= set(told)


def test_inputs_are_documented() -> None:
    for name, about in ACTION["inputs"].items():
        assert about["description"]
        assert f"| `{name}` |" in PAGE, name
    used = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """The action's scripts, in order, for the sample as a folder of a repository; with their exit codes."""
    folder = tmp_path_factory.mktemp("action")
    shutil.copytree(SAMPLE, folder / "repository" / "detections")
    (folder / "repository" / "detections" / "fixtures" / "whoami_privileges.yml").unlink()  # `check` tells it
    (folder / "repository" / ".git").mkdir()
    (folder / "repository" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    binaries = folder / "bin"
    binaries.mkdir()
    command = binaries / "sigmaproof"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m sigmaproof "$@"\n')
    command.chmod(0o755)
    (folder / "out").mkdir()
    environment = {
        **os.environ,
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
        "OUT": str(folder / "out"),
        "TARGETS": "splunk $(touch${IFS}owned)",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    codes = {}
    for step in STEPS:
        if step.get("name") in ("Check", "Test", "Prove", "Summary", "Verdict"):
            if step["name"] == "Prove":
                environment["TARGETS"] = "splunk"
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=folder / "repository" / working_directory(step, "detections"),
                env=environment,
                capture_output=True,
                text=True,
            )
            codes[step["name"]] = done.returncode
    return folder, codes


def working_directory(step: Any, given: str) -> str:
    told: str = step.get("working-directory", ".")
    return told.replace("${{ inputs.working-directory }}", given)


def test_alerts_have_paths_of_the_repository(ran: tuple[Path, dict[str, int]]) -> None:
    folder, _ = ran
    (run,) = json.loads((folder / "out" / "check.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["results"]
    for result in run["results"]:
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uri"].startswith("detections/")
        assert (folder / "repository" / artifact["uri"]).is_file()


def test_the_scripts_run(ran: tuple[Path, dict[str, int]]) -> None:
    folder, codes = ran
    # a target that is not there is wrong usage, and no command
    assert codes == {"Check": 0, "Test": 0, "Prove": 0, "Summary": 0, "Verdict": 3}
    assert not list(folder.rglob("owned"))
    assert (folder / "output").read_text() == f"code=3\nreports={folder / 'out'}\n"
    assert (folder / "out" / "test.code").read_text() == "3\n"
    assert not (folder / "out" / "prove.code").exists()
    for name in ("check.sarif", "prove.sarif"):
        assert json.loads((folder / "out" / name).read_text(encoding="utf-8"))["version"] == "2.1.0"
    summary = (folder / "summary").read_text(encoding="utf-8")
    assert summary.startswith("<!-- sigmaproof -->\n### ✅ sigmaproof prove")


@pytest.mark.parametrize("step", [step for step in STEPS if "run" in step], ids=lambda step: step["name"])
def test_scripts_are_bash(step: Any) -> None:
    done = subprocess.run(["bash", "-n", "-c", step["run"]], capture_output=True, text=True)
    assert done.stderr == ""


def test_the_hook_for_tests_takes_file_names(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "work")
    command = [sys.executable, "-m", *HOOKS[1]["entry"].split(), "fixtures/whoami_privileges.yml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path / "work", env=environment, capture_output=True, text=True)
    assert done.returncode == 0
    assert "certutil" not in done.stdout
