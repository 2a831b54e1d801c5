"""What a correlation tells: the events behind its matches, and the matches as wholes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec import Struct

from sigmaproof.logic.values import Cell, Value


class Behind(Struct, frozen=True, gc=False):
    """An event behind a match, from that time on."""

    time: int
    row: int
    match: int
    """A number of its own."""
    shown: tuple[Value, ...]
    """The group's values, as its first event has them."""
    carried: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One match: when it began, in which group, and the events behind it in the order of time."""

    began: int
    group: tuple[Value, ...]
    rows: tuple[int, ...]

    def named(self, names: Iterable[str]) -> Mapping[str, Cell]:
        """The group's values by name."""
        return {name: (value,) for name, value in zip(names, self.group, strict=True)}


def collected(behind: Iterable[Behind]) -> list[Match]:
    """The matches as wholes, in the order in which they begin."""
    found: defaultdict[int, list[Behind]] = defaultdict(list)
    for one in behind:
        found[one.match].append(one)
    matches = [
        Match(ones[0].time, ones[0].shown, tuple(dict.fromkeys([one.row for one in ones])))
        for ones in found.values()
    ]
    return sorted(matches, key=lambda match: (match.began, match.rows))
