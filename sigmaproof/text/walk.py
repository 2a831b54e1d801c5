"""Looking through trees, and changing their leaves."""

from __future__ import annotations

from collections.abc import Callable

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


def anchors(regex: Regex) -> frozenset[Anchor]:
    """The kinds of anchors in a tree."""
    match regex:
        case Anchor():
            return frozenset({regex})
        case Concat(parts) | Choice(parts) | Intersection(parts):
            return frozenset[Anchor]().union(*[anchors(part) for part in parts])
        case Repeat(inner) | Group(_, inner) | Complement(inner):
            return anchors(inner)
    return frozenset()


def can_be_empty(regex: Regex) -> bool:
    """Whether the tree may match the empty text; anchors are taken to hold."""
    match regex:
        case Concat(parts) | Intersection(parts):
            return all(can_be_empty(part) for part in parts)
        case Choice(options):
            return any(can_be_empty(option) for option in options)
        case Repeat(inner, least):
            return least == 0 or can_be_empty(inner)
        case Group(_, inner):
            return can_be_empty(inner)
    return not isinstance(regex, Chars)


def mapped(regex: Regex, change: Callable[[Chars | Anchor], Regex]) -> Regex:
    """The tree with its classes and anchors changed."""
    match regex:
        case Chars() | Anchor():
            return change(regex)
        case Concat(parts) | Choice(parts) | Intersection(parts):
            return type(regex)(tuple([mapped(part, change) for part in parts]))
        case Repeat(inner, least, most, greedy):
            return Repeat(mapped(inner, change), least, most, greedy)
        case Group(name, inner):
            return Group(name, mapped(inner, change))
        case Complement(inner):
            return Complement(mapped(inner, change))
