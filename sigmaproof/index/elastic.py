"""Elasticsearch and OpenSearch: a mapping, and what an index built with it holds of each document.

Values come out as the index holds them before any letter is folded or any text is split: the case rule of a
normalizer and the words of an analyser belong to the checks, where a prover can see them.
https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/field-data-types
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index.elastic_values import Malformed, Reading, reading
from sigmaproof.logic.checks import Exists
from sigmaproof.logic.run import Document
from sigmaproof.logic.terms import Term, Test
from sigmaproof.logic.values import ANY_FIELD, Cell, Value
from sigmaproof.text.fold import Fold

ACCEPTED = "_accepted"
"""Reads as true on a document that the index took, and as absent on one that it rejected as malformed."""

INDEXED: Term = Test(ACCEPTED, Exists())
"""The document is in the index at all. Even `NOT f:x` does not find one that was rejected."""

ID = "_id"
"""The document's id; a document brings it along under this name."""

DYNAMIC = "dynamic"
"""The default of an index without a mapping: texts become `text`, with a `.keyword` that ends at 256."""

TEXTS = frozenset({"text", "match_only_text"})
"""Types whose values are split into words."""

_NORMALIZERS = {"lowercase": Fold.LOWER}


class FieldType(Struct, frozen=True):
    """One field that queries can name."""

    name: str
    type: str
    source: str
    """The path in the document; a multi-field's is its parent's."""
    fold: Fold = Fold.EXACT
    """What the normalizer does to the value and to what is asked of it."""
    analyser: str = "standard"
    """How values of a text type are split."""
    ignore_above: int | None = None
    null_value: Value = None
    formats: str = ""
    """Of dates; empty means the default."""
    ignore_malformed: bool = False
    value: Value = None
    """Of a constant."""
    sub_fields: tuple[str, ...] = ()
    """The full names of its multi-fields."""


class ElasticIndex(Struct, frozen=True, dict=True):
    """An index model. `default` is the type of fields that the mapping does not name, if they have one."""

    by_name: Mapping[str, FieldType]
    default: str | None = None
    wildcard_limit: bool = False
    """Whether a `wildcard` value can be as long as a keyword at most (OpenSearch 3)."""

    @staticmethod
    def from_mapping(
        properties: Mapping[str, Any], *, default: str | None = None, wildcard_limit: bool = False
    ) -> ElasticIndex:
        """The index of a mapping's `properties`; names may be nested or dotted."""
        found = {field.name: field for field in _fields(properties, "")}
        aliases = dict(_aliases(properties, ""))
        found |= {name: found[path] for name, path in aliases.items() if path in found}
        return ElasticIndex(MappingProxyType(found), default, wildcard_limit)

    def field(self, name: str) -> FieldType | None:
        """The field of that name; None if it is unmapped, or an object."""
        known = self.by_name.get(name)
        if known is not None or self.default is None or name in self._objects:
            return known
        return _undeclared(name, self.default)

    def fields(self) -> tuple[FieldType, ...]:
        """Every field of the mapping, in its order, multi-fields after their parent."""
        return tuple(field for name, field in self.by_name.items() if name == field.name)

    @property
    def undeclared(self) -> FieldType | None:
        """All fields as one that documents bring along and the mapping does not name: `*` means them, too."""
        return None if self.default is None else _undeclared(ANY_FIELD, self.default)

    def under(self, name: str) -> tuple[FieldType, ...]:
        """The fields inside an object."""
        return tuple(field for field in self.fields() if field.name.startswith(name + "."))

    def read(self, document: Document, field: str) -> Cell:
        """The values that the index holds for a field; None if there is none.

        A value that makes the index reject the document is left out here; see `INDEXED`.
        """
        if field == ACCEPTED:
            return (True,) if self.rejection(document) is None else None
        kind = self.field(field)
        if kind is None:
            return _identity(document) if field == ID else None
        if kind.type == "constant_keyword":
            return (kind.value,)
        if kind.source != ANY_FIELD and not any(root in document for root in _roots(kind.source)):
            return None
        values = tuple(value for value in self._values(document, kind) if not isinstance(value, Malformed))
        return values or None

    def rejection(self, document: Document) -> str | None:
        """Why the index would reject the document as malformed, or None."""
        kinds = {kind.name: kind for key in document for kind in self._by_root.get(key, ())}
        for kind in kinds.values():
            if _is_short_text(document, kind):
                continue
            for value in self._values(document, kind):
                if isinstance(value, Malformed) and not kind.ignore_malformed:
                    return f"{kind.name}: {value.reason}"
        return None

    @cached_property
    def _by_root(self) -> Mapping[str, Sequence[FieldType]]:
        """The fields whose values can be under a key of a document: most are absent from most events."""
        found: dict[str, list[FieldType]] = {}
        for kind in self.by_name.values():
            for root in _roots(kind.source):
                found.setdefault(root, []).append(kind)
        return found

    @cached_property
    def _objects(self) -> frozenset[str]:
        return frozenset(root for kind in self.fields() for root in _roots(kind.name)[:-1])

    def _values(self, document: Document, kind: FieldType) -> Iterator[Value | Malformed]:
        limited = kind.type == "keyword" or (kind.type == "wildcard" and self.wildcard_limit)
        any_field = kind.source == ANY_FIELD
        found = self._brought(document, "") if any_field else leaves(document, kind.source)
        for value in _indexed(kind, found):
            yield Malformed(_TOO_LONG) if limited and _oversized(value) else value

    def _brought(self, node: Any, path: str) -> Iterator[Any]:
        """The values of a document's fields that the mapping does not name."""
        if isinstance(node, list | tuple):
            for item in node:
                yield from self._brought(item, path)
        elif isinstance(node, Mapping):
            for key, inner in node.items():
                yield from self._brought(inner, f"{path}.{key}" if path else str(key))
        elif path not in self.by_name and not path.startswith("_"):
            yield node


