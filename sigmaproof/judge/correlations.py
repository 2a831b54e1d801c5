"""Preparing a correlation rule: what it means on raw events, with all that it refers to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from msgspec import Struct

from sigmaproof.errors import InvalidInput, Problem
from sigmaproof.index.events import EventIndex
from sigmaproof.index.sources import CHANNEL, EVENT_ID, SourceModels
from sigmaproof.judge.groups import misnamed
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.results import Conversion
from sigmaproof.judge.verify import Side
from sigmaproof.languages.sigma import (
    Correlation,
    InvalidReference,
    Resolved,
    Rule,
    lint_correlation,
    lower,
    lower_correlation,
    read_correlation,
    resolve,
)
from sigmaproof.languages.sigma.lower_correlation import Base
from sigmaproof.load.values import Case, Kind, RuleDocument
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.terms import TRUE, Term
from sigmaproof.logic.times import TIMES


class PreparedCorrelation(Struct, frozen=True):
    """A correlation rule that is ready to run on raw events, beside its conversions."""

    document: RuleDocument
    found: Resolved
    meaning: Meaning
    conversions: tuple[Conversion, ...]
    sides: Mapping[str, Side]
    sources: SourceModels
    notes: tuple[str, ...] = ()

    def raw(self, event: RawEvent) -> RawEvent:
        """The event as its log source writes it, if it was written in Sigma's field names.

        Raises `InvalidInput` if several log sources might have written it and it does not say which one has.
        """
        logsources = list(dict.fromkeys(rule.logsource for rule in self.found.base_rules))
        known = [one for one in logsources if self.sources.providers(one)]
        if len(known) > 1 and event.get(CHANNEL) is None and event.get(EVENT_ID) is None:
            message = "an event does not say which of the rule's log sources it comes from"
            raise InvalidInput(Problem("invalid-fixture", message, help="give it an EventID"))
        return self.sources.raw_of(known, event)


def prepare_correlation(preparation: Preparation, document: RuleDocument) -> PreparedCorrelation:
    """What a correlation rule means. Raises `InvalidInput` if it, or a rule of its, does not load."""
    catalogue = Catalogue(preparation)
    sources = preparation.workspace.sources
    found = catalogue.resolved(document)
    with preparation.told(document):
        plan = lower_correlation(found, base_terms(sources))
    logsources = dict.fromkeys(rule.logsource for rule in found.base_rules)
    unknown = [sources.located(TRUE, one).note for one in logsources if sources.providers(one) is None]
    doubts = [f"{one.code}: {one.message}" for one in lint_correlation(found)]
    converted = list(_converted(preparation, catalogue, document, found, plan))
    return PreparedCorrelation(
        document,
        found,
        Meaning(plan, EventIndex()),
        tuple(conversion for conversion, _ in converted),
        {conversion.target: side for conversion, side in converted},
        sources,
        tuple(dict.fromkeys([*unknown, *doubts])),
    )


def base_terms(sources: SourceModels) -> Base:
    """What rules under a correlation mean on raw events; each is worked out once."""

    @cache
    def base(rule: Rule) -> Sequence[tuple[Term, Mapping[str, str]]]:
        term = lower(rule)
        parts = sources.parts(term, rule.logsource)
        return [(term, {})] if parts is None else list(parts)

    return base


def _converted(
    preparation: Preparation, catalogue: Catalogue, document: RuleDocument, found: Resolved, plan: Correlated
) -> Iterator[tuple[Conversion, Side]]:
    """What each target makes of the rule."""
    rules = {
        number: catalogue.documents[part] for number, part in enumerate(found.parts) if isinstance(part, Rule)
    }
    filters = preparation.filters
    return preparation.converted(lambda converter: converter.correlation(plan, rules, filters, document.data))


class Catalogue:
    """The loaded rules by id and name; a rule is read when something refers to it."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._by_name: defaultdict[str, list[RuleDocument]] = defaultdict(list)
        for document in preparation.workspace.rules.documents:
            if document.name:
                self._by_name[document.name].append(document)
        self._documents: list[tuple[Correlation, RuleDocument]] = []
        self.documents: dict[Rule, Mapping[str, Any]] = {}
        """What the rules that were read are written as."""

    def resolved(self, document: RuleDocument) -> Resolved:
        """The correlation rule of a document with what it refers to."""
        try:
            return resolve(self._correlation(document), self)
        except InvalidReference as error:
            at_fault = next(one for rule, one in self._documents if rule == error.correlation)
            with self._preparation.told(at_fault):
                raise

    def find(self, reference: str) -> Sequence[Rule | Correlation]:
        by_id = self._preparation.workspace.rules.by_id.get(reference.lower())
        named = self._by_name.get(reference, [])
        return [self._read(one) for one in ([by_id] if by_id else named)]

    def names(self) -> Iterable[str]:
        return self._by_name

    def has_title(self, title: str) -> bool:
        return any(one.title == title for one in self._preparation.workspace.rules.documents)

    def _read(self, document: RuleDocument) -> Rule | Correlation:
        if document.kind is Kind.CORRELATION:
            return self._correlation(document)
        rule = self._preparation.whole(document)
        self.documents[rule] = document.data
        with self._preparation.told(document):
            lower(rule)  # what is not modelled in it is told of its own line
        return rule

    def _correlation(self, document: RuleDocument) -> Correlation:
        with self._preparation.told(document):
            found = read_correlation(document.data)
        self._documents.append((found, document))
        return found


def check_groups(prepared: PreparedCorrelation, case: Case) -> None:
    """Raises `InvalidInput` for a case with groups by other names than the rule's."""
    if message := misnamed(case.groups or (), prepared.found.correlation.group_by):
        raise InvalidInput(Problem("invalid-fixture", message, help="name what `group-by` names"))


def dated(case: Case, events: Iterable[RawEvent]) -> Iterator[dict[str, Any]]:
    """The events of a case; those of a timeline have its times, unless they have one of their own."""
    if not case.timeline:
        yield from map(dict, events)
        return
    for offset, event in zip(case.offsets, events, strict=True):
        if any(event.get(name) is not None for name in TIMES):
            yield dict(event)
        else:
            time = (case.start + timedelta(seconds=offset)).isoformat(timespec="microseconds")
            yield {**event, "TimeCreated": time.replace("+00:00", "Z")}
