"""What mutation found out. Reports are drawn from these values and compute nothing of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct

from sigmaproof.errors import Exit, Problem
from sigmaproof.load.values import GroupMatch, Label


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    """A labelled case has another verdict under it."""
    SURVIVED = "survived"
    """None has, though an event tells it from the rule."""
    UNDECIDED = "undecided"
    """None has, and it is not known whether any event could."""
    EQUIVALENT = "equivalent"
    """No event tells it from the rule: it does not count."""


class Witness(Struct, frozen=True):
    """What tells a mutant from its rule, as a case of a fixture: an event, or several in time."""

    label: Label
    """What the rule says of it, and so what a person has to agree with."""
    event: Mapping[str, Any] = {}
    """In the rule's field names, where that says enough; as the source writes it otherwise."""
    timeline: tuple[tuple[float, Mapping[str, Any]], ...] = ()
    """Of a correlation rule: seconds from the start, and the event as the source writes it."""
    groups: tuple[GroupMatch, ...] = ()
    """The groups for which the rule fires then."""


class Judged(Struct, frozen=True):
    """A mutant, and what became of it."""

    name: str
    """`selection_cli: CommandLine|contains '/node:' dropped`."""
    kind: str
    line: int
    """Of the rule's file."""
    fate: Fate
    case: str = ""
    """The first case that kills it."""
    witness: Witness | None = None
    killed_by: str = ""
    """Another survivor, whose witness kills this one as well."""
    reasons: tuple[str, ...] = ()
    """Why it is undecided."""


class RuleMutation(Struct, frozen=True):
    """One rule, its fixture, and its mutants."""

    path: Path
    line: int
    title: str
    fixtures: tuple[Path, ...] = ()
    cases: int = 0
    mutants: tuple[Judged, ...] = ()
    left_out: int = 0
    """Changes that were not looked at, since the rule has so many."""
    problems: tuple[Problem, ...] = ()
    """Why there are no mutants, and which cases could not be read."""

    @property
    def survivors(self) -> tuple[Judged, ...]:
        """The mutants that no case kills."""
        return tuple(one for one in self.mutants if one.fate is Fate.SURVIVED)

    @property
    def counts(self) -> Counter[Fate]:
        """How many mutants met each fate."""
        return Counter(one.fate for one in self.mutants)

    @property
    def rate(self) -> float | None:
        """Killed among killed and survived, in percent; None where that is 0 of 0."""
        return kill_rate(self.counts)


class Mutation(Struct, frozen=True):
    """Everything a run found out."""

    rules: tuple[RuleMutation, ...]
    without_fixture: tuple[Path, ...] = ()
    """Rules of the run that no fixture is about."""
    problems: tuple[Problem, ...] = ()
    threshold: float | None = None
    """The kill rate, in percent, that every rule is to reach."""

    @property
    def counts(self) -> Counter[Fate]:
        """How many mutants of all rules met each fate."""
        return sum((rule.counts for rule in self.rules), Counter[Fate]())

    @property
    def rate(self) -> float | None:
        """The kill rate of all rules together."""
        return kill_rate(self.counts)

    @property
    def below(self) -> tuple[RuleMutation, ...]:
        """The rules that do not reach the threshold."""
        least = self.threshold
        return tuple(rule for rule in self.rules if least is not None and _less(rule.rate, least))

    @property
    def exit_code(self) -> Exit:
        """The exit code that this run calls for; the worst news wins."""
        if self.problems:
            return Exit.BROKEN_INPUT
        return Exit.VERDICT if self.below or not self.counts else Exit.EXPECTED


def kill_rate(counts: Mapping[Fate, int]) -> float | None:
    """Killed among killed and survived, in percent."""
    killed, survived = (counts.get(fate, 0) for fate in (Fate.KILLED, Fate.SURVIVED))
    return 100 * killed / (killed + survived) if killed + survived else None


def _less(rate: float | None, least: float) -> bool:
    return rate is not None and rate < least
