"""ES|QL that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and what is written here instead: texts compared with their case; `NOT` of
a comparison with a field that is not there, which is null in ES|QL and no match; regular expressions of
another dialect, unanchored; numbers beside texts; keywords; field names that need backticks.
https://github.com/SigmaHQ/pySigma-backend-elasticsearch
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from sigma.backends.elasticsearch import ESQLBackend

from sigmaproof.convert.addresses import networks, spellings
from sigmaproof.convert.exact import Exact
from sigmaproof.convert.fields import FieldKind, field_kind
from sigmaproof.convert.letters import has_case, literals, lower_case_is_enough
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
    Unsayable,
    Value,
    boolean_of,
    number_text,
)
from sigmaproof.index.model import IndexModel
from sigmaproof.logic.checks import Order
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_KEYWORDS = frozenset(
    "and as asc by desc false first in is last like not null nulls or rlike true where".split()  # noqa: SIM905
)
_OPERATOR = {Order.EQ: "==", Order.LT: "<", Order.LE: "<=", Order.GT: ">", Order.GE: ">="}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class ExactEsql(Exact, ESQLBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's ES|QL backend with its queries written anew.

    `sources`: the indices behind FROM. `listed_values`: values of exact fields beside which there are others.
    """

    language: ClassVar[str] = "ES|QL"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"
    formats: ClassVar[dict[str, str]] = {"default": "ES|QL queries"}

    def __init__(
        self,
        *args: Any,
        model: IndexModel,
        sources: str = "*",
        listed_values: Mapping[str, Sequence[str]] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*args, model=model, **options)
        self.sources = sources
        self._listed_values = listed_values or {}

    def query(self, tree: Tree) -> str:
        return f"FROM {self.sources}\n| WHERE {self.write(tree, outermost=True)}"

    def finalize_query_default(self, rule: Any, query: str, index: int, state: Any) -> str:
        """The query as it is."""
        return query

    def write(self, tree: Tree, *, outermost: bool = False) -> str:
        # a comparison with nothing is null, and so is NOT of it
        if isinstance(tree, Denied) and not isinstance(getattr(tree.part, "values", (None,))[0], Presence):
            return f"NOT COALESCE({self.write(tree.part, outermost=True)}, false)"
        return super().write(tree, outermost=outermost)

    def absent(self, field: str) -> str:
        return f"{self.name_of(field)} IS NULL"

    def tests(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        kind = field_kind(self.model.index, field)
        name = self.name_of(kind.name)
        listed: dict[tuple[str, str], list[str]] = {}
        for value in values:
            left, operator, right = self._test(name, kind, value)
            listed.setdefault((left, operator), []).append(right)
        for (left, operator), rights in listed.items():
            unique = list(dict.fromkeys(rights))
            if operator == "==" and len(unique) > 1:
                yield f"{left} IN ({', '.join(unique)})"
            elif operator == "CIDR_MATCH":
                yield f"CIDR_MATCH({left}, {', '.join(unique)})"
            elif operator == "MV_CONTAINS":
                yield from (f"MV_CONTAINS({left}, {right})" for right in unique)
            else:
                yield from (f"{left} {operator} {right}".rstrip() for right in unique)

    def _test(self, name: str, kind: FieldKind, value: Value) -> tuple[str, str, str]:
        """What stands left of an operator, the operator, and what stands right of it."""
        match value:
            case Presence():
                return name, "IS NOT NULL", ""
            case Text(Glob((str(text),))) if self.is_exact(name) and text in self._listed_values.get(
                name, ()
            ):
                return name, "MV_CONTAINS", quoted(text)
            case Text(glob, cased):
                return self._text(name, kind.kind, glob, cased or self.is_exact(name))
            case Flag(flag):
                return self._text(name, kind.kind, Glob.of("true" if flag else "false"), False)
            case Number(order, number) if kind.kind == "numeric":
                return name, _OPERATOR[order], str(number)
            case Number(Order.EQ, number) if kind.kind in ("keyword", "text"):
                return name, "==", quoted(str(number))
            case Pattern(regex) if kind.kind in ("keyword", "text"):
                return name, "RLIKE", self._regex(lambda: of_search(regex))
            case Network(cidr) if kind.kind == "ip":
                return name, "CIDR_MATCH", quoted(cidr)
            case Network(cidr) if kind.kind == "keyword" and (spelled := spellings(cidr)):
                return name, "RLIKE", quoted(spelled)
            case OtherField():
                raise Unsayable("no conversion is written for a comparison of two fields")
        raise self.unsayable(f"{type(value).__name__.lower()} in {name}, which is of type {kind.kind}")

    def _text(self, name: str, kind: str, glob: Glob, cased: bool) -> tuple[str, str, str]:
        number, flag = number_text(glob), boolean_of(glob)
        if kind in ("keyword", "text"):
            return self._keyword(name, glob, cased)
        if kind == "ip" and (found := networks(glob)):
            return name, "CIDR_MATCH", quoted(found)
        if kind == "numeric" and number is not None:
            return name, "==", number
        if kind == "boolean" and flag is not None:
            return name, "==", flag
        raise self.unsayable(f"the text {str(glob)!r} in {name}, which is of type {kind}")

    def _keyword(self, name: str, glob: Glob, cased: bool) -> tuple[str, str, str]:
        if cased or not has_case(literals(glob)):
            left = name
        elif lower_case_is_enough(glob):
            left, glob = f"TO_LOWER({name})", glob.folded(Fold.ASCII)
        else:
            return name, "RLIKE", self._regex(lambda: of_glob(glob, Fold.SIMPLE))
        if glob.literal is not None:
            return left, "==", quoted(glob.literal)
        text = "".join(_literal(part) if isinstance(part, str) else part.value for part in glob.parts)
        return left, "LIKE", quoted(text)

    def _regex(self, write: Callable[[], str]) -> str:
        return quoted(self.expressed(write))

    def name_of(self, field: str) -> str:
        """A field's name as it stands in a query."""
        return ".".join(
            part
            if _PLAIN.fullmatch(part) and part.lower() not in _KEYWORDS
            else f"`{part.replace('`', '``')}`"
            for part in field.split(".")
        )


def _literal(text: str) -> str:
    """A text in a pattern of LIKE."""
    return re.sub(r"[*?\\]", r"\\\g<0>", text)


def quoted(text: str) -> str:
    """A string literal. https://www.elastic.co/docs/reference/query-languages/esql/esql-syntax"""
    if "\\" in text and '"""' not in text and not text.endswith('"') and text.isprintable():
        return f'"""{text}"""'
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'
