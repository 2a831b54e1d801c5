"""What comes of a conversion."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Queries:
    """What a target's backend wrote for one rule: a query for each of its conditions."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule is not converted: a wrong query is worse than none."""

    reason: str


Conversion = Queries | Refused
