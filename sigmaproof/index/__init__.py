"""Index models: how an event looks once a product has indexed it, and how its fields read there."""

from __future__ import annotations

from typing import Protocol

from sigmaproof.logic.run import Document
from sigmaproof.logic.values import Cell


class Index(Protocol):
    """How one index reads its documents. A language asks its own kind for more: types, analysers."""

    def read(self, document: Document, field: str) -> Cell:
        """The values of a field of an indexed document, as that index would hold them."""
