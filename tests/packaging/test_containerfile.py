"""The Containerfile's instructions: official base image, nothing as root, everything from the lock file."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
_LINES = [line for line in TEXT.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
INSTRUCTIONS = [(line.partition(" ")[0], line.partition(" ")[2]) for line in _LINES]


def of(kind: str) -> list[str]:
    return [rest for name, rest in INSTRUCTIONS if name == kind]


def test_instructions_are_known() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "ENTRYPOINT", "CMD"}
    assert {name for name, _ in INSTRUCTIONS} == known
    assert INSTRUCTIONS[0][0] == "FROM"


def test_the_base_is_the_official_image_with_a_version() -> None:
    for base in of("FROM"):
        assert re.fullmatch(r"python:3\.\d+-slim(?: AS \w+)?", base), base


def test_what_is_copied_is_there() -> None:
    stages = {base.rpartition(" AS ")[2] for base in of("FROM") if " AS " in base}
    for words in map(shlex.split, of("COPY")):
        if words[0].startswith("--from="):
            assert words[0].removeprefix("--from=") in stages
            continue
        *sources, _ = words
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source not in (".", "./"), "a folder of work has more in it than an image should"


def test_it_does_not_run_as_root() -> None:
    users = of("USER")
    made = re.search(r"useradd .*--uid (\d+)", " ".join(of("RUN")))
    assert made
    assert users == [made[1]]
    after = [name for name, _ in INSTRUCTIONS[INSTRUCTIONS.index(("USER", made[1])) :]]
    assert {"ENTRYPOINT", "CMD"} <= set(after)
    assert of("ENTRYPOINT") == ['["sigmaproof"]']


def test_dependencies_have_hashes_and_nothing_is_fetched_otherwise() -> None:
    installs = [run for run in of("RUN") if "pip install" in run]
    assert installs
    assert all("--require-hashes" in run or "--no-deps" in run for run in installs)
    assert not re.search(r"https?://|\bcurl\b|\bwget\b|\bapt\b|\bADD\b|--index-url|sudo", "\n".join(_LINES))


def test_the_wheel_can_be_built_from_what_is_copied() -> None:
    copied = {source for words in map(shlex.split, of("COPY")) for source in words[:-1]}
    assert {"pyproject.toml", "README.md", "LICENSE", "sigmaproof", "converters", "schemas"} <= copied
