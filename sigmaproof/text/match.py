"""Matching: any pattern as a predicate over texts, in time linear in the text."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from sigmaproof.text import glob
from sigmaproof.text.automata import dfa_matcher
from sigmaproof.text.final_newline import rewritten
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.re2_engine import compile_re2, encoded
from sigmaproof.text.re2_syntax import NotRE2, re2_pattern
from sigmaproof.text.regex import ANY_TEXT, Chars, Concat, Regex, concat
from sigmaproof.text.walk import can_be_empty

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


@lru_cache(maxsize=65536)
def regex_matcher(regex: Regex) -> Matcher:
    """A predicate: the whole text is in the expression's language.

    Raises `RegexTooLarge` when the pattern is too large to run; the predicate itself never raises.
    """
    head, inner, tail = _trimmed(regex)
    text = _literal(inner)
    if text is not None:
        return _literal_matcher(text, head, tail)
    try:
        return _re2_matcher(regex)
    except NotRE2:
        return dfa_matcher(regex)


def _re2_matcher(regex: Regex) -> Matcher:
    head, inner, tail = _trimmed(rewritten(regex))
    if head and tail and can_be_empty(inner):
        # RE2 would look for the empty match between the bytes of a character, too.
        head, inner = False, Concat((ANY_TEXT, inner))
    start, end = "" if head else r"\A", "" if tail else r"\z"
    search = compile_re2(f"{start}(?:{re2_pattern(inner)}){end}").search
    return lambda text: search(encoded(text)) is not None


def _literal_matcher(literal: str, head: bool, tail: bool) -> Matcher:
    match head, tail:
        case True, True:
            return lambda text: literal in text
        case True, False:
            return lambda text: text.endswith(literal)
        case False, True:
            return lambda text: text.startswith(literal)
        case _:
            return lambda text: text == literal


def _trimmed(regex: Regex) -> tuple[bool, Regex, bool]:
    """Whether any text may come first; what is then to be found; whether any text may follow."""
    parts = list(regex.parts) if isinstance(regex, Concat) else [regex]
    head = parts[:1] == [ANY_TEXT]
    tail = parts[-1:] == [ANY_TEXT]
    return head, concat(parts[head : len(parts) - tail]), tail


def _literal(regex: Regex) -> str | None:
    """The one text that matches, if the tree is nothing but letters."""
    parts = regex.parts if isinstance(regex, Concat) else (regex,)
    letters: list[str] = []
    for part in parts:
        if not isinstance(part, Chars) or len(part.ranges) != 1 or part.ranges[0][0] != part.ranges[0][1]:
            return None
        letters.append(chr(part.ranges[0][0]))
    return "".join(letters)
