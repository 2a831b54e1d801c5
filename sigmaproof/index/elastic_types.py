"""Which kind answers for which mapping type."""

from __future__ import annotations

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index.elastic import ID, FieldType
from sigmaproof.index.elastic import TEXTS as TEXT_TYPES
from sigmaproof.index.elastic_grams import GRAMS
from sigmaproof.index.elastic_keywords import KEYWORDS
from sigmaproof.index.elastic_kinds import Engine, Kind
from sigmaproof.index.elastic_points import ADDRESSES, BOOLEANS, DATES, IDS, NUMBERS
from sigmaproof.index.elastic_texts import TEXTS
from sigmaproof.index.elastic_values import NUMBERS as NUMBER_TYPES


def kind_of(field: FieldType, engine: Engine) -> Kind:
    """The kind of a field. Raises `UnsupportedQuery` for a type that is not modelled."""
    if field.type == "wildcard" and engine.opensearch:
        return GRAMS
    if field.type in ("keyword", "constant_keyword", "wildcard"):
        return KEYWORDS
    if field.type in TEXT_TYPES:
        return TEXTS
    if field.type in NUMBER_TYPES:
        return NUMBERS
    kinds = {"boolean": BOOLEANS, "ip": ADDRESSES, "date": DATES, "date_nanos": DATES, ID: IDS}
    if field.type not in kinds:
        raise UnsupportedQuery(f"type {field.type} of field {field.name!r}")
    return kinds[field.type]
