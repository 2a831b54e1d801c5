"""EQL text to its syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import isinf
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedToken, v_args
from lark.common import LexerConf
from lark.lexer import Lexer

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.ast import Call, Event, Expression, Field, Join, Literal, Query, Stage
from sigmaproof.text.comments import comment_end
from sigmaproof.text.grammars import lalr

DEEPEST = 100
"""How deeply expressions may nest."""

UNITS: Mapping[str, int] = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
"""Of `maxspan`, in milliseconds."""

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{2,8})\}|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LONGEST_INTEGER = 2**63 - 1


def parse(query: str) -> Query:
    """The syntax tree of a query. Raises `QuerySyntaxError`; `InvalidQuery` if it nests too deeply."""
    try:
        tree = cast(Query, _parser().parse(query))
    except UnexpectedToken as error:
        raise _unexpected(query, error) from None
    except _Misfit as error:
        raise QuerySyntaxError(error.message, query, error.offset) from None
    if ast.depth(tree, DEEPEST) > DEEPEST:
        raise InvalidQuery(f"expressions nest more than {DEEPEST} levels deep")
    return tree


@cache
def _parser() -> Lark:
    # Built on first use: start-up of the command line counts.
    grammar = (files(__package__) / "grammar.lark").read_text(encoding="utf-8")
    return lalr("eql", grammar, lexer=_Terminals, transformer=_Build())


class _Terminals(Lexer):
    """The grammar's terminals as one expression; tells keywords from names, and knows that comments nest."""

    def __init__(self, grammar: LexerConf) -> None:
        ranked = sorted(grammar.terminals, key=lambda known: (-known.priority, -known.pattern.max_width))
        parts = [f"(?P<{known.name}>{known.pattern.to_regexp()})" for known in ranked]
        self.pattern = re.compile("|".join(parts))
        self.ignored = set(grammar.ignore)

    def lex(self, data: str) -> Iterator[Token]:  # type: ignore[override]
        at = 0
        while at < len(data):
            found = self.pattern.match(data, at)
            if found is None:
                raise QuerySyntaxError(_HINTS.get(data[at], f"{data[at]!r} has no meaning here"), data, at)
            kind, text, at = str(found.lastgroup), found[0], found.end()
            if text == "/*":
                at = _block_end(data, found.start())
            elif text in ast.KEYWORDS:
                kind = ast.KEYWORDS[text]
            if kind not in self.ignored:
                yield Token(kind, text, found.start())


class _Misfit(Exception):
    """A token that the grammar takes and EQL does not."""

    def __init__(self, message: str, token: Token, within: int = 0) -> None:
        self.message, self.offset = message, (token.start_pos or 0) + within


def _block_end(query: str, start: int) -> int:
    """Where a block comment ends: they nest."""
    end = comment_end(query, start)
    if end is None:
        raise QuerySyntaxError("this comment is never closed", query, start)
    return end


@v_args(inline=True)
class _Build(Transformer[Token, Query]):
    """One method per rule of the grammar."""

    def start(self, body: Event | Join, *pipes: Call) -> Query:
        return Query(body, pipes)

    event = Event
    stage = Stage

    def category(self, token: Token) -> str | None:
        return None if token.type == "ANY" else _text(token) if token.type == "STRING" else str(token)

    def sequence(self, by: tuple[Field, ...], span: int | None, *stages: Stage) -> Join:
        return Join(True, stages[:-1], by, span, stages[-1])

    def sample(self, by: tuple[Field, ...], *stages: Stage) -> Join:
        return Join(False, stages, by)

    def missing(self, event: Event, by: tuple[Field, ...], runs: int) -> Stage:
        return Stage(event, by, runs, missing=True)

    def span(self, *amount: Token) -> int | None:
        if not amount:
            return None
        unit = amount[-1] if len(amount) > 1 else ""
        if unit not in UNITS:
            raise _Misfit(f"maxspan needs a unit out of {', '.join(UNITS)}", amount[-1])
        if not _whole(amount[0]):
            raise _Misfit("maxspan must be positive", amount[0])
        return _whole(amount[0]) * UNITS[unit]

    def runs(self, *given: Token) -> int:
        if given and given[0] != "runs":
            raise _Misfit(f'expected "runs", not "{given[0]}"', given[0])
        return _whole(given[1]) if given else 1

    def until(self, *stage: Stage) -> Stage | None:
        return stage[0] if stage else None

    def infix(self, *parts: Any) -> Call:
        return Call(str(parts[1]), parts[::2])

    expression = conjunction = comparison = sum = product = infix

    def prefix(self, operator: Token, operand: Expression) -> Expression:
        return operand if operator == "+" else Call(str(operator), (operand,))

    def listed(self, operand: Expression, *rest: Any) -> Call:
        *words, listed = rest
        return Call(" ".join(words), (operand, *listed))

    def items(self, *items: Expression) -> tuple[Expression, ...]:
        return items

    constants = by = items

    def call(self, name: Token, *arguments: Expression) -> Call:
        return Call(str(name), arguments)

    pipe = call

    def field(self, *parts: Token) -> Field:
        types = [part.type for part in parts]
        names = [_name(part) for part in parts if part.type not in ("OPTIONAL", "INDEX")]
        return Field(".".join(names), "OPTIONAL" in types, "INDEX" in types)

    def constant(self, token: Token) -> Literal:
        return Literal(_CONSTANTS[token.type](token))


