"""EQL text to tokens. Written out, because comments nest, and `[0]` after a field opens no bracket."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lark import Token
from lark.lexer import Lexer

from sigmaproof.errors import QuerySyntaxError

KEYWORDS = {
    "and": "_AND",
    "any": "ANY",
    "by": "_BY",
    "false": "FALSE",
    "in": "IN",
    "in~": "IN",
    "join": "_JOIN",
    "like": "MATCH",
    "like~": "MATCH",
    "maxspan": "_MAXSPAN",
    "not": "_NOT",
    "null": "NULL",
    "of": "_OF",
    "or": "_OR",
    "regex": "MATCH",
    "regex~": "MATCH",
    "sample": "_SAMPLE",
    "sequence": "_SEQUENCE",
    "true": "TRUE",
    "until": "_UNTIL",
    "where": "_WHERE",
    "with": "_WITH",
}

_PUNCTUATION = {
    "(": "_LEFT",
    ")": "_RIGHT",
    "[": "_OPEN",
    "]": "_CLOSE",
    "![": "MISSING",
    ",": "_COMMA",
    ".": "_DOT",
    "|": "_PIPE",
    "=": "_ASSIGN",
    ":": "MATCH",
    "?": "OPTIONAL",
    "+": "SIGN",
    "-": "SIGN",
    "*": "FACTOR",
    "/": "FACTOR",
    "%": "FACTOR",
}

_WORD = r"[A-Za-z_@][A-Za-z0-9_]*"
_TOKEN = re.compile(
    rf"""
    (?P<SPACE>[ \t\r\n]+)
  | (?P<COMMENT>//[^\r\n]*|/\*)
  | (?P<PATH>{_WORD}(?:\.{_WORD})+)(?!~)
  | (?P<WORD>{_WORD}~?)
  | (?P<RAW>\"\"\"[^\r\n]*?\"\"\"\"?\"?)
  | (?P<STRING>"(?:[^"\\\r\n]|\\[^\r\n])*")
  | (?P<QUOTED>`(?:[^`]|``)*`)
  | (?P<NUMBER>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<INDEX>\[(?:[ \t\r\n]*[0-9]+)+[ \t\r\n]*\])
  | (?P<COMPARE>==|!=|<=|>=|<|>)
  | (?P<PUNCTUATION>!\[|[()\[\],.|=:?+\-*/%])
    """,
    re.VERBOSE,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")

_HINTS = {
    '"': "this string has no closing quote on its line",
    "'": 'text stands in double quotes: "…"',
    "`": "this quoted name has no closing backtick",
    "!": 'negation is written "not", and a missing event "![ ]"',
    "&": 'conjunction is written "and"',
}


class EqlLexer(Lexer):
    """The scanner that the grammar is built with."""

    def __init__(self, _configuration: object) -> None:
        pass

    def lex(self, data: str) -> Iterator[Token]:  # type: ignore[override]
        """The tokens of a query, without space and comments."""
        at = 0
        while at < len(data):
            found = _TOKEN.match(data, at)
            if found is None:
                raise _unreadable(data, at)
            kind, text = str(found.lastgroup), found[0]
            if kind == "COMMENT":
                at = _after_comment(data, at)
                continue
            if kind != "SPACE":
                yield Token(_type(kind, text, data, at), text, at)
            at = found.end()


def _type(kind: str, text: str, query: str, at: int) -> str:
    if kind == "WORD":
        return KEYWORDS.get(text, "TILDE_NAME" if text.endswith("~") else "NAME")
    if kind == "PATH":
        _no_keyword(text, query, at)
    return _PUNCTUATION[text] if kind == "PUNCTUATION" else kind


def _no_keyword(path: str, query: str, at: int) -> None:
    for segment in path.split("."):
        if segment in KEYWORDS:
            message = f'"{segment}" is a keyword: a field of that name needs backticks, `{segment}`'
            raise QuerySyntaxError(message, query, at)
        at += len(segment) + 1


def _after_comment(query: str, start: int) -> int:
    """Where a comment ends; block comments nest."""
    if query.startswith("//", start):
        end = re.compile(r"[\r\n]").search(query, start)
        return end.start() if end else len(query)
    depth = 0
    for edge in _COMMENT_EDGE.finditer(query, start):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    raise QuerySyntaxError("this comment is never closed", query, start)


def _unreadable(query: str, at: int) -> QuerySyntaxError:
    return QuerySyntaxError(_HINTS.get(query[at], f"{query[at]!r} has no meaning here"), query, at)
