"""Three-valued conditions, for languages in which a comparison with nothing is null."""

from __future__ import annotations

from msgspec import Struct

from sigmaproof.logic.terms import Term, negation


class Truth(Struct, frozen=True):
    """When a condition is true and when it is false; it is null when neither holds."""

    yes: Term
    no: Term

    @staticmethod
    def total(term: Term) -> Truth:
        """A condition that is never null."""
        return Truth(term, negation(term))

    @property
    def opposite(self) -> Truth:
        """`NOT` of it."""
        return Truth(self.no, self.yes)
