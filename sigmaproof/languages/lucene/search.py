"""Asking fields: names and patterns of names, kinds of fields, leniency, and the count of clauses.

`query_string` and the DSL share this; each question ends at one or more fields and comes back as a term.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
from re import Pattern, compile

from sigmaproof.errors import InvalidQuery
from sigmaproof.index.elastic import ID, ElasticIndex, FieldType
from sigmaproof.index.elastic_kinds import Engine, Kind, Scope, TooComplexExpression, exists
from sigmaproof.index.elastic_types import kind_of
from sigmaproof.languages.lucene.options import Options
from sigmaproof.logic.terms import FALSE, Term, disjunction
from sigmaproof.logic.values import ANY_FIELD

MOST_CLAUSES = 1024
"""OpenSearch's limit on clauses, counted over the whole query."""

Question = Callable[[Kind, Scope], Term | None]
"""Asked of one field; None if there is nothing to ask, because the analyser left no word."""


@dataclass(slots=True)
class Search:
    """One query on its way to a term, with what has to be told about it."""

    index: ElasticIndex
    options: Options
    notes: dict[str, None] = field(default_factory=dict)
    clauses: int = 0
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = self.options.engine

    def note(self, text: str) -> None:
        """Something that the reader of the query should know; said once."""
        self.notes[text] = None

    def fields(self, name: str) -> tuple[FieldType, ...]:
        """The fields of a name or pattern. None: nothing is found, which is noted."""
        if "*" in name:
            found = tuple(kind for kind in self.index.fields() if _name_pattern(name).fullmatch(kind.name))
            others = self.index.undeclared if name == ANY_FIELD else None
            found = (*found, others) if others is not None else found
        else:
            kind = self.index.field(name) or _metadata(name)
            found = () if kind is None else (kind,)
        if not found:
            self.note(f"field {name!r} is not mapped: it matches nothing")
        return found

    def ask(
        self, fields: Iterable[FieldType], question: Question, *, lenient: bool | None = None
    ) -> Term | None:
        """The question put to each field; any of them may answer."""
        answers = [self._answer(kind, question, lenient) for kind in fields]
        known = [answer for answer in answers if answer is not None]
        if answers and not known:
            return None
        self.count(len(known) or 1)
        return disjunction(known)

    def count(self, clauses: int) -> None:
        """OpenSearch counts clauses, over the whole query."""
        self.clauses += clauses
        if self.engine.opensearch and self.clauses > MOST_CLAUSES:
            raise InvalidQuery(f"more than {MOST_CLAUSES} clauses")

    def exists(self, name: str) -> Term:
        """Some field of that name, pattern, or inside that object has a value."""
        inside = () if self.index.field(name) else self.index.under(name)
        fields = inside or self.fields(name)
        return disjunction(exists(Scope(kind, self.engine)) for kind in fields)

    def _answer(self, kind: FieldType, question: Question, lenient: bool | None) -> Term | None:
        try:
            return question(kind_of(kind, self.engine), Scope(kind, self.engine))
        except InvalidQuery as error:
            forgiving = self.options.forgiving if lenient is None else lenient
            too_late = isinstance(error, TooComplexExpression) and self.engine.opensearch >= 3
            if too_late or not forgiving:
                raise
            self.note(f"lenient: matches nothing instead of failing: {error}")
            return FALSE


def _metadata(name: str) -> FieldType | None:
    return FieldType(ID, ID, ID) if name == ID else None


@lru_cache(maxsize=1024)
def _name_pattern(pattern: str) -> Pattern[str]:
    return compile(translate(pattern.replace("[", "[[]").replace("?", "[?]")))
