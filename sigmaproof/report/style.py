"""Colours, or none, and foreign text made harmless: the only place that knows escape sequences."""

from __future__ import annotations

import re

from msgspec import Struct

from sigmaproof.judge.verdicts import Status

MARKS = {
    Status.PASS: "✓",
    Status.FAIL: "✗",
    Status.GAP: "~",
    Status.REFUSED: "–",
    Status.NOT_VERIFIED: "?",
    Status.ERROR: "!",
}
_COLORS = {
    Status.PASS: "32",
    Status.FAIL: "31",
    Status.GAP: "33",
    Status.REFUSED: "35",
    Status.NOT_VERIFIED: "35",
    Status.ERROR: "31;1",
}


def harmless(text: str, most: int | None = None, *, lines: bool = False) -> str:
    """Text of others as a terminal may show it, cut after `most` characters; with `lines`, of several lines.

    What is not printable is shown as an escape: controls, changes of direction, blanks that look like others.
    """
    if most is not None and len(text) > most:
        text = f"{text[: most - 1]}…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or (lines and char == "\n") else _escape(char) for char in text)


_ORDER = re.compile(r"^(\s*):(?=:)|##(?=\[)", re.MULTILINE)


def tame(text: str) -> str:
    """Text without orders to the runner of a workflow: `::name` at the start of a line, `##[name` anywhere.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
    """
    if "::" not in text and "##[" not in text:
        return text
    return _ORDER.sub(lambda found: "#\\x23" if found[0] == "##" else f"{found[1]}\\x3a", text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


class Paint(Struct, frozen=True):
    """Paints text when `color` is set, and gives it back as it is when not."""

    color: bool = False

    def _with(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color else text

    def status(self, status: Status, text: str) -> str:
        """Text in the colour of a status."""
        return self._with(_COLORS[status], text)

    def severity(self, severity: str, code: str) -> str:
        """The head of a diagnostic."""
        return self._with("31;1" if severity == "error" else "33;1", f"{severity}[{code}]")

    def bold(self, text: str) -> str:
        """What the eye should find first."""
        return self._with("1", text)

    def dim(self, text: str) -> str:
        """What the eye may skip."""
        return self._with("2", text)
