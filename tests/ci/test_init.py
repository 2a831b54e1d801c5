"""`init`: what it writes works at once, in the repository and from the built wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest
import yaml
from command_lines import accept, in_script, scripts
from hatchling.builders.wheel import WheelBuilder
from jsonschema import Draft202012Validator

from sigmaproof.commands.init import WORKFLOWS, new_repository
from sigmaproof.errors import UsageError

ROOT = Path(__file__).parents[2]


def sigmaproof(folder: Path, *words: str, package: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(package), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "sigmaproof", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("init") / "detections"
    found = sigmaproof(folder.parent, "init", "detections")
    assert found.returncode == 0, found.stderr
    assert found.stderr == "next: cd detections && sigmaproof test\n"
    assert all((folder.parent / line).is_file() for line in found.stdout.splitlines())
    return folder


@pytest.mark.parametrize("command", ["test", "check", "prove", "list rules"])
def test_what_it_writes_passes(command: str, made: Path) -> None:
    found = sigmaproof(made, *command.split())
    assert found.returncode == 0, found.stdout + found.stderr


def test_the_example_has_every_kind_of_outcome(made: Path) -> None:
    found = json.loads(sigmaproof(made, "test", "--format", "json").stdout)
    assert {one["verdict"] for one in found["results"]} >= {"TP", "TN", "FN"}
    assert len(found["targets"]) == 3
    assert found["summary"]["outcomes"].keys() == {"pass", "gap"}


def test_pytest_collects_it(made: Path) -> None:
    options = ("-p", "no:sigmaproof", "-p", "sigmaproof.pytest_plugin", "-p", "no:cacheprovider", "-q")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", *options]
    found = subprocess.run(command, capture_output=True, text=True, cwd=made, env=environment)
    assert "28 passed, 4 xfailed" in found.stdout, found.stdout


def test_files_fit_the_schemas_beside_them(made: Path) -> None:
    seen = set()
    for path in made.rglob("*.yml"):
        text = path.read_text(encoding="utf-8")
        named = re.match(r"# yaml-language-server: \$schema=(\S+)", text)
        if named:
            schema = json.loads((path.parent / named[1]).read_text(encoding="utf-8"))
            flaws = list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text)))
            assert flaws == [], path
            seen.add(Path(named[1]).name)
    assert seen == {f"{name}.schema.json" for name in ("fixture", "target", "index", "source")}
    settings = json.loads((made / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    for schema, files in settings["yaml.schemas"].items():
        assert (made / schema).is_file()
        assert list(made.glob(files)), files


@pytest.mark.parametrize("ci", WORKFLOWS)
def test_workflows(ci: str, tmp_path: Path) -> None:
    new_repository(tmp_path, ci)
    there = [name for name in WORKFLOWS.values() if name and (tmp_path / name).is_file()]
    assert there == [WORKFLOWS[ci]] * bool(WORKFLOWS[ci])
    for name in (*there, ".pre-commit-config.yaml"):
        data = yaml.safe_load((tmp_path / name).read_text(encoding="utf-8"))
        calls = [words for script in scripts(data) for words in in_script(script)]
        assert calls
        for words in calls:
            accept(words)


def test_the_readme_names_commands_that_are(made: Path) -> None:
    calls = in_script((made / "README.md").read_text(encoding="utf-8"))
    assert len(calls) == 3
    for words in calls:
        accept(words)


def test_a_wrong_command_line_is_found() -> None:
    for script in ("sigmaproof tset", "sigmaproof test --formt json", "a && sigmaproof test --format xml"):
        with pytest.raises(click.UsageError):
            [accept(words) for words in in_script(script)]
    assert in_script("pip install sigmaproof==1") == []


def test_nothing_is_overwritten(made: Path, tmp_path: Path) -> None:
    found = sigmaproof(made, "init")
    assert found.returncode == 3
    assert "is not empty" in found.stderr
    (tmp_path / ".git").mkdir()
    assert new_repository(tmp_path, "none")
    with pytest.raises(UsageError, match="not empty"):
        new_repository(tmp_path, "none")
    file = tmp_path / "README.md"
    with pytest.raises(UsageError, match="cannot write"):
        new_repository(file, "none")


def test_each_rule_has_an_id_of_its_own(tmp_path: Path) -> None:
    ids = set()
    for name in ("a", "b"):
        (rule,) = (path for path in new_repository(tmp_path / name, "none") if "sigma_rules" in path.parts)
        data = yaml.safe_load(rule.read_text(encoding="utf-8"))
        assert data["date"]
        ids.add(data["id"])
    assert len(ids) == 2


def test_the_wheel_holds_all_that_init_needs(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "package")
    assert "sigmaproof/py.typed" in names
    assert "sigmaproof/shipped/schemas/fixture.schema.json" in names
    assert not [name for name in names if name.startswith(("tests/", "converters/"))]
    (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
    text = (tmp_path / "package" / entry_points).read_text(encoding="utf-8")
    assert "sigmaproof = sigmaproof.pytest_plugin" in text
    made = sigmaproof(tmp_path, "init", "new", package=tmp_path / "package")
    assert made.returncode == 0, made.stderr
    found = sigmaproof(tmp_path / "new", "test", package=tmp_path / "package")
    assert found.returncode == 0, found.stdout + found.stderr
