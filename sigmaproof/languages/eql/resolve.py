"""Syntax tree to nodes: names get their meaning, constants fold, and what is ill typed fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index.elastic import TEXTS
from sigmaproof.index.elastic_values import NUMBERS
from sigmaproof.languages.eql import ast, leaves, scripts
from sigmaproof.languages.eql.ast import Call, Expression, Literal
from sigmaproof.languages.eql.functions import ARITHMETIC, FUNCTIONS, NEGATIVE, PARAMETERS
from sigmaproof.languages.eql.leaves import compared
from sigmaproof.languages.eql.options import Scope
from sigmaproof.languages.eql.scripts import NOTHING, Applied, Column, Constant, Function, Kind, Node, applied
from sigmaproof.text.fold import Fold

_KEYWORDS = frozenset({"keyword", "constant_keyword", "wildcard"})
_KINDS = (
    dict.fromkeys(_KEYWORDS | TEXTS, Kind.TEXT)
    | dict.fromkeys(NUMBERS, Kind.NUMBER)
    | dict.fromkeys(("date", "date_nanos"), Kind.DATE)
    | {"boolean": Kind.BOOLEAN, "ip": Kind.ADDRESS, "version": Kind.VERSION}
)
_LITERALS = {str: Kind.TEXT, bool: Kind.BOOLEAN, int: Kind.NUMBER, float: Kind.NUMBER, type(None): Kind.NULL}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TWO_FIELDS = "Comparisons against fields are not (currently) supported: "


def resolved(node: Expression, scope: Scope) -> Node:
    """The node that an expression stands for. Raises `InvalidQuery` for what Elasticsearch refuses."""
    if isinstance(node, Literal):
        return Constant(node.value, _LITERALS[type(node.value)])
    if isinstance(node, ast.Field):
        return _exact(field(node, scope), scope)
    return _OPERATORS.get(node.name, _call)(node, scope)


def condition(node: Expression, scope: Scope) -> Node:
    """The same for what must be true or false."""
    found = resolved(node, scope)
    if found.kind in (Kind.BOOLEAN, Kind.NULL):
        return found
    if _unmapped(found):
        return scripts.NULL
    raise InvalidQuery(f"Condition expression needs to be boolean, found [{found.kind.value}]: {node}")


def field(node: ast.Field, scope: Scope) -> Node:
    """A field, or null for an optional one that the index does not have."""
    if node.indexed:
        raise InvalidQuery(f"Array indexes are not supported: {node}")
    found = scope.index.field(node.name)
    if found is None and node.optional:
        return scripts.NULL
    if found is None:
        raise InvalidQuery(f"Unknown column [{node.name}]{nearest(node.name, scope.index.by_name)}")
    if found.type not in _KINDS:
        raise InvalidQuery(f"Cannot use field [{node.name}] with unsupported type [{found.type}]")
    return Column(found, _KINDS[found.type], node.name in scope.index.by_name, node.optional)


def _exact(node: Node, scope: Scope) -> Node:
    """The exact sub-field of a field of words."""
    if not isinstance(node, Column) or node.type.type not in TEXTS:
        return node
    subs = [scope.index.field(name) for name in node.type.sub_fields]
    exact = [sub for sub in subs if sub and sub.type in _KEYWORDS and sub.fold is Fold.EXACT]
    if len(exact) == 1:
        return Column(exact[0], Kind.TEXT, node.declared, node.optional)
    what = "Multiple exact keyword candidates" if exact else "No keyword/multi-field defined exact matches"
    raise InvalidQuery(f"{what} available for [{node}], which is [{node.type.type}]")


def _logical(node: Call, scope: Scope) -> Node:
    parts = tuple(condition(part, scope) for part in node.arguments)
    return Applied({"and": scripts.AND, "or": scripts.OR, "not": scripts.NOT}[node.name], parts)


def _any_of(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Applied(scripts.OR, tuple(nodes))


def _comparison(node: Call, scope: Scope) -> Node:
    # A field of words may stand beside null; `_compared` asks for its exact form otherwise.
    left, right = (
        field(part, scope) if isinstance(part, ast.Field) else resolved(part, scope)
        for part in node.arguments
    )
    if node.name == "!=":
        return Applied(scripts.NOT, (_compared("==", left, right, node, scope),))
    return _compared(node.name, left, right, node, scope)


def _compared(operator: str, left: Node, right: Node, source: Call, scope: Scope) -> Node:
    if isinstance(left, Constant) and not isinstance(right, Constant):
        operator, left, right = _FLIPPED.get(operator, operator), right, left
    if not isinstance(right, Constant):
        if _unmapped(left) and _unmapped(right):
            return Constant(True, Kind.BOOLEAN) if operator == "==" else scripts.NULL
        raise InvalidQuery(_TWO_FIELDS + str(source))
    if right.value is None and operator == "==":
        return applied(scripts.IS_NULL, left)
    if _is_null(left) or _is_null(right):
        return NOTHING
    computed = not isinstance(left, Column | Constant)
    if isinstance(right.value, bool) and operator == "==" and computed and left.kind is Kind.BOOLEAN:
        return left if right.value else Applied(scripts.NOT, (left,))
    return compared(_exact(left, scope), operator, right, scope)


def _is_null(node: Node) -> bool:
    return isinstance(node, Constant) and node.value is None


def _unmapped(node: Node) -> bool:
    """An optional field that is known by the index's default type alone, where such a type makes no sense."""
    return isinstance(node, Column) and node.optional and not node.declared


