"""The embedded engine, set up as the real one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index import Index
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.model import IndexModel
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.live.values import Engine, Held
from sigmaproof.logic.plans import Found, Plan, Select
from sigmaproof.logic.run import Document, Table

Options = Mapping[str, Any]


class Twin(Struct, frozen=True):
    """A language on an index model, as one version of a product runs it."""

    language: str
    model: IndexModel
    options: Options
    """With the product and version of the real engine."""

    @staticmethod
    def of(engine: Engine, language: str, model: IndexModel, held: Held, options: Options) -> Twin:
        """The twin of a real engine that holds documents of an index model."""
        same: dict[str, Any] = {}
        if language in ("lucene", "eql"):
            same["version"] = engine.version
        if language == "lucene":
            same["flavour"] = engine.flavour
        index = _index(model.index, engine, held)
        return Twin(language, replace(model, index=index), {**options, **same})

    def ways(self) -> Iterator[Options]:
        """The options to ask with: strictly first, lest a bad pattern silently match nothing."""
        if self.language == "lucene" and self.options.get("lenient") is None:
            yield {**self.options, "lenient": False}
        yield self.options

    def meaning(self, query: str, options: Options) -> Meaning:
        """What a query means here. Raises `QueryError`."""
        return queries_meaning([query], self.language, self.model.index, self.model.document, options)

    def rejects(self, document: Document) -> bool:
        """Whether the index does not take a document."""
        index = self.model.index
        return isinstance(index, ElasticIndex) and index.rejection(document) is not None


class Tables:
    """The documents of every case, read once for all queries."""

    def __init__(self, index: Index, cases: Mapping[int, Sequence[Document]]) -> None:
        self._index, self._cases = index, cases
        starts = accumulate(map(len, cases.values()), initial=0)
        self._spans = {
            key: range(start, start + len(cases[key])) for key, start in zip(cases, starts, strict=False)
        }
        self._all = Table(list(chain.from_iterable(cases.values())), index.read)
        self._own: dict[int, Table] = {}

    def found(self, plan: Plan, cases: Iterable[int]) -> list[Found]:
        """What a plan finds among the documents of each of these cases."""
        if not isinstance(plan, Select):
            return [plan.run(self._table(case)) for case in cases]
        # a document is found or not whatever stands beside it
        rows = {row for (row,) in plan.run(self._all).findings}
        spans = (self._spans[case] for case in cases)
        return [Found(tuple((row - span.start,) for row in span if row in rows)) for span in spans]

    def _table(self, case: int) -> Table:
        if case not in self._own:
            self._own[case] = Table(list(self._cases[case]), self._index.read)
        return self._own[case]


def _index(index: Index, engine: Engine, held: Held) -> Index:
    if not isinstance(index, ElasticIndex):
        return index
    newest = engine.flavour == "opensearch" and int(engine.version.split(".")[0]) >= 3
    corpus = held.corpus
    return ElasticIndex.from_mapping(corpus.mapping, default=corpus.default, wildcard_limit=newest)
