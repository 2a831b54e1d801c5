r"""Perl's `$`, the end or before a newline that ends the text, for an engine that only knows the very end.

There are two ways. In the tree of a whole text, `$` and the rest are `\n?` where nothing or anything follows.
To capture, the text is disguised: all newlines but the text's last character become a mark, which every
class takes for a newline, so that RE2's `(?m:$)`, before any newline, is Perl's `$`.
"""

from __future__ import annotations

from msgspec import Struct

from sigmaproof.text.re2_syntax import NotRE2
from sigmaproof.text.regex import (
    ANY_TEXT,
    EMPTY,
    Anchor,
    Chars,
    Choice,
    Concat,
    Group,
    Regex,
    Repeat,
    UnsupportedRegex,
    choice,
    concat,
)
from sigmaproof.text.walk import anchors, mapped

_MARK, _TWIN = "\udbff", "\udbfe"
"""Lone surrogates, which no well-formed text has. The twin stands for a mark that a text does have."""

_NEWLINE, _MARKED = Chars.one("\n"), Chars.one(_MARK)


def has_final_newline(regex: Regex) -> bool:
    """Whether Perl's `$` is in the tree."""
    return Anchor.BEFORE_FINAL_NEWLINE in anchors(regex)


def rewritten(regex: Regex, tail: Regex = EMPTY) -> Regex:
    """The same language without Perl's `$`; `tail`, nothing or anything, follows the tree and ends the text.

    Raises `NotRE2` where `$` stands before something else.
    """
    if not has_final_newline(regex):
        return concat([regex, tail])
    match regex:
        case Anchor():
            return EMPTY if tail == EMPTY else Repeat(_NEWLINE, 0, 1)
        case Group(_, inner):
            return rewritten(inner, tail)
        case Choice(options):
            return choice([rewritten(option, tail) for option in options])
        case Concat((*head, last)) if last == ANY_TEXT:
            return rewritten(concat(head), ANY_TEXT)
        case Concat((*head, last)) if not any(map(has_final_newline, head)):
            return concat([*head, rewritten(last, tail)])
    raise NotRE2("Perl's $ in the middle")


class Disguise(Struct, frozen=True):
    """A tree and texts in which the only newline is one that ends the text."""

    regex: Regex

    @staticmethod
    def of(regex: Regex) -> Disguise:
        """The tree for disguised texts."""
        if anchors(regex) & {Anchor.LINE_START, Anchor.LINE_END}:
            raise UnsupportedRegex("multi-line anchors beside Perl's $: RE2 has one kind only", 0)
        return Disguise(mapped(regex, _disguised))

    def text(self, text: str) -> str:
        """The text in disguise: as long as before, place by place."""
        if "\n" not in text and _MARK not in text:
            return text
        return text[:-1].replace(_MARK, _TWIN).replace("\n", _MARK) + text[-1:].replace(_MARK, _TWIN)

    def undone(self, text: str) -> str:
        """A text made of pieces of a disguised one, without the disguise."""
        return text.replace(_MARK, "\n").replace(_TWIN, _MARK)


def _disguised(leaf: Chars | Anchor) -> Regex:
    if isinstance(leaf, Anchor):
        return Anchor.LINE_END if leaf is Anchor.BEFORE_FINAL_NEWLINE else leaf
    if (_MARK in leaf) != (_TWIN in leaf):
        raise UnsupportedRegex("a class that tells lone surrogates apart, beside Perl's $", 0)
    return leaf | _MARKED if "\n" in leaf else leaf & ~_MARKED