_WORDS = frozenset({"keyword", "wildcard", "text", "match_only_text"})


def _is_short_text(document: Document, kind: FieldType) -> bool:
    """Whether the value is plainly one that no index rejects, as most are."""
    value = document.get(kind.source)
    plain = isinstance(value, str) and len(value) <= _SHORT and kind.type in _WORDS
    return plain and not any(root in document for root in _roots(kind.source)[:-1])


@cache
def _roots(path: str) -> tuple[str, ...]:
    """The keys of a document under which a path can begin."""
    parts = path.split(".")
    return tuple(".".join(parts[:end]) for end in range(1, len(parts) + 1))


def _identity(document: Document) -> Cell:
    identity = document.get(ID)
    return None if identity is None else (str(identity),)


def _indexed(kind: FieldType, found: Iterable[Any]) -> Iterator[Value | Malformed]:
    read = reading(kind.type, kind.formats)
    for raw in found:
        value = read(raw) if raw is not None else None
        if value is None:
            value = kind.null_value if raw is None else None
        if value is not None and not _ignored(value, kind):
            yield value


def _ignored(value: Value | Malformed, kind: FieldType) -> bool:
    limit = kind.ignore_above
    return limit is not None and isinstance(value, str) and utf16_length(value) > limit


_SHORT = 8191
"""Code points that are never more than 32,766 bytes."""

_TOO_LONG = "a value of more than 32,766 bytes"


def _oversized(value: Value | Malformed) -> bool:
    # https://lucene.apache.org/core/10_2_0/core/org/apache/lucene/index/IndexWriter.html#MAX_TERM_LENGTH
    return isinstance(value, str) and len(value) > _SHORT and len(value.encode(errors="replace")) > 32766


def utf16_length(text: str) -> int:
    """Length as Java counts it: two for a code point outside the basic plane."""
    return len(text) if text.isascii() else len(text) + sum(char > "\uffff" for char in text)


def leaves(node: Any, path: str) -> Iterator[Any]:
    """What a document holds under a path: nested or dotted, lists flattened, nulls included."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from leaves(item, path)
    elif not path:
        yield node
    elif isinstance(node, Mapping):
        if path in node:
            yield from leaves(node[path], "")
        dot = path.find(".")
        while dot >= 0:
            if path[:dot] in node:
                yield from leaves(node[path[:dot]], path[dot + 1 :])
            dot = path.find(".", dot + 1)


def _fields(properties: Mapping[str, Any], prefix: str) -> Iterator[FieldType]:
    for key, spec in properties.items():
        name = prefix + key
        if "properties" in spec:
            yield from _fields(spec["properties"], name + ".")
        elif spec.get("type", "object") not in ("object", "nested", "alias"):
            subs = spec.get("fields", {})
            yield _field(name, name, spec, tuple(f"{name}.{sub}" for sub in subs))
            for sub, below in subs.items():
                yield _field(f"{name}.{sub}", name, below, ())


def _field(name: str, source: str, spec: Mapping[str, Any], subs: tuple[str, ...]) -> FieldType:
    formats = str(spec.get("format", ""))
    read: Reading = reading(spec["type"], formats)
    null = spec.get("null_value")
    known = read(null) if null is not None else None
    return FieldType(
        name=name,
        type=spec["type"],
        source=source,
        fold=_normalizer(spec.get("normalizer")),
        analyser=spec.get("analyzer", "standard"),
        ignore_above=spec.get("ignore_above"),
        null_value=None if isinstance(known, Malformed) else known,
        formats=formats,
        ignore_malformed=bool(spec.get("ignore_malformed", False)),
        value=spec.get("value"),
        sub_fields=subs,
    )


def _normalizer(name: str | None) -> Fold:
    if name is None:
        return Fold.EXACT
    if name not in _NORMALIZERS:
        raise UnsupportedQuery(f"normalizer {name!r}: only `lowercase` is modelled")
    return _NORMALIZERS[name]


def _aliases(properties: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, spec in properties.items():
        if "properties" in spec:
            yield from _aliases(spec["properties"], f"{prefix}{key}.")
        elif spec.get("type") == "alias":
            yield prefix + key, spec["path"]


def _undeclared(name: str, default: str) -> FieldType | None:
    if name.startswith("_"):
        return None
    if default != DYNAMIC:
        return FieldType(name, default, name)
    if name.endswith(".keyword"):
        return FieldType(name, "keyword", name.removesuffix(".keyword"), ignore_above=256)
    return FieldType(name, "text", name, sub_fields=(f"{name}.keyword",))
