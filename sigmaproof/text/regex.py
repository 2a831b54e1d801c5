"""Regular expressions as one small syntax tree, whatever dialect they were written in.

Flags are gone by the time a tree exists: case-insensitive letters are classes, `.` is a class, `search` is
`any* r any*`. A tree describes whole texts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from functools import cache, lru_cache

from msgspec import Struct

from sigmaproof.text.fold import Fold, case_classes, variants

LAST = 0x10FFFF


class Chars(Struct, frozen=True, cache_hash=True):
    """One code point out of sorted, disjoint, non-adjacent inclusive ranges."""

    ranges: tuple[tuple[int, int], ...]

    @staticmethod
    def of(*ranges: tuple[int, int]) -> Chars:
        """The class of these inclusive ranges, in normal form."""
        return Chars(tuple(_merged(ranges)))

    @staticmethod
    def one(char: str, rule: Fold = Fold.EXACT) -> Chars:
        """`char` and what the case rule does not tell from it."""
        return _one(char, rule)

    def __or__(self, other: Chars) -> Chars:
        return Chars.of(*self.ranges, *other.ranges)

    def __invert__(self) -> Chars:
        gaps, start = [], 0
        for low, high in self.ranges:
            if low > start:
                gaps.append((start, low - 1))
            start = high + 1
        if start <= LAST:
            gaps.append((start, LAST))
        return Chars(tuple(gaps))

    def __and__(self, other: Chars) -> Chars:
        found: list[tuple[int, int]] = []
        here, there = iter(self.ranges), iter(other.ranges)
        one, two = next(here, None), next(there, None)
        while one and two:
            low, high = max(one[0], two[0]), min(one[1], two[1])
            if low <= high:
                found.append((low, high))
            if one[1] < two[1]:
                one = next(here, None)
            else:
                two = next(there, None)
        return Chars(tuple(found))

    @property
    def size(self) -> int:
        """How many characters it has."""
        return sum(high - low + 1 for low, high in self.ranges)

    def __contains__(self, char: str) -> bool:
        code = ord(char)
        for low, high in self.ranges:  # noqa: SIM110  asked so often that a generator is half of some runs
            if low <= code <= high:
                return True
        return False

    def insensitive(self, rule: Fold) -> Chars:
        """The class widened by every letter that the case rule does not tell from a member."""
        return self if rule is Fold.EXACT else _insensitive(self, rule)


class Concat(Struct, frozen=True, cache_hash=True):
    """One after the other; `Concat(())` is the empty text."""

    parts: tuple[Regex, ...]


class Choice(Struct, frozen=True, cache_hash=True):
    """Any one of them, the first preferred; `Choice(())` matches nothing at all."""

    options: tuple[Regex, ...]


class Repeat(Struct, frozen=True, cache_hash=True):
    """`least` to `most` times (None: any number). `greedy` matters to what a group captures, only."""

    inner: Regex
    least: int
    most: int | None
    greedy: bool = True


class Group(Struct, frozen=True, cache_hash=True):
    """A capturing group, by name or number."""

    name: str
    inner: Regex


class Anchor(Enum):
    """A place between two code points."""

    START = r"\A"
    END = r"\z"
    BEFORE_FINAL_NEWLINE = r"\Z"
    """The end, or before a newline that ends the text: Perl's `$`."""
    LINE_START = "^"
    LINE_END = "$"
    WORD = r"\b"
    NOT_WORD = r"\B"


class Complement(Struct, frozen=True, cache_hash=True):
    """Every text that `inner` does not match."""

    inner: Regex


class Intersection(Struct, frozen=True, cache_hash=True):
    """Every text that all of them match."""

    parts: tuple[Regex, ...]


Regex = Chars | Concat | Choice | Repeat | Group | Anchor | Complement | Intersection

ANY_CHAR = Chars(((0, LAST),))
ANY_TEXT = Repeat(ANY_CHAR, 0, None)
EMPTY = Concat(())
NOTHING = Choice(())


class RegexError(ValueError):
    """A pattern that its dialect does not accept; `offset` is the 0-based character at fault."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class UnsupportedRegex(RegexError):
    """A pattern that the dialect accepts and that no linear engine can run (look-around, back-references)."""


class RegexTooLarge(RegexError):
    """A pattern that is fine, but whose length, nesting or automaton is beyond what is run here."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message, offset)


def concat(parts: Sequence[Regex]) -> Regex:
    """One after the other, without a wrapper around a single part."""
    return parts[0] if len(parts) == 1 else Concat(tuple(parts))


def choice(options: Sequence[Regex]) -> Regex:
    """Any one of them, without a wrapper around a single option."""
    return options[0] if len(options) == 1 else Choice(tuple(options))


def ungrouped(regex: Regex) -> Regex:
    """The same language without what only captures see: groups, and who is greedy."""
    match regex:
        case Group(_, inner):
            return ungrouped(inner)
        case Concat(parts):
            return concat([ungrouped(part) for part in parts])
        case Choice(options):
            return choice([ungrouped(option) for option in options])
        case Repeat(inner, least, most):
            return Repeat(ungrouped(inner), least, most)
        case Complement(inner):
            return Complement(ungrouped(inner))
        case Intersection(parts):
            return Intersection(tuple([ungrouped(part) for part in parts]))
    return regex


def literal(text: str, rule: Fold = Fold.EXACT) -> Regex:
    """The expression that matches `text` only."""
    return Concat(tuple(Chars.one(char, rule) for char in text))


def search(regex: Regex) -> Regex:
    """The expression that matches a text which contains a match of `regex`."""
    return Concat((ANY_TEXT, regex, ANY_TEXT))


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if low > high:
            continue
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return out


@lru_cache(maxsize=4096)
def _one(char: str, rule: Fold) -> Chars:
    return Chars.of(*((ord(member), ord(member)) for member in variants(char, rule)))


@lru_cache(maxsize=4096)
def _insensitive(chars: Chars, rule: Fold) -> Chars:
    cased, classes = _letters(rule)
    added = {
        member
        for low, high in chars.ranges
        for members in classes[bisect_left(cased, low) : bisect_right(cased, high)]
        for member in members
    }
    return Chars.of(*chars.ranges, *((member, member) for member in added))


@cache
def _letters(rule: Fold) -> tuple[Sequence[int], Sequence[Collection[int]]]:
    """Every letter that has a case, in order, and beside it those that the rule does not tell from it."""
    classes = {ord(one): [ord(other) for other in found] for found in case_classes(rule) for one in found}
    cased = sorted(classes)
    return cased, [classes[code] for code in cased]
