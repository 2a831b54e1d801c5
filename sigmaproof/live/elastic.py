"""OpenSearch and Elasticsearch: temporary indices, bulk load, `_msearch` and `_eql/search`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.live.cleanup import deleted_after
from sigmaproof.live.mapping import index_body, without_what_is_lacking
from sigmaproof.live.transport import Reply, Transport, reason
from sigmaproof.live.values import Answer, Corpus, Held, LiveError, Question

PREFIX = "sigmaproof-live-"
"""How the name of every index begins that we make."""

_BULK_BYTES = 5_000_000
_SEARCHES = 100  # of one _msearch
_AT_ONCE = 2  # long regular expressions take much memory of a server
_NAMES = 50  # of one URL, which may have 4,096 bytes
_ID = "_id"
_QUERY_STRING = (
    "default_field",
    "fields",
    "default_operator",
    "lenient",
    "analyze_wildcard",
    "allow_leading_wildcard",
    "type",
    "max_determinized_states",
    "phrase_slop",
    "fuzziness",
    "fuzzy_prefix_length",
)
_EQL = (
    "event_category_field",
    "timestamp_field",
    "tiebreaker_field",
    "size",
    "result_position",
    "max_samples_per_key",
)
_NO_HANDLER = ("no handler found", "Incorrect HTTP method")


class ElasticEngine(Struct, frozen=True):
    """One server of either product."""

    transport: Transport
    flavour: str
    version: str

    @contextmanager
    def holding(self, corpora: Sequence[Corpus]) -> Iterator[list[Held]]:
        """The corpora in indices of their own; whatever happens, the indices are deleted."""
        names = [f"{PREFIX}{uuid4().hex}" for _ in corpora]
        with deleted_after(lambda: self._delete(names)):
            held = [self._create(name, corpus) for name, corpus in zip(names, corpora, strict=True)]
            yield list(self._load(held))

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Lucene and DSL queries together, EQL one by one."""
        answers: list[Answer] = [Answer(unable=one.held.unable) for one in questions]
        open_ = [at for at, one in enumerate(questions) if not one.held.unable]
        together = [at for at in open_ if questions[at].language != "eql"]
        for start in range(0, len(together), _SEARCHES):
            some = together[start : start + _SEARCHES]
            for at, answer in zip(some, self._search([questions[at] for at in some]), strict=True):
                answers[at] = answer
        for at in open_:
            if questions[at].language == "eql":
                answers[at] = self._eql(questions[at])
        return answers

    def close(self) -> None:
        """Lets go of the connections."""
        self.transport.close()

    def _create(self, name: str, corpus: Corpus) -> Held:
        replaced: list[tuple[str, str]] = []
        while True:
            reply = self._send("PUT", f"/{name}", index_body(corpus))
            if reply.ok:
                return Held(corpus, name, stand_ins=tuple(replaced))
            if reply.status != 400:
                raise self._failed("make an index", reply)
            told = reason(reply.body)
            less = without_what_is_lacking(corpus, told) if corpus.stand_ins else None
            if less is None:
                return Held(corpus, name, unable=f"it cannot have such an index: {told}")
            corpus = less[0]
            replaced.append(less[1])

    def _load(self, held: Iterable[Held]) -> Iterator[Held]:
        """Loads the documents, and says which of them the server did not take."""
        able = [one for one in held if not one.unable]
        rejected: dict[str, dict[int, str]] = {one.index: {} for one in able}
        for body, places in _bulks(able):
            reply = self.transport.send("POST", "/_bulk", body)
            if not reply.ok:
                raise self._failed("load documents", reply)
            for (index, row), item in zip(places, reply.body["items"], strict=True):
                error = item["index"].get("error")
                if error:
                    rejected[index][row] = reason({"error": error})
        self._refresh([one.index for one in able])
        for one in held:
            yield replace(one, rejected=rejected.get(one.index, {}))

    def _refresh(self, names: Sequence[str]) -> None:
        for some in _joined(names):
            reply = self._send("POST", f"/{some}/_refresh")
            if not reply.ok:
                raise self._failed("refresh", reply)

    def _search(self, questions: Sequence[Question]) -> Iterator[Answer]:
        lines: list[str] = []
        for one in questions:
            lines += (json.dumps({"index": one.held.index}), json.dumps(_search_body(one)))
        reply = self.transport.send(
            "POST", f"/_msearch?max_concurrent_searches={_AT_ONCE}", "\n".join([*lines, ""])
        )
        if not reply.ok:
            raise self._failed("search", reply)
        for one, found in zip(questions, reply.body["responses"], strict=True):
            yield self._searched(one, found)

    def _searched(self, question: Question, found: Mapping[str, Any]) -> Answer:
        failures = found.get("_shards", {}).get("failures")
        if "error" in found or failures:
            return Answer(error=reason(found if "error" in found else {"error": failures[0]}))
        if found.get("timed_out"):
            raise LiveError(f"{self.transport.address.url} did not finish a search in time")
        rows = _rows(question.held.corpus)
        return Answer(tuple((rows[hit[_ID]],) for hit in sorted(found["hits"]["hits"], key=_place(rows))))

    def _eql(self, question: Question) -> Answer:
        reply = self._send("POST", f"/{question.held.index}/_eql/search", _eql_body(question))
        if not reply.ok:
            told = reason(reply.body)
            if any(words in told for words in _NO_HANDLER):
                return Answer(unable=f"{self.flavour} {self.version} has no EQL here")
            return Answer(error=told)
        if reply.body.get("is_partial") or reply.body.get("timed_out"):
            raise LiveError(f"{self.transport.address.url} did not finish an EQL search in time")
        rows = {**_rows(question.held.corpus), "": -1}
        hits = reply.body["hits"]
        found = [[event] for event in hits.get("events", ())]
        found += [sequence["events"] for sequence in hits.get("sequences", ())]
        return Answer(tuple(tuple(rows[_event_id(one)] for one in events) for events in found))

    def _delete(self, names: Sequence[str]) -> None:
        """Deletes what was made. One that is not there was never made."""
        for some in _joined(names):
            reply = self._send("DELETE", f"/{some}?ignore_unavailable=true")
            if not reply.ok and reply.status != 404:
                raise LiveError(
                    f"{self.transport.address.url} did not delete {some}: {reason(reply.body)}",
                    "delete it by hand",
                )

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Reply:
        return self.transport.send(method, path, None if body is None else json.dumps(body))

    def _failed(self, what: str, reply: Reply) -> LiveError:
        return LiveError(f"{self.transport.address.url} does not {what}: {reason(reply.body)}")


