"""What a run of `prove` finds out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct, field

from sigmaproof.errors import Exit, Problem
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.logic.prove.assumptions import Assumption


class RuleProof(Struct, frozen=True):
    """One rule, and what is known of its query in each target."""

    path: Path
    line: int
    title: str
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    problem: Problem | None = None
    """Why the rule does not load."""
    modelled: bool = True
    """Whether a source model knows its log source."""
    items: Mapping[str, int] = field(default_factory=dict)
    """The lines of its detection items, by their words; only if a query differs."""


class Proofs(Struct, frozen=True):
    """Everything a run found out."""

    targets: tuple[str, ...]
    rules: tuple[RuleProof, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def totals(self) -> dict[str, Counter[Standing]]:
        """How often each standing occurs, by target."""
        return self._counted(self.rules)

    def totals_of(self, *, modelled: bool) -> dict[str, Counter[Standing]]:
        """The same, of rules whose log source a source model knows; or of the others."""
        return self._counted(rule for rule in self.rules if rule.modelled is modelled)

    @property
    def parts(self) -> dict[str, dict[str, Counter[Standing]]]:
        """The totals of modelled log sources, and of those that are proven under the plain model."""
        both = {"modelled": self.totals_of(modelled=True), "plain": self.totals_of(modelled=False)}
        return {name: counts for name, counts in both.items() if any(counts.values())}

    def _counted(self, rules: Iterable[RuleProof]) -> dict[str, Counter[Standing]]:
        found: dict[str, Counter[Standing]] = {name: Counter() for name in self.targets}
        for rule in rules:
            for target, verdict in rule.verdicts:
                found.setdefault(target, Counter())[verdict.standing] += 1
        return found

    @property
    def assumed(self) -> dict[str, Counter[Assumption]]:
        """How many results need each assumption, by target."""
        found: dict[str, Counter[Assumption]] = {name: Counter() for name in self.targets}
        for rule in self.rules:
            for target, verdict in rule.verdicts:
                found.setdefault(target, Counter()).update(verdict.assumes)
        return found

    @property
    def exit_code(self) -> Exit:
        """The exit code that this run calls for; the worst news wins."""
        totals = sum(self.totals.values(), Counter[Standing]())
        if self.problems or totals[Standing.REFUSED]:
            return Exit.BROKEN_INPUT
        return Exit.VERDICT if totals[Standing.DIFFERS] or not totals else Exit.EXPECTED


def proven_share(counts: Mapping[Standing, int]) -> float | None:
    """The share of the queries that are verified at all which are proven; None if there are none."""
    verified = sum(counts.get(one, 0) for one in (Standing.PROVEN, Standing.DIFFERS, Standing.TESTED))
    return counts.get(Standing.PROVEN, 0) / verified if verified else None
