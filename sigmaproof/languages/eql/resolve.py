"""Syntax tree to nodes: names get their meaning, constants fold, and what is ill typed fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import singledispatch
from typing import cast

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index.elastic import TEXTS
from sigmaproof.index.elastic_values import NUMBERS
from sigmaproof.languages.eql import ast, leaves
from sigmaproof.languages.eql.functions import ARITHMETIC, PARAMETERS, function, names
from sigmaproof.languages.eql.leaves import Scope, compared
from sigmaproof.languages.eql.nodes import (
    NULL,
    Applied,
    Asked,
    Column,
    Constant,
    Function,
    Junction,
    Kind,
    Negation,
    Node,
    NullTest,
    evaluate,
    kind_of,
)
from sigmaproof.languages.eql.show import show_expression as show
from sigmaproof.text.fold import Fold

_NEGATIVE = Function("neg", "N", Kind.NUMBER, lambda number: -number)
_KEYWORDS = frozenset({"keyword", "constant_keyword", "wildcard"})
_KINDS = (
    dict.fromkeys(_KEYWORDS | TEXTS, Kind.TEXT)
    | dict.fromkeys(NUMBERS, Kind.NUMBER)
    | dict.fromkeys(("date", "date_nanos"), Kind.DATE)
    | {"boolean": Kind.BOOLEAN, "ip": Kind.ADDRESS, "version": Kind.VERSION}
)
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def resolved(node: ast.Expression, scope: Scope) -> Node:
    """The node that an expression stands for. Raises `InvalidQuery` for what Elasticsearch refuses."""
    found = cast(Callable[[ast.Expression, Scope], Node], _resolved)(node, scope)
    if isinstance(found, Column) and found.type.type in TEXTS:
        return _exact(found, scope)
    return found


def condition(node: ast.Expression, scope: Scope) -> Node:
    """The same for what must be true or false."""
    found = resolved(node, scope)
    if _unmapped(found) and kind_of(found) is not Kind.BOOLEAN:
        return NULL
    if kind_of(found) not in (Kind.BOOLEAN, Kind.NULL):
        raise InvalidQuery(
            f"Condition expression needs to be boolean, found [{kind_of(found).value}]: {show(node)}"
        )
    return found


def field(node: ast.Field, scope: Scope) -> Node:
    """A field, or null for an optional one that the index does not have."""
    if node.indexed:
        raise InvalidQuery(f"Array indexes are not supported: {show(node)}")
    found = scope.index.field(node.name)
    if found is None and node.optional:
        return NULL
    if found is None:
        raise InvalidQuery(f"Unknown column [{node.name}]{nearest(node.name, scope.index.by_name)}")
    if found.type not in _KINDS:
        raise InvalidQuery(f"Cannot use field [{node.name}] with unsupported type [{found.type}]")
    return Column(found, _KINDS[found.type], node.name in scope.index.by_name, node.optional)


def _exact(column: Column, scope: Scope) -> Column:
    subs = [scope.index.field(name) for name in column.type.sub_fields]
    exact = [sub for sub in subs if sub and sub.type in _KEYWORDS and sub.fold is Fold.EXACT]
    if len(exact) != 1:
        what = (
            "Multiple exact keyword candidates" if exact else "No keyword/multi-field defined exact matches"
        )
        raise InvalidQuery(f"{what} available for [{column.type.name}], which is [{column.type.type}]")
    return Column(exact[0], Kind.TEXT, column.declared, column.optional)


def _folded(node: Node, source: ast.Expression) -> Node:
    """A constant instead of a function of constants."""
    parts = node.arguments if isinstance(node, Applied) else (node.node,) if isinstance(node, Asked) else ()
    if not parts or not all(isinstance(part, Constant) for part in parts):
        return node
    try:
        return Constant(evaluate(node, {}), kind_of(node))
    except (ArithmeticError, ValueError) as error:
        raise InvalidQuery(f"{show(source)}: {error}") from None


@singledispatch
def _resolved(node: ast.Expression, _: Scope) -> Node:
    raise TypeError(node)


_resolved.register(ast.Field)(field)


@_resolved.register
def _(node: ast.Literal, _: Scope) -> Node:
    match node.value:
        case None:
            return NULL
        case bool():
            return Constant(node.value, Kind.BOOLEAN)
        case str():
            return Constant(node.value, Kind.TEXT)
        case _:
            return Constant(node.value, Kind.NUMBER)


@_resolved.register
def _(node: ast.Not, scope: Scope) -> Node:
    return Negation(condition(node.operand, scope))


@_resolved.register
def _(node: ast.AllOf, scope: Scope) -> Node:
    return Junction(True, tuple(condition(part, scope) for part in node.operands))


@_resolved.register
def _(node: ast.AnyOf, scope: Scope) -> Node:
    return Junction(False, tuple(condition(part, scope) for part in node.operands))


@_resolved.register
def _(node: ast.Negative, scope: Scope) -> Node:
    return _applied(_NEGATIVE, (node.operand,), node, scope)


@_resolved.register
def _(node: ast.Arithmetic, scope: Scope) -> Node:
    return _applied(ARITHMETIC[node.operator], (node.left, node.right), node, scope)


@_resolved.register
def _(node: ast.Comparison, scope: Scope) -> Node:
    operator, left, right = node.operator, _side(node.left, scope), _side(node.right, scope)
    if operator == "!=":
        return Negation(_compared("==", left, right, node, scope))
    return _compared(operator, left, right, node, scope)


def _side(node: ast.Expression, scope: Scope) -> Node:
    # A field of a text type may stand beside null; `_compared` asks for its exact form otherwise.
    return field(node, scope) if isinstance(node, ast.Field) else resolved(node, scope)


def _compared(operator: str, left: Node, right: Node, source: ast.Comparison, scope: Scope) -> Node:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        operator, left, right = _FLIPPED.get(operator, operator), right, left
    if not isinstance(right, Constant):
        return _fields_compared(left, right, source)
    if right.value is None:
        return _null_compared(operator, left)
    if isinstance(left, Constant) and left.value is None:
        return Constant(None, Kind.BOOLEAN)
    if isinstance(left, Column) and left.type.type in TEXTS:
        left = _exact(left, scope)
    if isinstance(right.value, bool) and operator == "==" and _is_condition(left):
        return left if right.value else Negation(left)
    return _folded(compared(left, operator, right.value, scope), source)


def _null_compared(operator: str, left: Node) -> Node:
    if operator != "==":
        return Constant(None, Kind.BOOLEAN)
    return Constant(left.value is None, Kind.BOOLEAN) if isinstance(left, Constant) else NullTest(left)


def _fields_compared(left: Node, right: Node, source: ast.Comparison) -> Node:
    if _unmapped(left) and _unmapped(right):
        return Constant(True, Kind.BOOLEAN) if source.operator in ("==", "!=") else NULL
    raise InvalidQuery(f"Comparisons against fields are not (currently) supported: {show(source)}")


def _unmapped(node: Node) -> bool:
    """An optional field that is known by the index's default type alone, where such a type makes no sense."""
    return isinstance(node, Column) and node.optional and not node.declared


