"""google-re2, set up once: quiet, bounded, and working on bytes so that any Python text can be matched."""

from __future__ import annotations

from typing import Any

from sigmaproof.text.re2_syntax import LONGEST, NotRE2

_MEMORY = 32 << 20
"""Bytes that one compiled pattern may use."""


def compile_re2(pattern: str, *, captures: bool = False) -> Any:
    """The compiled pattern, to be used on `encoded` texts. Raises `NotRE2` if RE2 does not take it."""
    if len(pattern) > LONGEST:
        raise NotRE2("length")
    import re2  # a compiled library, which most commands never need

    options = re2.Options()
    options.log_errors = False
    options.never_capture = not captures
    options.max_mem = _MEMORY
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        raise NotRE2(str(error)) from error


def encoded(text: str) -> bytes:
    """The text as RE2 reads it. Lone surrogates become three bytes, which RE2 takes for one code point."""
    return text.encode("utf-8", "surrogatepass")
