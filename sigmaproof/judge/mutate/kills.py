"""Which mutants of a rule its fixture kills, and what would kill the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress

from msgspec.structs import replace

from sigmaproof.errors import Problem
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.mutate.cases import Labelled, read_cases
from sigmaproof.judge.mutate.mutants import Mutant, mutants
from sigmaproof.judge.mutate.results import Fate, Judged
from sigmaproof.judge.mutate.witness import Judge, judge_of
from sigmaproof.judge.prove import BUDGET
from sigmaproof.judge.select import Selection, everything
from sigmaproof.languages.sigma import Rule
from sigmaproof.load.values import Case
from sigmaproof.load.yaml_text import Lines


def judged_mutants(
    rule: Rule,
    sources: SourceModels,
    cases: Sequence[Case],
    lines: Lines,
    *,
    document: int = 0,
    select: Selection = everything,
    budget: float = BUDGET,
) -> tuple[tuple[Judged, ...], tuple[Problem, ...]]:
    """Every selected mutant of the rule with its fate, and the cases that cannot be read.

    A mutant is killed when a case has another verdict under it than under the rule: `sigmaproof test` would
    then fail. Raises `UnsupportedQuery` if the rule is not modelled.
    """
    labelled = read_cases(cases, lambda event: sources.raw(event, rule.logsource))
    judge = judge_of(rule, sources, labelled.values(), budget)
    found = [one for one in mutants(rule) if select(one.name)]
    at = [lines.line(one.path, document) for one in found]
    judged = _judged(judge, labelled, found, at)
    return tuple(_without_spares(judge, list(judged), found)), labelled.problems


def _judged(
    judge: Judge, labelled: Labelled, found: Sequence[Mutant], lines: Sequence[int]
) -> Iterator[Judged]:
    before = labelled.verdicts(judge.located(judge.term))
    for mutant, line in zip(found, lines, strict=True):
        after = labelled.verdicts(judge.located(mutant.term))
        changed = [ours is not theirs for ours, theirs in zip(before, after, strict=True)]
        killer = next(compress(labelled.cases, changed), None)
        if killer is not None:
            yield Judged(mutant.name, mutant.kind, line, Fate.KILLED, killer.name)
        else:
            yield _unnoticed(judge, mutant, line)


def _unnoticed(judge: Judge, mutant: Mutant, line: int) -> Judged:
    compared = judge.compare(mutant.term)
    if compared.equivalent:
        return Judged(mutant.name, mutant.kind, line, Fate.EQUIVALENT)
    if compared.witnesses:
        return Judged(mutant.name, mutant.kind, line, Fate.SURVIVED, witness=compared.witnesses[0])
    return Judged(mutant.name, mutant.kind, line, Fate.UNDECIDED, reasons=compared.reasons)


def _without_spares(judge: Judge, judged: Sequence[Judged], found: Sequence[Mutant]) -> Iterator[Judged]:
    """The same, each survivor told if the witness of an earlier one kills it, too."""
    kept: list[str] = []
    events: list[RawEvent] = []
    for one, mutant in zip(judged, found, strict=True):
        if one.witness is None:
            yield one
            continue
        kills = judge.separated(events, mutant.term)
        killer = next(compress(kept, kills), "")
        if not killer:
            kept.append(one.name)
            events.append(one.witness.event)
        yield replace(one, killed_by=killer)
