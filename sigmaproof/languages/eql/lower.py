"""Queries to plans: conditions to terms, sequences and samples to their plans."""

from __future__ import annotations

from collections.abc import Sequence

from sigmaproof.errors import InvalidQuery
from sigmaproof.index.elastic import INDEXED
from sigmaproof.languages.eql import ast, scripts
from sigmaproof.languages.eql.options import Scope
from sigmaproof.languages.eql.resolve import condition, resolved
from sigmaproof.languages.eql.scripts import Applied, Column, Constant, Kind, Node, Question
from sigmaproof.logic.checks import IsNull, IsTrue, Matches, Present
from sigmaproof.logic.plans import Plan
from sigmaproof.logic.plans.joined import Key, Step
from sigmaproof.logic.plans.ordered import Cut, Limited, Ordered, Timeline
from sigmaproof.logic.plans.sample import Sample
from sigmaproof.logic.plans.sequence import Sequence as SequencePlan
from sigmaproof.logic.terms import Const, Term, Test, conjunction, disjunction, negation
from sigmaproof.text.glob import Glob

MOST_RUNS = 100


def plan(query: ast.Query, scope: Scope) -> Plan:
    """What a query means."""
    body = query.body
    cuts = tuple(map(_cut, query.pipes)) + _size(body, scope)
    if isinstance(body, ast.Event):
        found: Plan = Ordered(_event(body, scope), INDEXED, timeline=_timeline(scope))
    else:
        if query.pipes and not body.ordered:
            raise InvalidQuery("Samples do not support pipes")
        found = _sequence(body, scope) if body.ordered else _sample(body, scope)
    return Limited(found, cuts) if cuts else found


def _cut(pipe: ast.Call) -> Cut:
    if pipe.name not in ("head", "tail"):
        raise InvalidQuery(f"Pipe [{pipe.name}] is not supported: head and tail are")
    match pipe.arguments:
        case (ast.Literal(int(count)),) if not isinstance(count, bool):
            return Cut(count, pipe.name == "tail")
    raise InvalidQuery(f"Pipe [{pipe.name}] takes one whole number that is not negative")


def _size(body: ast.Event | ast.Join, scope: Scope) -> tuple[Cut, ...]:
    size = scope.settings.size
    sample = isinstance(body, ast.Join) and not body.ordered
    return () if size is None else (Cut(size, scope.settings.result_position == "tail" and not sample),)


def _timeline(scope: Scope) -> Timeline:
    tiebreaker = scope.settings.tiebreaker_field
    known = tiebreaker is not None and scope.index.field(tiebreaker) is not None
    return Timeline(scope.settings.timestamp_field, tiebreaker if known else None)


def _event(event: ast.Event, scope: Scope) -> Term:
    found = term(condition(event.condition, scope), scope)
    if event.category is None:
        return found
    named = (ast.Field(scope.settings.event_category_field), ast.Literal(event.category))
    return conjunction([term(condition(ast.Call("==", named), scope), scope), found])


def term(node: Node, scope: Scope) -> Term:
    """A condition as a term: from here on, null is no match."""
    match node:
        case Constant(value):
            return Const(value is True)
        case Column(field):
            return Test(field.name, Matches(Glob.of("true")))
        case Applied(Question(check), (inner,)):
            return Test(inner if isinstance(inner, Applied) else str(inner), check)
        case Applied(scripts.AND, parts):
            return conjunction(term(part, scope) for part in parts)
        case Applied(scripts.OR, parts):
            return disjunction(term(part, scope) for part in parts)
        case Applied(scripts.IS_NULL, (Column(field),)):
            return negation(Test(field.name, Present()))
        case Applied(scripts.IS_NULL, (Applied() as inner,)):
            return Test(inner, IsNull())
        case Applied(scripts.NOT, (Constant(None),)):
            scope.undocumented("unmapped_optional", "the negation of a comparison with an unmapped field")
            return Const(scope.settings.unmapped_optional == "missing")
        case Applied(scripts.NOT, (inner,)):
            return negation(term(inner, scope))
    return Test(node, IsTrue())


def _sample(body: ast.Join, scope: Scope) -> Sample:
    if any(stage.missing or stage.runs != 1 for stage in body.stages):
        raise InvalidQuery("Samples support neither missing events nor runs")
    steps = _joined(body.stages, body.by, scope)
    if not steps[0].by:
        raise InvalidQuery("A sample must have at least one join key")
    return Sample(steps, scope.settings.max_samples_per_key)


def _sequence(body: ast.Join, scope: Scope) -> SequencePlan:
    timestamp = resolved(ast.Field(scope.settings.timestamp_field), scope)
    if timestamp.kind is not Kind.DATE:
        raise InvalidQuery(f"[{scope.settings.timestamp_field}] must be a date to put events in order")
    until = [body.until] if body.until else []
    if any(stage.missing or stage.runs != 1 for stage in until):
        raise InvalidQuery("The until event can neither be missing nor have runs")
    if body.span is None and any(stage.missing for stage in body.stages):
        raise InvalidQuery("A sequence with missing events requires maxspan")
    steps = _joined((*_expanded(body), *until), body.by, scope)
    count = len(steps) - len(until)
    return SequencePlan(steps[:count], _timeline(scope), body.span, steps[-1] if until else None)


def _expanded(body: ast.Join) -> list[ast.Stage]:
    """The stages, each as often as it runs."""
    if any(not 1 <= stage.runs <= MOST_RUNS for stage in body.stages):
        raise InvalidQuery(f"A stage runs 1 to {MOST_RUNS} times")
    stages = [stage for stage in body.stages for _ in range(stage.runs)]
    if len(stages) < 2:
        raise InvalidQuery(f"A sequence requires a minimum of 2 queries, found [{len(stages)}]")
    if all(stage.missing for stage in stages):
        raise InvalidQuery("A sequence requires at least one event that is not missing")
    return stages


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
        if len({one.kind, other.kind} - {Kind.NULL}) > 1:
            raise InvalidQuery(f"Join keys of different types: [{one.kind.value}] and [{other.kind.value}]")


def _key(source: ast.Field, node: Node) -> Key:
    name = node.type.name if isinstance(node, Column) else source.name
    return Key(name, source.optional)