def _joined(names: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(names), _NAMES):
        yield ",".join(names[start : start + _NAMES])


def _rows(corpus: Corpus) -> dict[str, int]:
    """Documents by their id: the one they bring along, else their number."""
    return {str(document.get(_ID, row)): row for row, document in enumerate(corpus.documents)}


def _place(rows: Mapping[str, int]) -> Any:
    return lambda hit: rows[hit[_ID]]


def _bulks(held: Iterable[Held]) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Bodies for `_bulk` of a bearable size, each with the places of its documents."""
    lines: list[str] = []
    places: list[tuple[str, int]] = []
    size = 0
    for one in held:
        for row, document in enumerate(one.corpus.documents):
            text = _document(document)
            action = {"index": {"_index": one.index, _ID: str(document.get(_ID, row))}}
            lines += (json.dumps(action), text)
            places.append((one.index, row))
            size += len(text)
            if size > _BULK_BYTES:
                yield "\n".join([*lines, ""]), places
                lines, places, size = [], [], 0
    if places:
        yield "\n".join([*lines, ""]), places


def _document(document: Mapping[str, Any]) -> str:
    return json.dumps({key: value for key, value in document.items() if key != _ID}, default=str)


def _search_body(question: Question) -> dict[str, Any]:
    query: dict[str, Any]
    if isinstance(question.query, str):
        options = {name: question.options[name] for name in _QUERY_STRING if name in question.options}
        query = {"query_string": {**options, "query": question.query}}
    else:
        query = dict(question.query)
    if question.among is not None:
        query = {"bool": {"must": [query], "filter": [_ids(question)]}}
    size = max(1, len(question.held.corpus.documents))
    return {"query": query, "size": size, "_source": False, "sort": ["_doc"]}


def _eql_body(question: Question) -> dict[str, Any]:
    options = {name: question.options[name] for name in _EQL if question.options.get(name) is not None}
    body = {"size": max(10, len(question.held.corpus.documents)), **options, "query": question.query}
    if question.among is not None:
        body["filter"] = _ids(question)
    return body


def _ids(question: Question) -> dict[str, Any]:
    documents = question.held.corpus.documents
    return {"ids": {"values": [str(documents[row].get(_ID, row)) for row in question.among or ()]}}


def _event_id(event: Mapping[str, Any]) -> str:
    """The id of a sequence's event; a missing one has none."""
    return "" if event.get("missing") else str(event.get(_ID, ""))
