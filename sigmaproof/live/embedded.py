"""The embedded engine, set up as the real one that it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sigmaproof.index import Index
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.model import IndexModel
from sigmaproof.judge.meaning import Meaning, RawEvent, queries_meaning
from sigmaproof.live.values import Engine, Held

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Twin:
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

    def rejections(self, events: Sequence[RawEvent]) -> list[bool]:
        """Which of the events' documents the index does not take."""
        index = self.model.index
        if not isinstance(index, ElasticIndex):
            return [False] * len(events)
        return [index.rejection(self.model.document(event)) is not None for event in events]


def _index(index: Index, engine: Engine, held: Held) -> Index:
    if not isinstance(index, ElasticIndex):
        return index
    newest = engine.flavour == "opensearch" and int(engine.version.split(".")[0]) >= 3
    corpus = held.corpus
    return ElasticIndex.from_mapping(corpus.mapping, default=corpus.default, wildcard_limit=newest)
