"""Lucene's regular expressions: `regexp` and `f:/…/` of Elasticsearch and OpenSearch, `regex` of EQL.

They match the whole value. `.` crosses newlines; `^` and `$` are letters; a lazy quantifier is a second
quantifier, which changes nothing. A meta character where an operand is expected is a letter, so that
`(?i)foo` matches the text `?ifoo`. Syntax:
https://www.elastic.co/docs/reference/query-languages/query-dsl/regexp-syntax
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, reduce
from operator import or_

from sigmaproof.text.fold import Fold
from sigmaproof.text.intervals import decimal_interval
from sigmaproof.text.reader import DEEPEST, Reader
from sigmaproof.text.regex import (
    ANY_CHAR,
    ANY_TEXT,
    EMPTY,
    NOTHING,
    Chars,
    Complement,
    Intersection,
    Regex,
    RegexTooLarge,
    Repeat,
    choice,
    concat,
    literal,
)

_DIGITS = "0123456789"
_LARGEST = 2**31 - 1
_SPECIAL = frozenset('[."#@<\\')
"""Every other character is a letter where an operand is expected."""


def _with_complements(classes: dict[str, Chars]) -> dict[str, Chars]:
    return {**classes, **{letter.upper(): ~chars for letter, chars in classes.items()}}


_CLASSES = _with_complements(
    {
        "d": Chars.of((0x30, 0x39)),
        "s": Chars.of((0x20, 0x20), (0x09, 0x0A), (0x0D, 0x0D)),
        "w": Chars.of((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
    }
)


def parse(
    pattern: str,
    *,
    complement: bool = True,
    classes: bool = True,
    operators: bool = True,
    fold: Fold = Fold.EXACT,
    fold_ranges: bool = False,
) -> Regex:
    r"""The pattern as a tree over whole texts.

    `complement`: `~` negates (Elasticsearch, OpenSearch 2; a letter on OpenSearch 3). `classes`: `\d \w \s`
    are classes (Lucene 9 and later). `operators`: `& @ # <…>` mean something (not under the DSL's
    `flags: NONE`). `fold` applies to letters, to ranges only with `fold_ranges`, never to `\w`. Raises
    `RegexError` where the servers refuse the pattern, `RegexTooLarge` for a hostile size.
    """
    if not pattern:
        return EMPTY
    return _Parser(Reader(pattern), complement, classes, operators, fold, fold_ranges).whole()


@dataclass(slots=True)
class _Frame:
    """A group that is still open: what was read of it, by precedence."""

    offset: int
    complements: int = 0
    """How many `~` stand before it."""
    options: list[Regex] = field(default_factory=list)
    sides: list[Regex] = field(default_factory=list)
    items: list[Regex] = field(default_factory=list)

    def end_side(self) -> None:
        self.sides.append(concat(self.items))
        self.items = []

    def end_option(self) -> None:
        self.end_side()
        self.options.append(self.sides[0] if len(self.sides) == 1 else Intersection(tuple(self.sides)))
        self.sides = []


@dataclass(slots=True)
class _Parser:
    """Reads with its own stack, so that no pattern can exhaust Python's."""

    reader: Reader
    complement: bool
    classes: bool
    operators: bool
    fold: Fold
    fold_ranges: bool
    frames: list[_Frame] = field(default_factory=lambda: [_Frame(0)])
    stacked: int = 0
    """Quantifiers that follow a quantifier."""

    def whole(self) -> Regex:
        while True:
            self.operand()
            while self.group_ends():
                self.close_group()
            if self.reader.done:
                break
            self.joint()
        if len(self.frames) > 1:
            self.reader.fail("missing ) to close the group", self.frames[-1].offset)
        self.frames[0].end_option()
        return choice(self.frames[0].options)

    def joint(self) -> None:
        """What stands between two operands: `|`, `&`, or nothing."""
        if self.reader.sees(")"):
            self.reader.fail("unmatched )")
        if self.reader.accept("|"):
            self.frames[-1].end_option()
        elif self.operators and self.reader.accept("&"):
            self.frames[-1].end_side()

    def group_ends(self) -> bool:
        return len(self.frames) > 1 and bool(self.frames[-1].items) and self.reader.sees(")")

    def operand(self) -> None:
        """One operand with its quantifiers, after the groups that open before it."""
        while True:
            complements = self.complements()
            offset = self.reader.at
            if not self.reader.accept("("):
                return self.finish(self.simple(), complements)
            if self.reader.accept(")"):
                return self.finish(EMPTY, complements)
            if len(self.frames) > DEEPEST:
                raise RegexTooLarge(f"more than {DEEPEST} groups inside one another", offset)
            self.frames.append(_Frame(offset, complements))

    def close_group(self) -> None:
        self.reader.take()
        frame = self.frames.pop()
        frame.end_option()
        self.finish(choice(frame.options), frame.complements)

    def complements(self) -> int:
        return len(self.reader.run("~")) if self.complement else 0

    def finish(self, operand: Regex, complements: int) -> None:
        # Two complements are none; an odd one binds tighter than the quantifiers that follow.
        item = Complement(operand) if complements % 2 else operand
        once = True
        while self.reader.peek() in {"*", "+", "?", "{"}:
            self.stacked += not once
            if self.stacked > DEEPEST:
                raise RegexTooLarge(f"more than {DEEPEST} quantifiers after quantifiers", self.reader.at)
            item, once = self.repeated(item), False
        self.frames[-1].items.append(item)

    def repeated(self, item: Regex) -> Regex:
        match self.reader.take():
            case "*":
                counts: tuple[int, int | None] = (0, None)
            case "+":
                counts = (1, None)
            case "?":
                counts = (0, 1)
            case _:
                counts = self.counts()
        least, most = counts
        if most is not None and most < least:
            return NOTHING
        if isinstance(item, Repeat) and (item.least, item.most) == (0, None) and most != 0:
            return item  # any number, any number of times
        return Repeat(item, least, most)

    def counts(self) -> tuple[int, int | None]:
        least = self.number()
        most: int | None = least
        if self.reader.accept(","):
            most = self.number() if self.reader.peek() in {*_DIGITS} else None
        if not self.reader.accept("}"):
            self.reader.fail("} expected")
        return least, most

    def number(self) -> int:
        offset = self.reader.at
        digits = self.reader.run(_DIGITS)
        if not digits:
            self.reader.fail("number expected")
        if len(digits) > 10 or int(digits) > _LARGEST:
            self.reader.fail("number is too large", offset)
        return int(digits)

    def simple(self) -> Regex:
        reader = self.reader
        if reader.peek() not in _SPECIAL:
            return Chars.one(reader.take("pattern ends where a character is expected"), self.fold)
        if reader.accept("["):
            return self.char_class()
        if reader.accept("."):
            return ANY_CHAR
        if reader.accept('"'):
            return literal(reader.until('"', 'missing " to close the quotation'), self.fold)
        if self.operators:
            if reader.accept("#"):
                return NOTHING
            if reader.accept("@"):
                return ANY_TEXT
            if reader.accept("<"):
                return self.interval()
        named = self.named_class()
        return named if named is not None else Chars.one(self.letter(), self.fold)

    def interval(self) -> Regex:
        offset = self.reader.at - 1
        text = self.reader.until(">", "missing > to close the interval")
        low, dash, high = text.partition("-")
        if not dash:
            self.reader.fail(f"there is no automaton named {text!r}", offset)
        for digits in (low, high):
            if not digits or digits.strip(_DIGITS) or len(digits) > 10 or int(digits) > _LARGEST:
                self.reader.fail("bad interval", offset)
        first, last = sorted((int(low), int(high)))
        return decimal_interval(first, last, len(low) if len(low) == len(high) else 0)

    def letter(self) -> str:
        self.reader.accept("\\")
        return self.reader.take("pattern ends where a character is expected")

    def named_class(self) -> Chars | None:
        """The class of an escaped letter, if there is one here. Other escaped letters are errors."""
        reader = self.reader
        if not self.classes or not reader.sees("\\"):
            return None
        escaped = reader.pattern[reader.at + 1 : reader.at + 2]
        if escaped in _CLASSES:
            reader.at += 2
            return _CLASSES[escaped]
        if escaped.isascii() and escaped.isalpha():
            reader.fail(f"invalid character class \\{escaped}")
        return None

    def char_class(self) -> Regex:
        reader = self.reader
        start, end = reader.at - 1, reader.pattern.find("]", reader.at)
        plain = reader.pattern[reader.at : end]
        if end > reader.at and plain[0] != "^" and "-" not in plain and "\\" not in plain:
            reader.at = end + 1
            return _listed(plain, self.fold)
        negated = reader.accept("^")
        chars = self.class_member()
        while not reader.done and not reader.sees("]"):
            chars |= self.class_member()
        if not reader.accept("]"):
            reader.fail("missing ] to close the class", start)
        return ~chars if negated else chars

    def class_member(self) -> Chars:
        named = self.named_class()
        if named is not None:
            return named
        offset = self.reader.at
        low = self.letter()
        if not self.reader.accept("-"):
            return Chars.one(low, self.fold)
        high = self.letter()
        if high < low:
            self.reader.fail(f"range {low}-{high} runs backwards", offset)
        chars = Chars.of((ord(low), ord(high)))
        return chars.insensitive(self.fold) if self.fold_ranges else chars


@lru_cache(maxsize=4096)
def _listed(letters: str, fold: Fold) -> Chars:
    """A class that lists its letters: most classes are the two cases of one, over and over."""
    return reduce(or_, (Chars.one(letter, fold) for letter in letters))
