"""Index models (`converters/indices/*.yml`): how events look once a product has indexed them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field
from pydantic import Field

from sigmaproof.errors import InvalidInput, nearest
from sigmaproof.index import Index
from sigmaproof.index.derive import FUNCTIONS
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.elastic_values import NUMBERS
from sigmaproof.index.shape import Constant, Derived, Entry, Looked, Origin, Place, RawEvent, Shape, When
from sigmaproof.index.shape import Raw as RawField
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import Source, read_model
from sigmaproof.logic.values import text_of

CODE = "invalid-index"
LITERAL = "literal"
"""The one-key mapping that stands for a constant among the sources of a derived field."""

TYPES = NUMBERS | {
    *("keyword", "constant_keyword", "wildcard", "text", "match_only_text", "boolean", "ip", "version"),
    *("date", "date_nanos", "object", "nested", "flattened", "alias", "binary", "dynamic"),
}
"""Mapping types of Elasticsearch, and `dynamic` as the default of an index without a mapping."""

Scalar = str | int | float | bool
Names = Text | list[Text]


class WhenModel(Model):
    """Which events an entry is about: every one that has one of each."""

    channel: Names = Field(default_factory=list)
    """One name or several; letter case does not count."""
    event_id: int | list[int] = Field(default_factory=list)
    provider: Names = Field(default_factory=list)
    """Provider_Name; an event without one is meant as well."""


class TableModel(Model):
    """A value that depends on the text of a raw or derived value."""

    of: Any
    """A raw field, or `{function: sources}`."""
    values: dict[Any, Scalar | list[Scalar]]
    keep: bool = False
    """A value that is not in the table stays as it is; otherwise it is left out."""


class EntryModel(Model):
    """What one kind of event gets, on top of the entries above it."""

    name: Text
    """What this entry is about."""
    when: WhenModel = WhenModel()
    """Without it, every event is meant."""
    constants: dict[Text, Scalar | list[Scalar]] = Field(default_factory=dict)
    """Field: its value, or values."""
    copied: dict[Text, Names] = Field(default_factory=dict)
    """Field: a raw field, or the first of several that is there. The raw field is also left over."""
    moved: dict[Text, Names] = Field(default_factory=dict)
    """The same, but the raw fields are not left over."""
    derived: dict[Text, Any] = Field(default_factory=dict)
    """Field: `{function: sources}`; a source is a raw field, `{literal: …}`, or a function with sources."""
    tables: dict[Text, TableModel] = Field(default_factory=dict)
    """Field: a table over a raw value."""
    absent: list[Text] = Field(default_factory=list)
    """Fields of entries above that these events do not get."""
    dropped: list[Text] = Field(default_factory=list)
    """Raw fields that are not left over."""
    rest: str | None = None
    """The prefix under which left-over raw fields are kept; without one anywhere, they are not kept."""
    blank: list[str] = Field(default_factory=list)
    """Texts that count as no value."""


class IndexModelFile(Model):
    """How the events of a log source look once a product has indexed them."""

    title: Text
    description: str = ""
    product: Literal["elastic", "splunk", "plain"]
    version: Text
    """Of the product or integration that the model describes."""
    links: list[Text] = Field(min_length=1)
    """The vendor's documents that it is written from."""
    documents: list[EntryModel] = Field(default_factory=list)
    only_described: bool = False
    """The product holds only events that an entry with `when` describes."""
    mapping: dict[Text, Any] = Field(default_factory=dict)
    """Elasticsearch only: the properties of the index's mapping, nested or dotted."""
    analysis: dict[Text, Any] = Field(default_factory=dict)
    """Elasticsearch only: the index's own analysers, as its settings define them."""
    default: str | None = None
    """Elasticsearch only: the type of fields that the mapping does not name; without it they do not exist."""


class IndexModel(Struct, frozen=True, eq=False):
    """What one index holds of raw events, and how its fields read. Equal only to itself: what is found out
    about one is kept."""

    name: str
    title: str
    product: str
    version: str
    index: Index
    shape: Shape | None = None
    """None: documents are the raw events."""
    links: tuple[str, ...] = ()
    mapping: Mapping[str, Any] = field(default_factory=dict)
    """As written, for a real server; so are the next two."""
    analysis: Mapping[str, Any] = field(default_factory=dict)
    default: str | None = None

    def document(self, event: RawEvent) -> dict[str, Any]:
        """The indexed document: flat, with dotted names. Empty if the product does not hold such events."""
        if self.shape is None:
            return dict(event)
        if not self.holds(event):
            return {}
        return self.shape.plan(Place.of(event)).document(event)

    def holds(self, event: RawEvent) -> bool:
        """Whether the product holds such events at all."""
        return self.shape is None or not self.shape.only_described or self.describes(event)

    def describes(self, event: RawEvent) -> bool:
        """Whether the model has an entry for events of that place in particular."""
        return self.shape is not None and self.shape.describes(Place.of(event))


@cache
def plain_model(
    language: str | None = None, *, lines: bool = False, types: tuple[tuple[str, str], ...] = ()
) -> IndexModel:
    """The index that keeps fields as the rule names them: keywords in Elasticsearch, texts in Splunk.

    With `lines`, Splunk's text of an event is its values line by line; otherwise it is the event's JSON.
    `types`: the fields that are no keywords in Elasticsearch, and their types.
    """
    if language == "spl":
        return IndexModel("plain", "Fields as the rule names them", "splunk", "", SplunkIndex(lines=lines))
    title = "Fields as the rule names them, as keywords"
    mapping = {**_LINE} | {name: {"type": type_} for name, type_ in types}
    index = ElasticIndex.from_mapping(mapping, default="keyword")
    return IndexModel("plain", title, "elastic", "", index, mapping=mapping, default="keyword")


