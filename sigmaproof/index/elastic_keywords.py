"""Whole values: `keyword`, `constant_keyword`, and Elasticsearch's `wildcard`.

A normalizer applies to the value and to what is asked of it; folding in the check does both.
"""

from __future__ import annotations

from sigmaproof.index.elastic_kinds import (
    Bounds,
    Kind,
    Scope,
    escaped_letters,
    insensitive_glob,
    lexical,
    read_glob,
    read_regex,
)
from sigmaproof.logic.checks import Matches
from sigmaproof.logic.terms import FALSE, Term
from sigmaproof.logic.words import Near
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, Glob


def words(scope: Scope, text: str) -> tuple[Term, ...]:
    return (whole(scope, text, False),)


def whole(scope: Scope, text: str, insensitive: bool) -> Term:
    if insensitive and not text and scope.engine.opensearch:
        return FALSE
    return scope.test(Matches(Glob.of(text), case_rule(scope, insensitive)))


def case_rule(scope: Scope, insensitive: bool) -> Fold:
    """The normalizer's; without one, `case_insensitive` compares letters of ASCII."""
    return Fold.ASCII if insensitive and scope.field.fold is Fold.EXACT else scope.field.fold


def phrase(scope: Scope, text: str, _slop: int, begun: bool) -> Term:
    if begun:
        raise scope.refusal("match_phrase_prefix")
    return whole(scope, text, False)


def prefix(scope: Scope, text: str, _analyze: bool) -> tuple[Term, ...]:
    return (begins(scope, text, False),)


def begins(scope: Scope, text: str, insensitive: bool) -> Term:
    return scope.test(Matches(Glob.of(text, MANY), case_rule(scope, insensitive)))


def wildcard(scope: Scope, pattern: str) -> Term:
    rule = scope.field.fold
    escaped = escaped_letters(pattern)
    if scope.engine.opensearch and fold(escaped, rule) != escaped:
        return FALSE  # a letter behind a backslash is not normalized, and no folded value has a capital
    return scope.test(Matches(read_glob(pattern), rule))


def glob(scope: Scope, pattern: str, insensitive: bool) -> Term:
    if not pattern:
        return FALSE
    if not insensitive or scope.field.fold is not Fold.EXACT:
        return wildcard(scope, pattern)
    return scope.test(Matches(insensitive_glob(pattern), Fold.ASCII))


def pattern(scope: Scope, text: str) -> Term:
    return regexp(scope, text, False, True)


def regexp(scope: Scope, text: str, insensitive: bool, operators: bool) -> Term:
    letters = scope.engine.regexp_fold if insensitive else Fold.EXACT
    regex = read_regex(scope.engine, fold(text, scope.field.fold), fold=letters, operators=operators)
    return scope.test(Matches(regex, scope.field.fold))


def between(scope: Scope, bounds: Bounds) -> Term:
    return scope.test(lexical(bounds, scope.field.fold))


def near(scope: Scope, text: str, edits: int, prefix: int) -> Term:
    return scope.test(Near(text, edits, prefix, scope.field.fold))


KEYWORDS = Kind(words, phrase, prefix, wildcard, pattern, between, near, whole, glob, begins, regexp)
