"""EQL that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and each method here repairs: numbers and booleans under `:`; a literal
asterisk; `regex~`, which ignores case, for a dialect that Lucene does not read; `cased` with wildcards;
field names that need backticks; addresses; keywords. https://github.com/SigmaHQ/pySigma-backend-elasticsearch
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from sigma.backends.elasticsearch import EqlBackend

from sigmaproof.convert.addresses import networks, spellings
from sigmaproof.convert.exact import Exact
from sigmaproof.convert.fields import FieldKind, field_kind
from sigmaproof.convert.letters import has_case, literals
from sigmaproof.convert.lucene_regex import of_glob, of_search, simple_enough
from sigmaproof.convert.tree import Every, Leaf, Tree, every
from sigmaproof.convert.values import (
    Flag,
    Network,
    Number,
    OtherField,
    Pattern,
    Presence,
    Text,
    Value,
    boolean_of,
    number_text,
)
from sigmaproof.logic.checks import Order
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob

CATEGORY = "event.category"
_WIDEST = 100
"""A longer query has a line for each part."""

_PLAIN_NAME = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    """and any by false in join like maxspan not null of or regex sample sequence true until where
    with""".split()  # noqa: SIM905  a list of words reads best as words
)
_OPERATOR = {Order.EQ: "==", Order.LT: "<", Order.LE: "<=", Order.GT: ">", Order.GE: ">="}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class ExactEql(Exact, EqlBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's EQL backend with its conditions written anew."""

    language: ClassVar[str] = "EQL"
    and_word: ClassVar[str] = "and"
    or_word: ClassVar[str] = "or"
    not_word: ClassVar[str] = "not"
    # its other formats fetch ATT&CK data from the internet while they convert
    formats: ClassVar[dict[str, str]] = {"default": "EQL queries"}

    def query(self, tree: Tree) -> str:
        category, rest = _category(tree)
        if rest is None:
            return f"{category} where true"
        text = f"{category} where {self.write(rest, outermost=True)}"
        if len(text) <= _WIDEST or not isinstance(rest, Every):
            return text
        lines = " and\n  ".join(dict.fromkeys(map(self.write, rest.parts)))
        return f"{category} where\n  {lines}"

    def finalize_query_default(self, rule: Any, query: str, index: int, state: Any) -> str:
        """The query as it is: its event category is part of it already."""
        return query

    def absent(self, field: str) -> str:
        return f"{self.name_of(field)} == null"

    def tests(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        kind = field_kind(self.model.index, field)
        name = self.name_of(kind.name)
        listed: dict[str, list[str]] = {}
        for value in values:
            operator, right = self._test(name, kind, value)
            listed.setdefault(operator, []).append(right)
        for operator, rights in listed.items():
            yield from _with_list(name, operator, list(dict.fromkeys(rights)))

    def _test(self, name: str, kind: FieldKind, value: Value) -> tuple[str, str]:
        """An operator and what stands right of it."""
        match value:
            case Presence():
                return "!=", "null"
            case Text(glob, cased):
                return self._text(name, kind.kind, glob, cased)
            case Number(order, number):
                return self._number(name, kind.kind, order, number)
            case Flag(flag):
                return self._text(name, kind.kind, Glob.of("true" if flag else "false"), False)
            case Pattern(regex):
                self._only(kind, "keyword", f"a regular expression on {name}")
                return "regex", self._regex(lambda: of_search(regex))
            case Network(cidr):
                if kind.kind == "keyword" and (spelled := spellings(cidr)):
                    return "regex", quoted(spelled)
                self._only(kind, "ip", f"a network in {name}")
                return "cidrMatch", quoted(cidr)
            case OtherField():
                raise self.unsayable("a comparison of two fields")
        raise self.unsayable(type(value).__name__)

    def _text(self, name: str, kind: str, glob: Glob, cased: bool) -> tuple[str, str]:
        number, flag = number_text(glob), boolean_of(glob)
        if kind == "keyword":
            return self._keyword(glob, cased)
        if kind == "ip" and (found := networks(glob)):
            return "cidrMatch", quoted(found)
        if kind == "numeric" and number is not None:
            return "==", number
        if kind == "boolean" and flag is not None:
            return "==", flag
        raise self.unsayable(f"the text {str(glob)!r} in {name}, which is of type {kind}")

    def _keyword(self, glob: Glob, cased: bool) -> tuple[str, str]:
        literal = glob.literal
        # in patterns nothing escapes an asterisk or a question mark
        plain = not any("*" in part or "?" in part for part in glob.parts if isinstance(part, str))
        # `:` and `in~` fold ASCII only
        foldable = cased or not has_case("".join(char for char in literals(glob) if not char.isascii()))
        if literal is not None and foldable and (cased or not plain):
            return "==" if cased else "in~", quoted(literal)
        if plain and foldable:
            self.expressed(lambda: simple_enough(glob))
            text = "".join(part if isinstance(part, str) else part.value for part in glob.parts)
            return "like" if cased else ":", quoted(text)
        return "regex", self._regex(lambda: of_glob(glob, Fold.EXACT if cased else Fold.SIMPLE))

    def _number(self, name: str, kind: str, order: Order, number: float) -> tuple[str, str]:
        if kind == "numeric":
            return _OPERATOR[order], str(number)
        if kind == "keyword" and order is Order.EQ:
            return ":", quoted(str(number))
        raise self.unsayable(f"a comparison with a number in {name}, which is of type {kind}")

    def _only(self, kind: FieldKind, wanted: str, what: str) -> None:
        if kind.kind != wanted:
            raise self.unsayable(f"{what}, which is of type {kind.kind}")

    def _regex(self, write: Callable[[], str]) -> str:
        return quoted(self.expressed(write))

    def name_of(self, field: str) -> str:
        """A field's name as it stands in a query."""
        parts = field.split(".")
        plain = all(_PLAIN_NAME.fullmatch(part) and part not in _KEYWORDS for part in parts)
        name = field if plain else f"`{field.replace('`', '``')}`"
        # a query fails as a whole on a field that no index has, unless the field is optional
        return name if field_kind(self.model.index, field).mapped else f"?{name}"


def _category(tree: Tree) -> tuple[str, Tree | None]:
    """The event category that the whole condition asks for, and what is left of the condition."""
    parts = tree.parts if isinstance(tree, Every) else (tree,)
    for part in parts:
        match part:
            case Leaf(field, (Text(glob),)) if (
                field == CATEGORY and glob.literal and glob.literal.isidentifier()
            ):
                others = [one for one in parts if one is not part]
                return glob.literal, every(others) if others else None
    return "any", tree


def _with_list(name: str, operator: str, rights: list[str]) -> Iterator[str]:
    if operator == "cidrMatch":
        yield f"cidrMatch({name}, {', '.join(rights)})"
    elif operator == "in~" or (operator == "==" and len(rights) > 1):
        yield f"{name} {operator if operator == 'in~' else 'in'} ({', '.join(rights)})"
    elif len(rights) > 1 and operator in (":", "like", "regex"):
        yield f"{name} {operator} ({', '.join(rights)})"
    else:
        yield from (f"{name} {operator} {right}" for right in rights)


def quoted(text: str) -> str:
    """A string literal. https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax"""
    if "\\" in text and '"""' not in text and not text.endswith('"') and text.isprintable():
        return f'"""{text}"""'
    return '"' + "".join(_char(char) for char in text) + '"'


def _char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\u{{{ord(char):02x}}}"
