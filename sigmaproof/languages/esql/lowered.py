"""What a comparison of `TO_LOWER(x)` says of `x` itself.

The function is Java's `String.toLowerCase`: İ becomes two characters, i and U+0307, and Σ one of two letters
by what is beside it. Since 8.18, Elasticsearch asks the index for some comparisons of it with a constant in
another way: with `case_insensitive`, which knows the letters of ASCII only.
https://www.elastic.co/docs/reference/query-languages/esql/functions-operators/string-functions#esql-to_lower
"""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.logic.checks import AnyOf, Check, Matches
from sigmaproof.text.fold import Fold, variants
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.regex import ANY_TEXT, Chars, Regex, concat

_DOTTED = "\u0130"
_IRREGULAR = "\u0307σς"
"""What the lower case of İ and of Σ ends in."""
_NOTHING = AnyOf(())


def of_function(glob: Glob) -> Check | None:
    """What holds of a text if its lower case matches; None if that depends on more than its letters."""
    if _never_lower(glob):
        return _NOTHING
    if ONE in glob.parts or any(char in _IRREGULAR for char in _letters(glob)):
        return None
    if "i" not in _letters(glob):
        return Matches(glob, Fold.LOWER)
    return Matches(concat(list(_original(glob.parts))))


def of_ascii(glob: Glob) -> Check:
    """The same where the index is asked without the case of ASCII's letters."""
    return _NOTHING if _never_lower(glob) else Matches(glob, Fold.ASCII)


def depends(glob: Glob) -> bool:
    """Whether it matters to texts without ſ and K which of the two is asked."""
    ends_before_many = any(
        isinstance(part, str) and part.endswith("i") and after is MANY
        for part, after in zip(glob.parts, glob.parts[1:], strict=False)
    )
    letters = any(not char.isascii() and len(variants(char, Fold.LOWER)) > 1 for char in _letters(glob))
    return ends_before_many or letters or ONE in glob.parts or "\u0307" in _letters(glob)


def _letters(glob: Glob) -> str:
    return "".join(part for part in glob.parts if isinstance(part, str))


def _never_lower(glob: Glob) -> bool:
    """Whether there is a letter that no lower case has."""
    return any(char.lower() != char for char in _letters(glob))


def _original(parts: tuple[str | Wild, ...]) -> Iterator[Regex]:
    """Each character as any that becomes it."""
    for part, after in zip(parts, (*parts[1:], None), strict=True):
        if isinstance(part, Wild):
            yield ANY_TEXT
            continue
        for char in part[:-1]:
            yield _one(char, dotted=False)
        # of the two characters that İ becomes, a wildcard can take the second
        yield _one(part[-1], dotted=after is MANY)


def _one(char: str, *, dotted: bool) -> Chars:
    letters = variants(char, Fold.LOWER)
    kept = letters if dotted else letters - {_DOTTED}
    return Chars.of(*((ord(one), ord(one)) for one in sorted(kept)))
