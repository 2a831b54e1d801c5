"""What is put to a real engine and what comes back, whatever the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from msgspec import Struct, field

from sigmaproof.errors import Problem, SigmaproofError


class LiveError(SigmaproofError):
    """A real engine cannot be worked with: it is not there, refuses us, or takes too long."""

    def __init__(self, message: str, help_: str = "") -> None:
        super().__init__(Problem("live-failed", message, help=help_))


class Corpus(Struct, frozen=True):
    """Documents, and the index that they are put into."""

    name: str
    documents: Sequence[Mapping[str, Any]]
    mapping: Mapping[str, Any] = field(default_factory=dict)
    """The properties of an Elasticsearch mapping; nothing for Splunk."""
    analysis: Mapping[str, Any] = field(default_factory=dict)
    """Analysers of its own."""
    default: str | None = None
    """What becomes of a field that the mapping does not name: `dynamic`, a type, or None for nothing."""
    stand_ins: bool = False
    """A type or analyser that the server lacks may be replaced by the nearest that it has."""


class Held(Struct, frozen=True):
    """A corpus as the server holds it for the time being."""

    corpus: Corpus
    index: str
    rejected: Mapping[int, str] = field(default_factory=dict)
    """Document by number: why the server did not take it."""
    stand_ins: tuple[tuple[str, str], ...] = ()
    """Types and analysers that the server lacks, each with what stands in its place."""
    unable: str = ""
    """Why the server cannot have such an index at all; empty when it can."""


class Question(Struct, frozen=True):
    """One query on one held corpus."""

    held: Held
    language: str
    query: str | Mapping[str, Any]
    """A text, or a query of the DSL."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """By the names of sigmaproof's targets."""
    among: tuple[int, ...] | None = None
    """The documents it is asked of; None means all."""


class Answer(Struct, frozen=True):
    """What a server says to a question."""

    findings: tuple[tuple[int, ...], ...] = ()
    """For each result the numbers of the documents behind it, -1 for a missing event."""
    error: str = ""
    """Why the server refuses the query."""
    unable: str = ""
    """What the server lacks to answer at all."""
    counted: int | None = None
    """The number of results, where they do not tell which documents they came from."""

    @property
    def rows(self) -> list[int]:
        """Every document in every result, in order."""
        return [row for finding in self.findings for row in finding]


class Engine(Protocol):
    """A real engine. It cleans up behind itself, come what may."""

    @property
    def flavour(self) -> str:
        """`elasticsearch`, `opensearch` or `splunk`."""

    @property
    def version(self) -> str:
        """As the server says it."""

    def holding(self, corpora: Sequence[Corpus]) -> AbstractContextManager[list[Held]]:
        """Has these corpora in temporary indices of their own, until the context ends. Raises `LiveError`."""

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """One answer to each question. Raises `LiveError`."""

    def close(self) -> None:
        """Lets go of the connections."""


def named(engine: Engine) -> str:
    """The engine as a person would call it."""
    return f"{engine.flavour} {engine.version}"
