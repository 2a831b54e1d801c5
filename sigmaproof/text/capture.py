"""Capturing: the first match in a text, and what its named groups hold. For fields drawn from text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sigmaproof.text.final_newline import Disguise, has_final_newline
from sigmaproof.text.re2_engine import compile_re2, encoded
from sigmaproof.text.re2_syntax import NotRE2, re2_pattern
from sigmaproof.text.regex import (
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    Regex,
    RegexTooLarge,
    Repeat,
    UnsupportedRegex,
)

Captures = Mapping[str, str]
"""The named groups that took part in a match, with what each held last. A group that matched the empty text
is there; one that did not take part is absent; numbered groups never are there."""


def capture(regex: Regex) -> Callable[[str], Captures | None]:
    """The named groups of the first match: leftmost, then first by preference, as Perl has it.

    The tree is not anchored: it is what `parse` returns. Raises `RegexTooLarge` when it is too large to run,
    `UnsupportedRegex` for complement, intersection, and Perl's `$` beside multi-line anchors.
    """
    every = capture_all(regex)
    return lambda text: next(every(text), None)


@lru_cache(maxsize=1024)
def capture_all(regex: Regex) -> Callable[[str], Iterator[Captures]]:
    """The named groups of every match, left to right, without overlaps; otherwise as `capture`.

    An empty match that touches the end of the match before it is passed over.
    """
    disguise = Disguise.of(regex) if has_final_newline(regex) else None
    compiled, names = _compiled(disguise.regex if disguise else regex)

    def matches(text: str) -> Iterator[Captures]:
        data = encoded(disguise.text(text) if disguise else text)
        for found in matches_in(compiled, data):
            spans = {name: found.span(number) for number, name in enumerate(names, start=1)}
            yield {name: _slice(text, data, *span) for name, span in spans.items() if span[0] >= 0}

    return matches


def _compiled(regex: Regex) -> tuple[Any, list[str]]:
    names = list(_names(regex))
    known = {name: f"g{number}" for number, name in enumerate(names)}
    try:
        return compile_re2(re2_pattern(regex, known.get), captures=True), names
    except NotRE2 as reason:
        raise RegexTooLarge(f"the pattern is too large to capture with: {reason}") from reason


def matches_in(compiled: Any, data: bytes) -> Iterator[Any]:
    """Every match of an RE2 pattern, as `capture_all` counts them."""
    at, last = 0, -1
    while at <= len(data) and (found := compiled.search(data, at)) is not None:
        start, end = found.span()
        whole = start == len(data) or data[start] & 0xC0 != 0x80  # not between the bytes of a character
        if whole and (end > start or end != last):
            last = end
            yield found
        at = end if end > start else end + 1


def _slice(text: str, data: bytes, start: int, end: int) -> str:
    if len(text) == len(data):
        return text[start:end]
    first = len(data[:start].decode("utf-8", "surrogatepass"))
    return text[first : first + len(data[start:end].decode("utf-8", "surrogatepass"))]


def _names(regex: Regex) -> Iterator[str]:
    """The named groups in the order in which they open."""
    match regex:
        case Group(name, inner):
            if not name.isdigit():
                yield name
            yield from _names(inner)
        case Concat(parts) | Choice(parts):
            for part in parts:
                yield from _names(part)
        case Repeat(inner):
            yield from _names(inner)
        case Complement() | Intersection():
            raise UnsupportedRegex("groups within a complement or an intersection", 0)
