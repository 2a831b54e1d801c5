"""One query of one rule, with what its author said of it; of what strangers wrote, only what is text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid5

from msgspec import Struct

from sigmaproof.load.values import RuleDocument

_OURS = UUID("0f5b3c52-6a43-5b8e-9d0c-5f3a2f4f7f11")
_SPAN = re.compile(r"([0-9]{1,6})([smhdwMy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "M": 2592000, "y": 31536000}
_LEVELS = ("informational", "low", "medium", "high", "critical")
_BETWEEN_AUTHORS = re.compile(r",\s*(?![^()]*\))")


class About(Struct, frozen=True):
    """What a rule says of itself."""

    id: str
    """Sigma's; the stem of its file for a rule without one."""
    file: str
    """Its name, without the folders."""
    title: str
    description: str = ""
    level: str = "medium"
    """Sigma asks for one; a rule without it is taken for a medium one."""
    authors: tuple[str, ...] = ()
    license: str = ""
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    version: int = 1
    """Its last day of change, as a number that only grows: 20261122."""
    span: int = 0
    """How many seconds of events a match may take; 0 for a rule about single events."""


class Search(Struct, frozen=True):
    """One query, to be exported."""

    id: str
    """The same for the same rule and target, whatever is edited."""
    about: About
    query: str
    verdict: str
    model: str
    """What it was verified under, as a person reads it."""
    assumes: tuple[str, ...] = ()
    part: str = ""
    """Which of a rule's queries it is, if there are several: `2 of 3`."""

    @property
    def title(self) -> str:
        """The rule's, and which part of it this is."""
        return f"{self.about.title} ({self.part})" if self.part else self.about.title


def about(document: RuleDocument) -> About:
    """What a rule says of itself."""
    data = document.data
    level = data.get("level")
    author = data.get("author")
    return About(
        id=document.id or f"{document.path.stem}/{document.index}",
        file=document.path.name,
        title=one_line(document.title) or document.path.stem,
        description=paragraphs(data.get("description")),
        level=level if level in _LEVELS else "medium",
        authors=_texts(_BETWEEN_AUTHORS.split(author) if isinstance(author, str) else author),
        license=one_line(data.get("license")),
        references=_texts(data.get("references")),
        false_positives=_texts(data.get("falsepositives")),
        tags=_texts(data.get("tags")),
        version=_version(data),
        span=_span(data.get("correlation")),
    )


def searches(
    document: RuleDocument,
    target: str,
    queries: Iterable[str],
    verdict: str,
    model: str,
    assumes: Iterable[str],
) -> tuple[Search, ...]:
    """A rule's queries for a target."""
    texts, told = tuple(queries), about(document)
    return tuple(
        Search(
            id=stable_id(told.id, target, *([str(number)] if number > 1 else [])),
            about=told,
            query=query,
            verdict=verdict,
            model=model,
            assumes=tuple(assumes),
            part=f"{number} of {len(texts)}" if len(texts) > 1 else "",
        )
        for number, query in enumerate(texts, 1)
    )


def stable_id(*words: str) -> str:
    """A UUID that is made of words."""
    return str(uuid5(_OURS, "/".join(words).encode("utf-8", "replace").decode()))


def one_line(text: Any) -> str:
    """Text as one line of characters that can be seen."""
    if not isinstance(text, str):
        return ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def paragraphs(text: Any) -> str:
    """Text with its lines, of characters that can be seen."""
    if not isinstance(text, str):
        return ""
    return "\n".join(one_line(line) for line in text.strip().splitlines())


def _texts(values: Any) -> tuple[str, ...]:
    """Each text of a list once, or the one there is."""
    listed = values if isinstance(values, list | tuple) else [values]
    return tuple(dict.fromkeys(text for value in listed if (text := one_line(value))))


def _version(data: Mapping[str, Any]) -> int:
    for key in ("modified", "date"):
        digits = re.sub("[-/]", "", written) if (written := _day(data.get(key))) else ""
        if re.fullmatch("[12][0-9]{7}", digits):
            return int(digits)
    return 1


def _day(value: Any) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else value if isinstance(value, str) else ""


def _span(correlation: Any) -> int:
    written = correlation.get("timespan") if isinstance(correlation, Mapping) else None
    found = _SPAN.fullmatch(written) if isinstance(written, str) else None
    return int(found[1]) * _SECONDS[found[2]] if found else 0
