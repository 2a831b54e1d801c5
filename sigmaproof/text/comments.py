"""Comments between `/*` and `*/` that nest."""

from __future__ import annotations

import re

_EDGE = re.compile(r"/\*|\*/")


def comment_end(text: str, start: int) -> int | None:
    """Where the comment that opens at `start` ends; None if it is never closed."""
    depth = 0
    for edge in _EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    return None
