"""Lucene query_string that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and each method here repairs: letter case on keyword fields; regular
expressions in a dialect that Lucene does not read; `AND`, `<` and blanks as values; numbers, addresses and
booleans by their type; keywords. https://github.com/SigmaHQ/pySigma-backend-elasticsearch

Where a field has no sub-field that ignores case, letters become classes of a regular expression: `[Ww][Mm]`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from sigma.backends.elasticsearch import LuceneBackend

from sigmaproof.convert.addresses import networks
from sigmaproof.convert.exact import Exact
from sigmaproof.convert.fields import FieldKind, field_kind
from sigmaproof.convert.lucene_regex import Inexpressible, of_glob, of_search
from sigmaproof.convert.values import Flag, Network, Number, OtherField, Pattern, Presence, Text, Value
from sigmaproof.logic.checks import Order
from sigmaproof.text.fold import Fold, variants
from sigmaproof.text.glob import MANY, Glob

_SPECIAL = re.compile(r'[+\-=&|!(){}\[\]<>^"~*?:\\/\s]')
_OPERATOR = {Order.EQ: "", Order.LT: "<", Order.LE: "<=", Order.GT: ">", Order.GE: ">="}


class ExactLucene(Exact, LuceneBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's Lucene backend with its leaves written anew.

    `exact_fields`: fields whose values the product itself writes, in one case only, such as `event.category`.
    """

    language: ClassVar[str] = "a Lucene query"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"

    def __init__(self, *args: Any, exact_fields: Iterable[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._exact_fields = frozenset(exact_fields)

    def leaves(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        kind = field_kind(self.model.index, field)
        for value in values:
            yield self._leaf(field, kind, value)

    def _leaf(self, field: str, kind: FieldKind, value: Value) -> str:
        name = _SPECIAL.sub(r"\\\g<0>", field)
        match value:
            case Presence(wanted):
                return f"_exists_:{name}" if wanted else f"(NOT _exists_:{name})"
            case Text(Glob((only,))) if only is MANY:
                return f"_exists_:{name}"
            case Text(glob, cased):
                return self._text(name, kind, glob, cased or field in self._exact_fields)
            case Number(order, number):
                return self._number(name, kind, order, number)
            case Flag(flag):
                return f"{name}:{'true' if flag else 'false'}"
            case Pattern(regex):
                self._only(kind, "keyword", f"a regular expression on {field}")
                return f"{name}:{self._regex(of_search, regex)}"
            case Network(cidr):
                self._only(kind, "ip", f"a network in {field}")
                return f'{name}:"{cidr}"'
            case OtherField():
                raise self.unsayable("a comparison of two fields")
        raise self.unsayable(type(value).__name__)

    def _text(self, name: str, kind: FieldKind, glob: Glob, cased: bool) -> str:
        literal = glob.literal
        if kind.kind == "ip":
            nets = networks(glob)
            if nets is not None:
                return f"{name}:{_quoted(nets[0])}"
        elif kind.kind == "numeric" and literal is not None and re.fullmatch(r"-?\d+(\.\d+)?", literal):
            return f"{name}:{_quoted(literal)}"
        elif kind.kind == "boolean" and literal is not None and literal.lower() in ("true", "false"):
            return f"{name}:{literal.lower()}"
        self._only(kind, "keyword", f"the text {str(glob)!r} in {name}")
        if cased or not _has_letters(glob):
            return self._plain(name, glob)
        if kind.caseless:
            return self._plain(kind.caseless, glob)
        return f"{name}:{self._regex(of_glob, glob, Fold.SIMPLE)}"

    def _plain(self, name: str, glob: Glob) -> str:
        """The text as it is: a quoted term, or an unquoted one when it has wildcards."""
        if glob.literal is not None:
            return f"{name}:{_quoted(glob.literal)}"
        if _has_line_break(glob):
            return f"{name}:{self._regex(of_glob, glob, Fold.EXACT)}"
        return f"{name}:" + "".join(
            _SPECIAL.sub(r"\\\g<0>", part) if isinstance(part, str) else part.value for part in glob.parts
        )

    def _number(self, name: str, kind: FieldKind, order: Order, number: float) -> str:
        if kind.kind == "keyword" and order is Order.EQ:
            return f'{name}:"{number}"'
        self._only(kind, "numeric", f"a comparison with a number in {name}")
        return f"{name}:{_OPERATOR[order]}{number}" if number >= 0 else f'{name}:{_OPERATOR[order]}"{number}"'

    def _only(self, kind: FieldKind, wanted: str, what: str) -> None:
        if kind.kind != wanted:
            raise self.unsayable(f"{what}, which is of type {kind.kind}")

    def _regex(self, write, *arguments) -> str:  # type: ignore[no-untyped-def]
        try:
            return f"/{write(*arguments)}/"
        except Inexpressible as error:
            raise self.unsayable(str(error)) from error


def _has_letters(glob: Glob) -> bool:
    return any(
        len(variants(char, Fold.SIMPLE)) > 1 for part in glob.parts if isinstance(part, str) for char in part
    )


def _has_line_break(glob: Glob) -> bool:
    """Whether the text has blanks other than spaces: no escape keeps them in one term."""
    literals = "".join(part for part in glob.parts if isinstance(part, str))
    return any(char.isspace() and char != " " for char in literals)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
