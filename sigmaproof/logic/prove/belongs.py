"""Whether one text is in a language; often that is plain without a machine."""

from __future__ import annotations

from functools import lru_cache

from sigmaproof.logic.prove.images import After, Before, Folded, Lowered
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.parts import LastPair
from sigmaproof.logic.prove.sequences import Chain


@lru_cache(maxsize=65536)
def belongs(text: str, language: Language) -> bool:
    """Whether the text is in the language. Raises `RegexTooLarge`."""
    return not _longer(language, text) and runner(language).contains(text)


def _longer(language: Language, text: str) -> bool:
    """Whether all texts of the language are plainly longer; seen without a machine."""
    match language:
        case Chain(chars):
            return len(chars) > len(text)
        case After(inner) | Before(inner) | Folded(inner) | Lowered(inner):
            return _longer(inner, text)
        case LastPair(_, name):
            return len(name) >= len(text)
    return False
