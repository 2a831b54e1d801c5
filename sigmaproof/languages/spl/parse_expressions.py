"""Expressions, and the commands made of them (`where`, `eval`, `stats`, `tstats`): text to AST."""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from lark import Token, Transformer, v_args

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.languages.spl import ast
from sigmaproof.languages.spl.parse import DEEPEST, Column, Mistake, Option, parser, run, unquoted

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_STARTS = ("where", "eval", "head", "stats")


def parse_where(text: str, query: str, base: int) -> ast.Where:
    """`where`."""
    return ast.Where(_run("where", text, query, base))


def parse_eval(text: str, query: str, base: int) -> ast.Eval:
    """`eval`."""
    return ast.Eval(_run("eval", text, query, base))


def parse_stats(command: str, text: str, query: str, base: int) -> ast.Stats:
    """`stats`, `eventstats` and `streamstats`."""
    items, by = _run("stats", text, query, base)
    aggregates = tuple(item for item in items if isinstance(item, ast.Aggregate))
    if not aggregates:
        raise QuerySyntaxError(f"{command} needs a function", query, base)
    return ast.Stats(command, aggregates, by, _options(items))


def parse_head(text: str, query: str, base: int) -> ast.HeadWhile:
    """`head` with a condition."""
    found: ast.HeadWhile = _run("head", text, query, base)
    return found


def parse_expression(text: str) -> ast.Expr:
    """An expression on its own, out of a definition."""
    return parse_where(text, text, 0).expression


def unescaped(text: str) -> str:
    """A string of an expression: `\\t`, `\\n`, `\\r`, `\\"` and `\\\\` are one character, others stay."""
    return re.sub(r"\\([tnr\"'\\])", lambda found: _ESCAPES[found.group(1)], text)


def _run(start: str, text: str, query: str, base: int) -> Any:
    return run(parser("expressions", _STARTS, _Build), start, text, query, base)


def _options(items: tuple[Any, ...]) -> dict[str, Any]:
    return {item.key: item.value for item in items if isinstance(item, Option)}


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Callbacks of `expressions.lark`."""

    def where(self, expression: ast.Expr) -> ast.Expr:
        return expression

    def eval(self, *assignments: tuple[str, ast.Expr]) -> tuple[tuple[str, ast.Expr], ...]:
        return assignments

    def assignment(self, target: Token, expression: ast.Expr) -> tuple[str, ast.Expr]:
        return unquoted(target), expression

    def expression(self, *items: Any) -> ast.Expr:
        return _call("XOR", *items[::2])

    def any(self, *items: Any) -> ast.Expr:
        return _call("OR", *items[::2])

    def all(self, *items: Any) -> ast.Expr:
        return _call("AND", *items[::2])

    def negation(self, _not: Token, inner: ast.Expr) -> ast.Expr:
        return (
            inner.arguments[0] if isinstance(inner, ast.Call) and inner.name == "NOT" else _call("NOT", inner)
        )

    def compared(self, left: ast.Expr, operator: Token, right: ast.Expr) -> ast.Expr:
        return _call("like" if operator.type == "LIKE" else str(operator).replace("==", "="), left, right)

    def membership(self, left: ast.Expr, _in: Token, *values: ast.Expr) -> ast.Expr:
        return _call("in", left, *values)

    def sum(self, *items: Any) -> ast.Expr:
        return _left_to_right(items)

    def product(self, *items: Any) -> ast.Expr:
        return _left_to_right(items)

    def minus(self, _minus: Token, inner: ast.Expr) -> ast.Expr:
        if isinstance(inner, ast.Literal) and not isinstance(inner.value, str):
            return ast.Literal(-inner.value)
        return _call("-", ast.Literal(0), inner)

    def number(self, token: Token) -> ast.Expr:
        number = float(token)
        if isinf(number):
            raise Mistake("this number is too large", token.start_pos)
        return ast.Literal(int(token) if token.isdigit() else number)

    def text(self, token: Token) -> ast.Expr:
        return ast.Literal(unescaped(unquoted(token)))

    def field(self, token: Token) -> ast.Expr:
        return ast.Field(unquoted(token))

    def call(self, name: Token, *arguments: ast.Expr | None) -> ast.Expr:
        return _call(name.lower(), *(argument for argument in arguments if argument is not None))

    def head(self, *items: Any) -> ast.HeadWhile:
        condition = next(item for item in items if not isinstance(item, Option))
        return ast.HeadWhile(condition, _options(items))

    def stats(self, *items: Any) -> tuple[tuple[Any, ...], tuple[str, ...]]:
        by = items[-1] if items and isinstance(items[-1], tuple) else ()
        return items, by

    def by(self, _by: Token, columns: tuple[str, ...]) -> tuple[str, ...]:
        return columns

    def aggregate(self, function: Token, *rest: Any) -> ast.Aggregate:
        if function.lower() in ("as", "by"):
            raise Mistake(f"{function} needs something on its right", function.start_pos)
        argument = next((part for part in rest if isinstance(part, ast.Expr)), None)
        shown = f"{function}({_shown(argument)})" if argument else str(function)
        named = next((part.name for part in rest if isinstance(part, Column)), shown)
        return ast.Aggregate(str(function), argument, named)

    def argument(self, column: Column) -> ast.Expr:
        return ast.Field(column.name)

    def computed(self, _eval: Token, expression: ast.Expr) -> ast.Expr:
        return ast.Call.of("eval", expression)

    def column(self, token: Token) -> Column:
        return Column(unquoted(token), token.type != "FIELD")

    def columns(self, *columns: Any) -> tuple[str, ...]:
        return tuple(column.name for column in columns if isinstance(column, Column))

    def option(self, key: Token, value: Any) -> Option:
        return Option(str(key), unquoted(value) if isinstance(value, Token) else value)


def _call(name: str, *arguments: ast.Expr) -> ast.Expr:
    call = ast.Call.of(name, *arguments)
    if call.depth > DEEPEST:
        raise UnsupportedQuery(f"an expression nested more than {DEEPEST} deep")
    return call


def _left_to_right(items: tuple[Any, ...]) -> ast.Expr:
    result: ast.Expr = items[0]
    for operator, right in zip(items[1::2], items[2::2], strict=True):
        if operator == "." and isinstance(result, ast.Call) and result.name == ".":
            result = _call(".", *result.arguments, right)
        else:
            result = _call(str(operator), result, right)
    return result


def _shown(argument: ast.Expr) -> str:
    return argument.name if isinstance(argument, ast.Field) else "eval(…)"