def _matching(node: Call, scope: Scope) -> Node:
    operand, *sources = node.arguments
    left = resolved(operand, scope)
    if left.kind is not Kind.VERSION or not scope.settings.version_patterns:
        _typed(left, (Kind.TEXT, Kind.NULL), operand, node)
    patterns = [str(_item(source, (Kind.TEXT,), node, scope).value) for source in sources]
    if _is_null(left):
        return NOTHING
    return _any_of([leaves.matched(left, node.name, pattern, scope) for pattern in patterns])


def _membership(node: Call, scope: Scope) -> Node:
    operand, *sources = node.arguments
    left = resolved(operand, scope)
    insensitive = node.name.endswith("~")
    if insensitive:
        _typed(left, (Kind.TEXT, Kind.NULL), operand, node)
    wanted = (Kind.TEXT if insensitive else left.kind, Kind.NULL, *_WRITTEN.get(left.kind, ()))
    items = [_item(source, wanted, node, scope) for source in sources]
    if _is_null(left):
        return NOTHING
    known = [item for item in items if item.value is not None]
    if insensitive:
        found = _any_of([leaves.same_text(left, str(item.value), scope) for item in known])
    else:
        found = _any_of([compared(left, "==", item, scope) for item in known])
    return Applied(scripts.NOT, (found,)) if node.name.startswith("not") else found


_WRITTEN: Mapping[Kind, tuple[Kind, ...]] = {
    **dict.fromkeys((Kind.ADDRESS, Kind.VERSION, Kind.BOOLEAN), (Kind.TEXT,)),
    Kind.DATE: (Kind.TEXT, Kind.NUMBER),
    Kind.NULL: tuple(Kind),
}
"""What else a constant for a field of that kind may be."""


def _item(source: Expression, wanted: tuple[Kind, ...], node: Call, scope: Scope) -> Constant:
    item = resolved(source, scope)
    if not isinstance(item, Constant):
        raise InvalidQuery(_TWO_FIELDS + str(node))
    _typed(item, wanted, source, node)
    return item


def _typed(found: Node, wanted: tuple[Kind, ...], what: Expression, where: Call) -> None:
    """Raises `InvalidQuery` for a node of no wanted type."""
    if found.kind not in wanted:
        raise InvalidQuery(
            f"argument of [{where}] must be [{wanted[0].value}],"
            f" found value [{what}] type [{found.kind.value}]"
        )


def _arithmetic(node: Call, scope: Scope) -> Node:
    return _applied(NEGATIVE if len(node.arguments) == 1 else ARITHMETIC[node.name], node, scope)


def _call(node: Call, scope: Scope) -> Node:
    found = FUNCTIONS.get(node.name.lower())
    if found is None:
        names = [known.name for known in FUNCTIONS.values()]
        raise InvalidQuery(f"Unknown function [{node.name}]{nearest(node.name, names)}")
    least, most = found.arity
    if not least <= len(node.arguments) <= most:
        count = str(least) if least == most else f"{least} or more" if most > 99 else f"{least} to {most}"
        raise InvalidQuery(f"[{found.name}] takes {count} arguments, not {len(node.arguments)}: {node}")
    return _pushed(found, _applied(found, node, scope), node, scope)


def _applied(found: Function, node: Call, scope: Scope) -> Node:
    arguments = tuple(resolved(source, scope) for source in node.arguments)
    for source, argument, letter in zip(
        node.arguments, arguments, found.letters(len(arguments)), strict=True
    ):
        if argument.kind is Kind.DATE and letter == "A":
            raise UnsupportedQuery(f"a date as text: {node}")
        _typed(argument, PARAMETERS[letter], source, node)
    if scripts.NULL in arguments[: found.needs]:
        return Constant(None, found.gives)
    return applied(found, *arguments)


_AFFIXES = {"startsWith": ("", "*"), "endsWith": ("*", ""), "stringContains": ("*", "*")}


def _pushed(found: Function, node: Node, source: Call, scope: Scope) -> Node:
    """A function of a field and constants that Elasticsearch runs without a script."""
    if not isinstance(node, Applied):
        return node
    column, *rest = node.arguments
    constants = [part for part in rest if isinstance(part, Constant)]
    if found.name == "cidrMatch":
        if not isinstance(column, Column) or len(constants) < len(rest):
            raise InvalidQuery(f"cidrMatch takes an ip field and constants: {source}")
        return _any_of([compared(column, "==", part, scope) for part in constants])
    name = found.name.rstrip("~")
    if name not in _AFFIXES or not isinstance(column, Column) or not constants:
        return node
    text = str(constants[0].value)
    if name == "stringContains" and not text:
        return Constant(False, Kind.BOOLEAN)
    return leaves.affixed(column, *_AFFIXES[name], text, scope, insensitive=name != found.name)


_OPERATORS: Mapping[str, Callable[[Call, Scope], Node]] = {
    **dict.fromkeys(("and", "or", "not"), _logical),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _comparison),
    **dict.fromkeys((":", "like", "like~", "regex", "regex~"), _matching),
    **dict.fromkeys(("in", "in~", "not in", "not in~"), _membership),
    **dict.fromkeys("+-*/%", _arithmetic),
}
