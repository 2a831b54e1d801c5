"""Regular expressions of `re`: searched for, case-sensitive, a superset of RE2's syntax."""

from __future__ import annotations

from functools import lru_cache

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.languages.sigma.errors import Misused
from sigmaproof.languages.sigma.nodes import Regexp
from sigmaproof.text.perl import parse
from sigmaproof.text.regex import Regex, RegexError, RegexTooLarge, UnsupportedRegex, search


@lru_cache(maxsize=4096)
def compiled(regexp: Regexp) -> Regex:
    """The expression over whole texts. Raises `RegexError`."""
    found = parse(
        regexp.source,
        ignore_case="i" in regexp.flags,
        multiline="m" in regexp.flags,
        dotall="s" in regexp.flags,
    )
    return search(found)


def check_regex(regexp: Regexp) -> None:
    """Raises `Misused` for what is no regular expression; what cannot be run is found when lowering."""
    try:
        compiled(regexp)
    except (UnsupportedRegex, RegexTooLarge):
        return
    except RegexError as error:
        raise Misused(
            f"not a regular expression: {error.message} at character {error.offset + 1}: {regexp.source}",
            "escape what is meant literally with a backslash",
        ) from None


def regex_of(regexp: Regexp) -> Regex:
    """The same, for an expression that was checked. Raises `UnsupportedQuery`."""
    try:
        return compiled(regexp)
    except RegexError as error:
        raise UnsupportedQuery(
            f"the regular expression {regexp.source!r}: {error.message} at character {error.offset + 1}"
        ) from None
