"""What the trees mean, said as plainly as possible: the reference that the real matchers are held against."""

from __future__ import annotations

from sigmaproof.text.named_classes import WORD
from sigmaproof.text.regex import (
    Anchor,
    Chars,
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    Regex,
    Repeat,
)


def naive_match(regex: Regex, text: str) -> bool:
    return len(text) in ends(regex, text, 0)


def ends(regex: Regex, text: str, at: int) -> set[int]:
    """Every place where a match that begins at `at` can end."""
    match regex:
        case Chars():
            return {at + 1} if at < len(text) and text[at] in regex else set()
        case Concat(parts):
            found = {at}
            for part in parts:
                found = {end for start in found for end in ends(part, text, start)}
            return found
        case Choice(options):
            return {end for option in options for end in ends(option, text, at)}
        case Group(_, inner):
            return ends(inner, text, at)
        case Repeat():
            return repeated(regex, text, at)
        case Complement(inner):
            return set(range(at, len(text) + 1)) - ends(inner, text, at)
        case Intersection(parts):
            return set.intersection(*[ends(part, text, at) for part in parts])
        case Anchor():
            return {at} if holds(regex, text, at) else set()


def repeated(regex: Repeat, text: str, at: int) -> set[int]:
    now, found, count = {at}, set(), 0
    while count <= (regex.least + len(text) + 1 if regex.most is None else regex.most):
        if count >= regex.least:
            found |= now
        now = {end for start in now for end in ends(regex.inner, text, start)}
        count += 1
    return found


def holds(anchor: Anchor, text: str, at: int) -> bool:
    before, after = text[:at], text[at:]
    at_word = (before[-1:] in WORD if before else False) != (after[:1] in WORD if after else False)
    return {
        Anchor.START: not before,
        Anchor.END: not after,
        Anchor.BEFORE_FINAL_NEWLINE: after in ("", "\n"),
        Anchor.LINE_START: before[-1:] in ("", "\n"),
        Anchor.LINE_END: after[:1] in ("", "\n"),
        Anchor.WORD: at_word,
        Anchor.NOT_WORD: not at_word,
    }[anchor]
