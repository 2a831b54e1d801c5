"""ES|QL text to its syntax tree."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import isinf
from typing import Any, cast

from lark import Lark, Token, Transformer, UnexpectedToken, v_args

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.languages.esql import ast
from sigmaproof.languages.esql.ast import Assigned, Call, Expression, Field, Literal, Query, Span
from sigmaproof.languages.esql.lexer import Tokens
from sigmaproof.text.grammars import lalr

DEEPEST = 100
"""How deeply expressions may nest."""

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}
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
    grammar = (files(__package__) / "grammar.lark").read_text(encoding="utf-8")
    return lalr("esql", grammar, lexer=Tokens, transformer=_Build())


class _Misfit(Exception):
    """A token that the grammar takes and ES|QL does not."""

    def __init__(self, message: str, token: Token) -> None:
        self.message, self.offset = message, token.start_pos or 0


@v_args(inline=True)
class _Build(Transformer[Token, Query]):
    """One method per rule of the grammar."""

    def start(self, *commands: ast.Command) -> Query:
        return Query(commands)

    def source(self, *parts: Any) -> ast.From:
        return ast.From(tuple(str(one).strip('"') for one in parts[:-1]), parts[-1])

    def metadata(self, *names: Token) -> tuple[str, ...]:
        return tuple(map(str, names))

    where = ast.Where

    def eval(self, *columns: Assigned) -> ast.Eval:
        return ast.Eval(columns)

    def measures(self, *parts: Assigned) -> tuple[str, tuple[Assigned, ...]]:
        return "measures", parts

    def groups(self, *parts: Assigned) -> tuple[str, tuple[Assigned, ...]]:
        return "by", parts

    def stats(self, *parts: tuple[str, tuple[Assigned, ...]]) -> ast.Stats:
        return ast.Stats(**dict(parts))

    def measure(self, assigned: Assigned, condition: Expression | None = None) -> Assigned:
        return Assigned(assigned.value, assigned.name, condition)

    def assigned(self, *parts: Any) -> Assigned:
        return Assigned(parts[-1], parts[0] if len(parts) > 1 else None)

    def columns(self, command: Token, *names: str) -> ast.Columns:
        return ast.Columns(command.upper(), names)

    def rename(self, *pairs: tuple[str, str]) -> ast.Rename:
        return ast.Rename(pairs)

    def renamed(self, *parts: Any) -> tuple[str, str]:
        # `new = old` is the other way to say `old AS new`
        return (parts[0], parts[1]) if len(parts) == 2 else (parts[2], parts[0])

    def sort(self, *keys: ast.Order) -> ast.Sort:
        return ast.Sort(keys)

    def order(self, value: Expression, *words: Token) -> ast.Order:
        said = {word.type: word.lower() for word in words}
        nulls = said["NULLS"].endswith("first") if "NULLS" in said else None
        return ast.Order(value, said.get("DIRECTION") == "desc", nulls)

    def limit(self, count: Token) -> ast.Limit:
        return ast.Limit(_whole(count))

    def infix(self, *parts: Any) -> Call:
        return Call(parts[1].upper(), parts[::2])

    disjunction = conjunction = sum = product = infix

    def prefix(self, operator: Token, operand: Expression) -> Expression:
        return operand if operator == "+" else Call(operator.upper(), (operand,))

    def postfix(self, operand: Expression, operator: Token) -> Call:
        return Call(" ".join(operator.upper().split()), (operand,))

    def listed(self, operand: Expression, operator: Token, *items: Expression) -> Call:
        name = " ".join(operator.upper().split())
        if name.endswith("LIKE") and not all(isinstance(getattr(one, "value", None), str) for one in items):
            raise _Misfit(f"{name} takes a text in quotes", operator)
        return Call(name, (operand, *items))

    def call(self, name: Token, *arguments: Any) -> Call:
        if arguments and isinstance(arguments[0], Token):
            if arguments[0] != "*" or name.upper() != "COUNT":
                raise _Misfit("only COUNT takes *", arguments[0])
            return Call("COUNT")
        return Call(name.upper(), arguments)

    field = Field

    def name(self, *parts: Token) -> str:
        return ".".join(
            part[1:-1].replace("``", "`") if part.type == "QUOTED" else str(part) for part in parts
        )

    def constant(self, token: Token) -> Literal:
        if token.type == "WORD":
            return Literal(_WORDS[token.lower()])
        return Literal(_text(token) if token.type == "STRING" else _number(token))

    def span(self, amount: Token, unit: Token) -> Span:
        return Span(_whole(amount), unit.lower())


_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}


def _text(token: Token) -> str:
    if token.startswith('"""'):
        return str(token)[3:-3]
    return _ESCAPE.sub(lambda found: _unescaped(found[1], token), str(token)[1:-1])


def _unescaped(char: str, token: Token) -> str:
    if char not in _ESCAPES:
        hint = r'ES|QL knows only \t \n \r \" and \\; """…""" takes a backslash as it is'
        raise _Misfit(f"\\{char} is not an escape: {hint}", token)
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


_EXPECTED = {
    **dict.fromkeys(("STRING", "NUMBER", "WORD"), "a constant"),
    **dict.fromkeys(("NAME", "QUOTED"), "a name"),
    **dict.fromkeys(("COMPARE", "FACTOR", "SIGN", "IN", "LIKE", "IS", "AND", "OR"), "an operator"),
    "_LPAR": '"("',
    "_RPAR": '")"',
    "_COMMA": '","',
    "_DOT": '"."',
    "_PIPE": '"|"',
    "$END": "the end",
    "ASSIGN": '"="',
    "_FROM": "FROM",
    "SOURCE": "an index",
    "_IF": "WHERE",
    "COLUMNS": "a command",
}


def _unexpected(query: str, error: UnexpectedToken) -> QuerySyntaxError:
    token = error.token
    ended = token.type == "$END"
    offset = len(query) if ended else token.start_pos or 0
    if token.type == "ASSIGN" and "COMPARE" in error.accepts:
        return QuerySyntaxError('equality is written "=="', query, offset)
    wanted = dict.fromkeys(_EXPECTED.get(name, name.strip("_")) for name in sorted(error.accepts or ()))
    what = "the query ends too early" if ended else f'"{token}" cannot stand here'
    return QuerySyntaxError(f"{what}: expected {', '.join(wanted)}", query, offset)
