"""Queries to plans: one term if every command looks at one row at a time, else stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index.elastic import ID, INDEXED
from sigmaproof.languages.esql import ast
from sigmaproof.languages.esql.expressions import Expressions
from sigmaproof.languages.esql.functions import UNMODELLED
from sigmaproof.languages.esql.options import Scope
from sigmaproof.languages.esql.types import OF_MAPPING, Column, Type
from sigmaproof.logic.plans import Plan, Select
from sigmaproof.logic.plans.records import Derive, Events, Keep, Passing, Records, Stage, name_matches
from sigmaproof.logic.plans.records_aggregates import Measure
from sigmaproof.logic.plans.records_groups import By, Group
from sigmaproof.logic.plans.records_rows import Expand, First, Identify, Key, Sort
from sigmaproof.logic.plans.records_values import NULL, Apply, Constant, choose
from sigmaproof.logic.terms import TRUE, Term, conjunction
from sigmaproof.text.fold import Fold

MOST_ROWS = 1000
"""What a query without LIMIT returns at most."""

_METADATA = {ID: Type.TEXT, "_index": Type.TEXT, "_version": Type.INTEGER}


class Pipe(Struct, frozen=True):
    """A query as far as it has been read: finished stages, then what is still symbolic."""

    scope: Scope
    stages: tuple[Stage, ...] = ()
    keep: tuple[Term, ...] = ()
    own: Mapping[str, Column | None] = field(default_factory=dict)
    """Columns that commands made; None for one that is gone."""
    mapped: bool = True
    """Whether the other fields of the index are still there."""
    metadata: tuple[str, ...] = ()

    def resolve(self, name: str) -> Column:
        """The column of that name. Raises `InvalidQuery` if there is none."""
        if name in self.own:
            column = self.own[name]
        elif name in self.metadata:
            column = Column(name if name == ID else Constant(("index",)), _METADATA[name])
        else:
            column = self._field(name) if self.mapped else None
        if column is None:
            known = [
                *(one for one in self.own if self.own[one]),
                *(self.scope.index.by_name if self.mapped else ()),
            ]
            hint = nearest(name, [one for one in known if one != name])
            raise InvalidQuery(f"Unknown column [{name}]{hint}")
        return column

    def _field(self, name: str) -> Column | None:
        found = self.scope.index.field(name)
        if found is None:
            return None
        if found.type not in OF_MAPPING:
            raise InvalidQuery(f"Cannot use field [{name}] with unsupported type [{found.type}]")
        if found.fold is not Fold.EXACT:
            self.scope.undocumented("normalized", f"{name}, whose values are normalized")
            if self.scope.settings.normalized == "folded":
                raise UnsupportedQuery(f"{name}: a normalizer that is applied to constants as well")
            return Column(Apply("lower", _lowered, (name,)), OF_MAPPING[found.type])
        return Column(name, OF_MAPPING[found.type])

    def expressions(self) -> Expressions:
        """How expressions read at this place."""
        return Expressions(self.resolve, self.scope)

    def setting(self, columns: Mapping[str, Column | None]) -> Pipe:
        """The same with columns put in, or taken out."""
        return replace(self, own={**self.own, **columns})

    def settled(self) -> Pipe:
        """The same with nothing symbolic left."""
        term, stages = conjunction(self.keep), self.stages
        if not stages:
            stages = (Events(conjunction((INDEXED, term))), *map(Identify, {ID} & {*self.metadata}))
        elif term != TRUE:
            stages = (*stages, Keep(term))
        values = {name: column for name, column in self.own.items() if column is not None}
        changed = {name: one.subject for name, one in values.items() if one.subject != name}
        if changed:
            stages = (*stages, Derive(tuple(changed.items())))
        own = {name: column and Column(name, column.type) for name, column in self.own.items()}
        return replace(self, stages=stages, keep=(), own=own)

    def then(self, *stages: Stage) -> Pipe:
        """The same with further stages."""
        pipe = self.settled()
        return replace(pipe, stages=(*pipe.stages, *stages))

    def plan(self) -> Plan:
        """What the query means."""
        if not self.stages:
            return Select(conjunction(self.keep), INDEXED)
        shown = tuple(name for name, column in self.own.items() if column is not None)
        return Records(self.then(Derive((), (Passing(shown),))).stages)


def _lowered(cell: Any) -> Any:
    return tuple(str(value).lower() for value in cell or ()) or None


def lower(query: ast.Query, scope: Scope) -> Plan:
    """What a query means."""
    pipe = Pipe(scope)
    for command in query.commands:
        pipe = _COMMANDS[type(command)](command, pipe)
    if not any(isinstance(command, ast.Limit) for command in query.commands):
        scope.note(f"without LIMIT, Elasticsearch returns {MOST_ROWS} rows at most")
    return pipe.plan()


def _from(command: ast.From, pipe: Pipe) -> Pipe:
    for name in command.metadata:
        if name not in _METADATA:
            raise UnsupportedQuery(f"the metadata field {name}")
    return replace(pipe, metadata=command.metadata)


def _where(command: ast.Where, pipe: Pipe) -> Pipe:
    return replace(pipe, keep=(*pipe.keep, pipe.expressions().condition(command.condition).yes))


def _eval(command: ast.Eval, pipe: Pipe) -> Pipe:
    for one in command.columns:
        column = pipe.expressions().value(one.value)
        if column.type is Type.SPAN:
            raise InvalidQuery(f"EVAL does not support type [time_duration] as the return data type: {one}")
        pipe = pipe.setting({one.called: column})
    # where rows are no events any more, nothing is gained by what can be read through
    return pipe.settled() if pipe.stages else pipe


def _stats(command: ast.Stats, pipe: Pipe) -> Pipe:
    before = pipe.expressions()
    by = {one.called: before.value(one.value) for one in command.by}
    grouped = pipe.setting(by).settled()
    measured = [_measure(one, grouped) for one in command.measures]
    stage = Group(tuple(measure for measure, _ in measured), By(tuple(by), nulls=True))
    own = {measure.name: Column(measure.name, kind) for measure, kind in measured}
    own |= {name: Column(name, column.type) for name, column in by.items()}
    return Pipe(pipe.scope, (*grouped.stages, stage), own=own, mapped=False)


def _measure(one: ast.Assigned, pipe: Pipe) -> tuple[Measure, Type]:
    call = one.value
    if not isinstance(call, ast.Call) or call.name not in _MEASURES:
        if isinstance(call, ast.Call) and call.name in UNMODELLED:
            raise UnsupportedQuery(f"the function {call.name} is not modelled")
        raise InvalidQuery(f"STATS takes aggregate functions, not [{call}]")
    function, kind = _MEASURES[call.name]
    if len(call.arguments) > (2 if function == "dc" else 1) or (not call.arguments and function != "count"):
        raise InvalidQuery(f"{call.name} does not take {len(call.arguments)} arguments")
    column = (
        pipe.expressions().value(call.arguments[0])
        if call.arguments
        else Column(Constant((1,)), Type.INTEGER)
    )
    if function in ("sum", "avg") and not (column.type.numeric or column.type is Type.NULL):
        raise InvalidQuery(f"argument of [{call}] must be [numeric], found type [{column.type.value}]")
    if function == "dc":
        most = pipe.scope.settings.precision
        pipe.scope.note(f"COUNT_DISTINCT is approximate for more than {most} different values")
    subject = column.subject
    if one.condition is not None:
        subject = choose(pipe.expressions().condition(one.condition).yes, subject, NULL)
    return Measure(function, subject, one.called), kind or column.type


_MEASURES: Mapping[str, tuple[str, Type | None]] = {
    "COUNT": ("count", Type.INTEGER),
    "COUNT_DISTINCT": ("dc", Type.INTEGER),
    "SUM": ("sum", None),
    "AVG": ("avg", Type.DOUBLE),
    "MIN": ("min", None),
    "MAX": ("max", None),
    "VALUES": ("distinct", None),
}
"""Aggregate functions, and the type of their result where it is not their column's."""


