"""Matching: any pattern as a predicate over texts, in time linear in the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sigmaproof.text import glob
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.re2_engine import compile_re2, encoded
from sigmaproof.text.re2_syntax import NotRE2, re2_pattern
from sigmaproof.text.regex import Regex, RegexTooLarge

Matcher = Callable[[str], bool]


@lru_cache(maxsize=65536)
def text_matcher(pattern: Glob | Regex, rule: Fold) -> Matcher:
    """A predicate: the folded text is in the pattern's language. A glob's literals are folded too.

    Raises `RegexError` when the pattern is too large to run.
    """
    if isinstance(pattern, Glob):
        return glob.matcher(pattern, rule)
    matches = regex_matcher(pattern)
    return matches if rule is Fold.EXACT else lambda text: matches(fold(text, rule))


def regex_matcher(regex: Regex) -> Matcher:
    """A predicate: the whole text is in the expression's language. Raises `RegexTooLarge`."""
    try:
        compiled = compile_re2(f"\\A(?:{re2_pattern(regex)})\\z")
    except NotRE2 as reason:
        raise RegexTooLarge(f"cannot run: {reason}") from reason
    return lambda text: compiled.search(encoded(text)) is not None
