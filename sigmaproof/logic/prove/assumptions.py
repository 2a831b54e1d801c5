"""What a result may take for granted, each with a name that it carries."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Assumption(StrEnum):
    """What no document states. It is used only where nothing is proven, or holds in tests, without it."""

    PLAIN_S_AND_K = "plain-s-and-k"
    """No text holds U+017F (long s) or U+212A (Kelvin sign).

    Unicode's case folding takes them for s and k, and so does Sigma. Windows' own upper-case table and every
    engine that folds ASCII letters only do not.
    """

    ASKED_AT_RUNS = "asked-at-runs"
    """A correlation is asked at each run, not at each event. docs/decisions/0012-threshold-rules.md"""

    @property
    def characters(self) -> str:
        """The characters that no text of an event holds."""
        return _CHARACTERS.get(self, "")

    @property
    def told(self) -> str:
        """What it says, for people."""
        return _TOLD[self]


_CHARACTERS = {Assumption.PLAIN_S_AND_K: "\u017f\u212a"}
_TOLD = {
    Assumption.PLAIN_S_AND_K: "no text holds U+017F (ſ, a long s) or "
    "U+212A (a Kelvin sign, which looks like K)",
    Assumption.ASKED_AT_RUNS: "a window is asked at each run: events spread over more than the timespan "
    "less the interval, or alerted for before, may be missed",
}


def spelled_with(event: Mapping[str, Any], characters: str) -> bool:
    """Whether some text of the event holds one of the characters."""
    return any(one in str(value) for one in characters for value in event.values())