def _is_condition(node: Node) -> bool:
    return kind_of(node) is Kind.BOOLEAN and not isinstance(node, Column | Constant)


@_resolved.register
def _(node: ast.Matching, scope: Scope) -> Node:
    left = resolved(node.operand, scope)
    kinds = {Kind.TEXT, Kind.NULL} | ({Kind.VERSION} if scope.settings.version_patterns else set())
    if kind_of(left) not in kinds:
        raise _mistyped(show(node), "string", show(node.operand), left)
    return _any_of(left, [_pattern(literal, node) for literal in node.patterns], node, scope)


def _pattern(literal: ast.Literal, node: ast.Matching) -> str:
    if not isinstance(literal.value, str):
        raise InvalidQuery(f"[{node.operator}] takes strings only, not {show(literal)}: {show(node)}")
    return literal.value


def _any_of(left: Node, patterns: Sequence[str], node: ast.Matching, scope: Scope) -> Node:
    if isinstance(left, Constant) and left.value is None:
        return Constant(None, Kind.BOOLEAN)
    asked = [leaves.matched(left, node.operator, pattern, scope) for pattern in patterns]
    return Junction(False, tuple(_folded(leaf, node) for leaf in asked))


@_resolved.register
def _(node: ast.Membership, scope: Scope) -> Node:
    left = resolved(node.operand, scope)
    items = [
        item for item in (_item(item, left, node, scope) for item in node.items) if item.value is not None
    ]
    if isinstance(left, Constant) and left.value is None:
        return Constant(None, Kind.BOOLEAN)
    if node.insensitive:
        asked = [leaves.same_text(left, str(item.value), scope) for item in items]
    else:
        asked = [compared(left, "==", item.value, scope) for item in items]
    found = Junction(False, tuple(_folded(leaf, node) for leaf in asked))
    return Negation(found) if node.negated else found


