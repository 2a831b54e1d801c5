"""Possessive quantifiers and atomic groups, where giving nothing back cannot change what matches.

`C*+ rest` keeps every character it took. That is the language of `C* rest` if `rest` cannot begin with a
character that C has: then no shorter run could have been followed by `rest` anyway.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from sigmaproof.text.named_classes import NEWLINE
from sigmaproof.text.regex import ANY_CHAR, Anchor, Chars, Choice, Concat, Group, Regex, Repeat

Starts = tuple[Chars, bool]
"""The characters that a match can begin with, and whether it can be empty."""


class Lock(Struct, frozen=True):
    """What follows the item at `index` must not begin with one of `chars`."""

    index: int
    chars: Chars
    offset: int


def iteration_start(inner: Regex) -> Chars | None:
    """What an iteration of a quantified `inner` begins with, if it has one way to match only."""
    parts = inner.parts if isinstance(inner, Concat) else (inner,)
    fixed = [part for part in parts if isinstance(part, Chars)]
    return fixed[0] if fixed and len(fixed) == len(parts) else None


def given_back(inner: Regex) -> Chars | None:
    """What the text that an atomic group could give back begins with: no characters if it could give
    nothing back, None if it is not known."""
    parts = inner.parts if isinstance(inner, Concat) else (inner,)
    head = parts[:-1] if parts and isinstance(parts[-1], Repeat) else parts
    if not all(isinstance(part, Chars | Anchor) for part in head):
        return None
    if len(head) == len(parts):
        return Chars(())
    last = parts[-1]
    return iteration_start(last.inner) if isinstance(last, Repeat) and last.greedy else None


def starts(parts: Iterable[Regex]) -> Starts:
    """How one part after the other can begin. An anchor that looks back begins with anything."""
    begins = Chars(())
    for part in parts:
        more, passable = _starts(part)
        begins |= more
        if not passable:
            return begins, False
    return begins, True


def _starts(regex: Regex) -> Starts:
    match regex:
        case Chars():
            return regex, False
        case Concat(parts):
            return starts(parts)
        case Choice(options):
            found = [_starts(option) for option in options]
            every = Chars.of(*(pair for begins, _ in found for pair in begins.ranges))
            return every, any(passable for _, passable in found)
        case Repeat(inner, least, _):
            begins, passable = _starts(inner)
            return begins, passable or least == 0
        case Group(_, inner):
            return _starts(inner)
        case Anchor.END:
            return Chars(()), False
        case Anchor.BEFORE_FINAL_NEWLINE | Anchor.LINE_END:
            return NEWLINE, False
    return ANY_CHAR, True
