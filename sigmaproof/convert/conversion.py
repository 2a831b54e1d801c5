"""What comes of a conversion."""

from __future__ import annotations

from msgspec import Struct


class Queries(Struct, frozen=True):
    """What a target's backend wrote for one rule: a query for each of its conditions."""

    texts: tuple[str, ...]


class Refused(Struct, frozen=True):
    """The rule is not converted: a wrong query is worse than none."""

    reason: str


Conversion = Queries | Refused
