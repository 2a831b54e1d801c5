r"""Classes with a name: `\d`, `[:alpha:]`, `\p{L}`."""

from __future__ import annotations

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from sigmaproof.text.regex import Chars


def _of(members: str) -> Chars:
    return Chars.of(*((ord(member), ord(member)) for member in members))


UPPER = Chars.of((0x41, 0x5A))
LOWER = Chars.of((0x61, 0x7A))
DIGIT = Chars.of((0x30, 0x39))
ALPHA = UPPER | LOWER
WORD = ALPHA | DIGIT | _of("_")
SPACE = _of(" \t\n\v\f\r")
NEWLINE = _of("\n")
HORIZONTAL = _of("\t \xa0\u1680\u180e\u202f\u205f\u3000") | Chars.of((0x2000, 0x200A))
VERTICAL = _of("\n\v\f\r\x85\u2028\u2029")

POSIX: Mapping[str, Chars] = {
    "alnum": ALPHA | DIGIT,
    "alpha": ALPHA,
    "ascii": Chars.of((0, 0x7F)),
    "blank": _of(" \t"),
    "cntrl": Chars.of((0, 0x1F), (0x7F, 0x7F)),
    "digit": DIGIT,
    "graph": Chars.of((0x21, 0x7E)),
    "lower": LOWER,
    "print": Chars.of((0x20, 0x7E)),
    "punct": Chars.of((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": SPACE,
    "upper": UPPER,
    "word": WORD,
    "xdigit": DIGIT | Chars.of((0x41, 0x46), (0x61, 0x66)),
}

CASED = frozenset({"upper", "lower", "Lu", "Ll", "Lt"})
"""Classes about case: the only ones that ignoring case widens."""


def category(name: str) -> Chars | None:
    """The code points of a general category (`L`, `Lu`, `Any`), or None if there is no such category."""
    if name == "Any":
        return Chars.of((0, sys.maxunicode))
    if name == "L&":
        name_parts = ["Lu", "Ll", "Lt"]
    else:
        name_parts = [known for known in _categories() if known == name or known[0] == name]
    if not name_parts:
        return None
    return Chars.of(*(ranges for part in name_parts for ranges in _categories()[part].ranges))


@cache
def _categories() -> Mapping[str, Chars]:
    runs: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    start, current = 0, unicodedata.category("\0")
    for code in range(1, sys.maxunicode + 2):
        found = unicodedata.category(chr(code)) if code <= sys.maxunicode else ""
        if found != current:
            runs[current].append((start, code - 1))
            start, current = code, found
    return {name: Chars(tuple(ranges)) for name, ranges in runs.items()}
