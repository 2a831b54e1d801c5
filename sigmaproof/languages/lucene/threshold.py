"""Threshold rules of Elastic Security: a query string with what is counted among the events that it finds.

Written as the JSON of the rule's own keys: `query`, `threshold`, `from`, `interval`. A run looks at the time
from `from` on, both ends included, puts documents into a group per combination of values (those without a
value into none), and leaves out what it has alerted for before.
https://www.elastic.co/docs/api/doc/kibana/operation/operation-createrule
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.index.elastic import INDEXED, TEXTS
from sigmaproof.languages.lucene.query import lower_text
from sigmaproof.languages.lucene.search import Search
from sigmaproof.logic.plans.correlated import Correlated, Part
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Bound, Different
from sigmaproof.logic.plans.scheduled import Scheduled
from sigmaproof.logic.terms import conjunction
from sigmaproof.logic.times import SECOND
from sigmaproof.text import spans
from sigmaproof.text.fold import Fold

MOST_VALUES = 3000
"""The servers' `precision_threshold`: up to there, a count of different values is close to exact."""
_TIME = "@timestamp"
_COUNT = Annotated[int, Meta(ge=1)]


class Cardinality(Struct, frozen=True, forbid_unknown_fields=True):
    """How many different values a field has at least."""

    field: str
    value: Annotated[int, Meta(ge=0)]


class Threshold(Struct, frozen=True, forbid_unknown_fields=True):
    """How many events a group has at least, and how many different values."""

    field: tuple[str, ...]
    value: _COUNT
    cardinality: tuple[Cardinality, ...] = ()


class ThresholdRule(Struct, frozen=True, forbid_unknown_fields=True):
    """The rule, as far as it decides what is found."""

    query: str
    threshold: Threshold
    since: str = field(name="from")
    interval: str


def read_threshold(text: str) -> ThresholdRule | None:
    """The threshold rule that a text is; None for a query string, which is never JSON of an object.

    Raises `InvalidQuery` for an object that is no such rule.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    try:
        return msgspec.convert(data, ThresholdRule)
    except msgspec.ValidationError as error:
        raise InvalidQuery(f"not a threshold rule: {error}") from error


def lower_threshold(rule: ThresholdRule, search: Search) -> Scheduled:
    """What a threshold rule means."""
    span, every = spans.read(rule.since.removeprefix("now-")), spans.read(rule.interval)
    if span is None or every is None:
        raise UnsupportedQuery(f"a rule that looks from {rule.since!r} on, every {rule.interval!r}")
    if span <= every:
        raise UnsupportedQuery("a rule that looks back no further than to its last run")
    said = rule.threshold
    part = Part(0, conjunction([INDEXED, lower_text(rule.query, search)]), _fields(said.field, search))
    counted, least = Counted.EVENTS, said.value
    if said.cardinality:
        (values, least), counted = _cardinality(said), Counted.VALUES
        part = replace(part, values=_fields((values,), search))
    search.note(
        f"asked every {rule.interval}: what takes longer than {spans.written(span - every)} may be missed"
    )
    window = Correlated(
        (part,),
        Different((Bound(">=", least),)),
        counted,
        span * SECOND,
        said.field,
        (_TIME,),
    )
    return Scheduled(window, every * SECOND)


def _cardinality(said: Threshold) -> tuple[str, int]:
    (one, *more) = said.cardinality
    if more or said.value > 1:
        raise UnsupportedQuery("a number of events and of different values at once")
    if one.value > MOST_VALUES:
        raise UnsupportedQuery(f"more than {MOST_VALUES} different values, which servers estimate")
    if one.value < 1:
        raise UnsupportedQuery("a number of different values that every group has")
    return one.field, one.value


def _fields(names: tuple[str, ...], search: Search) -> tuple[str, ...]:
    for name in names:
        kind = search.index.field(name)
        if kind is None:
            search.note(f"field {name!r} is not mapped: no event is in a group of it")
        elif kind.type in TEXTS:
            raise InvalidQuery(f"Fielddata is disabled on [{name}]: texts cannot be grouped by")
        elif kind.fold is not Fold.EXACT:
            raise UnsupportedQuery(f"groups of {name}, whose values are normalized")
    return names
