"""Whether one text is in a language; often that is plain without a machine."""

from __future__ import annotations

from functools import lru_cache

from sigmaproof.logic.prove.images import After, Before, Folded, Lowered, SomeWord
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.parts import LastPair
from sigmaproof.logic.prove.sequences import Chain
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.regex import Chars

_MOST_CASES = 4
"""No letter has more forms than that."""


def belongs(text: str, language: Language) -> bool:
    """Whether the text is in the language. Raises `RegexTooLarge`."""
    if _shortest(language) > len(text) or (text.isascii() and _needle(language) not in text.lower()):
        return False
    return runner(language).contains(text)


kept_belongs = lru_cache(maxsize=65536)(belongs)
"""The same, for the few texts that are asked of one language after the other."""


@lru_cache(maxsize=65536)
def _shortest(language: Language) -> int:
    """No text of the language has fewer characters."""
    match language:
        case Chain(chars):
            return len(chars)
        case After(inner) | Before(inner) | Folded(inner) | Lowered(inner) | SomeWord(inner):
            return _shortest(inner)
        case LastPair(inner, name):
            return len(name) + 1 + _shortest(inner)
    return 0


@lru_cache(maxsize=65536)
def _needle(language: Language) -> str:
    """What every text of the language that is all ASCII has somewhere inside, once in small letters."""
    match language:
        case Chain():
            return max(_runs(language), key=len)
        case After(inner) | Before(inner) | Folded(inner) | Lowered(inner) | SomeWord(inner):
            return _needle(inner)
        case LastPair(inner):
            return _needle(inner)
    return ""


def _runs(language: Chain) -> list[str]:
    """The runs of letters that nothing can come between."""
    runs = [""]
    for loop, one in zip(language.loops, language.chars, strict=False):
        letter = _letter(one)
        if loop is not None or not letter:
            runs.append(letter)
        else:
            runs[-1] += letter
    return runs


@lru_cache(maxsize=4096)
def _letter(chars: Chars) -> str:
    """The letter of ASCII of which all characters are forms; nothing if there is none."""
    if chars.size > _MOST_CASES:
        return ""
    forms = {fold(chr(code), Fold.SIMPLE) for low, high in chars.ranges for code in range(low, high + 1)}
    letter = forms.pop() if len(forms) == 1 else ""
    return letter if letter.isascii() else ""
