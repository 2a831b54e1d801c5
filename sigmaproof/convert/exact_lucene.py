"""Lucene query_string that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and each method here repairs: letter case on keyword fields; regular
expressions in a dialect that Lucene does not read; `AND`, `<` and blanks as values; numbers, addresses and
booleans by their type; keywords. https://github.com/SigmaHQ/pySigma-backend-elasticsearch

Where a field has no sub-field that ignores case, letters become classes of a regular expression: `[Ww][Mm]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from sigma.backends.elasticsearch import LuceneBackend

from sigmaproof.convert.addresses import networks, spellings
from sigmaproof.convert.exact import Exact, grouped
from sigmaproof.convert.fields import FieldKind, field_kind
from sigmaproof.convert.letters import has_case, literals
from sigmaproof.convert.lucene_regex import of_glob, of_search
from sigmaproof.convert.tree import Denied, Tree
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
from sigmaproof.text import spans
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

_SPECIAL = re.compile(r'[+\-=&|!(){}\[\]<>^"~*?:\\/\s]')
_WORDS = frozenset({"AND", "OR", "NOT"})
_OPERATOR = {Order.EQ: "", Order.LT: "<", Order.LE: "<=", Order.GT: ">", Order.GE: ">="}


class ExactLucene(Exact, LuceneBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's Lucene backend with its conditions written anew.

    `asked_every`: correlations are threshold rules that run so often, `5m`.
    """

    language: ClassVar[str] = "a Lucene query"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"
    # its other formats fetch ATT&CK data from the internet while they convert
    formats: ClassVar[dict[str, str]] = {"default": "Lucene queries"}

    def __init__(self, *args: Any, asked_every: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked_every = _seconds(asked_every)

    def absent(self, field: str) -> str:
        return f"NOT _exists_:{_escaped(field)}"

    def _alternative(self, part: Tree) -> str:
        # `a OR NOT b` is read as "not b, and rather a"
        return f"({self.write(part)})" if isinstance(part, Denied) else self.write(part)

    def tests(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        kind = field_kind(self.model.index, field)
        rights: dict[str, list[str]] = {}
        for value in values:
            name, right = self._test(field, kind, value)
            rights.setdefault(name, []).append(right)
        for name, alternatives in rights.items():
            yield f"{_escaped(name)}:{grouped(self.or_word, alternatives)}" if name else alternatives[0]

    def _test(self, field: str, kind: FieldKind, value: Value) -> tuple[str, str]:
        """A field's name and what stands behind its colon; or no name and the whole test."""
        match value:
            case Presence():
                return "", f"_exists_:{_escaped(field)}"
            case Text(glob, cased):
                return self._text(kind, glob, cased or self.is_exact(field))
            case Number(order, number):
                return kind.name, self._number(kind, order, number)
            case Flag(flag):
                return self._text(kind, Glob.of("true" if flag else "false"), False)
            case Pattern(regex):
                self._only(kind, "keyword", f"a regular expression on {field}")
                return kind.name, self._regex(lambda: of_search(regex))
            case Network(cidr):
                if kind.kind == "keyword" and (spelled := spellings(cidr)):
                    return kind.name, f"/{spelled}/"
                self._only(kind, "ip", f"a network in {field}")
                return kind.name, _quoted(cidr)
            case OtherField():
                raise self.unsayable("a comparison of two fields")
        raise self.unsayable(type(value).__name__)

    def _text(self, kind: FieldKind, glob: Glob, cased: bool) -> tuple[str, str]:
        other = self._typed(kind.kind, glob)
        if other:
            return kind.name, other
        self._only(kind, "keyword", f"the text {str(glob)!r} in {kind.name}")
        if cased or not has_case(literals(glob)):
            return kind.name, self._plain(glob)
        if kind.caseless:
            return kind.caseless, self._plain(glob)
        return kind.name, self._regex(lambda: of_glob(glob, Fold.SIMPLE))

    def _typed(self, kind: str, glob: Glob) -> str | None:
        """The text as a number, an address or a boolean, if the field is one."""
        match kind:
            case "ip":
                network = networks(glob)
                return _quoted(network) if network else None
            case "numeric":
                number = number_text(glob)
                return _quoted(number) if number else None
            case "boolean":
                return boolean_of(glob)
        return None

    def _plain(self, glob: Glob) -> str:
        """The text as it is: a quoted term, or an unquoted one when it has wildcards."""
        if glob.literal is not None:
            return _quoted(glob.literal)
        if _has_line_break(glob):
            return self._regex(lambda: of_glob(glob, Fold.EXACT))
        return "".join(_escaped(part) if isinstance(part, str) else part.value for part in glob.parts)

    def _number(self, kind: FieldKind, order: Order, number: float) -> str:
        if kind.kind == "keyword" and order is Order.EQ:
            return _quoted(str(number))
        self._only(kind, "numeric", f"a comparison with a number in {kind.name}")
        return f"{_OPERATOR[order]}{number if number >= 0 else _quoted(str(number))}"

    def _only(self, kind: FieldKind, wanted: str, what: str) -> None:
        if kind.kind != wanted:
            raise self.unsayable(f"{what}, which is of type {kind.kind}")

    def _regex(self, write: Callable[[], str]) -> str:
        text = self.expressed(write)
        # before the slash that ends it, an escaped backslash would be taken for the slash's escape
        return f"/{text[:-2]}[{text[-2:]}]/" if _ends_in_backslash(text) else f"/{text}/"

    def keyword(self, value: Value) -> str:
        # without a field's name the query asks every field of the index
        match value:
            case Text(glob) if "account" in (self.kinds or ()) and "\\" in str(glob):
                raise self.unsayable("a keyword with a backslash, at which the index parts accounts")
            case Text(glob, cased):
                anywhere = Glob.of(MANY, *glob.parts, MANY)
                return self._regex(lambda: of_glob(anywhere, Fold.EXACT if cased else Fold.SIMPLE))
            case Number(Order.EQ, number):
                return self._regex(lambda: of_glob(Glob.of(MANY, str(number), MANY), Fold.EXACT))
        raise self.unsayable("such a keyword")


def _seconds(every: object) -> int:
    """0 for nothing. Raises `TypeError`, as for an option that there is not."""
    found = spans.read(every) if isinstance(every, str) else None
    if found is None and every != "":
        raise TypeError(f"asked_every is a time such as 5m, not {every!r}")
    return found or 0


def _has_line_break(glob: Glob) -> bool:
    """Whether the text has blanks other than spaces: no escape keeps them in one term."""
    return any(char.isspace() and char != " " for char in literals(glob))


def _ends_in_backslash(regex: str) -> bool:
    return (len(regex) - len(regex.rstrip("\\"))) % 2 == 0 and regex.endswith("\\")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