def _item(source: ast.Expression, left: Node, node: ast.Membership, scope: Scope) -> Constant:
    item = resolved(source, scope)
    if not isinstance(item, Constant):
        raise InvalidQuery(f"Comparisons against fields are not (currently) supported: {show(node)}")
    wanted = Kind.TEXT if node.insensitive else kind_of(left)
    parsed = kind_of(item) is Kind.TEXT and wanted in (Kind.DATE, Kind.ADDRESS, Kind.VERSION, Kind.BOOLEAN)
    instant = kind_of(item) is Kind.NUMBER and wanted is Kind.DATE
    if kind_of(item) not in (wanted, Kind.NULL) and wanted is not Kind.NULL and not (parsed or instant):
        raise _mistyped(show(node), wanted.value, show(source), item)
    if node.insensitive and kind_of(left) not in (Kind.TEXT, Kind.NULL):
        raise _mistyped(show(node), "string", show(node.operand), left)
    return item


@_resolved.register
def _(node: ast.Call, scope: Scope) -> Node:
    found = function(node.name, node.insensitive)
    if found is None:
        tilde = "~" if node.insensitive else ""
        raise InvalidQuery(f"Unknown function [{node.name}{tilde}]{nearest(node.name, names())}")
    least = sum(letter.isupper() for letter in found.takes)
    most = 10**6 if found.takes.endswith("*") else len(found.takes)
    if not least <= len(node.arguments) <= most:
        count = str(least) if least == most else f"{least} or more" if most > 99 else f"{least} to {most}"
        raise InvalidQuery(f"[{found.name}] takes {count} arguments, not {len(node.arguments)}: {show(node)}")
    applied = _applied(found, node.arguments, node, scope)
    return _pushed(applied, node, scope) if isinstance(applied, Applied) else applied


def _applied(found: Function, sources: Sequence[ast.Expression], node: ast.Expression, scope: Scope) -> Node:
    arguments = tuple(resolved(source, scope) for source in sources)
    letters = found.takes.rstrip("*").ljust(len(sources), found.takes.rstrip("*")[-1]).upper()
    for source, argument, letter in zip(sources, arguments, letters, strict=False):
        if kind_of(argument) is Kind.DATE and letter == "A":
            raise UnsupportedQuery(f"a date as text: {show(node)}")
        if kind_of(argument) not in PARAMETERS[letter]:
            raise _mistyped(show(node), PARAMETERS[letter][0].value, show(source), argument)
    if NULL in arguments[: found.needs]:
        return Constant(None, found.gives)
    return _folded(Applied(found, arguments), node)


def _mistyped(where: str, wanted: str, what: str, found: Node) -> InvalidQuery:
    return InvalidQuery(
        f"argument of [{where}] must be [{wanted}], found value [{what}] type [{kind_of(found).value}]"
    )


_AFFIXES = {"startsWith": ("", "*"), "endsWith": ("*", ""), "stringContains": ("*", "*")}


def _pushed(applied: Applied, node: ast.Call, scope: Scope) -> Node:
    """A function of a field and constants that Elasticsearch runs without a script."""
    column, *rest = applied.arguments
    texts = [str(part.value) for part in rest if isinstance(part, Constant)]
    if applied.function.name == "cidrMatch":
        return _in_networks(column, texts, len(rest), node)
    if (
        applied.function.name in _AFFIXES
        and isinstance(column, Column)
        and texts
        and (texts[0] or "*" not in node.name)
    ):
        before, after = _AFFIXES[applied.function.name]
        if not texts[0] and before and after:
            return Constant(False, Kind.BOOLEAN)
        return leaves.affixed(column, before, texts[0], after, scope, insensitive=node.insensitive)
    return applied


def _in_networks(column: Node, texts: Sequence[str], count: int, node: ast.Call) -> Node:
    if not isinstance(column, Column) or len(texts) < count:
        raise InvalidQuery(f"cidrMatch takes an ip field and constants: {show(node)}")
    return Junction(False, tuple(Asked(column, leaves.network(text)) for text in texts))
