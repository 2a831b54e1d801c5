"""Front ends: one folder per language, each with grammar, parse and lower. None imports another.

A language is a package here that offers what `Language` names. Nothing else has to be registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.index import Index
from sigmaproof.logic.plans import Plan

Options = Mapping[str, Any]
"""A language's options and named switches; a target or a conformance case sets them."""


class Lowered(Struct, frozen=True):
    """A query that was understood: what it means, and what its reader should know."""

    plan: Plan
    notes: tuple[str, ...] = ()
    """Leniency and limits that touch this query, and the undocumented switches it depends on."""


class Language(Protocol):
    """What each language package offers."""

    def lower_query(self, query: str, index: Index, options: Options) -> Lowered:
        """What `query` means on `index`.

        Raises `QuerySyntaxError` (does not parse), `InvalidQuery` (the engine would refuse it) or
        `UnsupportedQuery` (sigmaproof does not model it).
        """

    def case_index(self, index: Mapping[str, Any] | None, options: Options) -> Index:
        """The index that a conformance case describes."""


@cache
def names() -> tuple[str, ...]:
    """Every language there is, sorted."""
    return tuple(sorted(module.name for module in iter_modules(__path__) if module.ispkg))


def language(name: str) -> Language:
    """The language of that name. Raises `UnsupportedQuery` for one that has no front end."""
    if name not in names():
        raise UnsupportedQuery(f"no engine for the language {name!r}{nearest(name, names())}")
    return cast(Language, import_module(f"{__name__}.{name}"))
