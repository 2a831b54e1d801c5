"""What the letters of a text with wildcards allow a query to say."""

from __future__ import annotations

from sigmaproof.text.fold import Fold, variants
from sigmaproof.text.glob import MANY, ONE, Glob


def literals(glob: Glob) -> str:
    """All of its text that is not wildcards."""
    return "".join(part for part in glob.parts if isinstance(part, str))


def has_case(text: str) -> bool:
    """Whether Sigma takes other texts for this one."""
    return any(len(variants(char, Fold.SIMPLE)) > 1 for char in text)


def lower_case_is_enough(glob: Glob) -> bool:
    """Whether a value matches if its lower case does, whatever makes the lower case.

    Of a value with İ, full lower-casing makes i and another character, which wildcards can take.
    """
    before_many = (part for part, after in zip(glob.parts, glob.parts[1:], strict=False) if after is MANY)
    return (
        literals(glob).isascii()
        and ONE not in glob.parts
        and not any(isinstance(part, str) and part[-1] in "iI" for part in before_many)
    )
