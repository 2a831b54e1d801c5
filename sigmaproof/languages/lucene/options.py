"""What a query is asked of and how: the product, its version, and the options of `query_string`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.index.elastic_kinds import Engine

_NEWEST = {"elasticsearch": "9", "opensearch": "3"}
_TYPES = ("best_fields", "most_fields", "cross_fields", "phrase")


class Options(Struct, frozen=True):
    """Options by the names that the servers' documents give them."""

    flavour: str = "elasticsearch"
    version: str = ""
    """Only the first number counts; empty means the newest."""
    default_field: str | None = None
    fields: tuple[str, ...] = ()
    default_operator: str = "OR"
    lenient: bool | None = None
    """None: lenient where every field is searched, as the servers do it."""
    analyze_wildcard: bool = False
    allow_leading_wildcard: bool = True
    max_determinized_states: int = 10_000
    phrase_slop: int = 0
    fuzziness: str = "AUTO"
    fuzzy_prefix_length: int = 0
    type: str = "best_fields"
    now: int | None = None
    """Milliseconds since 1970; None means now."""

    @property
    def engine(self) -> Engine:
        """The product that answers."""
        major = int((self.version or _NEWEST[self.flavour]).split(".")[0])
        return Engine(major if self.flavour == "opensearch" else 0, self.max_determinized_states, self.now)

    @property
    def all_words(self) -> bool:
        """Whether words without an operator between them are all required."""
        return self.default_operator.upper() == "AND"

    @property
    def searched(self) -> tuple[str, ...]:
        """The fields of a term that names none."""
        return (self.default_field,) if self.default_field else self.fields or ("*",)

    @property
    def forgiving(self) -> bool:
        """Whether a clause that a field's type cannot answer matches nothing instead of failing."""
        return "*" in self.searched if self.lenient is None else self.lenient


def read_options(given: Mapping[str, Any]) -> Options:
    """Options from a target or a conformance case. An option that is not modelled is refused by name."""
    for name in given:
        if name not in _KNOWN:
            raise UnsupportedQuery(f"option {name!r} of query_string{nearest(name, _KNOWN)}")
    values: dict[str, Any] = {
        name: tuple(item) if isinstance(item, list) else item for name, item in given.items()
    }
    options = Options(**values)
    if options.flavour not in _NEWEST:
        raise UnsupportedQuery(f"flavour {options.flavour!r}{nearest(options.flavour, _NEWEST)}")
    if options.type not in _TYPES:
        raise UnsupportedQuery(f"type {options.type!r} of query_string")
    return options


_KNOWN = frozenset(Options.__struct_fields__)
