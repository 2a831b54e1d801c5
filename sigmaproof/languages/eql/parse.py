"""EQL text to its syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from math import isinf
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedToken

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.ast import Expression, Field, Literal
from sigmaproof.languages.eql.lexer import KEYWORDS, EqlLexer

DEEPEST = 100
"""How deeply expressions may nest."""

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{2,8})\}|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_LONGEST_INTEGER = 2**63 - 1


def parse(query: str) -> ast.Query:
    """The syntax tree of a query. Raises `QuerySyntaxError`."""
    try:
        tree = cast(ast.Query, _parser().parse(query))
    except UnexpectedToken as error:
        raise _unexpected(query, error) from None
    except _Misfit as error:
        raise QuerySyntaxError(error.message, query, error.offset) from None
    if any(ast.depth(node, DEEPEST) > DEEPEST for node in ast.conditions(tree)):
        raise InvalidQuery(f"expressions nest more than {DEEPEST} levels deep")
    return tree


class _Misfit(Exception):
    """A token that the grammar takes and EQL does not."""

    def __init__(self, message: str, offset: int) -> None:
        self.message, self.offset = message, offset


@v_args(inline=True)
class _Build(Transformer[Token, ast.Query]):
    """One method per rule of the grammar."""

    def query(self, body: ast.EventFilter | ast.Sequence | ast.Sample, *pipes: ast.Pipe) -> ast.Query:
        return ast.Query(body, pipes)

    def event(self, category: str | None, condition: Expression) -> ast.EventFilter:
        return ast.EventFilter(category, condition)

    def category(self, token: Token) -> str | None:
        if token.type == "ANY":
            return None
        return str(token) if token.type == "NAME" else _text(token)

    def pipe(self, name: Token, *arguments: Expression | None) -> ast.Pipe:
        return ast.Pipe(str(name), tuple(argument for argument in arguments if argument is not None))

    def sequence(
        self, by: tuple[Field, ...] | None, span: ast.Span | None, *stages: ast.Stage | None
    ) -> ast.Sequence:
        *found, until = stages
        return ast.Sequence(tuple(stage for stage in found if stage), by or (), span, until)

    def sample(self, by: tuple[Field, ...] | None, *stages: ast.Stage) -> ast.Sample:
        return ast.Sample(stages, by or ())

    def by(self, *fields: Field) -> tuple[Field, ...]:
        return fields

    def span(self, amount: Token, unit: Token | None) -> ast.Span:
        return ast.Span(_whole(amount), str(unit or ""))

    def stage(
        self, missing: bool, event: ast.EventFilter, by: tuple[Field, ...] | None, runs: int | None
    ) -> ast.Stage:
        return ast.Stage(event, by or (), 1 if runs is None else runs, missing)

    def opening(self, *missing: Token) -> bool:
        return bool(missing)

    def runs(self, name: Token, number: Token) -> int:
        if name != "runs":
            raise _Misfit(f'expected "runs", not "{name}"', name.start_pos or 0)
        return _whole(number)

    def any_of(self, *operands: Expression) -> Expression:
        return ast.AnyOf(operands)

    def all_of(self, *operands: Expression) -> Expression:
        return ast.AllOf(operands)

    def negated(self, operand: Expression) -> Expression:
        return ast.Not(operand)

    def compared(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return ast.Comparison(str(operator), left, right)

    def arithmetic(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return ast.Arithmetic(str(operator), left, right)

    def signed(self, sign: Token, operand: Expression) -> Expression:
        return ast.Negative(operand) if sign == "-" else operand

    def matching(self, operand: Expression, operator: Token, patterns: tuple[Literal, ...]) -> Expression:
        return ast.Matching(str(operator), operand, patterns)

    def inside(self, operand: Expression, operator: Token, items: tuple[Expression, ...]) -> Expression:
        return ast.Membership(operand, items, operator.endswith("~"))

    def outside(self, operand: Expression, operator: Token, items: tuple[Expression, ...]) -> Expression:
        return ast.Membership(operand, items, operator.endswith("~"), True)

    def constants(self, *patterns: Literal) -> tuple[Literal, ...]:
        return patterns

    def items(self, *items: Expression) -> tuple[Expression, ...]:
        return items

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        given = tuple(argument for argument in arguments if argument is not None)
        return ast.Call(name.rstrip("~"), given, name.endswith("~"))

    def field(self, optional: Token | None, *segments: str | Token) -> Field:
        names = [part for part in segments if not isinstance(part, Token)]
        return Field(".".join(names), optional is not None, len(names) < len(segments))

    def segment(self, token: Token) -> str:
        return token[1:-1].replace("``", "`") if token.type == "QUOTED" else str.__str__(token)

    def constant(self, token: Token) -> Literal:
        return Literal(_CONSTANTS[token.type](token))


def _text(token: Token) -> str:
    if token.type == "RAW":
        return str(token)[3:-3]
    inner = str(token)[1:-1]
    if "\\" not in inner:
        return inner
    start = (token.start_pos or 0) + 1
    return _ESCAPE.sub(lambda found: _unescaped(found, start), inner)


def _unescaped(found: re.Match[str], start: int) -> str:
    digits, char = found.groups()
    if digits is not None:
        code = int(digits, 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise _Misfit(f"U+{code:04X} is not a character", start + found.start())
        return chr(code)
    if char not in _ESCAPES:
        hint = r'EQL knows only \b \t \n \f \r \" \' \\ and \u{…}; """…""" takes a backslash as it is'
        raise _Misfit(f"\\{char} is not an escape: {hint}", start + found.start())
    return _ESCAPES[char]


def _number(token: Token) -> int | float:
    if token.isdigit() and len(token) < 20 and int(token) <= _LONGEST_INTEGER:
        return int(token)
    number = float(token)
    if isinf(number):
        raise _Misfit("this number is too large", token.start_pos or 0)
    return number


def _whole(token: Token) -> int:
    number = _number(token)
    if isinstance(number, float):
        raise _Misfit("expected a whole number", token.start_pos or 0)
    return number


_CONSTANTS: dict[str, Callable[[Token], str | int | float | bool | None]] = {
    "STRING": _text,
    "RAW": _text,
    "NUMBER": _number,
    "TRUE": lambda _: True,
    "FALSE": lambda _: False,
    "NULL": lambda _: None,
}


@cache
def _parser() -> Lark:
    # Built on first use: start-up of the command line counts.
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        start="query",
        parser="lalr",
        lexer=EqlLexer,
        transformer=_Build(),
        maybe_placeholders=True,
    )


_HINTS = {
    "_OF": "relations of processes (`child of`, `descendant of`, `event of`) are not part of EQL any more",
    "_JOIN": "`join` is not part of EQL any more",
    "_ASSIGN": 'equality is written "=="',
}
_VALUES = frozenset({"STRING", "NAME", "OPTIONAL"})
_WORDS = {name: word for word, name in KEYWORDS.items() if not word.endswith("~")} | {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "text in quotes",
    "_OPEN": '"["',
    "_CLOSE": '"]"',
    "_LEFT": '"("',
    "_RIGHT": '")"',
    "_COMMA": '","',
    "_PIPE": '"|"',
    "_ASSIGN": '"="',
    "MISSING": '"!["',
    "$END": "the end",
}
_SILENT = frozenset({"RAW", "PATH", "QUOTED", "TILDE_NAME", "INDEX", "_DOT", "MATCH", "IN", "SIGN", "FACTOR"})


def _unexpected(query: str, error: UnexpectedToken) -> QuerySyntaxError:
    token = error.token
    ended = token.type == "$END"
    offset = len(query) if ended else token.start_pos or 0
    found = "the query ends too early" if ended else f'"{token}" cannot stand here'
    hint = _HINTS.get(token.type)
    if hint and (token.type != "_ASSIGN" or "COMPARE" in error.accepts):
        return QuerySyntaxError(hint, query, offset)
    return QuerySyntaxError(f"{found}: expected {_listed(set(error.accepts))}", query, offset)


def _listed(accepted: set[str]) -> str:
    words = []
    if accepted >= _VALUES:
        words.append("a value or condition")
        accepted -= {*_VALUES, "NUMBER", "TRUE", "FALSE", "NULL", "_NOT", "_LEFT", "_RIGHT"}
    if "COMPARE" in accepted:
        words.append("an operator")
        accepted -= {"COMPARE", "_NOT", "_LEFT"}
    words += sorted(_WORDS.get(name, name.strip("_").lower()) for name in accepted - _SILENT)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