def _columns(command: ast.Columns, pipe: Pipe) -> Pipe:
    if command.command == "MV_EXPAND":
        (name,) = command.names
        column = pipe.resolve(name)
        return pipe.setting({name: column}).then(Expand(name))
    if command.command == "DROP":
        gone = [name for name in pipe.own if any(name_matches(one, name) for one in command.names)]
        for name in command.names:
            if "*" not in name:
                pipe.resolve(name)
            elif pipe.mapped:
                gone += [one for one in pipe.scope.index.by_name if name_matches(name, one)]
        return pipe.setting(dict.fromkeys((*gone, *(one for one in command.names if "*" not in one))))
    return _kept(command, pipe)


def _kept(command: ast.Columns, pipe: Pipe) -> Pipe:
    kept: dict[str, Column | None] = {}
    for pattern in command.names:
        names = [pattern]
        if "*" in pattern:
            every = [*pipe.own, *(pipe.scope.index.by_name if pipe.mapped else ())]
            names = [name for name in every if name_matches(pattern, name) and pipe.own.get(name, True)]
        kept |= {name: pipe.resolve(name) for name in names}
    return replace(pipe, own=kept, mapped=False)


def _rename(command: ast.Rename, pipe: Pipe) -> Pipe:
    for old, new in command.pairs:
        if old != new:
            pipe = pipe.setting({new: pipe.resolve(old), old: None})
    return pipe


def _sort(command: ast.Sort, pipe: Pipe) -> Pipe:
    columns = [pipe.expressions().value(key.value) for key in command.keys]
    named = {f"_sort{number}": column for number, column in enumerate(columns)}
    keys = tuple(
        Key(
            name,
            key.descending,
            "str" if column.type is Type.TEXT else "auto",
            key.descending if key.nulls_first is None else key.nulls_first,
        )
        for key, (name, column) in zip(command.keys, named.items(), strict=True)
    )
    sorted_ = pipe.setting(named).then(Sort(keys))
    return sorted_.setting(dict.fromkeys(named))


def _limit(command: ast.Limit, pipe: Pipe) -> Pipe:
    return pipe.then(First(command.count))


_COMMANDS: Mapping[type, Callable[[Any, Pipe], Pipe]] = {
    ast.From: _from,
    ast.Where: _where,
    ast.Eval: _eval,
    ast.Stats: _stats,
    ast.Columns: _columns,
    ast.Rename: _rename,
    ast.Sort: _sort,
    ast.Limit: _limit,
}
