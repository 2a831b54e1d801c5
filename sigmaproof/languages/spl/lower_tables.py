"""Commands that look at several rows, or bring rows along: they become stages of a plan."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index.splunk import SplunkIndex, cell_from
from sigmaproof.languages.spl import ast, times
from sigmaproof.languages.spl.data_models import INDEXED, NODE, DataSet, data_set
from sigmaproof.languages.spl.functions import apply
from sigmaproof.languages.spl.lower_expressions import Expressions
from sigmaproof.languages.spl.lower_search import TIMES, lower_search
from sigmaproof.languages.spl.options import SplOptions, Switches
from sigmaproof.languages.spl.parse_expressions import parse_expression
from sigmaproof.languages.spl.parse_search import parse_search
from sigmaproof.languages.spl.pipe import Lower, Pipe, Step
from sigmaproof.languages.spl.scope import Context, Scope
from sigmaproof.languages.spl.unmodelled import unmodelled
from sigmaproof.logic.plans.records import Given, Keep, Passing, Records, Union
from sigmaproof.logic.plans.records_aggregates import Measure, measure_function, measure_names
from sigmaproof.logic.plans.records_groups import Annotate, By, Group, Running
from sigmaproof.logic.plans.records_rows import First, Join, LookUp, While
from sigmaproof.logic.plans.records_values import NULL, Constant, choose, present
from sigmaproof.logic.terms import Subject, Term, negation
from sigmaproof.logic.values import Cell

Rows = tuple[tuple[tuple[str, Cell], ...], ...]

_STREAMING = frozenset(
    [
        "bin",
        "bucket",
        "convert",
        "eval",
        "fields",
        "fillnull",
        "lookup",
        "makemv",
        "mvexpand",
        "regex",
        "rename",
        "rex",
        "search",
        "where",
    ]
)
"""What may stand inside `multisearch`."""


# ---- groups ----


def _stats(command: ast.Stats, pipe: Pipe, _: Step) -> Pipe:
    pipe = pipe.settled()
    measures = _measures(command, pipe)
    by = _by(command.by, pipe.context)
    if command.command == "streamstats":
        return pipe.then(_running(command, measures, by, pipe))
    _known(command, "allnum", "partitions", "delim", "dedup_splitvals")
    return pipe.then(Group(measures, by) if command.command == "stats" else Annotate(measures, by))


def _by(names: tuple[str, ...], context: Context) -> By:
    if any("*" in name for name in names):
        raise InvalidQuery("BY takes no wildcards")
    return By(names, context.options.switches.multivalue_by == "each")


def _measures(command: ast.Stats | ast.Tstats, pipe: Pipe) -> tuple[Measure, ...]:
    return tuple(_measure(part, pipe) for part in command.aggregates)


def _measure(part: ast.Aggregate, pipe: Pipe) -> Measure:
    known = measure_function(part.function)
    if known is None:
        if part.function in unmodelled("statistics"):
            raise UnsupportedQuery(f"the statistical function {part.function}() is not modelled")
        hint = nearest(part.function, measure_names())
        raise InvalidQuery(f"there is no statistical function {part.function}(){hint}")
    function, percent = known
    if part.argument is None and function != "count":
        raise InvalidQuery(f"{part.function}() needs a field")
    subject = None if part.argument is None else _argument(part.argument, pipe)
    switches = pipe.context.options.switches
    insensitive, mean = switches.distinct_letter_case == "insensitive", switches.median_even == "mean"
    return Measure(function, subject, part.name, percent, insensitive, mean)


def _argument(argument: ast.Expr, pipe: Pipe) -> Subject:
    if not isinstance(argument, ast.Call) or argument.name != "eval":
        return pipe.expressions().value(argument)
    (inner,) = argument.arguments
    if not pipe.expressions().is_condition(inner):
        return pipe.expressions().value(inner)
    return choose(pipe.expressions().condition(inner).yes, Constant((1,)), NULL)


def _running(command: ast.Stats, measures: tuple[Measure, ...], by: By, pipe: Pipe) -> Running:
    given = dict(command.options)
    span = _span(str(given.pop("time_window", "0s")), "streamstats")
    window = _whole(given.pop("window", 0), "streamstats: window")
    flags = {
        name: _flag(given.pop(key, default))
        for name, key, default in (
            ("current", "current", "t"), ("shared", "global", "t"), ("on_change", "reset_on_change", "f"),
        )
    }  # fmt: skip
    resets = {name: _reset(given.pop(f"reset_{name}", None), pipe) for name in ("before", "after")}
    _known(ast.Stats("streamstats", (), (), given), "allnum")
    flags["shared"] = flags["shared"] and bool(window)
    closed = pipe.context.options.switches.time_window_end == "closed"
    return Running(measures, by, window, span, closed=closed, **flags, **resets)  # type: ignore[arg-type]


def _reset(expression: Any, pipe: Pipe) -> Term | None:
    return None if expression is None else pipe.expressions().condition(expression).yes


def _known(command: ast.Stats, *options: str) -> None:
    for name in command.options.keys() - set(options):
        raise UnsupportedQuery(f"{command.command}: the option {name}= is not modelled")


def _flag(value: object) -> bool:
    return str(value).lower() in ("t", "true", "1")


def _whole(value: object, what: str) -> int:
    if not str(value).isdigit():
        raise InvalidQuery(f"{what}= takes a number, not {value!r}")
    return int(str(value))


def _span(text: str, command: str) -> int:
    span = 0 if text == "0s" else times.span_seconds(text)
    if span is None or span < 0:
        raise InvalidQuery(f"{command}: {text!r} is no span of time")
    return span


def _tstats(command: ast.Tstats, pipe: Pipe, step: Step) -> Pipe:
    if not step.first:
        raise InvalidQuery("tstats has to be the first command")
    context = pipe.context
    terms, scope = _data_model(command, context)
    and_first = context.options.switches.tstats_precedence == "and-first"
    everywhere = context.options.switches.tstats_fill == "everywhere"
    if everywhere:
        scope = _filled(command, scope, command.fill)
    term = lower_search(command.where, scope, context, and_first=and_first)
    scope = _filled(command, scope, command.fill)
    pipe = Pipe(context, keep=(*terms, term), scope=scope).settled()
    return pipe.then(Group(_measures(command, pipe), _by(command.by, context)))


def _filled(command: ast.Tstats, scope: Scope, fill: str | None) -> Scope:
    """The scope with the fields in `by` in their spans, and filled where they are null."""
    values: dict[str, Subject] = {}
    for name in command.by:
        value = scope.resolve(name)
        if name == "_time" and command.span:
            value = apply("bin", value, Constant((_span(command.span, "tstats"),)))
        values[name] = value if fill is None else choose(present(value), value, Constant((fill,)))
    return scope.having(values)


def _data_model(command: ast.Tstats, context: Context) -> tuple[tuple[Term, ...], Scope]:
    """Which events are in the dataset, and what its fields are."""
    if not command.model:
        context.note(
            "tstats without a data model reads any field of the events, whether it is indexed or not"
        )
        return (), Scope()
    dataset = data_set(command.model, context.options.data_models)
    fields = [part.argument.name for part in command.aggregates if isinstance(part.argument, ast.Field)]
    for name in (*_named(command.where), *command.by, *fields):
        dataset.knows(name)
    term, values = _lowered(dataset, context.options.switches)
    return (term,), Scope({**values, NODE: Constant((dataset.root,))}, (Passing(INDEXED),))


@lru_cache(maxsize=64)
def _lowered(dataset: DataSet, switches: Switches) -> tuple[Term, dict[str, Subject]]:
    context = Context(SplOptions(switches), SplunkIndex())
    expressions = Expressions(Scope(), context)
    values = {name: expressions.value(parse_expression(text)) for name, text in dataset.fields}
    return lower_search(parse_search(dataset.where, dataset.where, 0), Scope(), context), values


def _named(search: ast.Search) -> Iterator[str]:
    match search:
        case ast.Comparison(name) | ast.OneOf(name):
            if name not in TIMES:
                yield name
        case ast.Without(part):
            yield from _named(part)
        case ast.Series(parts):
            for part in parts:
                yield from _named(part)


# ---- rows from elsewhere ----


def _makeresults(command: ast.MakeResults, pipe: Pipe, step: Step) -> Pipe:
    if not step.first:
        raise InvalidQuery("makeresults has to be the first command")
    now = pipe.context.options.now or 0
    return Pipe(pipe.context, (Given(((("_time", (now,)),),) * command.count),))


def _multisearch(_: ast.MultiSearch, pipe: Pipe, step: Step) -> Pipe:
    if not step.first:
        raise InvalidQuery("multisearch has to be the first command")
    for raw in step.subsearches:
        for inner in raw.commands:
            if inner.name not in _STREAMING:
                raise InvalidQuery(f"multisearch: {inner.name!r} is not a streaming command")
    newest = pipe.context.options.switches.event_order == "newest-first"
    return Pipe(pipe.context, (Union(step.plans, by_time=newest),))


def _append(_: ast.Append, pipe: Pipe, step: Step) -> Pipe:
    return pipe.then(Union(step.plans))


def _join(command: ast.Join, pipe: Pipe, step: Step) -> Pipe:
    (plan,) = step.plans
    return pipe.then(Join(plan, command.names, command.left, command.most, command.overwrite))


def _lookup(command: ast.Lookup, pipe: Pipe, _: Step) -> Pipe:
    rows = _table(command.table, pipe.context)
    used = {column for column, _ in command.inputs}
    rest = dict.fromkeys(column for row in rows for column, _ in row if column not in used)
    outputs = tuple((column, column) for column in rest) if command.outputs is None else command.outputs
    return pipe.then(LookUp(rows, command.inputs, outputs, command.keep))


def _inputlookup(command: ast.InputLookup, pipe: Pipe, step: Step) -> Pipe:
    rows = Given(_table(command.table, pipe.context)[command.start : command.start + command.most])
    where = lower_search(command.where, Scope(), pipe.context)
    if command.append:
        return pipe.then(Union((Records((rows, Keep(where))),)))
    if not step.first:
        raise InvalidQuery("inputlookup has to be the first command, or have append=true")
    return Pipe(pipe.context, (rows, Keep(where)))


def _table(name: str, context: Context) -> Rows:
    known = {**getattr(context.index, "lookups", {}), **context.options.lookups}
    found = next(
        (known[key] for key in (name, f"{name}.csv", name.removesuffix(".csv")) if key in known), None
    )
    if found is None:
        raise UnsupportedQuery(f"no rows are given for the lookup {name!r}{nearest(name, known)}")
    return tuple(tuple((str(key), cell_from(value)) for key, value in row.items()) for row in found)


def _head_while(command: ast.HeadWhile, pipe: Pipe, _: Step) -> Pipe:
    given = dict(command.options)
    limit, keep_last = given.pop("limit", None), _flag(given.pop("keeplast", "f"))
    null = _flag(given.pop("null", "f"))
    _known(ast.Stats("head", (), (), given))
    pipe = pipe.settled()
    truth = pipe.expressions().condition(command.condition)
    pipe = pipe.then(While(negation(truth.no) if null else truth.yes, keep_last))
    return pipe if limit is None else pipe.then(First(_whole(limit, "head: limit")))


def _transaction(command: ast.Transaction, pipe: Pipe, _: Step) -> Pipe:
    pipe = pipe.settled()
    starts, ends = (_edge(edge, pipe) for edge in (command.starts, command.ends))
    return pipe.then(replace(command.gathering, starts=starts, ends=ends))


def _edge(edge: ast.Filter | ast.Where | None, pipe: Pipe) -> Term | None:
    match edge:
        case ast.Filter(search):
            return lower_search(search, pipe.scope, pipe.context)
        case ast.Where(condition):
            return pipe.expressions().condition(condition).yes
    return None


def _staged(command: ast.Staged, pipe: Pipe, _: Step) -> Pipe:
    return pipe.then(*command.stages)


RELATIONAL: dict[type, Lower] = {
    ast.Append: _append,
    ast.HeadWhile: _head_while,
    ast.InputLookup: _inputlookup,
    ast.Join: _join,
    ast.Lookup: _lookup,
    ast.MakeResults: _makeresults,
    ast.MultiSearch: _multisearch,
    ast.Staged: _staged,
    ast.Stats: _stats,
    ast.Transaction: _transaction,
    ast.Tstats: _tstats,
}
