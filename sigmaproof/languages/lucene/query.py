"""Query strings: syntax tree → term, as Elasticsearch and OpenSearch build their queries from it.

https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-query-string-query
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from msgspec import Struct

from sigmaproof.errors import InvalidQuery, QuerySyntaxError
from sigmaproof.index.elastic import FieldType, utf16_length
from sigmaproof.index.elastic_kinds import Bounds, Kind, Scope, edits_allowed
from sigmaproof.languages.lucene.parse import parse, unescape
from sigmaproof.languages.lucene.search import Question, Search
from sigmaproof.languages.lucene.syntax import (
    Clause,
    Group,
    Joint,
    Node,
    Pattern,
    Prefix,
    Query,
    Quoted,
    Range,
    Sign,
    Wildcard,
    Word,
    Words,
)
from sigmaproof.logic.terms import FALSE, TRUE, Term, conjunction, disjunction, negation

LONGEST_QUERY = 32_000
"""OpenSearch's limit on a query string, in UTF-16 units."""
LONGEST_REGEX = 1_000
"""Both products' limit on a regular expression."""
EXISTS = "_exists_"


class Occur(Enum):
    """What a clause is to the query it is in."""

    MUST = "must"
    SHOULD = "should"
    MUST_NOT = "must not"


class Part(Struct, frozen=True):
    """A clause and its role."""

    occur: Occur
    term: Term


def lower_text(query: str, search: Search) -> Term:
    """The term of a query string."""
    if not query.strip(_JAVA_SPACE):
        search.note("an empty query matches nothing")
        return FALSE
    if search.engine.opensearch and utf16_length(query) > LONGEST_QUERY:
        raise InvalidQuery(f"query string of more than {LONGEST_QUERY} characters")
    term = _Lowering(query, search).query(parse(query), None)
    return FALSE if term is None else term


_JAVA_SPACE = "".join(map(chr, range(33)))


def combined(parts: Iterable[Part]) -> Term:
    """The query of some clauses: optional ones count only where nothing is required."""
    roles: dict[Occur, list[Term]] = {occur: [] for occur in Occur}
    for part in parts:
        roles[part.occur].append(part.term)
    required = roles[Occur.MUST]
    positive = conjunction(required) if required else disjunction(roles[Occur.SHOULD])
    if not required and not roles[Occur.SHOULD]:
        positive = TRUE
    return conjunction([positive, negation(disjunction(roles[Occur.MUST_NOT]))])


