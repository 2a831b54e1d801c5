"""OpenSearch's `wildcard` type: values indexed as runs of one to three UTF-16 units.

`query_string` passes by the check: its wildcards (and on OpenSearch 2 its regular expressions) are asked of
the runs, which are three letters long at most. The DSL asks the value.
https://docs.opensearch.org/latest/field-types/supported-field-types/wildcard/
"""

from __future__ import annotations

import re

from msgspec.structs import replace

from sigmaproof.index.elastic_kinds import (
    Bounds,
    Engine,
    Kind,
    Scope,
    exists,
    read_glob,
    read_regex,
)
from sigmaproof.logic.checks import Check, Matches
from sigmaproof.logic.terms import FALSE, Term, conjunction
from sigmaproof.logic.words import Words
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.regex import ANY_TEXT, Chars, Choice, Concat, Group, Intersection, Regex, Repeat

_ESCAPED = re.compile(r"\\([.^$*+?()\[\]{}|/\\])")
_PAIR = re.compile(r"\\(.)", re.DOTALL)
_AFTER_BACKSLASH = re.compile(r"((?<!\\)(?:\\\\)+)([*?])")


def gram(scope: Scope, check: Check) -> Term:
    """Some indexed run satisfies the check. A normalizer was at work before the value was cut."""
    name = "opensearch-2-wildcard" if scope.engine.opensearch == 2 else "opensearch-3-wildcard"
    return scope.test(Words(check, name if scope.field.fold is Fold.EXACT else name + "-lowercase"))


def words(scope: Scope, text: str) -> tuple[Term, ...]:
    return (exact(scope, text, False),)


def exact(scope: Scope, text: str, insensitive: bool) -> Term:
    if not text:
        return FALSE  # the empty text has no runs to be found by
    return scope.test(Matches(Glob.of(_folded(text, insensitive)), _rule(scope, insensitive)))


def _rule(scope: Scope, insensitive: bool) -> Fold:
    return Fold.ASCII if insensitive and scope.field.fold is Fold.EXACT else scope.field.fold


def _folded(text: str, insensitive: bool) -> str:
    return text.lower() if insensitive else text


def phrase(scope: Scope, text: str, _slop: int, begun: bool) -> Term:
    if begun:
        raise scope.refusal("match_phrase_prefix")
    return exact(scope, text, False)


def prefix(scope: Scope, text: str, _analyze: bool) -> tuple[Term, ...]:
    return (begins(scope, text, False),)


def begins(scope: Scope, text: str, insensitive: bool) -> Term:
    return glob(scope, text + "*", insensitive)  # what looks like a wildcard in the prefix is one


def glob(scope: Scope, pattern: str, insensitive: bool) -> Term:
    pattern = _folded(pattern, insensitive)
    found = read_glob(pattern)
    if found == Glob.of(MANY):
        return exists(scope)
    # A backslash before a letter goes when the value is compared, and stays when runs are looked up. There,
    # OpenSearch 2 takes the wildcard behind an escaped backslash for a letter.
    runs = _AFTER_BACKSLASH.sub(r"\1\\\2", pattern) if scope.engine.opensearch == 2 else pattern
    looked_up = read_glob(_PAIR.sub(_kept, runs))
    return conjunction(_compared(scope, each, insensitive) for each in (found, looked_up))


def _kept(pair: re.Match[str]) -> str:
    return pair[0] if pair[1] in "*?\\" else "\\" + pair[0]


def _compared(scope: Scope, found: Glob, insensitive: bool) -> Term:
    if found.literal is not None:
        return exact(scope, found.literal, insensitive)
    rule = _rule(scope, insensitive)
    return scope.test(Matches(found, Fold.LOWER if rule is Fold.ASCII and _asks_no_run(found) else rule))


def _asks_no_run(glob: Glob) -> bool:
    """Whether every literal is too short for the runs, where only letters of ASCII lose their case."""
    anchored = isinstance(glob.parts[0], str) or isinstance(glob.parts[-1], str)
    return not anchored and all(len(part) < 3 for part in glob.parts if isinstance(part, str))


def wildcard(scope: Scope, pattern: str) -> Term:
    return gram(scope, Matches(read_glob(pattern)))


def pattern(scope: Scope, text: str) -> Term:
    if scope.engine.opensearch == 2:
        return gram(scope, Matches(read_regex(scope.engine, text)))
    return regexp(scope, text, False, True)


def regexp(scope: Scope, text: str, insensitive: bool, operators: bool) -> Term:
    text = fold(text, scope.field.fold)
    letters = scope.engine.regexp_fold if insensitive else Fold.EXACT
    engine = replace(scope.engine, states=Engine().states)  # the option is not passed on
    regex = read_regex(engine, text, fold=letters, operators=operators)
    if regex == ANY_TEXT:
        return exists(scope)
    if scope.engine.opensearch == 2 and _ends_in_backslash(regex):
        return FALSE
    if only_text(regex) is not None:
        return _spelt(scope, _ESCAPED.sub(r"\1", text), insensitive)
    return scope.test(Matches(regex, scope.field.fold))


def _ends_in_backslash(regex: Regex) -> bool:
    """Whether a longer literal does, which makes OpenSearch 2 look for a letter that is not there."""
    parts = regex.parts if isinstance(regex, Concat) else (regex,)
    letters = ["", *(only_text(part) or "" for part in parts), ""]
    triples = zip(letters, letters[1:], letters[2:], strict=False)
    return any(before and at == "\\" and not after for before, at, after in triples)


def _spelt(scope: Scope, text: str, insensitive: bool) -> Term:
    """With one text to match, the engine compares the value (lower-cased) with the pattern's own spelling."""
    if not text:
        return scope.test(Matches(Glob.of("")))
    if not insensitive or len(text) > 2:
        return exact(scope, text, insensitive)
    return scope.test(Matches(Glob.of(text), Fold.LOWER)) if fold(text, Fold.LOWER) == text else FALSE


def only_text(regex: Regex) -> str | None:
    """The one text that the expression matches, as far as its form shows it."""
    match regex:
        case Chars(((low, high),)):
            return chr(low) if low == high else None
        case Concat(parts):
            texts = [only_text(part) for part in parts]
            return None if None in texts else "".join(filter(None, texts))
        case Choice(parts) | Intersection(parts):
            alike = {only_text(part) for part in parts}
            return alike.pop() if len(alike) == 1 else None
        case Repeat(inner, least, most) if least == most:
            inner_text = only_text(inner)
            return None if inner_text is None else inner_text * least
        case Group(_, inner):
            return only_text(inner)
    return None


def between(scope: Scope, _bounds: Bounds) -> Term:
    raise scope.refusal("range query")


def near(scope: Scope, _text: str, _edits: int, _prefix: int) -> Term:
    raise scope.refusal("fuzzy query")


GRAMS = Kind(words, phrase, prefix, wildcard, pattern, between, near, exact, glob, begins, regexp)
