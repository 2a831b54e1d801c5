"""Matching: any pattern as a predicate over texts, in time linear in the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sigmaproof.text import glob
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.regex import Regex

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
    """A predicate: the whole text is in the expression's language."""
    raise NotImplementedError
