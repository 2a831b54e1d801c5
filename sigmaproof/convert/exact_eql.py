"""EQL that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and each method here repairs: numbers and booleans under `:`; a literal
asterisk; `regex~`, which ignores case, for a dialect that Lucene does not read; `cased` with wildcards;
field names that need backticks; addresses; keywords. https://github.com/SigmaHQ/pySigma-backend-elasticsearch
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from sigma.backends.elasticsearch import EqlBackend

from sigmaproof.convert.addresses import networks
from sigmaproof.convert.exact import Exact
from sigmaproof.convert.fields import field_kind
from sigmaproof.convert.lucene_regex import Inexpressible, of_glob, of_search
from sigmaproof.convert.values import Flag, Network, Number, OtherField, Pattern, Presence, Text, Value
from sigmaproof.logic.checks import Order
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

_PLAIN_NAME = re.compile(r"[A-Za-z_@][A-Za-z0-9_@]*")
_KEYWORDS = frozenset(
    """and any by false in join like maxspan not null of or regex sample sequence true until where
    with""".split()  # noqa: SIM905  a list of words reads best as words
)
_OPERATOR = {Order.EQ: "==", Order.LT: "<", Order.LE: "<=", Order.GT: ">", Order.GE: ">="}


class ExactEql(Exact, EqlBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's EQL backend with its leaves written anew."""

    language: ClassVar[str] = "EQL"
    and_word: ClassVar[str] = "and"
    or_word: ClassVar[str] = "or"
    not_word: ClassVar[str] = "not"

    def leaves(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        patterns: list[str] = []
        for value in values:
            if isinstance(value, Text) and self._is_insensitive_pattern(field, value):
                patterns.append(quoted("".join(_pattern_part(part) for part in value.glob.parts)))
            else:
                yield self._leaf(field, value)
        if patterns:
            unique = list(dict.fromkeys(patterns))
            right = unique[0] if len(unique) == 1 else f"({', '.join(unique)})"
            yield f"{self._name(field)} : {right}"

    def _is_insensitive_pattern(self, field: str, value: Text) -> bool:
        """Whether `:` says it: in its patterns nothing escapes an asterisk or a question mark."""
        if value.cased or self._type(field) != "keyword" or value.glob == Glob.of(MANY):
            return False
        return not any("*" in part or "?" in part for part in value.glob.parts if isinstance(part, str))

    def _leaf(self, field: str, value: Value) -> str:
        name, kind = self._name(field), self._type(field)
        match value:
            case Presence(wanted):
                return f"{name} {'!=' if wanted else '=='} null"
            case Text(Glob((only,))) if only is MANY:
                return f"{name} != null"
            case Text(glob, cased):
                return self._text(name, kind, glob, cased)
            case Number(order, number):
                return self._number(name, kind, order, number)
            case Flag(flag):
                text = "true" if flag else "false"
                return f"{name} == {text}" if kind == "boolean" else f'{name} : "{text}"'
            case Pattern():
                return self._pattern(name, kind, value)
            case Network(cidr):
                return self._network(name, kind, cidr)
            case OtherField():
                raise self.unsayable("a comparison of two fields")
        raise self.unsayable(type(value).__name__)

    def _text(self, name: str, kind: str, glob: Glob, cased: bool) -> str:
        literal = glob.literal
        if kind == "keyword":
            return self._keyword(name, glob, cased)
        if kind == "ip":
            nets = networks(glob)
            if nets is not None:
                return f"cidrMatch({name}, {', '.join(map(quoted, nets))})"
        if kind == "numeric" and literal is not None and re.fullmatch(r"-?\d+(\.\d+)?", literal):
            return f"{name} == {literal}"
        if kind == "boolean" and literal is not None and literal.lower() in ("true", "false"):
            return f"{name} == {literal.lower()}"
        raise self.unsayable(f"the text {str(glob)!r} in {name}, which is of type {kind}")

    def _keyword(self, name: str, glob: Glob, cased: bool) -> str:
        literal = glob.literal
        if literal is not None:
            return f"{name} == {quoted(literal)}" if cased else f"{name} in~ ({quoted(literal)})"
        plain = not any("*" in part or "?" in part for part in glob.parts if isinstance(part, str))
        if plain:
            return f"{name} like {quoted(''.join(_pattern_part(part) for part in glob.parts))}"
        return f"{name} regex {self._regex(of_glob, glob, Fold.EXACT if cased else Fold.SIMPLE)}"

    def _number(self, name: str, kind: str, order: Order, number: float) -> str:
        if kind == "numeric":
            return f"{name} {_OPERATOR[order]} {number}"
        if kind == "keyword" and order is Order.EQ:
            return f"{name} == {quoted(str(number))}"
        raise self.unsayable(f"a comparison with a number in {name}, which is of type {kind}")

    def _pattern(self, name: str, kind: str, value: Pattern) -> str:
        if kind != "keyword":
            raise self.unsayable(f"a regular expression on {name}, which is of type {kind}")
        return f"{name} regex {self._regex(of_search, value.regex)}"

    def _network(self, name: str, kind: str, cidr: str) -> str:
        if kind != "ip":
            raise self.unsayable(f"a network in {name}, which is of type {kind}")
        return f"cidrMatch({name}, {quoted(cidr)})"

    def _regex(self, write, *arguments) -> str:  # type: ignore[no-untyped-def]
        try:
            return quoted(write(*arguments))
        except Inexpressible as error:
            raise self.unsayable(str(error)) from error

    def _type(self, field: str) -> str:
        return field_kind(self.model.index, field).kind

    def _name(self, field: str) -> str:
        parts = field.split(".")
        plain = all(_PLAIN_NAME.fullmatch(part) and part not in _KEYWORDS for part in parts)
        name = field if plain else f"`{field.replace('`', '``')}`"
        # a query fails as a whole on a field that no index has, unless the field is optional
        return name if field_kind(self.model.index, field).mapped else f"?{name}"


def quoted(text: str) -> str:
    """A string literal. https://www.elastic.co/docs/reference/query-languages/eql/eql-syntax"""
    if "\\" in text and '"""' not in text and not text.endswith('"') and text.isprintable():
        return f'"""{text}"""'
    return '"' + "".join(_char(char) for char in text) + '"'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    return char if char.isprintable() else f"\\u{{{ord(char):02x}}}"


def _pattern_part(part: object) -> str:
    return part if isinstance(part, str) else str(part.value)  # type: ignore[attr-defined]
