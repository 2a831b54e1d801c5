"""What is asked of one value: comparisons by type, wildcards, regular expressions, networks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.elastic_dates import DEFAULT_FORMATS, resolve_date
from sigmaproof.index.elastic_values import double_of
from sigmaproof.languages.eql.functions import ADDRESS_ORDER, VERSION_ORDER, version_order
from sigmaproof.languages.eql.nodes import Applied, Asked, Column, Kind, Node, kind_of
from sigmaproof.languages.eql.options import Settings
from sigmaproof.logic.checks import AllOf, AnyOf, Check, InNetwork, Lexical, Matches, Number, Order
from sigmaproof.logic.values import Value, text_of
from sigmaproof.text import lucene_regexp, perl
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.perl_dialect import Dialect
from sigmaproof.text.regex import Regex, RegexError, UnsupportedRegex, search

LONGEST_REGEX = 1000
"""`index.max_regex_length` of an index that does not set it."""

ORDERS = {"==": Order.EQ, "<": Order.LT, "<=": Order.LE, ">": Order.GT, ">=": Order.GE}
_NEVER = AnyOf(())


@dataclass(frozen=True, slots=True)
class Scope:
    """What a query is read against."""

    index: ElasticIndex
    settings: Settings
    notes: dict[str, None] = field(default_factory=dict)
    """What its reader should know, each once."""

    def undocumented(self, switch: str, why: str) -> None:
        """Says that the query depends on a switch."""
        self.notes[f"{why}: undocumented, see `{switch}` (here {getattr(self.settings, switch)})"] = None


def compared(node: Node, operator: str, value: Value, scope: Scope) -> Asked:
    """A comparison other than `!=` of a node with a constant that is not null."""
    return _COMPARED[kind_of(node)](node, ORDERS[operator], value, scope)


def _text(node: Node, order: Order, value: Value, scope: Scope) -> Asked:
    if not isinstance(node, Column) and not isinstance(value, str):
        return Asked(node, _NEVER)
    rule = exact_fold(node, scope)
    text = text_of(value)
    return Asked(node, Matches(Glob.of(text), rule) if order is Order.EQ else Lexical(order, text, rule))


def exact_fold(node: Node, scope: Scope) -> Fold:
    """What a field's normalizer does to both sides of a comparison."""
    rule = node.type.fold if isinstance(node, Column) else Fold.EXACT
    if rule is not Fold.EXACT and scope.settings.normalized_exact == "reject":
        raise InvalidQuery("Normalized keyword field cannot be used for exact match operations")
    if rule is not Fold.EXACT:
        scope.undocumented("normalized_exact", "a comparison with a field that has a normalizer")
    return rule


def _number(node: Node, order: Order, value: Value, _: Scope) -> Asked:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Asked(node, Number(order, value, text=False))
    if not isinstance(node, Column):
        return Asked(node, _NEVER)
    number = double_of(value) if isinstance(value, str) else None
    if number is None:
        raise InvalidQuery(f"{text_of(value)!r} is not a number, as [{node.type.name}] is")
    return Asked(node, Number(order, int(number) if number.is_integer() else number, text=False))


def _boolean(node: Node, order: Order, value: Value, _: Scope) -> Asked:
    text = text_of(value)
    if text not in ("true", "false"):
        raise InvalidQuery(f"{text!r} is neither true nor false")
    return Asked(node, Matches(Glob.of(text)) if order is Order.EQ else Lexical(order, text))


def _date(node: Node, order: Order, value: Value, scope: Scope) -> Asked:
    first, last = (moment(node, value, scope, last=last) for last in (False, True))
    if order is Order.EQ and first != last:
        bounds: tuple[Check, ...] = (Number(Order.GE, first, text=False), Number(Order.LE, last, text=False))
        return Asked(node, AllOf(bounds))
    return Asked(node, Number(order, last if order in (Order.GT, Order.LE) else first, text=False))


def moment(node: Node, value: Value, scope: Scope, *, last: bool) -> int:
    """The first or last millisecond that a date constant means."""
    text = text_of(value)
    if text.startswith("now") and scope.settings.now is None:
        raise UnsupportedQuery(
            "a date relative to now: say with the option `now` when that is, in milliseconds"
        )
    formats = node.type.formats if isinstance(node, Column) else ""
    found = resolve_date(text, formats or DEFAULT_FORMATS, scope.settings.now or 0, last=last)
    if found is None:
        raise InvalidQuery(f"failed to parse date {text!r}")
    return found


