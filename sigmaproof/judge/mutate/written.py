"""Witnesses as cases of a fixture."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sigmaproof.judge.mutate.results import Judged, Witness
from sigmaproof.load.case_text import NewCase
from sigmaproof.load.values import Label

_NAMES = {Label.MALICIOUS: "lost with", Label.BENIGN: "caught with"}


def new_case(mutant: str, witness: Witness, taken: Collection[str] = ()) -> NewCase:
    """The case that kills a mutant, under a name that is not taken."""
    name = f"{_NAMES[witness.label]} {mutant}"
    names = (name if number == 1 else f"{name} ({number})" for number in range(1, len(taken) + 2))
    free = next(one for one in names if one not in taken)
    return NewCase(free, witness.label, witness.event, timeline=witness.timeline, groups=witness.groups)


def new_cases(survivors: Iterable[Judged], taken: Iterable[str] = ()) -> Iterator[NewCase]:
    """The cases that kill all survivors, none for one that another's case kills as well."""
    names = set(taken)
    for one in survivors:
        if one.witness is not None and not one.killed_by:
            case = new_case(one.name, one.witness, names)
            names.add(case.name)
            yield case
