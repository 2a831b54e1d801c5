"""What can go wrong with something a person wrote: one value, raised or collected once, rendered once."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """Exit codes of every command."""

    EXPECTED = 0
    """Everything is as expected."""
    VERDICT = 1
    """A verdict differs from what was expected, or nothing ran."""
    BROKEN_INPUT = 2
    """A rule, fixture or target does not load or convert."""
    USAGE = 3
    """The command line or the configuration is wrong."""


class Place(Struct, frozen=True):
    """Where in a file: lines and columns count from 1; `line` 0 means the file as a whole."""

    path: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else str(self.path)


class Problem(Struct, frozen=True):
    """One thing that is wrong with an input, told once: code, place, message, remedy."""

    code: str
    """Stable and greppable, such as `invalid-rule`."""
    message: str
    place: Place | None = None
    help: str = ""


class SigmaproofError(Exception):
    """Base of every error that a person's input can cause; carries the problem to show."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class InvalidInput(SigmaproofError):
    """A rule, fixture, target or event file that does not load."""


class UsageError(SigmaproofError):
    """A command line or configuration that does not make sense."""


class QueryError(Exception):
    """A query that its engine would not run. Subclasses say why."""

    def told(self) -> str:
        """The reason as a person reads it."""
        return str(self)


class QuerySyntaxError(QueryError):
    """A query that does not parse; `offset` is the 0-based character where reading stopped."""

    def __init__(self, message: str, query: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.offset = offset

    def told(self) -> str:
        """The reason, and the place in the query below it."""
        return f"{self.message}\n{self.caret()}"

    def caret(self) -> str:
        """The line of the query at fault, with a caret under the character."""
        start = self.query.rfind("\n", 0, self.offset) + 1
        end = self.query.find("\n", self.offset)
        line = self.query[start : end if end >= 0 else len(self.query)]
        return f"{line}\n{' ' * (self.offset - start)}^"


class InvalidQuery(QueryError):
    """A query that parses, but that the engine rejects (unknown field, wrong type, a limit)."""


class UnsupportedQuery(QueryError):
    """A construct that sigmaproof does not model. Its name and the reason are the message."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, or nothing: ` (did you mean "contains"?)`."""
    from difflib import get_close_matches  # a run without mistakes does without it

    found = get_close_matches(word, list(known), n=1)
    return f' (did you mean "{found[0]}"?)' if found else ""
