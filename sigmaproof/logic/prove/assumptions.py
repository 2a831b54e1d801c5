"""What a proof may take for granted of events, each with a name that its result carries."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Assumption(StrEnum):
    """A fact about events that no document states. It is used only where there is no proof without it."""

    PLAIN_S_AND_K = "plain-s-and-k"
    """No text holds U+017F (long s) or U+212A (Kelvin sign).

    Unicode's case folding takes them for s and k, and so does Sigma. Windows' own upper-case table and every
    engine that folds ASCII letters only do not.
    """

    @property
    def characters(self) -> str:
        """The characters that no text holds."""
        return "\u017f\u212a"

    @property
    def told(self) -> str:
        """The fact, for people."""
        return "no text holds U+017F (ſ, a long s) or U+212A (a Kelvin sign, which looks like K)"


def spelled_with(event: Mapping[str, Any], characters: str) -> bool:
    """Whether some text of the event holds one of the characters."""
    return any(one in str(value) for one in characters for value in event.values())
