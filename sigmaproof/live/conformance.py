"""Conformance cases on a real server: this is how a case file is checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from json import dumps
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import Place
from sigmaproof.index.elastic import DYNAMIC
from sigmaproof.judge.conformance import Mark, Result, expectation, groups_of, is_right, name_of, wanted
from sigmaproof.live.address import Address
from sigmaproof.live.connect import connected
from sigmaproof.live.values import Answer, Corpus, Engine, Held, Question, named

_WAVE = 40  # indices that are held at a time
_SHARED = 500  # documents that groups with the same mapping put into one index: making one takes 0.2 s
_LANGUAGES: Mapping[str, tuple[str, ...]] = {"splunk": ("spl",)}
_ELASTIC = ("lucene", "eql")


class _Group(Struct, frozen=True):
    place: Place
    data: Mapping[str, Any]
    asked: str
    """The engine of the group's expectations that is nearest to ours; empty where it names none."""
    unable: str = ""

    @property
    def index(self) -> Mapping[str, Any]:
        return self.data.get("index") or {}

    @property
    def mapping(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.index.get("mapping", {})
        return found


class _Shelf(Struct, frozen=True):
    """An index, and the groups whose documents it holds, each from a number on."""

    mapping: Mapping[str, Any]
    documents: list[Mapping[str, Any]] = []
    places: list[tuple[_Group, int]] = []

    @property
    def corpus(self) -> Corpus:
        return Corpus("cases", self.documents, self.mapping, default=None if self.mapping else DYNAMIC)


def run_files_at(address: Address, paths: Sequence[Path]) -> Iterator[Result]:
    """The results of every query of these files on the server at an address; Splunk if they are in SPL."""
    spl = any(group["language"] == "spl" for path in paths for _, group in groups_of(path))
    with connected(address, "spl" if spl else "lucene") as engine:
        yield from run_files_on(engine, paths)


def run_files_on(engine: Engine, paths: Sequence[Path]) -> Iterator[Result]:
    """The results of every query of these files on a server. Raises `InvalidInput`, `LiveError`."""
    groups = [_group(engine, group, Place(path, line)) for path in paths for line, group in groups_of(path)]
    shelves = iter(_shelves([group for group in groups if not group.unable]))
    answers: dict[Place, list[Answer]] = {}
    while wave := list(islice(shelves, _WAVE)):
        answers.update(_ask(engine, wave))
    for group in groups:
        yield from _results(group, answers.get(group.place))


def _group(engine: Engine, data: Mapping[str, Any], place: Place) -> _Group:
    if data["language"] not in _LANGUAGES.get(engine.flavour, _ELASTIC):
        return _Group(place, data, "", f"{named(engine)} has no {data['language']}")
    listed = data.get("engines")
    asked = _nearest(engine, listed or ())
    if listed and not asked:
        return _Group(place, data, "", f"not known for {named(engine)}")
    return _Group(place, data, asked)


def _nearest(engine: Engine, listed: Sequence[str]) -> str:
    """The listed engine of the same product and major version; the same version, if it is there."""
    exact = f"{engine.flavour}-{engine.version}"
    major = f"{engine.flavour}-{engine.version.split('.')[0]}."
    return exact if exact in listed else next((one for one in listed if one.startswith(major)), "")


def _shelves(groups: Iterable[_Group]) -> list[_Shelf]:
    """Groups by index. A dynamic mapping grows with documents, and ids are unique: these share nothing."""
    shelves: list[_Shelf] = []
    open_: dict[str, _Shelf] = {}
    for group in groups:
        documents = group.data["documents"]
        alone = not group.mapping or any("_id" in document for document in documents)
        key = "" if alone else dumps(group.mapping, sort_keys=True)
        shelf = open_.get(key)
        if alone or shelf is None or len(shelf.documents) > _SHARED:
            shelf = open_[key] = _Shelf(group.mapping)
            shelves.append(shelf)
        shelf.places.append((group, len(shelf.documents)))
        shelf.documents.extend(documents)
    return shelves


def _ask(engine: Engine, shelves: Sequence[_Shelf]) -> Iterator[tuple[Place, list[Answer]]]:
    corpora = [shelf.corpus for shelf in shelves]
    with engine.holding(corpora) as held:
        asked = [
            (group, offset, _questions(group, one, range(offset, offset + len(group.data["documents"]))))
            for shelf, one in zip(shelves, held, strict=True)
            for group, offset in shelf.places
        ]
        found = iter(engine.ask([question for _, _, some in asked for question in some]))
        for group, offset, some in asked:
            yield group.place, [_moved(answer, -offset) for answer in islice(found, len(some))]


def _questions(group: _Group, held: Held, rows: range) -> list[Question]:
    among = None if len(rows) == len(held.corpus.documents) else tuple(rows)
    return [
        Question(
            held,
            group.data["language"],
            query["dsl"] if "dsl" in query else query["query"],
            {**group.index, **query.get("options", {})},
            among,
        )
        for query in group.data["queries"]
    ]


def _moved(answer: Answer, by: int) -> Answer:
    findings = (tuple(row if row < 0 else row + by for row in finding) for finding in answer.findings)
    return replace(answer, findings=tuple(findings))


def _results(group: _Group, answers: Sequence[Answer] | None) -> Iterator[Result]:
    for number, query in enumerate(group.data["queries"]):
        answer = answers[number] if answers is not None else Answer(unable=group.unable)
        mark, told = _judge(expectation(query, group.asked) if group.asked else query, answer)
        name = name_of(group.data, query, number + 1)
        yield Result(group.place, group.data["language"], group.data["group"], name, mark, told)


def _judge(expected: Mapping[str, Any], answer: Answer) -> tuple[Mark, str]:
    if answer.unable:
        return Mark.UNSUPPORTED, answer.unable
    if answer.error:
        claims = "matched" in expected or "matched_any_of" in expected
        return (Mark.FAILED, f"rejected: {answer.error}") if claims else (Mark.PASSED, "")
    if answer.counted is not None:
        return Mark.UNSUPPORTED, f"{answer.counted} results that do not tell which events they came from"
    if is_right(expected, answer.rows):
        return Mark.PASSED, ""
    return Mark.FAILED, f"finds {answer.rows}, not {wanted(expected)}"
