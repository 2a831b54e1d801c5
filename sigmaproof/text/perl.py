r"""Perl-family regular expressions: Sigma's `re`, Splunk's PCRE, Java's.

What differs between them is in `perl_dialect`. What holds in all three:
`\d \w \s \b` are ASCII, and ignoring case widens none of them (RE2 would let `(?i)\w` match the Kelvin sign);
`(?i)` lasts to the end of its group; a quantifier cannot follow an anchor or another quantifier;
`\Z` is the end, or before a newline that ends the text; `(?m)^` also matches after such a newline (as in RE2;
Perl and Java would not). Java's `$` knows `\n` only, of all the line breaks that Java has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec.structs import replace

from sigmaproof.text.perl_chars import Named, read_class, read_escape
from sigmaproof.text.perl_dialect import RULES, Dialect, Flags, Rules
from sigmaproof.text.perl_locks import Lock, given_back, iteration_start, starts
from sigmaproof.text.reader import DEEPEST, Reader
from sigmaproof.text.regex import (
    ANY_CHAR,
    EMPTY,
    Anchor,
    Chars,
    Group,
    Regex,
    RegexTooLarge,
    Repeat,
    choice,
    concat,
)

__all__ = ["Dialect", "parse"]

MOST_REPEATS = 65_535
"""The largest count that PCRE takes."""

_COUNTS = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIMPLE_COUNTS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_ESCAPED_ANCHORS = {
    "A": Anchor.START,
    "z": Anchor.END,
    "Z": Anchor.BEFORE_FINAL_NEWLINE,
    "b": Anchor.WORD,
    "B": Anchor.NOT_WORD,
}
_NO_ENGINE = "no linear engine can run it"
_REFUSED_GROUPS = {
    "?=": ("look-ahead", _NO_ENGINE),
    "?!": ("negative look-ahead", _NO_ENGINE),
    "?<=": ("look-behind", _NO_ENGINE),
    "?<!": ("negative look-behind", _NO_ENGINE),
    "?P=": ("back-reference", _NO_ENGINE),
    "?P>": ("recursion", _NO_ENGINE),
    "?&": ("recursion", _NO_ENGINE),
    "?R": ("recursion", _NO_ENGINE),
    "?(": ("conditional", _NO_ENGINE),
    "?|": ("branch reset", "its groups share numbers"),
    "?C": ("callout", "there is no host program"),
    "?^": ("flag reset", "it is not modelled"),
}


def parse(
    pattern: str,
    *,
    dialect: Dialect = Dialect.SIGMA,
    ignore_case: bool = False,
    multiline: bool = False,
    dotall: bool = False,
) -> Regex:
    """The pattern as a tree, without the `search` around it; flags are worked in.

    Raises `UnsupportedRegex` for what the dialect knows and no linear engine can run, `RegexTooLarge` for a
    hostile size, `RegexError` with the offset for a pattern that is broken.
    """
    return _Parser(Reader(pattern), RULES[dialect], Flags(ignore_case, multiline, dotall)).whole()


@dataclass(slots=True)
class _Frame:
    """A group that is still open."""

    offset: int
    flags: Flags
    """Those in force before it."""
    name: str | None = None
    atomic: bool = False
    options: list[Regex] = field(default_factory=list)
    items: list[Regex] = field(default_factory=list)
    repeatable: bool = False
    locks: list[Lock] = field(default_factory=list)
    """Of the option that is being read."""
    open_locks: list[Lock] = field(default_factory=list)
    """Of the options read, where what follows the group decides."""


@dataclass(slots=True)
class _Parser:
    """Reads with its own stack, so that no pattern can exhaust Python's."""

    reader: Reader
    rules: Rules
    flags: Flags
    frames: list[_Frame] = field(init=False)
    names: set[str] = field(default_factory=set)
    groups: int = 0

    def __post_init__(self) -> None:
        self.frames = [_Frame(0, self.flags)]

    def whole(self) -> Regex:
        while not self.reader.done:
            self.step()
        if len(self.frames) > 1:
            self.reader.fail("missing ) to close the group", self.frames[-1].offset)
        self.end_option()
        return choice(self.frames[0].options)

    def step(self) -> None:
        letter = self.reader.take()
        if self.flags.extended and (letter.isspace() or letter == "#"):
            if letter == "#":
                self.skip_comment()
            return
        match letter:
            case "|":
                self.end_option()
            case "(":
                self.open_group()
            case ")":
                self.close_group()
            case "*" | "+" | "?":
                self.repeat(_SIMPLE_COUNTS[letter])
            case "{":
                self.brace()
            case "[":
                self.add(read_class(self.reader, self.rules, self.rules.fold(self.flags)))
            case ".":
                self.add(ANY_CHAR if self.flags.dotall else ~self.rules.line_breaks)
            case "^":
                self.add_anchor(Anchor.LINE_START if self.flags.multiline else Anchor.START)
            case "$":
                self.add_anchor(Anchor.LINE_END if self.flags.multiline else self.rules.dollar)
            case "\\":
                self.escape()
            case _:
                self.add_literal(letter)

    def add(self, item: Regex) -> None:
        self.frames[-1].items.append(item)
        self.frames[-1].repeatable = True

    def add_anchor(self, anchor: Anchor) -> None:
        self.add(anchor)
        self.frames[-1].repeatable = False

    def add_literal(self, letter: str) -> None:
        self.add(Chars.one(letter, self.rules.fold(self.flags)))

    def skip_comment(self) -> None:
        end = self.reader.pattern.find("\n", self.reader.at)
        self.reader.at = len(self.reader.pattern) if end < 0 else end + 1

    def escape(self) -> None:
        letter = self.reader.peek()
        if letter in _ESCAPED_ANCHORS and letter:
            self.reader.take()
            self.add_anchor(_ESCAPED_ANCHORS[letter])
        elif self.reader.accept("Q"):
            self.quotation()
        elif not self.reader.accept("E"):  # an end without a beginning is nothing
            member = read_escape(self.reader, self.rules)
            if isinstance(member, Named):
                self.add(member.under(self.rules.fold(self.flags)))
            else:
                self.add_literal(member)

    def quotation(self) -> None:
        reader = self.reader
        end = reader.pattern.find(r"\E", reader.at)
        text = reader.pattern[reader.at : end if end >= 0 else None]
        reader.at += len(text) + (2 if end >= 0 else 0)
        for letter in text:
            self.add_literal(letter)

    def brace(self) -> None:
        start = self.reader.at - 1
        found = _COUNTS.match(self.reader.pattern, start)
        if found is None:
            if not self.rules.literal_brace:
                self.reader.fail("{ starts no quantifier", start)
            self.add_literal("{")
            return
        if max(map(len, found.groups(""))) > len(str(MOST_REPEATS)):
            self.reader.fail("repeat count is too large", start)
        least = int(found[1])
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if most is not None and most < least:
            self.reader.fail("repeat counts run backwards", start)
        if max(least, most or 0) > MOST_REPEATS:
            self.reader.fail("repeat count is too large", start)
        self.reader.at = found.end()
        self.repeat((least, most), start)

    def repeat(self, counts: tuple[int, int | None], start: int | None = None) -> None:
        frame, offset = self.frames[-1], self.reader.at - 1 if start is None else start
        if not frame.repeatable:
            self.reader.fail("nothing to repeat", offset)
        inner = frame.items[-1]
        possessive = self.reader.accept("+")
        lazy = not possessive and self.reader.accept("?")
        frame.items[-1] = Repeat(inner, *counts, greedy=possessive or lazy == self.flags.ungreedy)
        frame.repeatable = False
        if possessive:
            self.lock(iteration_start(inner), "possessive quantifier", offset)
        if counts[1] != 1 and any(
            (starts([inner])[0] & lock.chars).ranges
            for lock in frame.locks
            if lock.index == len(frame.items) - 1 and lock.offset != offset
        ):
            self.refuse_lock(offset)

    def lock(self, chars: Chars | None, name: str, offset: int) -> None:
        """Notes what must not follow the last item for it to lose nothing by keeping all it took."""
        frame = self.frames[-1]
        if chars is None:
            self.reader.refuse(name, "it may keep text that another way to match would give back", offset)
        if chars.ranges:
            frame.locks.append(Lock(len(frame.items) - 1, chars, offset))

    def refuse_lock(self, offset: int) -> None:
        reason = "what follows could begin inside the text that it keeps"
        self.reader.refuse("possessive quantifier or atomic group", reason, offset)

    def end_option(self) -> None:
        frame = self.frames[-1]
        for lock in frame.locks:
            begins, passable = starts(frame.items[lock.index + 1 :])
            if (begins & lock.chars).ranges:
                self.refuse_lock(lock.offset)
            if passable:
                frame.open_locks.append(lock)
        frame.options.append(concat(frame.items) if frame.items else EMPTY)
        frame.items, frame.locks, frame.repeatable = [], [], False

    def open_group(self) -> None:
        reader, offset = self.reader, self.reader.at - 1
        if len(self.frames) > DEEPEST:
            raise RegexTooLarge(f"more than {DEEPEST} groups inside one another", offset)
        if self.rules.dialect is Dialect.PCRE and reader.sees("*"):
            reader.refuse("verb", "it steers a backtracking engine", offset)
        if not reader.sees("?"):
            self.groups += 1
            self.frames.append(_Frame(offset, self.flags, name=str(self.groups)))
        elif reader.accept("?#"):
            reader.until(")", "missing ) to close the comment")
        elif reader.accept("?>"):
            self.frames.append(_Frame(offset, self.flags, atomic=True))
        else:
            self.special_group(offset)

    def special_group(self, offset: int) -> None:
        reader = self.reader
        for opener, reason in _REFUSED_GROUPS.items():
            if reader.sees(opener):
                reader.refuse(*reason, offset)
        reader.take()
        if reader.peek() in {*"0123456789"} or reader.sees("+"):
            reader.refuse("recursion", _NO_ENGINE, offset)
        for opener, closer in (("P<", ">"), ("<", ">"), ("'", "'")):
            if reader.accept(opener):
                return self.named_group(closer, offset)
        return self.flag_group(offset)

    def named_group(self, closer: str, offset: int) -> None:
        name = self.reader.until(closer, f"missing {closer} to close the group's name")
        if not _NAME.fullmatch(name):
            self.reader.fail(f"bad group name {name!r}", offset)
        if name in self.names:
            self.reader.fail(f"group name {name!r} is used twice", offset)
        self.names.add(name)
        self.groups += 1
        self.frames.append(_Frame(offset, self.flags, name=name))

    def flag_group(self, offset: int) -> None:
        """`(?i)` to the end of the enclosing group, `(?i:…)` for a group of its own, or `(?:…)`."""
        before, value, changes = self.flags, True, dict[str, bool]()
        while (letter := self.reader.take("unfinished group")) not in ":)":
            if letter == "-" and value:
                value = False
            elif letter in self.rules.flags:
                changes[self.rules.flags[letter]] = value
            else:
                self.reader.fail(f"unknown group or flag (?{letter}", offset)
        self.flags = replace(before, **changes)
        if letter == ":":
            self.frames.append(_Frame(offset, before))
        else:
            self.frames[-1].repeatable = False

    def close_group(self) -> None:
        if len(self.frames) == 1:
            self.reader.fail("unmatched )", self.reader.at - 1)
        self.end_option()
        frame = self.frames.pop()
        inner = choice(frame.options)
        self.flags = frame.flags
        self.add(inner if frame.name is None else Group(frame.name, inner))
        index = len(self.frames[-1].items) - 1
        self.frames[-1].locks += [replace(lock, index=index) for lock in frame.open_locks]
        if frame.atomic:
            self.lock(given_back(inner), "atomic group", frame.offset)
