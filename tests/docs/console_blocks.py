"""Pages as scripts: what a reader is told to write and to run, and what is shown in answer.

A block of the kind `console` holds commands after `$ ` and, behind some, what they print; a line `…` stands
for any lines, `…` in a line for any text, and seconds for any seconds. Every command succeeds unless
`$ echo $?` says otherwise. A block with `title="PATH"` is that file. What is not run has a line above it:
`*Not run in the tests: REASON*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOT_RUN = re.compile(r"\*Not run in the tests: \S.*\*")
_FENCE = re.compile(r"(?P<indent> *)```(?P<kind>\w*)(?P<rest>.*)")
_TITLE = re.compile(r'title="([^"]+)"')
_SECONDS = re.compile(r"\d+\.\d+ s\b")


@dataclass
class File:
    """A file that the page has its reader write."""

    line: int
    path: str
    text: str


@dataclass
class Command:
    """A command line, what the page shows of its answer, and its exit code."""

    line: int
    text: str
    shown: list[str] = field(default_factory=list)
    code: int = 0


Step = File | Command


def steps(page: Path) -> Iterator[Step]:
    """What the page has its reader do, in order."""
    for line, kind, rest, lines, before in _blocks(page.read_text(encoding="utf-8").splitlines()):
        title = _TITLE.search(rest)
        if title:
            yield File(line, title[1], "\n".join(lines) + "\n")
        elif kind == "console" and not NOT_RUN.fullmatch(before.strip()):
            yield from _commands(lines, line)


def _blocks(lines: list[str]) -> Iterator[tuple[int, str, str, list[str], str]]:
    """Each fenced block: its line, kind, what follows that, its lines, and the last line of text above it."""
    before, number = "", 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        if fence:
            end = lines.index(f"{fence['indent']}```", number + 1)
            inside = [line.removeprefix(fence["indent"]) for line in lines[number + 1 : end]]
            yield number + 1, fence["kind"], fence["rest"], inside, before
            number = end
        before = lines[number] if lines[number].strip() and not fence else before
        number += 1


def _commands(lines: list[str], start: int) -> Iterator[Command]:
    found: list[Command] = []
    going_on = False
    for number, line in enumerate(lines, start + 1):
        if going_on:
            found[-1].text += line.strip().removesuffix("\\")
        elif line.startswith("$ "):
            found.append(Command(number, line[2:].removesuffix("\\")))
        else:
            assert found, f"line {number}: output of no command"
            found[-1].shown.append(line.rstrip())
        going_on = line.endswith("\\") and (going_on or line.startswith("$ "))
    for at, one in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else None
        if after and after.text == "echo $?":
            one.code = int(after.shown[0])
        if one.text != "echo $?":
            yield one


def answers(shown: list[str], printed: str) -> bool:
    """Whether a page shows what was printed, as far as it shows anything."""
    if not any(shown):
        return True
    lines = [re.escape(line).replace("…", ".*") for line in _plain("\n".join(shown))]
    pattern = "".join(r"(?:[^\n]*\n)*" if line == ".*" else f"{line}\n" for line in lines)
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _plain(printed))) is not None


def _plain(text: str) -> list[str]:
    return [line.rstrip() for line in _SECONDS.sub("N s", text).rstrip().splitlines()]
