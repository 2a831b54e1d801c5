"""The old version of a rule, or of a target's query, against the new one: proof, or events that tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.errors import QueryError
from sigmaproof.index.event_data import EventData
from sigmaproof.index.model import IndexModel
from sigmaproof.index.sources import Provider
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.diff import Cause, Change, QueryChange, Standing, Witness
from sigmaproof.judge.edits import Edit, causes, edits, undone
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.plain import under_plain
from sigmaproof.judge.prepare import Prepared
from sigmaproof.judge.prove import (
    BUDGET,
    Difference,
    Missing,
    Subject,
    Verdict,
    prove_query,
    separates,
    term_of,
)
from sigmaproof.judge.prove import Standing as Proof
from sigmaproof.judge.results import Conversion
from sigmaproof.judge.verify import NoAnswer
from sigmaproof.logic.terms import subject_fields, tests
from sigmaproof.workspace import Siem

Understand = Callable[[Mapping[str, Any]], Meaning]
"""What a rule's YAML means now. Raises `QueryError`."""


class Pair(Struct, frozen=True):
    """One rule in both versions, and what its comparison takes."""

    before: Prepared
    after: Prepared
    understand: Understand
    data: EventData = field(default_factory=EventData)
    carried: frozenset[str] | None = None
    """The fields of events where no source model knows the log source; None: any."""
    real: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Values that events of its cases have."""
    others: tuple[Cause, ...] = ()
    """Changed files that the rule's meaning depends on, beside its own."""
    budget: float = BUDGET

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What was edited in the rule itself."""
        return edits(self.before.document.data, self.after.document.data)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Where events of the one or the other come from."""
        old, new = (one.sources.providers(one.rule.logsource) or () for one in (self.before, self.after))
        return (*new, *(one for one in old if one not in new))

    @property
    def fields(self) -> frozenset[str]:
        """The raw fields that the one or the other reads."""
        terms = [term_of(one.meaning.plan) for one in (self.before, self.after)]
        found = (test.subject for term in terms if term is not None for test in tests(term))
        return frozenset(name for subject in found for name in subject_fields(subject))

    def subject(self, meaning: Meaning, model: IndexModel | None = None) -> Subject:
        """The old side of a comparison."""
        fields = self.fields if model else frozenset[str]()
        return Subject(
            meaning,
            self.providers,
            self.after.sources,
            self.data,
            self.real,
            None if self.providers else self.carried,
            model,
            fields,
        )


Explain = Callable[[Edit], Cause]
"""An edit as a reader finds it."""


def rule_change(pair: Pair, told: Explain) -> Change:
    """What became of the rule's own meaning."""
    made = pair.edits
    if not made and not pair.others:
        return Change(Standing.SAME)
    if pair.before.meaning.plan == pair.after.meaning.plan:
        return Change(Standing.PROVEN if made else Standing.SAME)
    verdict = prove_query(
        pair.subject(pair.before.meaning), pair.after.meaning, None, budget=pair.budget, assumptions=()
    )
    found = _change(verdict)
    witnesses = (replace(one, causes=_causes(pair, one, made, told)) for one in found.witnesses)
    return replace(found, witnesses=tuple(witnesses))


class TargetPair(Struct, frozen=True):
    """One target in both versions."""

    before: Siem
    after: Siem
    files: tuple[Cause, ...] = ()
    """Which of its files changed."""
    reads_alike: bool = True
    """The same query means the same in both: language, options and index model are as they were."""

    @property
    def name(self) -> str:
        return self.after.name


def query_change(pair: Pair, target: TargetPair) -> QueryChange:
    """What became of one target's queries."""
    name = target.name
    was, is_ = conversion(pair.before, name), conversion(pair.after, name)
    found = QueryChange(name, Change(Standing.SAME), was.queries, is_.queries)
    old, new = pair.before.sides[name], pair.after.sides[name]
    if isinstance(old, NoAnswer) or isinstance(new, NoAnswer):
        return replace(found, change=unanswered(was, is_, old, new))
    if was.queries == is_.queries and target.reads_alike:
        return found
    try:
        change = _change(_proof(pair, target, old, new))
    except QueryError as error:
        change = Change(Standing.NOT_COMPARED, reasons=(str(error),))
    if change.standing is Standing.PROVEN and was.queries == is_.queries:
        change = replace(change, standing=Standing.SAME)
    witnesses = (
        replace(one, causes=target.files, unlike_rule=not _as_rule(pair, one)) for one in change.witnesses
    )
    return replace(found, change=replace(change, witnesses=tuple(witnesses)))


def _proof(pair: Pair, target: TargetPair, old: Meaning, new: Meaning) -> Verdict:
    models = target.before.model, target.after.model
    if not pair.providers:
        queries = [conversion(one, target.name).queries for one in (pair.before, pair.after)]
        old, first = under_plain(queries[0], target.before.target, models[0], pair.before.meaning)
        new, second = under_plain(queries[1], target.after.target, models[1], pair.after.meaning)
        models = first, second
    subject = pair.subject(old, models[0])
    return prove_query(subject, new, models[1], budget=pair.budget)


def conversion(prepared: Prepared | PreparedCorrelation, target: str) -> Conversion:
    """What a target made of the rule."""
    return next(one for one in prepared.conversions if one.target == target)


def unanswered(was: Conversion, is_: Conversion, old: Meaning | NoAnswer, new: Meaning | NoAnswer) -> Change:
    """What became of a query that one version does not have, or that is not run here."""
    reasons = tuple(one.message for one in (new, old) if isinstance(one, NoAnswer))[:1]
    if not isinstance(old, NoAnswer):
        # a language that is not run here is none on either side
        return Change(Standing.REFUSED, reasons=reasons)
    if not isinstance(new, NoAnswer):
        return Change(Standing.CONVERTED, reasons=reasons)
    if was.queries == is_.queries:
        return Change(Standing.STILL_REFUSED if not is_.queries else Standing.SAME, reasons=reasons)
    return Change(Standing.NOT_COMPARED, reasons=reasons)


def _change(verdict: Verdict) -> Change:
    witnesses = tuple(_witness(one) for one in verdict.differences)
    reasons = (*verdict.reasons, *(f"assuming {one.value}" for one in verdict.assumes))
    match verdict.standing:
        case Proof.DIFFERS:
            return Change(Standing.CHANGED, witnesses)
        case Proof.PROVEN:
            return Change(Standing.PROVEN, reasons=reasons)
    return Change(Standing.TESTED, reasons=reasons)


def _witness(difference: Difference) -> Witness:
    now = difference.direction is Missing.RULE
    return Witness(now, difference.event, difference.query if now else difference.rule, difference.kind)


def _as_rule(pair: Pair, witness: Witness) -> bool:
    """Whether the rule changes its answer on the event in the same way."""
    before, after = pair.before.meaning, pair.after.meaning
    holds, fails = (after, before) if witness.now else (before, after)
    return separates([witness.event], holds, fails)[0]


def _causes(pair: Pair, witness: Witness, made: Sequence[Edit], told: Explain) -> tuple[Cause, ...]:
    """The edits without which the event would be answered as before; else the other files that changed."""

    def restored(data: dict[str, Any]) -> bool:
        try:
            meaning = pair.understand(data)
            return bool(meaning.answers([[witness.event]])[0].findings) is not witness.now
        except QueryError:
            return False

    found = causes(pair.after.document.data, made, restored)
    if not found or not restored(undone(pair.after.document.data, found)):
        return pair.others
    return tuple(map(told, found))
