"""Grammar and parser of query strings: words → syntax tree, in one pass without looking ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken
from lark.lexer import Lexer

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.languages.lucene.lexer import Lexeme, lexemes
from sigmaproof.languages.lucene.syntax import (
    Clause,
    Group,
    Joint,
    Node,
    Pattern,
    Prefix,
    Query,
    Quoted,
    Range,
    Sign,
    Suffix,
    Wildcard,
    Word,
    Words,
)
from sigmaproof.text.grammars import lalr

DEEPEST = 100
"""Parentheses inside one another; the servers' own limit is their stack."""

GRAMMAR = r"""
    query: first following*
    first: [sign] clause
    following: [joint] [sign] clause
    !joint: AND | OR
    !sign: PLUS | MINUS | NOT
    clause: [FIELD] node
    ?node: word | words | prefix | wild | pattern | quoted | range | group
    word: (TERM | TERM1) suffix
    words: TERMS
    prefix: PREFIX suffix
    wild: (WILD | STAR) suffix
    pattern: PATTERN suffix
    quoted: QUOTED suffix
    range: OPEN bound TO bound CLOSE [BOOST]
    bound: BOUND | TO
    group: LPAR query RPAR [BOOST]
    suffix: | FUZZY [BOOST] -> fuzzy_first | BOOST [FUZZY] -> boost_first
    %declare AND OR PLUS MINUS NOT FIELD TERM TERM1 TERMS PREFIX WILD STAR PATTERN QUOTED
    %declare OPEN BOUND TO CLOSE BOOST LPAR RPAR FUZZY COLON
"""


@lru_cache(maxsize=4096)
def parse(query: str) -> Query:
    """The tree of a query. Raises `QuerySyntaxError`."""
    words = lexemes(query)
    _bound_depth(words)
    try:
        tree: Query = _parser().parse(words)  # type: ignore[assignment]
    except UnexpectedInput as error:
        raise _syntax_error(error, query) from None
    return tree


def unescape(image: str, query: str = "") -> str:
    """A text without its escapes: a backslash goes, the character after it stays; `\\u0041` is A."""
    if "\\" not in image:
        return image
    plain = _ESCAPE.sub(lambda found: _character(found, query or image), image)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_ESCAPE = re.compile(r"\\(?:u(.{0,4})|(.?))", re.DOTALL)
_HEX = re.compile(r"[0-9a-fA-F]{4}")


def _character(found: re.Match[str], query: str) -> str:
    digits = found[1]
    if digits is None:
        return found[2]
    if not _HEX.fullmatch(digits):
        raise QuerySyntaxError(
            "a \\u escape needs four hexadecimal digits", query, max(query.find(found[0]), 0)
        )
    return chr(int(digits, 16))


def _bound_depth(words: list[Lexeme]) -> None:
    depth = 0
    for word in words:
        depth += {"LPAR": 1, "RPAR": -1}.get(word.kind, 0)
        if depth > DEEPEST:
            raise UnsupportedQuery(f"more than {DEEPEST} parentheses inside one another")


def _syntax_error(error: UnexpectedInput, query: str) -> QuerySyntaxError:
    token = error.token if isinstance(error, UnexpectedToken) else None
    if token is None or token.type == "$END":
        return QuerySyntaxError("the query ends where a term is expected", query, len(query))
    return QuerySyntaxError(f"unexpected {str(token)!r}", query, token.start_pos or 0)


class _Words(Lexer):
    """Hands the words of the query to lark."""

    def __init__(self, lexer_conf: Any) -> None: ...

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        for word in data:
            yield Token(word.kind, word.text, start_pos=word.at)


@cache
def _parser() -> Lark:
    build = _Build()
    return lalr("lucene", GRAMMAR, lexer=_Words, start="query", transformer=build, maybe_placeholders=True)


def _text(token: Token | None) -> str | None:
    return None if token is None else str(token)


class _Build(Transformer[Any, Any]):
    """One method per rule of the grammar."""

    def query(self, clauses: list[Clause]) -> Query:
        return Query(tuple(clauses))

    def first(self, parts: list[Any]) -> Clause:
        sign, (field, node) = parts
        return Clause(node, field, None, sign)

    def following(self, parts: list[Any]) -> Clause:
        joint, sign, (field, node) = parts
        return Clause(node, field, joint, sign)

    def joint(self, parts: list[Token]) -> Joint:
        return Joint[parts[0].type]

    def sign(self, parts: list[Token]) -> Sign:
        return Sign.REQUIRED if parts[0].type == "PLUS" else Sign.PROHIBITED

    def clause(self, parts: list[Any]) -> tuple[str | None, Node]:
        return _text(parts[0]), parts[1]

    def suffix(self, _: list[Any]) -> Suffix:
        return Suffix()

    def fuzzy_first(self, parts: list[Any]) -> Suffix:
        return Suffix(_text(parts[0]), _text(parts[1]))

    def boost_first(self, parts: list[Any]) -> Suffix:
        return Suffix(_text(parts[1]), _text(parts[0]))

    def word(self, parts: list[Any]) -> Word:
        return Word(str(parts[0]), parts[1])

    def words(self, parts: list[Any]) -> Words:
        return Words(str(parts[0]))

    def prefix(self, parts: list[Any]) -> Prefix:
        return Prefix(str(parts[0])[:-1], parts[1])

    def wild(self, parts: list[Any]) -> Wildcard:
        return Wildcard(str(parts[0]), parts[1])

    def pattern(self, parts: list[Any]) -> Pattern:
        return Pattern(str(parts[0]), parts[1])

    def quoted(self, parts: list[Any]) -> Quoted:
        return Quoted(str(parts[0]), parts[1])

    def bound(self, parts: list[Any]) -> str:
        return str(parts[0])

    def range(self, parts: list[Any]) -> Range:
        opening, low, _, high, closing, boost = parts
        return Range(low, high, opening == "[", closing == "]", Suffix(None, _text(boost)))

    def group(self, parts: list[Any]) -> Group:
        return Group(parts[1], Suffix(None, _text(parts[3])))
