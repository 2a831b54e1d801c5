"""Reading a pattern from left to right: what both regex parsers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from sigmaproof.text.regex import RegexError, RegexTooLarge, UnsupportedRegex

LONGEST = 20_000
"""Characters of the longest pattern that is read: ten times what any published rule has."""

DEEPEST = 60
"""Groups inside groups, and quantifiers over quantifiers: every pass over a tree recurses that far."""


@dataclass(slots=True)
class Reader:
    """A place in a pattern."""

    pattern: str
    at: int = 0

    def __post_init__(self) -> None:
        if len(self.pattern) > LONGEST:
            raise RegexTooLarge(f"pattern has more than {LONGEST} characters", LONGEST)

    @property
    def done(self) -> bool:
        return self.at >= len(self.pattern)

    def peek(self) -> str:
        """The next character, or nothing at the end."""
        return self.pattern[self.at : self.at + 1]

    def sees(self, text: str) -> bool:
        """Whether `text` is next."""
        return self.pattern.startswith(text, self.at)

    def accept(self, text: str) -> bool:
        """Steps over `text` if it is next."""
        if not self.sees(text):
            return False
        self.at += len(text)
        return True

    def take(self, missing: str = "pattern ends too early") -> str:
        """Steps over the next character and returns it."""
        if self.done:
            self.fail(missing)
        self.at += 1
        return self.pattern[self.at - 1]

    def run(self, allowed: str, most: int | None = None) -> str:
        """Steps over the longest run of `allowed` characters and returns it."""
        start = self.at
        limit = len(self.pattern) if most is None else min(len(self.pattern), start + most)
        while self.at < limit and self.pattern[self.at] in allowed:
            self.at += 1
        return self.pattern[start : self.at]

    def until(self, end: str, missing: str) -> str:
        """Steps over everything up to and including `end`; returns what is before it."""
        start, found = self.at, self.pattern.find(end, self.at)
        if found < 0:
            self.fail(missing, start)
        self.at = found + len(end)
        return self.pattern[start:found]

    def fail(self, message: str, offset: int | None = None) -> NoReturn:
        """The pattern is broken here."""
        raise RegexError(message, self.at if offset is None else offset)

    def refuse(self, name: str, reason: str, offset: int) -> NoReturn:
        """The pattern is fine in its dialect and not supported here."""
        raise UnsupportedRegex(f"{name}: {reason}", offset)
