"""What is asked of one value. The index answers for fields, and for computed values as if one held them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.index import elastic_kinds as kinds
from sigmaproof.index.elastic import FieldType
from sigmaproof.index.elastic_types import kind_of
from sigmaproof.languages.eql.functions import VERSION_ORDER, version_order
from sigmaproof.languages.eql.options import Scope
from sigmaproof.languages.eql.scripts import Applied, Column, Constant, Kind, Node, asked
from sigmaproof.logic.checks import AnyOf, Lexical, Matches, Number, Order
from sigmaproof.logic.terms import Term, Test
from sigmaproof.logic.values import text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.lucene_regexp import parse as parse_lucene
from sigmaproof.text.regex import Regex, RegexError, UnsupportedRegex, search

LONGEST_REGEX = 1000
"""`index.max_regex_length` of an index that does not set it."""

_ORDERS = {"==": Order.EQ, "<": Order.LT, "<=": Order.LE, ">": Order.GT, ">=": Order.GE}
_NEVER = AnyOf(())
_WILD: Mapping[str, str | Wild] = {"*": MANY, "?": ONE}
_COMPUTED = {Kind.TEXT: "keyword", Kind.NUMBER: "double", Kind.BOOLEAN: "boolean"}

Ask = Callable[[kinds.Kind, kinds.Scope], Term]


def compared(node: Node, operator: str, constant: Constant, scope: Scope) -> Node:
    """A comparison other than `!=` with a constant that is not null."""
    text = text_of(constant.value)
    if isinstance(node, Column) and node.kind is Kind.VERSION and operator != "==":
        return asked(Applied(VERSION_ORDER, (node,)), Lexical(_ORDERS[operator], version_order(text)))
    if not isinstance(node, Column) and node.kind in (Kind.TEXT, Kind.NUMBER):
        if constant.kind is not node.kind:
            return asked(node, _NEVER)
        if isinstance(constant.value, int | float):
            return asked(node, Number(_ORDERS[operator], constant.value, text=False))
    if operator == "==":
        return _answer(node, lambda kind, at: kind.exact(at, text, False), scope)
    closed = operator.endswith("=")
    ends = kinds.Bounds(None, text, True, closed) if operator[0] == "<" else kinds.Bounds(text, None, closed)
    return _answer(node, lambda kind, at: kind.between(at, ends), scope)


def same_text(node: Node, text: str, scope: Scope) -> Node:
    """`in~`: the text, whatever its case."""
    return _answer(node, lambda kind, at: kind.exact(at, text, True), scope, ignoring=text)


def matched(node: Node, operator: str, pattern: str, scope: Scope) -> Node:
    """`:`, `like`, `regex` and their kind."""
    insensitive = operator == ":" or operator.endswith("~")
    if operator.startswith("regex"):
        return _regex(node, pattern, scope, insensitive=insensitive)
    # Nothing escapes a wildcard; a backslash is a backslash.
    glob = Glob.of(*(_WILD.get(part, part) for part in re.split(r"([*?])", pattern)))
    rule = _field(node, pattern if insensitive else "", scope).fold
    return asked(node, Matches(glob, Fold.ASCII if insensitive and rule is Fold.EXACT else rule))


def affixed(node: Column, before: str, after: str, text: str, scope: Scope, *, insensitive: bool) -> Node:
    """`startsWith`, `endsWith` and `stringContains` on a field: `before` and `after` are `*` or nothing."""
    special = set(text) & set("*?\\")
    if special and before and not scope.settings.escape_function_literals:
        scope.undocumented("escape_function_literals", f"wildcards or backslashes in {text!r}")
    elif special:
        text = re.sub(r"([*?\\])", r"\\\1", text)
    pattern, ignoring = before + text + after, text if insensitive else ""
    return _answer(node, lambda kind, at: kind.glob(at, pattern, insensitive), scope, ignoring=ignoring)


def _answer(node: Node, ask: Ask, scope: Scope, *, ignoring: str = "") -> Node:
    """What the index answers. `ignoring`: the text whose case does not count."""
    field = _field(node, ignoring, scope)
    answer = ask(kind_of(field, scope.engine), kinds.Scope(field, scope.engine))
    return asked(node, answer.check if isinstance(answer, Test) else _NEVER)


def _field(node: Node, ignoring: str, scope: Scope) -> FieldType:
    """The field that is asked, or one as if: case is ignored where a normalizer would take it away."""
    if not isinstance(node, Column):
        return FieldType(str(node), _COMPUTED[node.kind], "", Fold.SIMPLE if ignoring else Fold.EXACT)
    if node.kind is Kind.VERSION:
        return replace(node.type, type="keyword")
    if normalizer(node, scope) is Fold.EXACT and not ignoring.isascii():
        scope.undocumented("case_fold", f"letters of {ignoring!r} outside ASCII, compared without case")
    simple = ignoring and node.type.fold is Fold.EXACT and scope.settings.fold is Fold.SIMPLE
    return replace(node.type, fold=Fold.SIMPLE) if simple else node.type


def normalizer(node: Column, scope: Scope) -> Fold:
    """What a field does to both sides of a comparison."""
    if node.type.fold is not Fold.EXACT:
        if scope.settings.normalized_exact == "reject":
            raise InvalidQuery("Normalized keyword field cannot be used for exact match operations")
        scope.undocumented("normalized_exact", "a comparison with a field that has a normalizer")
    return node.type.fold


def _regex(node: Node, pattern: str, scope: Scope, *, insensitive: bool) -> Node:
    if len(pattern) > LONGEST_REGEX:
        raise InvalidQuery(f"a regular expression of more than {LONGEST_REGEX} characters")
    try:
        if isinstance(node, Column):
            check = _lucene(node, pattern, scope, insensitive=insensitive)
        else:
            check = Matches(_java(pattern, scope, insensitive=insensitive))
    except UnsupportedRegex as error:
        raise UnsupportedQuery(f"regular expression {pattern!r}: {error.message}") from None
    except RegexError as error:
        raise InvalidQuery(f"regular expression {pattern!r}: {error.message}") from None
    return asked(node, check)


def _lucene(node: Column, pattern: str, scope: Scope, *, insensitive: bool) -> Matches:
    # A normalizer folds the pattern's text before it is parsed.
    rule = normalizer(node, scope)
    letters = scope.settings.regex_fold if insensitive else Fold.EXACT
    if scope.settings.version < 8:
        return Matches(parse_lucene(fold(pattern, rule), classes=False, fold=letters), rule)
    return Matches(kinds.read_regex(scope.engine, fold(pattern, rule), fold=letters), rule)


def _java(pattern: str, scope: Scope, *, insensitive: bool) -> Regex:
    from sigmaproof.text.perl import Dialect, parse  # rarely needed, and long to import

    scope.undocumented("script_regex", "a regular expression over the result of a function")
    tree = parse(pattern, dialect=Dialect.JAVA, ignore_case=insensitive)
    return search(tree) if scope.settings.script_regex == "find" else tree