@dataclass(slots=True)
class _Lowering:
    text: str
    search: Search

    def query(self, query: Query, field: str | None) -> Term | None:
        """None if the analysers left nothing of it."""
        parts: list[Part] = []
        for clause in query.clauses:
            self.clause(clause, field, parts)
        first = query.clauses[0]
        if len(parts) == 1 and first.sign is None and parts[0].occur is not Occur.MUST_NOT:
            return parts[0].term
        return combined(parts) if parts else None

    def clause(self, clause: Clause, field: str | None, parts: list[Part]) -> None:
        """Adds a clause, which may change the role of the one before it: there is no precedence."""
        field = field if clause.field is None else self.plain(clause.field)
        if parts and parts[-1].occur is not Occur.MUST_NOT:
            if clause.joint is Joint.AND:
                parts[-1] = Part(Occur.MUST, parts[-1].term)
            elif clause.joint is Joint.OR and self.search.options.all_words:
                parts[-1] = Part(Occur.SHOULD, parts[-1].term)
        if isinstance(clause.node, Words):
            parts += self.side_by_side(clause.node, field)
            return
        term = self.node(clause.node, field)
        if term is not None:
            parts.append(Part(self.occur(clause), term))

    def occur(self, clause: Clause) -> Occur:
        if clause.sign is Sign.PROHIBITED:
            return Occur.MUST_NOT
        if self.search.options.all_words:
            return Occur.SHOULD if clause.joint is Joint.OR else Occur.MUST
        required = clause.sign is Sign.REQUIRED or clause.joint is Joint.AND
        return Occur.MUST if required else Occur.SHOULD

    def default(self) -> Occur:
        return Occur.MUST if self.search.options.all_words else Occur.SHOULD

    def node(self, node: Node, field: str | None) -> Term | None:
        if isinstance(node, Group):
            return self.query(node.query, field)
        return _NODES[type(node)](self, node, field)

    def plain(self, image: str) -> str:
        return unescape(image, self.text)

    def word(self, node: Word, field: str | None) -> Term | None:
        text = self.plain(node.image)
        if node.suffix.fuzzy is not None:
            return self.fuzzy(text, node.suffix.fuzzy, field)
        if field == EXISTS:
            return self.search.exists(text)
        bounds = self.one_sided(text, field)
        if bounds is not None:
            return self.ask(field, lambda kind, scope: kind.between(scope, bounds))
        return self.match(text, field)

    def one_sided(self, text: str, field: str | None) -> Bounds | None:
        """`>5` is a range wherever a field is named, in the query or as `default_field`."""
        named = field is not None or self.search.options.default_field or not self.search.options.fields
        return one_sided(text) if named else None

    def match(self, text: str, field: str | None) -> Term | None:
        options = self.search.options
        if options.type == "phrase":
            return self.ask(field, lambda kind, scope: kind.phrase(scope, text, options.phrase_slop, False))
        join = conjunction if options.all_words else disjunction
        return self.ask(field, lambda kind, scope: _some(join, kind.words(scope, text)))

    def side_by_side(self, node: Words, field: str | None) -> list[Part]:
        text = self.plain(node.image)
        fields = self.fields(field)
        apart = len(fields) == 1 and self.search.options.type != "phrase"
        if not apart or field == EXISTS or self.one_sided(text, field) is not None:
            term = self.word(Word(node.image), field)
            return [] if term is None else [Part(self.default(), term)]
        parts: list[Part] = []

        def question(kind: Kind, scope: Scope) -> Term | None:
            parts.extend(Part(self.default(), term) for term in kind.words(scope, text))
            return TRUE if parts else None

        answer = self.search.ask(fields, question)
        return parts or ([] if answer is None else [Part(self.default(), answer)])

    def quoted(self, node: Quoted, field: str | None) -> Term | None:
        text = self.plain(node.image)
        if field == EXISTS:
            return self.search.exists(text)
        slop = _slop(node.suffix.fuzzy, self.search.options.phrase_slop)
        return self.ask(field, lambda kind, scope: kind.phrase(scope, text, slop, False))

    def prefix(self, node: Prefix, field: str | None) -> Term | None:
        text = self.plain(node.image)
        options = self.search.options
        join = conjunction if options.all_words else disjunction
        return self.ask(
            field, lambda kind, scope: _some(join, kind.prefix(scope, text, options.analyze_wildcard))
        )

    def wildcard(self, node: Wildcard, field: str | None) -> Term | None:
        image = node.image
        self.plain(image)  # a bad \u is an error here, too, though it is not read as an escape
        if image == "*":
            name = field if field is not None else self.search.options.default_field or "*"
            if field is None and self.search.options.fields:
                return disjunction(self.search.exists(kind.name) for kind in self.fields(None))
            return TRUE if name == "*" else self.search.exists(name)
        leading = image[0] in "*?" and bool(self.fields(field))
        if leading and not self.search.options.allow_leading_wildcard:
            raise QuerySyntaxError("a wildcard is not allowed first", self.text, self.text.find(image))
        return self.ask(field, lambda kind, scope: kind.wildcard(scope, image))

    def pattern(self, node: Pattern, field: str | None) -> Term | None:
        if utf16_length(node.image) > LONGEST_REGEX:
            raise InvalidQuery(f"regular expression of more than {LONGEST_REGEX} characters")
        self.plain(node.image)
        return self.ask(field, lambda kind, scope: kind.pattern(scope, node.image))

    def range(self, node: Range, field: str | None) -> Term | None:
        bounds = Bounds(self.bound(node.low), self.bound(node.high), node.with_low, node.with_high)
        return self.ask(field, lambda kind, scope: kind.between(scope, bounds))

    def bound(self, image: str) -> str | None:
        if len(image) > 1 and image[0] == '"' == image[-1]:
            image = image[1:-1]
        text = self.plain(image)
        return None if text == "*" else text

    def fuzzy(self, text: str, fuzziness: str, field: str | None) -> Term | None:
        edits = edits_allowed(fuzziness or self.search.options.fuzziness, text, self.search.engine.opensearch)
        prefix = self.search.options.fuzzy_prefix_length
        return self.ask(field, lambda kind, scope: kind.near(scope, text, edits, prefix))

    def fields(self, field: str | None) -> tuple[FieldType, ...]:
        names = self.search.options.searched if field is None else (field,)
        found = {kind.name: kind for name in names for kind in self.search.fields(name.partition("^")[0])}
        return tuple(found.values())

    def ask(self, field: str | None, question: Question) -> Term | None:
        return self.search.ask(self.fields(field), question)


_NODES: dict[type[Node], Callable[..., Term | None]] = {
    Word: _Lowering.word,
    Quoted: _Lowering.quoted,
    Prefix: _Lowering.prefix,
    Wildcard: _Lowering.wildcard,
    Pattern: _Lowering.pattern,
    Range: _Lowering.range,
}


def one_sided(text: str) -> Bounds | None:
    """The range of `>5`, `>=5`, `<5` or `<=5`. Escaped or not makes no difference."""
    if len(text) < 2 or text[0] not in "<>":
        return None
    closed = len(text) > 2 and text[1] == "="
    end = text[2:] if closed else text[1:]
    end_or_open = None if end == "*" else end
    return Bounds(end_or_open, None, closed) if text[0] == ">" else Bounds(None, end_or_open, True, closed)


def _slop(given: str | None, default: int) -> int:
    found = re.match(r"[0-9]+(?=\.|$)", given or "")
    return default if given is None else int(found[0]) if found else default


def _some(join: Callable[[Iterable[Term]], Term], terms: tuple[Term, ...]) -> Term | None:
    return join(terms) if terms else None
