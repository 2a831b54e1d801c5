"""The words of a query string.

Lucene's lexer takes the longest word at each place and has three states: what `^` and a bracket open is read
by rules of its own. Two looks ahead are done here, on words, so that the grammar needs none: a term before a
colon is a field, and terms side by side are one.
https://lucene.apache.org/core/10_2_0/queryparser/org/apache/lucene/queryparser/classic/package-summary.html
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from msgspec import Struct

from sigmaproof.errors import QuerySyntaxError

SPACE = " \t\n\r\u3000"

_ESCAPED = r"\\."
_START = rf'(?:[^ \t\n\r\u3000+\-!():^\[\]"{{}}~*?\\/]|{_ESCAPED})'
_INNER = rf'(?:[^ \t\n\r\u3000!():^\[\]"{{}}~*?\\/]|{_ESCAPED})'
_TERM = re.compile(rf"(?:{_START}|[*?])(?:{_INNER}|[*?])*", re.DOTALL)
_FUZZY = re.compile(rf"~({_INNER}*)", re.DOTALL)
_QUOTED = re.compile(rf'"((?:[^"\\]|{_ESCAPED})*)"', re.DOTALL)
_PATTERN = re.compile(r"/((?:[^/]|(?<=\\)/)*)/", re.DOTALL)
_BOOST = re.compile(r"\^([0-9]+(?:\.[0-9]+)?)")
_BOUND = re.compile(r'"(?:[^"]|(?<=\\)")+"|[^ \]}]+', re.DOTALL)
_UNESCAPED = re.compile(rf"{_ESCAPED}|([*?])", re.DOTALL)

_SINGLE = {"(": "LPAR", ")": "RPAR", ":": "COLON"}
_SIGNS = {"+": "PLUS", "-": "MINUS", "!": "NOT"}
_NAMED = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR", "NOT": "NOT", "*": "STAR"}


class Lexeme(Struct, frozen=True):
    """A word of the query, of a kind that the grammar names, at a place."""

    kind: str
    text: str
    at: int


def lexemes(query: str) -> list[Lexeme]:
    """The words of a query, fields and side-by-side terms put together."""
    return list(_joined(list(_scan(query))))


def _scan(query: str) -> Iterator[Lexeme]:
    at = 0
    while at < len(query):
        char = query[at]
        if char in SPACE:
            at += 1
        elif char in "[{":
            yield Lexeme("OPEN", char, at)
            at = yield from _range(query, at + 1)
        else:
            word, at = _word(query, at)
            yield word


def _word(query: str, at: int) -> tuple[Lexeme, int]:
    char = query[at]
    if char in _SINGLE:
        return Lexeme(_SINGLE[char], char, at), at + 1
    if char in _SIGNS:
        if query[at + 1 : at + 2] and query[at + 1] in SPACE:
            return Lexeme("TERM1", char, at), at + 2  # an operator before a space is a term
        return Lexeme(_SIGNS[char], char, at), at + 1
    for opening, kind, pattern in (
        ('"', "QUOTED", _QUOTED),
        ("/", "PATTERN", _PATTERN),
        ("~", "FUZZY", _FUZZY),
        ("^", "BOOST", _BOOST),
    ):
        if char == opening:
            found = _match(pattern, query, at)
            return Lexeme(kind, found[1], at), found.end()
    found = _match(_TERM, query, at)
    return Lexeme(_kind(found[0]), found[0], at), found.end()


def _match(pattern: re.Pattern[str], query: str, at: int) -> re.Match[str]:
    found = pattern.match(query, at)
    if found is None:
        raise QuerySyntaxError(f"cannot read on at {query[at]!r}", query, at)
    return found


def _kind(term: str) -> str:
    if term in _NAMED:
        return _NAMED[term]
    wild = [found.start() for found in _UNESCAPED.finditer(term) if found[1]]
    if not wild:
        return "TERM"
    return "PREFIX" if wild == [len(term) - 1] and term[-1] == "*" else "WILD"


def _range(query: str, at: int) -> Generator[Lexeme, None, int]:
    """The words between two brackets; returns the place after the closing one."""
    while at < len(query):
        char = query[at]
        found = _BOUND.match(query, at)
        if char in SPACE and (found is None or len(found[0]) == 1):
            at += 1
        elif char in "]}":
            yield Lexeme("CLOSE", char, at)
            return at + 1
        else:
            bound = _match(_BOUND, query, at)
            yield Lexeme("TO" if bound[0] == "TO" else "BOUND", bound[0], at)
            at = bound.end()
    return at


_NO_CLAUSE_AFTER = {"COLON", "FIELD", "AND", "OR", "NOT", "PLUS", "MINUS"}
"""After these a term is the whole clause, and is not joined to the next."""

_APART = {"COLON", "STAR", "FUZZY", "BOOST", "AND", "OR"}
"""A term before one of these belongs to it, not to the terms before."""


def _joined(words: list[Lexeme]) -> Iterator[Lexeme]:
    kinds = [word.kind for word in words] + ["", ""]
    at, before = 0, ""
    while at < len(words):
        word = words[at]
        last = at
        if word.kind in ("TERM", "STAR") and kinds[at + 1] == "COLON" and before not in ("FIELD", "COLON"):
            word, last = Lexeme("FIELD", word.text, word.at), at + 1
        elif word.kind == "TERM" and before not in _NO_CLAUSE_AFTER:
            while kinds[last + 1] == "TERM" and kinds[last + 2] not in _APART:
                last += 1
            if last > at:
                word = Lexeme("TERMS", " ".join(term.text for term in words[at : last + 1]), word.at)
        yield word
        before, at = word.kind, last + 1
