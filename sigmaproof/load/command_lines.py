"""Blocks of command lines: one per line, nothing to quote, `# ` lines name what follows."""

from __future__ import annotations

from msgspec import Struct


class CommandLine(Struct, frozen=True):
    """One command line, its 0-based line in the block, and the `# ` line above it."""

    text: str
    offset: int
    note: str


def read_lines(block: str) -> list[CommandLine]:
    """The command lines of a block; a line that starts with `#` and a blank is a note, blank lines separate.

    A note holds until the next note or blank line. Blanks at the end of a line are part of the command line.
    """
    found, note = [], ""
    for offset, line in enumerate(block.split("\n")):
        line = line.removesuffix("\r")
        if is_note(line):
            note = line[1:].strip()
        elif not line.strip():
            note = ""
        else:
            found.append(CommandLine(line, offset, note))
    return found


def is_note(line: str) -> bool:
    """Whether a line is about the next ones: `#` in its first column, then a blank or nothing."""
    return line == "#" or line.startswith(("# ", "#\t"))
