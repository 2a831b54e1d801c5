"""Case rules. Each maps one code point to one code point, so that folding never changes a text's length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from functools import cache

_BLOCK = 64
"""Code points looked at together: most blocks of Unicode have no case at all."""

_LAST = 0x1FFFF
"""Planes 2 and above are for ideographs, tags and private use: no letter there has a case."""


class Fold(Enum):
    """How two letters are compared."""

    EXACT = "exact"
    """Code points as they are."""
    SIMPLE = "simple"
    """Unicode simple case folding (status C and S of CaseFolding.txt): Kelvin sign = k, ẞ = ß, ß ≠ ss."""
    ASCII = "ascii"
    """A to Z = a to z, nothing else."""
    LOWER = "lower"
    """Simple lower-casing per code point, as Lucene's lowercase filter does: İ → i, ẞ → ß, ς ≠ σ."""


def fold(text: str, rule: Fold) -> str:
    """`text` with each code point replaced by the one that stands for its case class; same length."""
    if rule is Fold.EXACT:
        return text
    if text.isascii():
        return text.lower()
    return text.translate(_table(rule))


def variants(char: str, rule: Fold) -> frozenset[str]:
    """Every code point that `rule` does not tell from `char`, itself included."""
    return _classes(rule).get(fold(char, rule), frozenset(char))


def case_classes(rule: Fold) -> Collection[frozenset[str]]:
    """Every set of two and more code points that `rule` does not tell apart."""
    return _classes(rule).values()


@cache
def _table(rule: Fold) -> Mapping[int, int]:
    if rule is Fold.EXACT:
        return {}
    codes = range(0x80) if rule is Fold.ASCII else _cased()
    step = _RULES[rule]
    return {code: ord(to) for code in codes if (to := step(chr(code))) != chr(code)}


@cache
def _cased() -> Sequence[int]:
    """Every code point that may have a case, and some that have none."""
    found: list[int] = []
    for start in range(0, _LAST, _BLOCK):
        block = range(start, start + _BLOCK)
        text = "".join(map(chr, block))
        if not text == text.lower() == text.casefold():
            found += block
    return found


@cache
def _classes(rule: Fold) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, to in _table(rule).items():
        found[chr(to)] |= {chr(code), chr(to)}
    return {to: frozenset(members) for to, members in found.items()}


def _simple(char: str) -> str:
    full = char.casefold()
    if len(full) == 1:
        return full
    # A full folding of several letters (status F) hides the simple one (S), which is then the lower case.
    lower = char.lower()
    return lower if len(lower) == 1 else char


def _lower(char: str) -> str:
    return char.lower()[0]  # only İ lowers to two code points; its simple lower case is the first, i


_RULES: Mapping[Fold, Callable[[str], str]] = {
    Fold.SIMPLE: _simple,
    Fold.ASCII: str.lower,
    Fold.LOWER: _lower,
}
