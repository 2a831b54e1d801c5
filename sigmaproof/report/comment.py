"""Markdown for the comment on a pull request: foreign text can neither format, mention nor grow past a limit.

https://github.github.com/gfm/
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sigmaproof.report.json import json_text
from sigmaproof.report.style import harmless, tame

GITHUB = 65_536
"""Characters that GitHub takes in one comment."""
TEST, DIFF, PROVE = 26_000, 20_000, 18_000
"""What each command keeps to, so that the three reports fit into one comment."""
_LONGEST_NAME = 120
_LONGEST_EVENT = 3_000
_RUN = re.compile("`+")


def code(text: str, most: int = _LONGEST_NAME) -> str:
    """Text as a code span that also stands in a table."""
    shown = tame(harmless(text, most)).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in _RUN.findall(shown)), default=0))
    padding = " " if len(ticks) > 1 or shown.startswith(" ") or not shown else ""
    return f"{ticks}{padding}{shown}{padding}{ticks}"


def block(text: str, language: str = "text") -> str:
    """Text of several lines as a code block, whatever it holds."""
    shown = tame(harmless(text, lines=True))
    ticks = "`" * max(3, 1 + max((len(run) for run in _RUN.findall(shown)), default=0))
    return f"{ticks}{language}\n{shown}\n{ticks}"


def event(found: Any) -> str:
    """An event as JSON, which a fixture takes as it is."""
    text = json_text(found, indent=True)
    if len(text) > _LONGEST_EVENT:
        return block(f"{text[:_LONGEST_EVENT]}…")
    return block(text, "json")


def folded(summary: str, body: str) -> str:
    """Details to open. The summary is text of ours and `inline` pieces."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body}\n\n</details>"


def inline(text: str, most: int = _LONGEST_NAME) -> str:
    """Foreign text in a summary, where there is HTML and no Markdown."""
    return f"<code>{html.escape(tame(harmless(text, most)), quote=False)}</code>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table; cells are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def fitted(parts: Iterable[str], most: int) -> tuple[list[str], int]:
    """The first parts that fit into so many characters with a blank line between, and how many do not."""
    kept: list[str] = []
    left, room = 0, most
    for part in parts:
        room -= len(part) + 2
        if left or room < 0:
            left += 1
        else:
            kept.append(part)
    return kept, left
