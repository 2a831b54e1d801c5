"""Globs: literal text with `?` (one code point) and `*` (any run), matched against a whole value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum

from msgspec import Struct

from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.regex import ANY_CHAR, ANY_TEXT, Chars, Regex, concat


class Wild(Enum):
    """The two wildcards. Both cross newlines."""

    ONE = "?"
    MANY = "*"


ONE, MANY = Wild.ONE, Wild.MANY


class Glob(Struct, frozen=True, cache_hash=True):
    """Alternating literal runs and wildcards, in normal form: equal globs of one shape compare equal.

    Build it with `Glob.of`, which joins literals, merges `*` and moves `?` before a neighbouring `*`.
    """

    parts: tuple[str | Wild, ...]

    @staticmethod
    def of(*parts: str | Wild) -> Glob:
        """The glob of these parts in normal form."""
        return Glob(tuple(_normal(parts)))

    @property
    def literal(self) -> str | None:
        """The one text that matches, if there is only one."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None

    def folded(self, rule: Fold) -> Glob:
        """The same glob with its literals folded."""
        return Glob(tuple(fold(part, rule) if isinstance(part, str) else part for part in self.parts))

    def __str__(self) -> str:
        return "".join(_escaped(part) if isinstance(part, str) else part.value for part in self.parts)


def as_regex(glob: Glob, rule: Fold = Fold.EXACT) -> Regex:
    """The expression that matches the texts which `matcher(glob, rule)` accepts."""
    parts: list[Regex] = []
    for part in glob.parts:
        if isinstance(part, str):
            parts += [Chars.one(char, rule) for char in part]
        else:
            parts.append(ANY_CHAR if part is ONE else ANY_TEXT)
    return concat(parts)


def matcher(glob: Glob, rule: Fold) -> Callable[[str], bool]:
    """A predicate over texts, linear in the text for each literal run of the glob."""
    glob = glob.folded(rule)
    match glob.parts:
        case ():
            return lambda text: not text
        case (Wild.MANY,):
            return lambda text: True
        case (str(whole),):
            return lambda text: fold(text, rule) == whole
        case (Wild.MANY, str(inner), Wild.MANY):
            return lambda text: inner in fold(text, rule)
        case (Wild.MANY, str(tail)):
            return lambda text: fold(text, rule).endswith(tail)
        case (str(head), Wild.MANY):
            return lambda text: fold(text, rule).startswith(head)
    return _general(glob, rule)


def _general(glob: Glob, rule: Fold) -> Callable[[str], bool]:
    # Leftmost placement of each run between two `*` is always safe, so no backtracking is needed.
    head, *rest = _segments(glob.parts)
    if not rest:
        return lambda text: head.fullmatch(fold(text, rule)) is not None
    *middle, tail = rest
    tail_length = _length(glob.parts)

    def matches(text: str) -> bool:
        text = fold(text, rule)
        first = head.match(text)
        if first is None:
            return False
        at, end = first.end(), len(text) - tail_length
        for run in middle:
            found = run.search(text, at, end) if at <= end else None
            if found is None:
                return False
            at = found.end()
        return at <= end and tail.fullmatch(text, end) is not None

    return matches


def _segments(parts: Iterable[str | Wild]) -> list[re.Pattern[str]]:
    """The runs between two `*`, each a fixed-length pattern."""
    runs = [""]
    for part in parts:
        if part is MANY:
            runs.append("")
        else:
            runs[-1] += re.escape(part) if isinstance(part, str) else "."
    return [re.compile(run, re.DOTALL) for run in runs]


def _length(parts: tuple[str | Wild, ...]) -> int:
    """Code points after the last `*`."""
    tail = 0
    for part in reversed(parts):
        if part is MANY:
            break
        tail += len(part) if isinstance(part, str) else 1
    return tail


def _normal(parts: Iterable[str | Wild]) -> list[str | Wild]:
    out: list[str | Wild] = []
    for part in parts:
        last = out[-1] if out else None
        if part == "" or (part is MANY and last is MANY):
            continue
        if isinstance(part, str) and isinstance(last, str):
            out[-1] = last + part
        elif part is ONE and last is MANY:
            out[-1:] = [ONE, MANY]
        else:
            out.append(part)
    return out


def _escaped(text: str) -> str:
    return re.sub(r"([*?\\])", r"\\\1", text)