_LINE: Mapping[str, Any] = {"message": {"type": "keyword", "fields": {"wildcard": {"type": "wildcard"}}}}
"""A line of text: ECS has no more of it than words, unless a team adds the sub-field."""


def load_index_model(path: Path) -> IndexModel:
    """The index model in a file. Raises `InvalidInput` at the first thing that is wrong with it."""
    empty = "write an index model: title, product, version, links, documents"
    source, model = read_model(path, IndexModelFile, CODE, empty=empty)
    _refuse_types(model.mapping, source, ("mapping",))
    if model.default is not None:
        _refuse_type(model.default, source, ("default",))
    entries = tuple(_entry(entry, source, position) for position, entry in enumerate(model.documents))
    return IndexModel(
        name=path.stem,
        title=model.title,
        product=model.product,
        version=model.version,
        index=_index(model),
        shape=Shape(entries, model.only_described) if entries else None,
        links=tuple(model.links),
        mapping=model.mapping,
        analysis=model.analysis,
        default=model.default,
    )


def _index(model: IndexModelFile) -> Index:
    if model.product == "splunk":
        return SplunkIndex()
    return ElasticIndex.from_mapping(model.mapping, default=model.default)


def _refuse_types(mapping: Mapping[str, Any], source: Source, at: tuple[str, ...]) -> None:
    """Raises InvalidInput for a mapping type that does not exist."""
    for name, spec in mapping.items():
        if not isinstance(spec, Mapping):
            raise InvalidInput(source.problem("write a field as a mapping, with its type", (*at, name)))
        _refuse_type(spec.get("type", "object"), source, (*at, name))
        for below in ("properties", "fields"):
            _refuse_types(spec.get(below, {}), source, (*at, name, below))


def _refuse_type(name: Any, source: Source, at: tuple[str, ...]) -> None:
    if name not in TYPES:
        raise InvalidInput(source.problem(f'no mapping type "{name}"{nearest(str(name), TYPES)}', at))


def _entry(model: EntryModel, source: Source, position: int) -> Entry:
    origins: dict[str, Origin] = {target: Constant(None) for target in model.absent}
    for target, value in model.constants.items():
        origins[target] = Constant(_frozen(value))
    for target, names in {**model.copied, **model.moved}.items():
        origins[target] = _first(_listed(names))
    reader = _OriginReader(source, ("documents", position))
    for target, spec in model.derived.items():
        origins[target] = reader.origin(spec, ("derived", target))
    for target, table in model.tables.items():
        rows = tuple((text_of(key), _frozen(value)) for key, value in table.values.items())
        origins[target] = Looked(reader.origin(table.of, ("tables", target)), rows, table.keep)
    gone = {name for names in model.moved.values() for name in _listed(names)} | set(model.dropped)
    return Entry(model.name, _when(model.when), origins, frozenset(gone), model.rest, frozenset(model.blank))


def _when(model: WhenModel) -> When:
    ids = model.event_id if isinstance(model.event_id, list) else [model.event_id]
    return When(
        frozenset(name.casefold() for name in _listed(model.channel)),
        frozenset(ids),
        frozenset(_listed(model.provider)),
    )


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _first(names: list[str]) -> Origin:
    if len(names) == 1:
        return RawField(names[0])
    return Derived("first", tuple(RawField(name) for name in names))


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class _OriginReader(Struct, frozen=True):
    """Reads `{function: sources}`; raises InvalidInput with the line."""

    source: Source
    at: tuple[str | int, ...]

    def origin(self, spec: Any, path: tuple[str | int, ...]) -> Origin:
        match spec:
            case str():
                return RawField(spec)
            case {**only} if len(only) == 1:
                ((name, inner),) = only.items()
                return Constant(inner) if name == LITERAL else self._derived(str(name), inner, path)
        raise self._wrong("write a raw field, or one function with its sources", path)

    def _derived(self, name: str, inner: Any, path: tuple[str | int, ...]) -> Origin:
        function = FUNCTIONS.get(name)
        if function is None:
            known = ", ".join(FUNCTIONS)
            raise self._wrong(f'no function "{name}"{nearest(name, FUNCTIONS)}', path, f"functions: {known}")
        sources = inner if isinstance(inner, list) else [inner]
        if not function.least <= len(sources) <= (function.most or len(sources)):
            raise self._wrong(f"`{name}` takes {function.least} sources, not {len(sources)}", path)
        return Derived(name, tuple(self.origin(one, path) for one in sources))

    def _wrong(self, message: str, path: tuple[str | int, ...], remedy: str = "") -> InvalidInput:
        return InvalidInput(self.source.problem(message, (*self.at, *path), remedy))


def origins_of(shape: Shape, place: Place) -> Mapping[str, Origin]:
    """Where each field of documents from that place comes from, for a prover."""
    return shape.plan(place).origins


def targets_of(shape: Shape, place: Place, field: str) -> Iterator[str]:
    """The fields of documents from that place that depend on a raw field."""
    plan = shape.plan(place)
    for target, origin in plan.origins.items():
        if field in origin.fields:
            yield target
    if plan.rest is not None and field not in plan.moved and plan.rest + field not in plan.origins:
        yield plan.rest + field
