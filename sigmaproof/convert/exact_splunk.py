"""SPL that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and each method here repairs: regular expressions and field comparisons
that are pulled out of the condition they belong to; a literal asterisk and `?`, which `search` cannot say;
comparisons with a number, which `search` makes by the alphabet where a value is no number; keywords.
https://github.com/SigmaHQ/pySigma-backend-splunk

What `search` can say is said there. Conjuncts that it cannot say become one `where`, whose leaves are never
null: a field that is absent fails them, and `NOT` of it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from sigma.backends.splunk import SplunkBackend
from sigma.conditions import ConditionAND

from sigmaproof.convert.exact import Exact
from sigmaproof.convert.values import (
    Flag,
    Network,
    Number,
    OtherField,
    Pattern,
    Presence,
    Text,
    Unsayable,
    Value,
)
from sigmaproof.logic.checks import Order
from sigmaproof.text.glob import MANY, ONE, Glob

_PLAIN_NAME = re.compile(r"[\w.]+")
_NETWORK = re.compile(r"[0-9a-fA-F.:]+/\d+")


class ExactSplunk(Exact, SplunkBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's Splunk backend with its conditions written anew."""

    language: ClassVar[str] = "an SPL search"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"

    def convert_condition(self, cond: Any, state: Any) -> str:
        """A search, and a `where` behind it for the conjuncts that need one."""
        if not isinstance(cond, ConditionAND):
            return self._single(cond)
        searched, computed = [], []
        for part in cond.args:
            try:
                searched.append(self._condition(part))
            except Unsayable:
                computed.append(_Where()._condition(part))
        return _pipeline(searched, computed)

    def _single(self, cond: Any) -> str:
        try:
            return self._condition(cond, outermost=True)
        except Unsayable:
            return _pipeline([], [_Where()._condition(cond, outermost=True)])

    def leaves(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        texts: list[str] = []
        for value in values:
            if isinstance(value, Text) and not value.cased and value.glob != Glob.of(MANY):
                texts.append(self._text(value.glob))
            else:
                yield self._leaf(_searched(field), value)
        unique = list(dict.fromkeys(texts))
        if len(unique) == 1:
            yield f"{_searched(field)}={unique[0]}"
        elif unique:
            yield f"{_searched(field)} IN ({', '.join(unique)})"

    def _leaf(self, name: str, value: Value) -> str:
        match value:
            case Presence(wanted):
                return f"{name}=*" if wanted else f"NOT {name}=*"
            case Text(glob, False) if glob == Glob.of(MANY):
                return f"{name}=*"
            case Number(Order.EQ, number):
                return f"{name}={number}"
            case Flag(flag):
                return f'{name}="{"true" if flag else "false"}"'
            case Network(cidr):
                return f'{name}="{cidr}"'
        raise self.unsayable(type(value).__name__.lower())

    def _text(self, glob: Glob) -> str:
        literals = [part for part in glob.parts if isinstance(part, str)]
        if ONE in glob.parts or any("*" in part for part in literals):
            raise self.unsayable("a literal asterisk, or exactly one character")
        if glob.literal is not None and _NETWORK.fullmatch(glob.literal):
            raise self.unsayable("a text that reads as a network")
        if any(char in part for part in literals for char in "\r\n"):
            raise self.unsayable("a line break")
        return '"' + "".join("*" if part is MANY else _escaped(str(part)) for part in glob.parts) + '"'


class _Where(Exact):
    """The same conditions as an expression of `where`."""

    language: ClassVar[str] = "an SPL expression"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"

    def __init__(self) -> None:
        """Needs no index model: in Splunk every value is text."""

    def leaves(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        name = f"'{field}'"
        for value in values:
            yield self._leaf(name, value)

    def _leaf(self, name: str, value: Value) -> str:
        match value:
            case Presence(wanted):
                return f"isnotnull({name})" if wanted else f"isnull({name})"
            case Text(glob, cased):
                return _match(name, _glob_regex(glob, cased))
            case Pattern(_, source, flags):
                return _match(name, f"(?{flags}){source}" if flags else source)
            case Number(order, number):
                sign = "=" if order is Order.EQ else order.value
                return f"(isnotnull(tonumber({name})) AND tonumber({name}){sign}{number})"
            case Flag(flag):
                return f'(isnotnull({name}) AND lower({name})="{"true" if flag else "false"}")'
            case Network(cidr):
                return f'(isnotnull({name}) AND cidrmatch("{cidr}", {name}))'
            case OtherField(other):
                both = f"isnotnull({name}) AND isnotnull('{other}')"
                return f"({both} AND lower({name})=lower('{other}'))"
        raise self.unsayable(type(value).__name__)


def _pipeline(searched: list[str], computed: list[str]) -> str:
    search = " ".join(dict.fromkeys(searched)) or "*"
    return f"{search}\n| where {' AND '.join(dict.fromkeys(computed))}" if computed else search


def _match(name: str, regex: str) -> str:
    text = regex.replace("\\", "\\\\").replace('"', '\\"')
    return f'(isnotnull({name}) AND match({name}, "{text}"))'


def _glob_regex(glob: Glob, cased: bool) -> str:
    parts = (
        re.escape(part) if isinstance(part, str) else ".*" if part is MANY else "." for part in glob.parts
    )
    return f"(?{'s' if cased else 'is'})^{''.join(parts)}$"


def _searched(field: str) -> str:
    return field if _PLAIN_NAME.fullmatch(field) else f'"{field}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