def _address(node: Node, order: Order, value: Value, _: Scope) -> Asked:
    asked = network(text_of(value))
    if order is Order.EQ:
        return Asked(node, asked)
    bound = ADDRESS_ORDER.apply(asked.network.partition("/")[0])
    return Asked(Applied(ADDRESS_ORDER, (node,)), Number(order, int(bound or 0), text=False))


def network(text: str) -> InNetwork:
    """An address, or a network with or without host bits, as a check."""
    try:
        return InNetwork(str(ip_network(text, strict=False)), mapped=True)
    except ValueError:
        raise InvalidQuery(f"{text!r} is not an IP address or network") from None


def _version(node: Node, order: Order, value: Value, _: Scope) -> Asked:
    if order is Order.EQ:
        return Asked(node, Matches(Glob.of(text_of(value))))
    return Asked(Applied(VERSION_ORDER, (node,)), Lexical(order, version_order(text_of(value))))


_COMPARED: dict[Kind, Callable[[Node, Order, Value, Scope], Asked]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.ADDRESS: _address,
    Kind.VERSION: _version,
}


def same_text(node: Node, text: str, scope: Scope) -> Asked:
    """`in~`: the text, whatever its case."""
    return Asked(node, Matches(Glob.of(text), _fold(node, text, scope, insensitive=True)))


def matched(node: Node, operator: str, pattern: str, scope: Scope) -> Asked:
    """`:`, `like`, `regex` and their kind."""
    insensitive = operator == ":" or operator.endswith("~")
    if operator.startswith("regex"):
        return Asked(node, _regex(node, pattern, scope, insensitive=insensitive))
    return Asked(node, Matches(wildcards(pattern), _fold(node, pattern, scope, insensitive=insensitive)))


def _fold(node: Node, text: str, scope: Scope, *, insensitive: bool) -> Fold:
    own = exact_fold(node, scope)
    if not insensitive or own is not Fold.EXACT:
        return own
    if not isinstance(node, Column):
        return Fold.SIMPLE
    if not text.isascii():
        scope.undocumented("case_fold", f"letters of {text!r} outside ASCII, compared without case")
    return scope.settings.fold


def wildcards(pattern: str) -> Glob:
    """`*` and `?` mean something and nothing escapes them; a backslash is a backslash."""
    return Glob.of(*(_WILD.get(part, part) for part in re.split(r"([*?])", pattern)))


def affixed(node: Column, before: str, text: str, after: str, scope: Scope, *, insensitive: bool) -> Asked:
    """`startsWith`, `endsWith` and `stringContains` on a field: `before` and `after` are `*` or nothing."""
    parts: tuple[str | Wild, ...] = (text,)
    if before and not scope.settings.escape_function_literals:
        if set(text) & set("*?\\"):
            scope.undocumented("escape_function_literals", f"wildcards or backslashes in {text!r}")
        tokens = re.findall(r"\\.|[^\\]|\\$", text, re.DOTALL)
        parts = tuple(_WILD.get(token, token[-1]) for token in tokens)
    ends = [_WILD.get(edge, "") for edge in (before, after)]
    rule = _fold(node, text, scope, insensitive=insensitive)
    return Asked(node, Matches(Glob.of(ends[0], *parts, ends[1]), rule))


_WILD: dict[str, str | Wild] = {"*": MANY, "?": ONE}


def _regex(node: Node, pattern: str, scope: Scope, *, insensitive: bool) -> Matches:
    if len(pattern) > LONGEST_REGEX:
        raise InvalidQuery(f"a regular expression of more than {LONGEST_REGEX} characters")
    try:
        if isinstance(node, Column):
            return _lucene(node, pattern, scope, insensitive=insensitive)
        return Matches(_java(pattern, scope, insensitive=insensitive))
    except UnsupportedRegex as error:
        raise UnsupportedQuery(f"regular expression {pattern!r}: {error.message}") from None
    except RegexError as error:
        raise InvalidQuery(f"regular expression {pattern!r}: {error.message}") from None


def _lucene(node: Column, pattern: str, scope: Scope, *, insensitive: bool) -> Matches:
    # A normalizer folds the pattern's text before it is parsed.
    exact_fold(node, scope)
    letters = scope.settings.regex_fold if insensitive else Fold.EXACT
    tree = lucene_regexp.parse(
        fold(pattern, node.type.fold), classes=scope.settings.version >= 8, fold=letters
    )
    return Matches(tree, node.type.fold)


def _java(pattern: str, scope: Scope, *, insensitive: bool) -> Regex:
    scope.undocumented("script_regex", "a regular expression over the result of a function")
    tree = perl.parse(pattern, dialect=Dialect.JAVA, ignore_case=insensitive)
    return search(tree) if scope.settings.script_regex == "find" else tree
