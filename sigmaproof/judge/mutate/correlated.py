"""A correlation rule → its mutants: correlation rules over the same rules that differ from it by one edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.judge.mutate.edits import Words, edits, shown
from sigmaproof.judge.mutate.items import SIBLINGS
from sigmaproof.languages.sigma import Resolved, lower_correlation
from sigmaproof.languages.sigma.correlation import Correlation, Threshold, Type
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.languages.sigma.lower_correlation import Base
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Bounds, Different, fulfilled, tests_of

MOST_FIELDS = 5
"""Other fields that are put in a field's place."""
_OPERATORS = {
    "gt": ("gte", "lt"),
    "gte": ("gt", "lte", "eq"),
    "lt": ("lte", "gt"),
    "lte": ("lt", "gte", "eq"),
    "eq": ("gte", "lte", "neq"),
    "neq": ("eq",),
}
_OTHER_TYPES = {Type.TEMPORAL: Type.TEMPORAL_ORDERED, Type.TEMPORAL_ORDERED: Type.TEMPORAL}
_WORDS = Words("rule", shown, shown)


class CorrelationMutant(Struct, frozen=True):
    """One small change of a correlation rule, and what the rule would then mean."""

    kind: str
    place: str
    """The key of `correlation:` that is changed."""
    change: str
    path: Path
    """Where in the rule's YAML."""
    found: Resolved
    plan: Correlated

    @property
    def name(self) -> str:
        """What the mutant is called, the same from run to run."""
        return f"{self.place}: {self.change}"


class _Change(Struct, frozen=True):
    kind: str
    text: str
    path: Path
    """Below `correlation:`."""
    found: Resolved


def correlation_mutants(found: Resolved, base: Base) -> Iterator[CorrelationMutant]:
    """The mutants of the correlation rule, in the order of its text's keys; none that means the same as
    another one, or as the rule itself.

    The rules that it refers to stay as they are. Raises `UnsupportedQuery` if the rule is not modelled.
    """
    seen = [_said(lower_correlation(found, base))]
    for change in _changes(found):
        try:
            plan = lower_correlation(change.found, base)
        except UnsupportedQuery:
            continue  # no rule that could have been meant
        if (said := _said(plan)) not in seen:
            seen.append(said)
            place = str(change.path[0])
            path = ("correlation", *change.path)
            yield CorrelationMutant(change.kind, place, change.text, path, change.found, plan)


def _said(plan: Correlated) -> tuple[object, ...]:
    """What a plan means, bounds that the same counts are within being the same."""
    measure: object = plan.measure
    if isinstance(plan.measure, Different):
        most = len({part.rule for part in plan.parts}) if plan.counted is Counted.RULES else None
        measure = (plan.measure.lasting, _turns(plan.measure.bounds, most))
    return plan.parts, measure, plan.counted, plan.span, plan.names


def _turns(bounds: Bounds, most: int | None) -> tuple[int, ...]:
    """The counts, from 1, at which it changes whether they are within the bounds."""
    tests = tests_of(bounds)
    beside = sorted({1, *(int(bound.than) + step for bound in bounds for step in (-1, 0, 1, 2))})
    turns, within = [], False
    for count in beside:
        if count > 0 and (most is None or count <= most) and fulfilled(tests, count) is not within:
            turns.append(count)
            within = not within
    return tuple(turns)


def _changes(found: Resolved) -> Iterator[_Change]:
    for edit in (_types, _rules, _groups, _spans, _conditions, _percentiles, _fields, _aliases):
        yield from edit(found)


def _with(found: Resolved, kind: str, text: str, path: Path, **changes: Any) -> _Change:
    return _Change(kind, text, path, replace(found, correlation=replace(found.correlation, **changes)))


def _types(found: Resolved) -> Iterator[_Change]:
    rule = found.correlation
    other = _OTHER_TYPES.get(rule.type)
    if other and len(set(found.parts)) > 1:
        yield _with(found, "type", f"{rule.type} → {other}", ("type",), type=other)


def _rules(found: Resolved) -> Iterator[_Change]:
    rule = found.correlation
    if not isinstance(rule.condition, tuple):
        return  # its expression names them; what can be dropped there is dropped there
    for at, reference in enumerate(rule.rules) if len(rule.rules) > 1 else ():
        left = _reordered(found, [n for n in range(len(rule.rules)) if n != at])
        which = f"{reference} at {at + 1}" if rule.rules.count(reference) > 1 else reference
        yield _Change("rule dropped", f"{which} dropped", ("rules", at), left)
    if rule.type is Type.TEMPORAL_ORDERED:
        for at in range(len(rule.rules) - 1):
            order = list(range(len(rule.rules)))
            order[at : at + 2] = order[at + 1], order[at]
            text = f"{rule.rules[at]} after {rule.rules[at + 1]}"
            yield _Change("order", text, ("rules", at), _reordered(found, order))


def _reordered(found: Resolved, order: Sequence[int]) -> Resolved:
    rules = tuple(found.correlation.rules[at] for at in order)
    return Resolved(replace(found.correlation, rules=rules), tuple(found.parts[at] for at in order))


