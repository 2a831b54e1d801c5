"""How an index holds a field of the taxonomy, as a pipeline says it: under another name, or in parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from sigmaproof.convert.nodes import Node, under_any, with_values
from sigmaproof.convert.value_readings import PARTS, InParts, InvalidReading, in_parts
from sigmaproof.convert.values import Unsayable
from sigmaproof.errors import nearest

__all__ = ["InvalidReading", "Lacking", "Reading", "Renamed", "reading"]


class Reading(Protocol):
    """A field of the taxonomy in an index."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The fields of the index that hold it."""

    def read(self, item: Node) -> Node:
        """The test of the field as a test of the index's fields. Raises `Unsayable`."""


class Renamed(Struct, frozen=True):
    """The same values under another name."""

    name: str

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, item: Node) -> Node:
        return with_values(item, item.value, self.name)


class Several(Struct, frozen=True):
    """The same values under one of several names."""

    names: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        return self.names

    def read(self, item: Node) -> Node:
        return under_any([with_values(item, item.value, name) for name in self.names])


class Lacking(Struct, frozen=True):
    """These events do not have the field."""

    @property
    def targets(self) -> tuple[str, ...]:
        return ()

    def read(self, item: Node) -> Node:
        """Is not asked for."""
        raise AssertionError(item)


class Unavailable(Struct, frozen=True):
    """The index does not keep the field, or not as it was."""

    reason: str

    @property
    def targets(self) -> tuple[str, ...]:
        return ()

    def read(self, item: Node) -> Node:
        raise Unsayable(f"cannot be said: {item.field}: {self.reason}")


def reading(spec: Any) -> Reading:
    """The reading that a pipeline describes. Raises `InvalidReading`."""
    match spec:
        case str() if spec:
            return Renamed(spec)
        case None:
            return Lacking()
        case [*names] if names and all(isinstance(name, str) for name in names):
            return Several(tuple(names))
        case {**only} if len(only) == 1:
            ((kind, details),) = only.items()
            if kind == "unavailable" and isinstance(details, str):
                return Unavailable(details)
            return _parts(str(kind), details)
    raise InvalidReading("write a name, a list of names, null, or {kind: …}")


def _parts(kind: str, details: Any) -> InParts:
    known: Mapping[str, Callable[..., Any]] = PARTS
    if kind not in known:
        raise InvalidReading(f'no kind "{kind}"{nearest(kind, [*known, "unavailable"])}')
    return in_parts(kind, details)
