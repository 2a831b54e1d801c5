"""The one sentence under a failure: which test decided, and what it saw."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.logic.explain import Reason, Trace
from sigmaproof.logic.values import Cell, text_of

_LONGEST = 100


def why(trace: Trace | None) -> str:
    """What made a rule or query answer as it did; nothing for a plan that looks at several events."""
    if trace is None:
        return ""
    return min((_told(test, words) for test, words in deciding(trace)), key=_interest, default=("", 0))[0]


def deciding(trace: Trace) -> Iterator[tuple[Trace, str]]:
    """The tests that make the trace what it is, each with the innermost words around it."""
    yield from _deciding(trace, "")


def shown(cell: Cell) -> str:
    """A field's values in one short line."""
    if cell is None:
        return "(absent)"
    text = ", ".join(text_of(value) if value is not None else "null" for value in cell) if cell else "(empty)"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _deciding(trace: Trace, words: str) -> Iterator[tuple[Trace, str]]:
    match trace.kind:
        case "test" | "always" | "never":
            yield trace, words
        case "label":
            for child in trace.children:
                yield from _deciding(child, trace.text)
        case "not":
            yield from _deciding(trace.children[0], words)
        case _:
            for child in trace.children:
                # what fails decides an `all of` that fails, what holds an `any of` that holds
                if child.holds is trace.holds:
                    yield from _deciding(child, words)


def _told(test: Trace, words: str) -> tuple[str, int]:
    subject = words or test.text
    if test.kind != "test":
        return f"the query {test.kind} holds here", 3
    if test.holds:
        return f"{subject} matches {shown(test.actual)}", 2
    if test.reason is Reason.ABSENT:
        return f"{test.text} is absent", 1
    rank = 0 if test.reason is Reason.CASE else 2
    return f"{subject}: {test.reason}, actual {shown(test.actual)}", rank


def _interest(told: tuple[str, int]) -> int:
    return told[1]
