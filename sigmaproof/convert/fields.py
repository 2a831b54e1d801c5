"""What a writer needs to know of a field in its index."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index import Index
from sigmaproof.index.elastic import TEXTS, ElasticIndex, FieldType
from sigmaproof.text.fold import Fold

_NUMERIC = frozenset({"long", "integer", "short", "byte", "double", "float", "half_float", "unsigned_long"})
_KEYWORDS = frozenset({"keyword", "wildcard", "constant_keyword", "flattened"})


class FieldKind(Struct, frozen=True):
    """A field as far as a query's words depend on it."""

    name: str
    """The field to ask: itself, or its sub-field that keeps whole values where it keeps only words."""
    kind: str
    """keyword, text, numeric, boolean, ip, or what else the mapping says."""
    mapped: bool
    """Whether the mapping names the field. Another one is there only once some event had it."""
    caseless: str | None = None
    """The field itself or the sub-field on which searches ignore case, if there is one."""
    analyser: str = ""
    """Of a text."""


def field_kind(index: Index, name: str) -> FieldKind:
    """What the index says of a field."""
    found = index.field(name) if isinstance(index, ElasticIndex) else None
    if found is None or not isinstance(index, ElasticIndex):
        return FieldKind(name, "keyword", mapped=False)
    below = [one for sub in found.sub_fields if (one := index.field(sub)) is not None]
    caseless = [one.name for one in (found, *below) if one.type == "keyword" and one.fold is Fold.LOWER]
    kind = FieldKind(name, _kind(found), name in index.by_name, next(iter(caseless), None), found.analyser)
    whole = next((one.name for one in below if _kind(one) == "keyword" and one.fold is Fold.EXACT), None)
    return replace(kind, name=whole, kind="keyword") if kind.kind == "text" and whole else kind


def _kind(field: FieldType) -> str:
    if field.type in _NUMERIC:
        return "numeric"
    if field.type in _KEYWORDS:
        return "keyword"
    return "text" if field.type in TEXTS else field.type
