"""The packages: a wheel that works alone, and an sdist that makes the same wheel.

pip installs the wheel, without a network, into a fresh environment that finds its dependencies in this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]


def built(root: Path, folder: Path) -> Path:
    (wheel,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    return Path(wheel)


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; its folder of programs."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    options = ("--no-index", "--no-deps", "--quiet", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(wheel)]
    subprocess.run(command, check=True)
    (packages,) = folder.glob("lib/python3*/site-packages")
    # dependencies come from here; .pth files of that folder, our own among them, are not read again
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


def run(environment: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    program, *rest = words
    return subprocess.run(
        [str(environment / program), *rest], cwd=folder, env=clean, capture_output=True, text=True
    )


def test_what_is_installed_is_the_wheel(environment: Path, tmp_path: Path) -> None:
    found = run(environment, tmp_path, "python", "-c", "import sigmaproof; print(sigmaproof.__file__)")
    assert Path(found.stdout.strip()).is_relative_to(environment.parent), found.stderr
    assert run(environment, tmp_path, "sigmaproof", "--version").stdout.startswith("sigmaproof, version ")


def test_init_and_test_in_an_empty_folder(environment: Path, tmp_path: Path) -> None:
    for words in ("init detections", "check", "test", "prove"):
        folder = tmp_path if words.startswith("init") else tmp_path / "detections"
        found = run(environment, folder, "sigmaproof", *words.split())
        assert found.returncode == 0, found.stdout + found.stderr


def test_the_wheel_has_all_data_and_nothing_else(wheel: Path) -> None:
    names = set(contents(wheel))
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sigmaproof").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    shipped = {
        f"sigmaproof/shipped/{path.relative_to(ROOT).as_posix()}"
        for folder in ("converters", "schemas")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == package | shipped
    assert {"sigmaproof/py.typed", "sigmaproof/shipped/converters/indices/ecs_windows.yml"} <= names


def metadata(wheel: Path) -> Message:
    (text,) = (data for name, data in contents(wheel).items() if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(text.decode())


def test_the_metadata(wheel: Path) -> None:
    told = metadata(wheel)
    assert told["Name"] == "sigmaproof"
    assert told["License-Expression"] == "Apache-2.0"
    assert told["Requires-Python"] == ">=3.11"
    assert told["Description-Content-Type"] == "text/markdown"
    assert told.get_payload() == (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(told.get_all("Provides-Extra", [])) >= {"dev", "docs", "live", "spark"}
    (license_,) = (data for name, data in contents(wheel).items() if name.endswith("licenses/LICENSE"))
    assert license_ == (ROOT / "LICENSE").read_bytes()
    assert "Typing :: Typed" in told.get_all("Classifier", [])
    assert all(" @ " not in one for one in told.get_all("Requires-Dist", []))


def test_the_sdist_makes_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    (sdist,) = SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert contents(built(source, tmp_path)) == contents(wheel)
    assert not list(source.glob(".venv*"))
