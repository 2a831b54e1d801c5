"""Queries to plans: conditions to terms, sequences and samples to their plans."""

from __future__ import annotations

from collections.abc import Sequence

from sigmaproof.errors import InvalidQuery
from sigmaproof.index.elastic import INDEXED
from sigmaproof.languages.eql import ast
from sigmaproof.languages.eql.leaves import Scope, compared
from sigmaproof.languages.eql.nodes import (
    Applied,
    Asked,
    Column,
    Constant,
    Junction,
    Kind,
    Negation,
    Node,
    NullTest,
    Script,
    kind_of,
)
from sigmaproof.languages.eql.resolve import condition, resolved
from sigmaproof.logic.checks import IsNull, IsTrue, Matches, Present
from sigmaproof.logic.plans import Plan
from sigmaproof.logic.plans.joined import Key, Step
from sigmaproof.logic.plans.ordered import Cut, Limited, Ordered, Timeline
from sigmaproof.logic.plans.sample import Sample
from sigmaproof.logic.plans.sequence import Sequence as SequencePlan
from sigmaproof.logic.terms import Const, Subject, Term, Test, conjunction, disjunction, negation
from sigmaproof.text.glob import Glob

MOST_RUNS = 100
_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def plan(query: ast.Query, scope: Scope) -> Plan:
    """What a query means."""
    cuts = tuple(map(_cut, query.pipes)) + _size(query, scope)
    found = _plan(query, scope)
    return Limited(found, cuts) if cuts else found


def _plan(query: ast.Query, scope: Scope) -> Plan:
    if isinstance(query.body, ast.EventFilter):
        return Ordered(_event(query.body, scope), INDEXED, timeline=_timeline(scope))
    if isinstance(query.body, ast.Sequence):
        return _sequence(query.body, scope)
    if query.pipes:
        raise InvalidQuery("Samples do not support pipes")
    return _sample(query.body, scope)


def _cut(pipe: ast.Pipe) -> Cut:
    if pipe.name not in ("head", "tail"):
        raise InvalidQuery(f"Pipe [{pipe.name}] is not supported: head and tail are")
    match pipe.arguments:
        case (ast.Literal(int(count)),) if not isinstance(count, bool):
            return Cut(count, pipe.name == "tail")
    raise InvalidQuery(f"Pipe [{pipe.name}] takes one whole number that is not negative")


def _size(query: ast.Query, scope: Scope) -> tuple[Cut, ...]:
    size = scope.settings.size
    last = scope.settings.result_position == "tail" and not isinstance(query.body, ast.Sample)
    return () if size is None else (Cut(size, last),)


def _timeline(scope: Scope) -> Timeline:
    tiebreaker = scope.settings.tiebreaker_field
    known = tiebreaker is not None and scope.index.field(tiebreaker) is not None
    return Timeline(scope.settings.timestamp_field, tiebreaker if known else None)


def _event(event: ast.EventFilter, scope: Scope) -> Term:
    found = term(condition(event.condition, scope), scope)
    if event.category is None:
        return found
    column = resolved(ast.Field(scope.settings.event_category_field), scope)
    return conjunction([term(compared(column, "==", event.category, scope), scope), found])


def term(node: Node, scope: Scope) -> Term:
    """A condition as a term: from here on, null is no match."""
    match node:
        case Constant(value):
            return Const(value is True)
        case Column():
            return Test(node.type.name, Matches(Glob.of("true")))
        case Asked(inner, check):
            return Test(_subject(inner), check)
        case Applied():
            return Test(Script(node), IsTrue())
        case NullTest(Column(type)):
            return negation(Test(type.name, Present()))
        case NullTest(inner):
            return Test(Script(inner), IsNull())
        case Negation(Constant(None)):
            scope.undocumented("unmapped_optional", "the negation of a comparison with an unmapped field")
            return Const(scope.settings.unmapped_optional == "missing")
        case Negation(inner):
            return negation(term(inner, scope))
        case Junction(every, nodes):
            return (conjunction if every else disjunction)(term(part, scope) for part in nodes)


def _subject(node: Node) -> Subject:
    return node.type.name if isinstance(node, Column) else Script(node)


def _sample(body: ast.Sample, scope: Scope) -> Sample:
    if any(stage.missing or stage.runs != 1 for stage in body.stages):
        raise InvalidQuery("Samples support neither missing events nor runs")
    steps = _joined(body.stages, body.by, scope)
    if not steps[0].by:
        raise InvalidQuery("A sample must have at least one join key")
    return Sample(steps, scope.settings.max_samples_per_key)


def _sequence(body: ast.Sequence, scope: Scope) -> SequencePlan:
    timestamp = resolved(ast.Field(scope.settings.timestamp_field), scope)
    if kind_of(timestamp) is not Kind.DATE:
        raise InvalidQuery(f"[{scope.settings.timestamp_field}] must be a date to put events in order")
    until = [body.until] if body.until else []
    if any(stage.missing or stage.runs != 1 for stage in until):
        raise InvalidQuery("The until event can neither be missing nor have runs")
    steps = _joined((*_expanded(body), *until), body.by, scope)
    span = _span(body.span)
    if span is None and any(stage.missing for stage in body.stages):
        raise InvalidQuery("A sequence with missing events requires maxspan")
    end = steps[-1] if until else None
    return SequencePlan(steps[:-1] if until else steps, _timeline(scope), span, end)


def _expanded(body: ast.Sequence) -> list[ast.Stage]:
    """The stages, each as often as it runs."""
    if any(not 1 <= stage.runs <= MOST_RUNS for stage in body.stages):
        raise InvalidQuery(f"A stage runs 1 to {MOST_RUNS} times")
    stages = [stage for stage in body.stages for _ in range(stage.runs)]
    if len(stages) < 2:
        raise InvalidQuery(f"A sequence requires a minimum of 2 queries, found [{len(stages)}]")
    if all(stage.missing for stage in stages):
        raise InvalidQuery("A sequence requires at least one event that is not missing")
    return stages


def _span(span: ast.Span | None) -> int | None:
    if span is None:
        return None
    if span.unit not in _UNITS:
        raise InvalidQuery(f"maxspan needs a unit out of {', '.join(_UNITS)}, as in maxspan={span.amount}s")
    if span.amount <= 0:
        raise InvalidQuery("maxspan must be positive")
    return span.amount * _UNITS[span.unit]


def _joined(stages: Sequence[ast.Stage], by: tuple[ast.Field, ...], scope: Scope) -> tuple[Step, ...]:
    """The stages with all their keys, whose number and types must agree."""
    columns = [[resolved(key, scope) for key in (*by, *stage.by)] for stage in stages]
    for keys in columns[1:]:
        _check_keys(columns[0], keys)
    return tuple(
        Step(
            conjunction([INDEXED, _event(stage.event, scope)]),
            tuple(map(_key, (*by, *stage.by), keys)),
            stage.missing,
        )
        for stage, keys in zip(stages, columns, strict=True)
    )


def _check_keys(first: Sequence[Node], keys: Sequence[Node]) -> None:
    if len(first) != len(keys):
        raise InvalidQuery(
            f"Inconsistent number of join keys specified; expected [{len(first)}] but found [{len(keys)}]"
        )
    for one, other in zip(first, keys, strict=True):
        if len({kind_of(one), kind_of(other)} - {Kind.NULL}) > 1:
            raise InvalidQuery(
                f"Join keys of different types: [{kind_of(one).value}] and [{kind_of(other).value}]"
            )


def _key(source: ast.Field, node: Node) -> Key:
    name = node.type.name if isinstance(node, Column) else source.name
    return Key(name, source.optional)
