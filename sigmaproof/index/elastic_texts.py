"""Analysed values: `text` and `match_only_text`. What is asked is asked of their words."""

from __future__ import annotations

import re

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index.elastic_kinds import (
    Bounds,
    Kind,
    Scope,
    insensitive_glob,
    lexical,
    read_glob,
    read_regex,
)
from sigmaproof.logic.checks import Check, Matches
from sigmaproof.logic.terms import Term, Test
from sigmaproof.logic.words import GAP, AllValues, Near, Phrase, Words
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.tokens import ANALYSERS, LOWERING

_CHUNK = re.compile(r"\\.|[*?]+|[^\\*?]+|\\", re.DOTALL)


def analysed(scope: Scope, text: str) -> tuple[str, ...]:
    """The words of what is asked, by the field's own analyser."""
    return ANALYSERS[_analyser(scope)](text)


def _analyser(scope: Scope) -> str:
    """The field's analyser, if it is known what it does."""
    if scope.field.analyser not in ANALYSERS:
        raise UnsupportedQuery(f"analyser {scope.field.analyser!r} of field {scope.field.name!r}")
    return scope.field.analyser


def normalized(scope: Scope, text: str) -> str:
    """A part of a word, as the analyser's filters leave it."""
    return fold(text, Fold.LOWER) if scope.field.analyser in LOWERING else text


def word(scope: Scope, check: Check) -> Term:
    """Some word satisfies the check."""
    return scope.test(Words(check, _analyser(scope)))


def words(scope: Scope, text: str) -> tuple[Term, ...]:
    return tuple(word(scope, Matches(Glob.of(token))) for token in analysed(scope, text))


def phrase(scope: Scope, text: str, slop: int, begun: bool) -> Term | None:
    checks: list[Check] = [Matches(Glob.of(token)) for token in analysed(scope, text)]
    if begun and checks:
        checks[-1] = Matches(Glob.of(analysed(scope, text)[-1], MANY))
    if len(checks) < 2:
        return word(scope, checks[0]) if checks else None
    subject = scope.field.name if slop < GAP else AllValues(scope.field.name)
    return Test(subject, Phrase(tuple(checks), slop, scope.field.analyser))


def prefix(scope: Scope, text: str, analyze: bool) -> tuple[Term, ...]:
    if not analyze:
        return (begins(scope, normalized(scope, text), False),)
    *whole, last = analysed(scope, text) or ("",)
    if not whole and not last:
        return ()
    return (*(word(scope, Matches(Glob.of(token))) for token in whole), begins(scope, last, False))


def begins(scope: Scope, text: str, insensitive: bool) -> Term:
    return word(scope, Matches(Glob.of(text, MANY), Fold.ASCII if insensitive else Fold.EXACT))


def wildcard(scope: Scope, pattern: str) -> Term:
    if not scope.engine.opensearch:
        return glob(scope, normalized(scope, pattern), False)
    # What stands behind a backslash is not normalized.
    chunks = (
        found[0] if found[0][0] in "\\*?" else normalized(scope, found[0])
        for found in _CHUNK.finditer(pattern)
    )
    return glob(scope, "".join(chunks), False)


def glob(scope: Scope, pattern: str, insensitive: bool) -> Term:
    if insensitive:
        return word(scope, Matches(insensitive_glob(pattern), Fold.ASCII))
    return word(scope, Matches(read_glob(pattern)))


def pattern(scope: Scope, text: str) -> Term:
    # OpenSearch lower-cases the whole pattern, classes like \W included; Elasticsearch leaves it alone.
    return regexp(scope, normalized(scope, text) if scope.engine.opensearch else text, False, True)


def regexp(scope: Scope, text: str, insensitive: bool, operators: bool) -> Term:
    letters = scope.engine.regexp_fold if insensitive else Fold.EXACT
    return word(scope, Matches(read_regex(scope.engine, text, fold=letters, operators=operators)))


def between(scope: Scope, bounds: Bounds) -> Term:
    ends = (bounds.low, bounds.high)
    low, high = (end if end is None or bounds.raw else normalized(scope, end) for end in ends)
    return word(scope, lexical(Bounds(low, high, bounds.with_low, bounds.with_high), Fold.EXACT))


def near(scope: Scope, text: str, edits: int, prefix: int) -> Term:
    return word(scope, Near(normalized(scope, text), edits, prefix))


def exact(scope: Scope, text: str, insensitive: bool) -> Term:
    return word(scope, Matches(Glob.of(text), Fold.ASCII if insensitive else Fold.EXACT))


TEXTS = Kind(words, phrase, prefix, wildcard, pattern, between, near, exact, glob, begins, regexp)
