"""The prover's word on a mutant: no event tells it from its rule, or here is one as a case of a fixture."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from sigmaproof.index.events import EventIndex
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.mutate.cases import matches
from sigmaproof.judge.mutate.results import Witness
from sigmaproof.judge.prove import BUDGET, Difference, Missing, Standing, Subject, Verdict, prove_query
from sigmaproof.languages.sigma import Rule, lower
from sigmaproof.load.values import Label
from sigmaproof.logic.plans import Select
from sigmaproof.logic.terms import Term

_LABELS = {Missing.QUERY: Label.MALICIOUS, Missing.RULE: Label.BENIGN}
"""Who fires: what only the rule finds is to be found, what only the mutant finds is not."""


class Judge(Struct, frozen=True):
    """A rule, as mutants are compared with it."""

    rule: Rule
    sources: SourceModels
    term: Term
    """Over the rule's own field names."""
    real: Mapping[str, Sequence[str]] = {}
    """Values that are known to occur, by field."""
    budget: float = BUDGET

    def located(self, term: Term) -> Term:
        """A term of the rule's fields over raw events, on those of its log source."""
        return self.sources.located(term, self.rule.logsource).term

    def raw(self, event: RawEvent) -> RawEvent:
        """The event as its log source writes it."""
        return self.sources.raw(event, self.rule.logsource)

    def compare(self, mutant: Term) -> Comparison:
        """What the prover knows of a mutant.

        The question is asked over the rule's field names first: what no event of those tells apart, no raw
        event does. An event is shown only after it ran so as its log source would write it.
        """
        verdict = self._proved(self.term, mutant)
        if verdict.standing is Standing.PROVEN:
            return Comparison(equivalent=True)
        found = tuple(self._witnesses(verdict, mutant))
        if not found and verdict.differences:
            verdict = self._proved(self.located(self.term), self.located(mutant))
            if verdict.standing is Standing.PROVEN:
                return Comparison(equivalent=True)
            found = tuple(self._witnesses(verdict, mutant))
        return Comparison(found, reasons=() if found else verdict.reasons or (_UNCONFIRMED,))

    def says(self, event: RawEvent, mutant: Term) -> tuple[bool, bool]:
        """Whether the rule finds an event of a fixture, and whether the mutant does."""
        raw = [self.raw(event)]
        (ours,), (theirs,) = (matches(self.located(term), raw) for term in (self.term, mutant))
        return ours, theirs

    def _proved(self, ours: Term, theirs: Term) -> Verdict:
        subject = Subject(_meaning(ours), (), self.sources, real=self.real)
        return prove_query(subject, _meaning(theirs), None, budget=self.budget)

    def _witnesses(self, verdict: Verdict, mutant: Term) -> Iterator[Witness]:
        for one in sorted(verdict.differences, key=_plainness):
            wanted = (one.direction is Missing.QUERY, one.direction is Missing.RULE)
            event = one.event or _ANY_EVENT
            if self.says(event, mutant) == wanted:
                yield Witness(_LABELS[one.direction], self._likelier(event, mutant, wanted))

    def _likelier(self, event: RawEvent, mutant: Term, wanted: tuple[bool, bool]) -> RawEvent:
        """The event in likelier words, as far as it stays what it is."""
        for step in (_in_a_folder, _with_an_ending, _after_its_program):
            for other in step(event):
                if self.says(other, mutant) == wanted:
                    event = other
                    break
        return event


class Comparison(Struct, frozen=True):
    """What is known of a mutant."""

    witnesses: tuple[Witness, ...] = ()
    """At most one in each direction, the plainer first."""
    equivalent: bool = False
    reasons: tuple[str, ...] = ()
    """Why it is not known whether an event tells them apart."""


_UNCONFIRMED = "the event that was found does not tell them apart as its log source writes it"


_ANY_EVENT = {"Computer": "WKS-0147"}
"""Where no field matters: a case's event has one."""
_MORE_THAN_A_PROGRAM = re.compile(r"(\.(?:exe|dll|com|bat|cmd|ps1|vbs|js))a$", re.IGNORECASE)


def judge_of(
    rule: Rule, sources: SourceModels, real: Mapping[str, Sequence[str]], budget: float = BUDGET
) -> Judge:
    """A rule to compare mutants with. Raises `UnsupportedQuery` if it is not modelled."""
    return Judge(rule, sources, lower(rule), real, budget)


def _meaning(term: Term) -> Meaning:
    return Meaning(Select(term), EventIndex())


def _plainness(difference: Difference) -> bool:
    return difference.kind.endswith("outside ASCII")


def _in_a_folder(event: RawEvent) -> Iterator[RawEvent]:
    """Paths that begin at a folder's end."""
    for name, value in event.items():
        if isinstance(value, str) and re.match(r"\\\w[^\\]*$", value):
            yield {**event, name: f"C:\\Windows\\System32{value}"}


def _with_an_ending(event: RawEvent) -> Iterator[RawEvent]:
    """Names of programs that something follows."""
    for name, value in event.items():
        if isinstance(value, str) and (other := _MORE_THAN_A_PROGRAM.sub(r"\1.bak", value)) != value:
            yield {**event, name: other}


def _after_its_program(event: RawEvent) -> Iterator[RawEvent]:
    """Command lines that do not begin with a program."""
    image, line = event.get("Image", event.get("OriginalFileName")), event.get("CommandLine")
    if not isinstance(image, str) or not isinstance(line, str):
        return
    if "Image" not in event and line[:1].isalnum():
        return  # what it was called by is not what it was called
    program = ntpath.splitext(ntpath.basename(image))[0].removesuffix(".exe")
    if program and program.casefold() not in line.split(" ", 1)[0].casefold():
        yield {**event, "CommandLine": f"{program} {line.strip()}"}
        yield {**event, "CommandLine": f"{program} {line}"}
