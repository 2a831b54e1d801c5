"""A syntax tree as EQL text, with no more parentheses than its meaning needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import singledispatch
from typing import cast

from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.lexer import KEYWORDS

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}

_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _PREDICATE, _PRIMARY = range(9)


def show(query: ast.Query) -> str:
    """The query as text that parses to the same tree."""
    body = query.body
    if isinstance(body, ast.EventFilter):
        text = _event(body)
    elif isinstance(body, ast.Sample):
        text = " ".join(["sample" + _keys(body.by), *map(_stage, body.stages)])
    else:
        text = _sequence(body)
    return text + "".join(map(_pipe, query.pipes))


def show_expression(node: ast.Expression) -> str:
    """One expression as text."""
    return _within(node, _OR)


def _sequence(body: ast.Sequence) -> str:
    span = f" with maxspan={body.span.amount}{body.span.unit}" if body.span else ""
    until = [f"until {_stage(body.until)}"] if body.until else []
    return " ".join([f"sequence{_keys(body.by)}{span}", *map(_stage, body.stages), *until])


def _event(event: ast.EventFilter) -> str:
    category = "any" if event.category is None else event.category
    if event.category is not None and not _plain(category):
        category = quoted(category)
    return f"{category} where {show_expression(event.condition)}"


def _stage(stage: ast.Stage) -> str:
    runs = "" if stage.runs == 1 else f" with runs={stage.runs}"
    return f"{'!' if stage.missing else ''}[{_event(stage.event)}]{_keys(stage.by)}{runs}"


def _keys(fields: tuple[ast.Field, ...]) -> str:
    return f" by {_list(fields)}" if fields else ""


def _pipe(pipe: ast.Pipe) -> str:
    return f" | {pipe.name} {_list(pipe.arguments)}".rstrip()


def _list(nodes: Iterable[ast.Expression]) -> str:
    return ", ".join(map(show_expression, nodes))


def quoted(text: str) -> str:
    """Text as an EQL string."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def _plain(name: str) -> bool:
    return _PLAIN.fullmatch(name) is not None and name not in KEYWORDS


def _within(node: ast.Expression, level: int) -> str:
    """The node as an operand of something that binds as tightly as `level`."""
    own, text = cast(Callable[[ast.Expression], tuple[int, str]], _shown)(node)
    return text if own >= level else f"({text})"


@singledispatch
def _shown(node: ast.Expression) -> tuple[int, str]:
    raise TypeError(node)


@_shown.register
def _(node: ast.Literal) -> tuple[int, str]:
    match node.value:
        case str(text):
            return _PRIMARY, quoted(text)
        case None | bool():
            return _PRIMARY, {None: "null", True: "true", False: "false"}[node.value]
        case number:
            return _PRIMARY, repr(number)


@_shown.register
def _(node: ast.Field) -> tuple[int, str]:
    plain = all(map(_plain, node.name.split(".")))
    name = node.name if plain else "`" + node.name.replace("`", "``") + "`"
    return _PRIMARY, f"{'?' if node.optional else ''}{name}{'[0]' if node.indexed else ''}"


@_shown.register
def _(node: ast.Negative) -> tuple[int, str]:
    return _SIGN, f"-{_within(node.operand, _SIGN)}"


@_shown.register
def _(node: ast.Arithmetic) -> tuple[int, str]:
    level = _SUM if node.operator in "+-" else _PRODUCT
    return level, f"{_within(node.left, level)} {node.operator} {_within(node.right, level + 1)}"


@_shown.register
def _(node: ast.Comparison) -> tuple[int, str]:
    return _COMPARE, f"{_within(node.left, _SUM)} {node.operator} {_within(node.right, _SUM)}"


@_shown.register
def _(node: ast.Matching) -> tuple[int, str]:
    patterns = _list(node.patterns) if len(node.patterns) == 1 else f"({_list(node.patterns)})"
    operator = node.operator if node.operator == ":" else " " + node.operator
    return _PREDICATE, f"{_within(node.operand, _PRIMARY)}{operator} {patterns}"


@_shown.register
def _(node: ast.Membership) -> tuple[int, str]:
    operator = ("not in" if node.negated else "in") + ("~" if node.insensitive else "")
    return _PREDICATE, f"{_within(node.operand, _PRIMARY)} {operator} ({_list(node.items)})"


@_shown.register
def _(node: ast.Call) -> tuple[int, str]:
    return _PRIMARY, f"{node.name}{'~' if node.insensitive else ''}({_list(node.arguments)})"


@_shown.register
def _(node: ast.Not) -> tuple[int, str]:
    return _NOT, f"not {_within(node.operand, _NOT)}"


@_shown.register
def _(node: ast.AllOf) -> tuple[int, str]:
    return _AND, " and ".join(_within(part, _NOT) for part in node.operands)


@_shown.register
def _(node: ast.AnyOf) -> tuple[int, str]:
    return _OR, " or ".join(_within(part, _AND) for part in node.operands)
