"""From text to trees: three lark grammars, and the syntax errors that come out of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError
from msgspec import Struct

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.text.grammars import lalr

DEEPEST = 100
"""How deep parentheses and calls may nest."""


class Column(Struct, frozen=True):
    """A field's name in a command's arguments."""

    name: str
    quoted: bool = False


class Option(Struct, frozen=True):
    """`key=value`."""

    key: str
    value: Any


Build = Callable[[], Transformer[Token, Any]]


class Mistake(Exception):
    """Something that the grammar lets through and Splunk does not, at a character of the parsed text."""

    def __init__(self, message: str, offset: int | None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset or 0


@cache
def parser(name: str, starts: tuple[str, ...], build: Build) -> Lark:
    """The parser of one grammar file; building one takes a moment, so nobody does before it is needed."""
    grammar = (files(__package__) / f"{name}.lark").read_text(encoding="utf-8")
    return lalr(f"spl-{name}", grammar, start=list(starts), transformer=build(), maybe_placeholders=True)


def run(lark: Lark, start: str, text: str, query: str, base: int) -> Any:
    """`text`, which stands at `base` in `query`, by one rule of a grammar."""
    _bounded(text)
    try:
        return lark.parse(text, start=start)
    except UnexpectedInput as error:
        raise _syntax_error(error, text, query, base) from None
    except Mistake as error:
        raise QuerySyntaxError(error.message, query, base + error.offset) from None
    except VisitError as error:
        inner = error.orig_exc
        if isinstance(inner, Mistake):
            raise QuerySyntaxError(inner.message, query, base + inner.offset) from None
        raise inner from None


def unquoted(token: str) -> str:
    """The text without the quotes around it."""
    return token[1:-1] if token[:1] in ('"', "'") else str(token)


def _syntax_error(error: UnexpectedInput, text: str, query: str, base: int) -> QuerySyntaxError:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return QuerySyntaxError("something is missing at the end", query, base + len(text.rstrip()))
    offset = error.pos_in_stream or 0
    found = re.match(r"\w+|\S", text[offset:])
    return QuerySyntaxError(f"{found.group() if found else ''!r} is not expected here", query, base + offset)


def _bounded(text: str) -> None:
    """Refuses nesting that would exhaust Python's stack further on."""
    level = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[()]', text, re.DOTALL):
        level += {"(": 1, ")": -1}.get(found.group(), 0)
        if level > DEEPEST:
            raise UnsupportedQuery(f"parentheses nested more than {DEEPEST} deep")
