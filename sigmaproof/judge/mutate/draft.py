"""A first fixture for a rule: events for every way in which it holds, and near misses, all of them run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.mutate.cases import kills
from sigmaproof.judge.mutate.mutants import Mutant, mutants
from sigmaproof.judge.mutate.results import Witness
from sigmaproof.judge.mutate.witness import Judge, judge_of
from sigmaproof.judge.mutate.written import new_case
from sigmaproof.judge.prove import BUDGET
from sigmaproof.languages.sigma import Rule
from sigmaproof.load.case_text import NewCase, case_lines, scalar
from sigmaproof.load.values import Label
from sigmaproof.logic.terms import FALSE, Term

_HEAD = """\
# A draft: every label is what the rule answers today. Look at each case, put a truer event in its place where
# you know one, and take its tag `review` away.
"""
_PARTS = {
    Label.MALICIOUS: "the rule as it is, and each part of it that finds something alone",
    Label.BENIGN: "near misses: what the rule would find if it were a little wider",
}


class Draft(Struct, frozen=True):
    """The cases of a first fixture."""

    cases: tuple[NewCase, ...]
    """What the rule finds, then what it does not."""
    undecided: tuple[str, ...] = ()
    """Mutants that may need a case, and why there is none; without cases, why there is none at all."""


def drafted(
    rule: Rule, sources: SourceModels, real: Mapping[str, Sequence[str]], budget: float = BUDGET
) -> Draft:
    """Cases that kill every mutant of the rule, as far as the prover knows; none for a rule that never holds.

    `real`: values that are known to occur, by field. Raises `UnsupportedQuery` if the rule is not modelled.
    """
    judge = judge_of(rule, sources, real, budget)
    whole = judge.compare(FALSE)
    if not whole.witnesses:
        return Draft((), whole.reasons)
    plain = whole.witnesses[0]
    undecided: list[str] = []
    found = [NewCase("a plain match", plain.label, plain.event)]
    for mutant, witness in _needed(judge, plain, list(mutants(rule)), undecided):
        found.append(new_case(mutant.name, witness, {case.name for case in found}))
    ordered = [replace(case, why="") for label in Label for case in found if case.label is label]
    return Draft(tuple(ordered), tuple(undecided))


def _needed(
    judge: Judge, plain: Witness, found: Sequence[Mutant], undecided: list[str]
) -> Iterator[tuple[Mutant, Witness]]:
    """Mutants that no event so far kills, with one that does."""
    rule = judge.located(judge.term)
    left = [(mutant, judge.located(mutant.term)) for mutant in found]
    left = _alive(judge.raw(plain.event), rule, left)
    while left:
        mutant, _ = left.pop(0)
        compared = judge.compare(mutant.term)
        if compared.witnesses:
            witness = compared.witnesses[0]
            left = _alive(judge.raw(witness.event), rule, left)
            yield mutant, witness
        elif not compared.equivalent:
            undecided.append(f"{mutant.name}: {'; '.join(compared.reasons)}")


def _alive(event: RawEvent, rule: Term, found: list[tuple[Mutant, Term]]) -> list[tuple[Mutant, Term]]:
    """The mutants that an event does not tell from the rule, with their terms over raw events."""
    killed = kills(event, rule, (term for _, term in found))
    return [one for one, dead in zip(found, killed, strict=True) if not dead]


def draft_text(draft: Draft, rule: str = "") -> str:
    """The fixture's text; `rule` names the rule where the file's name does not."""
    lines = [*_HEAD.splitlines(), *([f"rule: {scalar(rule)}"] if rule else []), "cases:"]
    for label, words in _PARTS.items():
        cases = [case for case in draft.cases if case.label is label]
        lines += [f"  # {words}"] if cases else []
        lines += [line for case in cases for line in case_lines(case)]
    return "\n".join(lines) + "\n"
