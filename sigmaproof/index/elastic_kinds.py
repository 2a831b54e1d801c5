"""What the mapping types of Elasticsearch and OpenSearch make of a question.

There is one `Kind` per family of types, all with the same questions. A question that the engine refuses for
the type raises `InvalidQuery`; whether that ends the query or only the clause is for the language to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from time import time

from msgspec import Struct

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.index.elastic import FieldType
from sigmaproof.logic.checks import AllOf, Check, Lexical, Order, Present
from sigmaproof.logic.terms import Term, Test
from sigmaproof.text.determinize import glob_is_complex, regex_is_complex
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.lucene_regexp import parse
from sigmaproof.text.match import text_matcher
from sigmaproof.text.regex import Regex, RegexError, RegexTooLarge


class Engine(Struct, frozen=True):
    """What a query is asked of. `opensearch` is its major version; 0 is Elasticsearch."""

    opensearch: int = 0
    states: int = 10_000
    """`max_determinized_states`."""
    now: int | None = None
    """Milliseconds since 1970; None is the clock's."""

    @property
    def complement(self) -> bool:
        """Whether `~` negates in a regular expression."""
        return self.opensearch < 3

    @property
    def clock(self) -> int:
        """What `now` means."""
        return int(time() * 1000) if self.now is None else self.now

    @property
    def regexp_fold(self) -> Fold:
        """How `case_insensitive` compares in a regular expression."""
        return Fold.ASCII if self.opensearch == 2 else Fold.SIMPLE


class Scope(Struct, frozen=True):
    """The field that is asked, and the engine."""

    field: FieldType
    engine: Engine

    def test(self, check: Check) -> Term:
        """The check on the field."""
        return Test(self.field.name, check)

    def refusal(self, question: str) -> InvalidQuery:
        """What the engine says to a question that the type does not know."""
        return InvalidQuery(f"{question} on field {self.field.name!r} of type {self.field.type}")


class Bounds(Struct, frozen=True):
    """The two ends of a range; None is open."""

    low: str | None
    high: str | None
    with_low: bool = True
    with_high: bool = True
    raw: bool = False
    """Not in lower case on a field of words: the DSL's."""


class Kind(Struct, frozen=True):
    """The questions. The first seven are `query_string`'s, the last four the DSL's, which analyse less."""

    words: Callable[[Scope, str], tuple[Term, ...]]
    """One test for each word of a text."""
    phrase: Callable[[Scope, str, int, bool], Term | None]
    """The words one after the other, with a slop, the last one perhaps begun only; None without words."""
    prefix: Callable[[Scope, str, bool], tuple[Term, ...]]
    """The words of a text, the last one begun only. The switch is `analyze_wildcard`."""
    wildcard: Callable[[Scope, str], Term]
    pattern: Callable[[Scope, str], Term]
    between: Callable[[Scope, Bounds], Term]
    near: Callable[[Scope, str, int, int], Term]
    """At most so many edits away, after a common prefix of so many letters."""
    exact: Callable[[Scope, str, bool], Term]
    """`term`; the switch is `case_insensitive`."""
    glob: Callable[[Scope, str, bool], Term]
    """`wildcard`."""
    begins: Callable[[Scope, str, bool], Term]
    """`prefix`."""
    regexp: Callable[[Scope, str, bool, bool], Term]
    """`regexp`; the last switch is false for `flags: NONE`."""


class TooComplex(InvalidQuery):
    """A pattern over `max_determinized_states`."""


class TooComplexExpression(TooComplex):
    """A regular expression over the limit: OpenSearch 3 notices too late to be lenient."""


def exists(scope: Scope) -> Term:
    """The field has a value."""
    return scope.test(Present())


def read_glob(pattern: str) -> Glob:
    """A wildcard pattern: `*`, `?`, and a backslash before what is meant literally.

    Raises `TooComplex` where the engine gives up on the automaton.
    """
    parts: list[str | Wild] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\" and at + 1 < len(pattern):
            at += 1
            parts.append(pattern[at])
        else:
            parts.append({"*": MANY, "?": ONE}.get(char, char))
        at += 1
    glob = Glob.of(*parts)
    if glob_is_complex(glob):
        raise TooComplex("wildcard pattern is too complex to determinize")
    return glob


def insensitive_glob(pattern: str) -> Glob:
    """A wildcard pattern whose letters are compared without regard to case."""
    if any(char.isalpha() for char in escaped_letters(pattern)):
        raise UnsupportedQuery(
            "case_insensitive with a backslash before a letter, which is then compared exactly"
        )
    return read_glob(pattern)


def escaped_letters(pattern: str) -> str:
    """The letters and digits of a wildcard pattern that a backslash stands before."""
    escaped = (found[1] for found in _ESCAPED.finditer(pattern))
    return "".join(char for char in escaped if char.isalnum())


_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@lru_cache(maxsize=4096)
def read_regex(engine: Engine, pattern: str, *, fold: Fold = Fold.EXACT, operators: bool = True) -> Regex:
    """A regular expression. Raises `InvalidQuery` where the engine refuses it, for its limits, too."""
    try:
        regex = parse(pattern, complement=engine.complement and operators, operators=operators, fold=fold)
        if regex_is_complex(regex, engine.states):
            raise TooComplexExpression("regular expression is too complex to determinize")
        text_matcher(regex, Fold.EXACT)
    except RegexTooLarge as error:
        raise UnsupportedQuery(f"regular expression: {error.message}") from None
    except RegexError as error:
        raise InvalidQuery(f"regular expression: {error.message}") from None
    return regex


def edits_allowed(fuzziness: str, text: str, opensearch: int) -> int:
    """How many edits `~1`, `~AUTO` or `~AUTO:3,6` allows for a term."""
    name, _, lengths = fuzziness.upper().partition(":")
    if name == "AUTO":
        low, high = map(int, lengths.split(",")) if lengths else (3, 6)
        return 0 if len(text) < low else 1 if len(text) < high else 2
    try:
        number = float(fuzziness)
    except ValueError:
        raise InvalidQuery(f"fuzziness {fuzziness!r} is not a number") from None
    if not opensearch and number not in (0, 1, 2):
        raise InvalidQuery(f"fuzziness {fuzziness!r} is none of 0, 1, 2")
    return min(int(number), 2)


def lexical(bounds: Bounds, fold: Fold) -> Check:
    """A text between two bounds, by code points."""
    checks: list[Check] = []
    if bounds.low is not None:
        checks.append(Lexical(Order.GE if bounds.with_low else Order.GT, bounds.low, fold))
    if bounds.high is not None:
        checks.append(Lexical(Order.LE if bounds.with_high else Order.LT, bounds.high, fold))
    return all_of(checks) if checks else Present()


def all_of(checks: list[Check]) -> Check:
    """One value that satisfies them all."""
    return checks[0] if len(checks) == 1 else AllOf(tuple(checks))