def _groups(found: Resolved) -> Iterator[_Change]:
    for at, name in enumerate(found.correlation.group_by):
        by = found.correlation.group_by
        left = (*by[:at], *by[at + 1 :])
        path = ("group-by", at)
        yield _with(found, "group-by dropped", f"{name} dropped", path, group_by=left)
        if (other := SIBLINGS.get(name)) and other not in by:
            swapped = (*by[:at], other, *by[at + 1 :])
            text = f"{name} → {other}"
            yield _with(found, "group-by", text, path, group_by=swapped)


def _spans(found: Resolved) -> Iterator[_Change]:
    rule = found.correlation
    for span in (rule.span // 2, rule.span * 2):
        if span:
            text = f"{rule.written_span} → {_told_span(rule, span)}"
            yield _with(found, "timespan", text, ("timespan",), span=span)


def _told_span(rule: Correlation, span: int) -> str:
    """In the rule's own unit where that is a whole number of them."""
    number, unit = rule.written_span[:-1], rule.written_span[-1:]
    whole = int(number) * span / rule.span if number.isdigit() else 0.5
    return f"{int(whole)}{unit}" if whole == int(whole) else f"{span}s"


def _conditions(found: Resolved) -> Iterator[_Change]:
    rule, path = found.correlation, ("condition",)
    if not isinstance(rule.condition, tuple):
        for edit in edits(rule.condition, lambda node: iter(()), _WORDS):
            yield _with(found, edit.kind, edit.text, path, condition=edit.node)
        return
    for at, bound in enumerate(rule.condition):
        for kind, other in _other_bounds(bound):
            bounds = (*rule.condition[:at], other, *rule.condition[at + 1 :])
            text = f"{_written(bound)} → {_written(other)}"
            place = (*path, bound.operator)
            yield _with(found, kind, text, place, condition=bounds)
        if len(rule.condition) > 1:
            left = (*rule.condition[:at], *rule.condition[at + 1 :])
            text = f"{_written(bound)} dropped"
            place = (*path, bound.operator)
            yield _with(found, "bound dropped", text, place, condition=left)


def _other_bounds(bound: Threshold) -> Iterator[tuple[str, Threshold]]:
    yield from (("threshold", replace(bound, than=bound.than + step)) for step in (-1, 1))
    yield from (("operator", replace(bound, operator=other)) for other in _OPERATORS[bound.operator])


def _written(bound: Threshold) -> str:
    return f"{bound.operator} {bound.than}"


def _percentiles(found: Resolved) -> Iterator[_Change]:
    rule = found.correlation
    if rule.type is not Type.VALUE_PERCENTILE:
        return
    for other in (rule.percentile - 1, rule.percentile + 1):
        if 0 <= other <= 100:
            text, path = f"percentile {rule.percentile:g} → {other:g}", ("condition", "percentile")
            yield _with(found, "percentile", text, path, percentile=other)


def _fields(found: Resolved) -> Iterator[_Change]:
    """Whose values are counted or added up."""
    rule, path = found.correlation, ("condition", "field")
    for at, name in enumerate(rule.fields):
        rest = (*rule.fields[:at], *rule.fields[at + 1 :])
        if rest:
            text = f"field {name} dropped"
            yield _with(found, "field dropped", text, path, fields=rest)
        for other in _other_fields(found, name):
            fields = (*rule.fields[:at], other, *rule.fields[at + 1 :])
            text = f"field {name} → {other}"
            yield _with(found, "field", text, path, fields=fields)
    if rule.type is Type.VALUE_COUNT:
        yield _with(
            found,
            "field dropped",
            f"field {', '.join(rule.fields)} dropped: {rule.type} → {Type.EVENT_COUNT}",
            path,
            type=Type.EVENT_COUNT,
            fields=(),
        )


def _other_fields(found: Resolved, name: str) -> Sequence[str]:
    """Fields that might have been named instead: its sibling, what is grouped by, what the rules look at."""
    rule = found.correlation
    looked_at = [field for base in found.base_rules for field in base.fields]
    sibling = [SIBLINGS[name]] if name in SIBLINGS else []
    others = dict.fromkeys([*sibling, *rule.group_by, *looked_at])
    return [other for other in others if other not in rule.fields][:MOST_FIELDS]


def _aliases(found: Resolved) -> Iterator[_Change]:
    for at, (alias, fields) in enumerate(found.correlation.aliases):
        aliases = found.correlation.aliases
        rest = (*aliases[:at], *aliases[at + 1 :])
        path = ("aliases", alias)
        yield _with(found, "alias dropped", f"{alias} dropped", path, aliases=rest)
        for reference, field in fields if len(fields) > 1 else ():
            left = tuple(one for one in fields if one[0] != reference)
            changed = (*aliases[:at], (alias, left), *aliases[at + 1 :])
            text = f"{alias} without {reference}'s {field}"
            place = (*path, reference)
            yield _with(found, "alias dropped", text, place, aliases=changed)
