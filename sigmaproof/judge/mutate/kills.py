"""Which mutants of a rule its fixture kills, and what would kill the others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from msgspec.structs import replace

from sigmaproof.errors import Problem
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.mutate.cases import Labelled, kills, read_cases
from sigmaproof.judge.mutate.mutants import Mutant, mutants
from sigmaproof.judge.mutate.results import Fate, Judged
from sigmaproof.judge.mutate.witness import Judge, judge_of
from sigmaproof.judge.prove import BUDGET
from sigmaproof.judge.select import Selection, everything
from sigmaproof.languages.sigma import Rule
from sigmaproof.load.values import Case
from sigmaproof.load.yaml_text import Lines
from sigmaproof.logic.terms import Term


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
    terms = [judge.located(one.term) for one in found]
    before = labelled.verdicts(judge.located(judge.term))
    judged = []
    for mutant, term, line in zip(found, terms, at, strict=True):
        killer = _killer(labelled, before, term)
        known = Judged(mutant.name, mutant.kind, line, Fate.KILLED, killer)
        judged.append(known if killer else _unnoticed(judge, mutant, known))
    return tuple(_without_spares(judge, judged, terms)), labelled.problems


def _killer(labelled: Labelled, before: Sequence[bool], mutant: Term) -> str:
    """The first case that has another verdict under a mutant, if one has."""
    after = labelled.verdicts(mutant)
    changed = (ours is not theirs for ours, theirs in zip(before, after, strict=True))
    return next((case.name for case in compress(labelled.cases, changed)), "")


def _unnoticed(judge: Judge, mutant: Mutant, judged: Judged) -> Judged:
    compared = judge.compare(mutant.term)
    if compared.equivalent:
        return replace(judged, fate=Fate.EQUIVALENT)
    if compared.witnesses:
        return replace(judged, fate=Fate.SURVIVED, witness=compared.witnesses[0])
    return replace(judged, fate=Fate.UNDECIDED, reasons=compared.reasons)


def _without_spares(judge: Judge, judged: Sequence[Judged], terms: Sequence[Term]) -> list[Judged]:
    """The same, each survivor told if the witness of an earlier one kills it, too."""
    found = list(judged)
    for at, one in enumerate(found):
        if one.witness is None or one.killed_by:
            continue
        later = (n for n in range(at + 1, len(found)) if found[n].witness and not found[n].killed_by)
        rest = list(later)
        event = judge.raw(one.witness.event)
        killed = kills(event, judge.located(judge.term), (terms[other] for other in rest))
        for other in compress(rest, killed):
            found[other] = replace(found[other], killed_by=one.name)
    return found
