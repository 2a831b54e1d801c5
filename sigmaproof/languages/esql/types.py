"""Types of columns, and what a mapping's types are in ES|QL.

https://www.elastic.co/docs/reference/query-languages/esql/limitations
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from sigmaproof.index.elastic import TEXTS
from sigmaproof.logic.plans.records_values import Constant
from sigmaproof.logic.terms import Subject
from sigmaproof.logic.values import Value


class Type(Enum):
    """Types that ES|QL tells apart, by the name that its messages use."""

    NULL = "null"
    TEXT = "keyword"
    INTEGER = "long"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "datetime"
    ADDRESS = "ip"
    VERSION = "version"
    SPAN = "time_duration"

    @property
    def numeric(self) -> bool:
        """It counts something."""
        return self in (Type.INTEGER, Type.DOUBLE)


class Column(Struct, frozen=True):
    """A value of each row, and its type."""

    subject: Subject
    type: Type

    @property
    def literal(self) -> Value:
        """The one value that it always has, if it is known; null has none."""
        subject = self.subject
        if isinstance(subject, Constant) and subject.value is not None and len(subject.value) == 1:
            return subject.value[0]
        return None


OF_MAPPING: Mapping[str, Type] = {
    **dict.fromkeys(("keyword", "constant_keyword", "wildcard", *TEXTS), Type.TEXT),
    **dict.fromkeys(("long", "integer", "short", "byte", "unsigned_long"), Type.INTEGER),
    **dict.fromkeys(("double", "float", "half_float", "scaled_float"), Type.DOUBLE),
    "boolean": Type.BOOLEAN,
    "ip": Type.ADDRESS,
    "version": Type.VERSION,
    **dict.fromkeys(("date", "date_nanos"), Type.DATE),
}
"""Fields of other types are there, and cannot be used."""


def literal(value: Value) -> Column:
    """A constant."""
    kinds = {bool: Type.BOOLEAN, int: Type.INTEGER, float: Type.DOUBLE, str: Type.TEXT}
    return Column(Constant(None if value is None else (value,)), kinds.get(type(value), Type.NULL))


NULL = literal(None)