def _name(token: Token) -> str:
    if token.type == "QUOTED":
        return token[1:-1].replace("``", "`")
    at = 0
    for segment in token.split("."):
        if segment in ast.KEYWORDS:
            message = f'"{segment}" is a keyword: a field of that name needs backticks, `{segment}`'
            raise _Misfit(message, token, at)
        at += len(segment) + 1
    return str.__str__(token)


def _text(token: Token) -> str:
    if token.startswith('"""'):
        return str(token)[3:-3]
    inner = str(token)[1:-1]
    if "\\" not in inner:
        return inner
    return _ESCAPE.sub(lambda found: _unescaped(found, token), inner)


def _unescaped(found: re.Match[str], token: Token) -> str:
    digits, char = found.groups()
    if digits is not None:
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise _Misfit(f"U+{code:04X} is not a character", token, 1 + found.start())
        return chr(code)
    if char not in _ESCAPES:
        hint = r'EQL knows only \b \t \n \f \r \" \' \\ and \u{…}; """…""" takes a backslash as it is'
        raise _Misfit(f"\\{char} is not an escape: {hint}", token, 1 + found.start())
    return _ESCAPES[char]


def _number(token: Token) -> int | float:
    if token.isdigit() and len(token) < 20 and int(token) <= _LONGEST_INTEGER:
        return int(token)
    number = float(token)
    if isinf(number):
        raise _Misfit("this number is too large", token)
    return number


def _whole(token: Token) -> int:
    number = _number(token)
    if isinstance(number, float):
        raise _Misfit("expected a whole number", token)
    return number


_CONSTANTS: Mapping[str, Callable[[Token], str | int | float | bool | None]] = {
    "STRING": _text,
    "NUMBER": _number,
    "WORD": lambda token: {"true": True, "false": False, "null": None}[token],
}

_HINTS = {
    "_OF": "relations of processes (`child of`, `descendant of`, `event of`) are not part of EQL any more",
    "_JOIN": "`join` is not part of EQL any more",
    '"': "this string has no closing quote on its line",
    "'": 'text stands in double quotes: "…"',
    "`": "this quoted name has no closing backtick",
    "!": 'negation is written "not", and a missing event "![ ]"',
    "&": 'conjunction is written "and"',
}
"""By the token or the letter that cannot stand where it is."""

_EXPECTED = {
    **dict.fromkeys(("STRING", "NUMBER", "WORD"), "a constant"),
    **dict.fromkeys(("NAME", "PATH", "QUOTED", "TILDE_NAME", "OPTIONAL"), "a name"),
    **dict.fromkeys(("COMPARE", "MATCH", "FACTOR", "IN"), "an operator"),
    "SIGN": '"-"',
    "INDEX": '"["',
    "$END": "the end",
}


def _expected(name: str) -> str:
    if name in _EXPECTED:
        return _EXPECTED[name]
    letters = {known.name: f'"{known.pattern.value}"' for known in _parser().terminals}
    return letters.get(name, name.strip("_").lower())


def _unexpected(query: str, error: UnexpectedToken) -> QuerySyntaxError:
    token = error.token
    ended = token.type == "$END"
    offset = len(query) if ended else token.start_pos or 0
    if token.type in _HINTS:
        return QuerySyntaxError(_HINTS[token.type], query, offset)
    if token.type == "EQUAL" and "COMPARE" in error.accepts:
        return QuerySyntaxError('equality is written "=="', query, offset)
    found = "the query ends too early" if ended else f'"{token}" cannot stand here'
    *most, last = sorted(set(map(_expected, error.accepts)))
    expected = f"{', '.join(most)} or {last}" if most else last
    return QuerySyntaxError(f"{found}: expected {expected}", query, offset)
