"""Replacing the matches of an expression in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sigmaproof.text.capture import matches_in
from sigmaproof.text.final_newline import Disguise, has_final_newline
from sigmaproof.text.re2_engine import compile_re2, encoded
from sigmaproof.text.re2_syntax import NotRE2, re2_pattern
from sigmaproof.text.regex import Regex, RegexTooLarge

Replacer = Callable[[str, str, int], str]
"""Text, replacement, how many matches (0: all) → text."""

_REFERENCE = re.compile(r"\\(\d\d?)")


@lru_cache(maxsize=1024)
def replacer(regex: Regex) -> Replacer:
    r"""A function that replaces matches; `\1` in the replacement is a group, `\0` the match.

    A group that took no part, or that there is not, is empty. Raises `RegexTooLarge` for what RE2 cannot say,
    `UnsupportedRegex` for Perl's `$` beside multi-line anchors.
    """
    disguise = Disguise.of(regex) if has_final_newline(regex) else None
    try:
        pattern = re2_pattern(disguise.regex if disguise else regex, lambda name: f"g{name}")
        compiled = compile_re2(pattern, captures=True)
    except NotRE2 as reason:
        raise RegexTooLarge(f"a replaced pattern cannot have a {reason}") from None

    def replaced(text: str, new: str, most: int) -> str:
        data = encoded(disguise.text(text) if disguise else text)
        parts, end = [], 0
        for number, found in enumerate(matches_in(compiled, data), start=1):
            parts += [data[end : found.start()], _filled(new, found)]
            end = found.end()
            if number == most:
                break
        result = b"".join([*parts, data[end:]]).decode("utf-8", "surrogatepass")
        return disguise.undone(result) if disguise else result

    return replaced


def _filled(new: str, found: Any) -> bytes:
    """The replacement for one match."""
    known = found.re.groups

    def group(reference: re.Match[str]) -> str:
        digits = reference[1]
        number, rest = (digits, "") if int(digits) <= known else (digits[0], digits[1:])
        held = found.group(int(number)) if int(number) <= known else None
        return (held or b"").decode("utf-8", "surrogatepass") + rest

    return encoded(_REFERENCE.sub(group, new))
