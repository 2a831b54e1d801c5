"""How an index holds a field of the taxonomy, as a pipeline says it: under another name, or in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from sigma.exceptions import SigmaConfigurationError

from sigmaproof.convert.nodes import Node, with_values


class Reading(Protocol):
    """A field of the taxonomy in an index."""

    @property
    def targets(self) -> tuple[str, ...]:
        """The fields of the index that hold it."""

    def read(self, item: Node) -> Node:
        """The test of the field as a test of the index's fields. Raises `Unsayable`."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """The same values under another name."""

    name: str

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, item: Node) -> Node:
        return with_values(item, item.value, self.name)


@dataclass(frozen=True, slots=True)
class Lacking:
    """These events do not have the field."""

    @property
    def targets(self) -> tuple[str, ...]:
        return ()

    def read(self, item: Node) -> Node:
        """Is not asked for."""
        raise AssertionError(item)


def reading(spec: Any) -> Reading:
    """The reading that a pipeline describes: a name, or `{kind: …}`."""
    match spec:
        case str():
            return Renamed(spec)
        case None:
            return Lacking()
    raise SigmaConfigurationError(f"no such reading of a field: {spec!r}")
