"""ES|QL text to tokens. What a word is depends on the command that it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lark import Token
from lark.lexer import Lexer

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery, nearest
from sigmaproof.languages.esql.ast import KEYWORDS
from sigmaproof.text.comments import comment_end

COMMANDS: Mapping[str, str] = {
    **{name: f"_{name}" for name in ("EVAL", "FROM", "LIMIT", "RENAME", "SORT", "STATS", "WHERE")},
    **dict.fromkeys(("DROP", "KEEP", "MV_EXPAND"), "COLUMNS"),
}
"""Modelled commands, and what the grammar calls them."""

UNMODELLED = frozenset(
    """CHANGE_POINT COMPLETION DISSECT ENRICH FORK FUSE GROK INLINE INLINESTATS LOOKUP META METRICS RERANK ROW
    SAMPLE SHOW TS""".split()  # noqa: SIM905  a list of words reads best as words
)
"""Commands that exist and are refused by name."""

_NAME = "[A-Za-z_@][A-Za-z0-9_]*"
_EXPRESSION = re.compile(
    rf"""(?P<SKIP>\s+|//[^\r\n]*)|(?P<COMMENT>/\*)
    |(?P<STRING>\"\"\"(?:.|\n)*?\"\"\"(?:\"{{0,2}})|"(?:[^"\\\r\n]|\\.)*")
    |(?P<NUMBER>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<QUOTED>`(?:[^`]|``)*`)
    |(?P<IS>is\s+(?:not\s+)?null\b)|(?P<NULLS>nulls\s+(?:first|last)\b)
    |(?P<IN>(?:not\s+)?in\b)|(?P<LIKE>(?:not\s+)?r?like\b)
    |(?P<NAME>{_NAME})
    |(?P<COMPARE>[=!<>]=|[<>])|(?P<ASSIGN>=)|(?P<CAST>::)|(?P<MATCH>:)
    |(?P<SIGN>[+-])|(?P<FACTOR>[*/%])
    |(?P<_PIPE>\|)|(?P<_LPAR>\()|(?P<_RPAR>\))|(?P<_COMMA>,)|(?P<_DOT>\.)""",
    re.IGNORECASE | re.VERBOSE,
)
_NAMES = re.compile(
    r"""(?P<SKIP>\s+|//[^\r\n]*)|(?P<COMMENT>/\*)|(?P<QUOTED>`(?:[^`]|``)*`)|(?P<_AS>as\b)
    |(?P<NAME>[A-Za-z0-9_@*]+)|(?P<ASSIGN>=)|(?P<_PIPE>\|)|(?P<_COMMA>,)|(?P<_DOT>\.)""",
    re.IGNORECASE | re.VERBOSE,
)
_SOURCES = re.compile(
    r"""(?P<SKIP>\s+|//[^\r\n]*)|(?P<COMMENT>/\*)|(?P<_METADATA>metadata\b)|(?P<_PIPE>\|)|(?P<_COMMA>,)
    |(?P<SOURCE>"[^"\r\n]*"|[^\s,|"\[\]=()]+)""",
    re.IGNORECASE | re.VERBOSE,
)
_COMMAND = re.compile(
    rf"(?P<SKIP>\s+|//[^\r\n]*)|(?P<COMMENT>/\*)|(?P<WORD>{_NAME})|(?P<_PIPE>\|)", re.VERBOSE
)
_MODES = {"_FROM": _SOURCES, "COLUMNS": _NAMES, "_RENAME": _NAMES, "_METADATA": _NAMES}
_WORDS = {
    **dict.fromkeys(("asc", "desc"), "DIRECTION"),
    **dict.fromkeys(("true", "false", "null"), "WORD"),
    "and": "AND",
    "or": "OR",
    "not": "NOT",
    "by": "_BY",
    "where": "_IF",
    "as": "_AS",
}
_HINTS = {
    '"': "this string has no closing quote on its line",
    "'": 'text stands in double quotes: "…"',
    "`": "this quoted name has no closing backtick",
    "!": 'negation is written "NOT"',
    "&": 'conjunction is written "AND"',
    "?": "query parameters need values: write them into the query",
    "[": "lists of values are written in parentheses",
}


class Tokens(Lexer):
    """The tokens of a query."""

    def __init__(self, _: Any) -> None:
        """The grammar declares its terminals, and says nothing of how they are written."""

    def lex(self, data: str) -> Iterator[Token]:  # type: ignore[override]
        mode, at = _COMMAND, 0
        while at < len(data):
            found = mode.match(data, at)
            if found is None:
                raise QuerySyntaxError(_HINTS.get(data[at], f"{data[at]!r} has no meaning here"), data, at)
            kind, text, at = str(found.lastgroup), found[0], found.end()
            if kind == "COMMENT":
                at = _comment_end(data, found.start())
                continue
            if kind == "SKIP":
                continue
            if mode is _COMMAND and kind == "WORD":
                kind = _command(text, data, found.start())
                mode = _MODES.get(kind, _EXPRESSION)
            elif kind in ("CAST", "MATCH"):
                raise UnsupportedQuery(f"the operator {text} is not modelled")
            elif kind == "_PIPE":
                mode = _COMMAND
            elif kind == "_METADATA":
                mode = _NAMES
            elif kind == "NAME" and mode is _EXPRESSION and text.lower() in KEYWORDS:
                kind = _WORDS.get(text.lower(), text.upper())
            yield Token(kind, text, found.start())


def _command(word: str, query: str, at: int) -> str:
    name = word.upper()
    if name in COMMANDS:
        return COMMANDS[name]
    if name in UNMODELLED:
        raise UnsupportedQuery(f"the command {name} is not modelled")
    known = (*COMMANDS, *UNMODELLED)
    raise QuerySyntaxError(f"there is no command {word}{nearest(name, known)}", query, at)


def _comment_end(query: str, start: int) -> int:
    """Where a block comment ends: they nest."""
    end = comment_end(query, start)
    if end is None:
        raise QuerySyntaxError("this comment is never closed", query, start)
    return end
