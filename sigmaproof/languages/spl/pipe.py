"""A pipeline while it is being read: stages that are finished, then what is still one term over a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.languages.spl.lower_expressions import Expressions
from sigmaproof.languages.spl.reader import RawPipeline
from sigmaproof.languages.spl.scope import Context, Scope
from sigmaproof.logic.plans import Plan, Select
from sigmaproof.logic.plans.records import Derive, Events, Keep, Records, Stage
from sigmaproof.logic.plans.records_values import weight
from sigmaproof.logic.terms import TRUE, Subject, Term, conjunction

HEAVIEST = 2_000
"""Parts of a computed field beyond which it becomes a field of the rows; nothing builds on the parts."""


class Pipe(Struct, frozen=True):
    """A pipeline as far as it has been read: finished stages, then what is still symbolic.

    `keep` and `scope` speak of the rows that the stages leave; without stages, of the events.
    """

    context: Context
    stages: tuple[Stage, ...] = ()
    keep: tuple[Term, ...] = ()
    scope: Scope = field(default_factory=Scope)

    def keeping(self, term: Term) -> Pipe:
        """Only the rows on which a term holds."""
        return replace(self, keep=(*self.keep, term))

    def setting(self, name: str, value: Subject) -> Pipe:
        """A field set for every row."""
        pipe = replace(self, scope=self.scope.having({name: value}))
        return pipe.settled() if weight(value, HEAVIEST) >= HEAVIEST else pipe

    def settled(self) -> Pipe:
        """The same with nothing symbolic left."""
        term = conjunction(self.keep)
        stages = self.stages
        if not stages:
            stages = (_source(term, self.context),)
        elif term != TRUE:
            stages = (*stages, Keep(term))
        if not self.scope.untouched:
            stages = (*stages, Derive(tuple(self.scope.values.items()), self.scope.filters))
        return Pipe(self.context, stages)

    def then(self, *stages: Stage) -> Pipe:
        """The pipeline with further stages."""
        return Pipe(self.context, (*self.settled().stages, *stages))

    def plan(self) -> Plan:
        """What the pipeline means."""
        return Records(self.settled().stages) if self.stages else Select(conjunction(self.keep))

    def expressions(self) -> Expressions:
        """How expressions read at this place."""
        return Expressions(self.scope, self.context)


Lower = Callable[[Any, "Pipe", "Step"], "Pipe"]


class Step(Struct, frozen=True):
    """Where a command stands: what a command is lowered with besides its AST."""

    subsearches: tuple[RawPipeline, ...]
    first: bool
    lower: Callable[[RawPipeline], Pipe]
    """Reads a subsearch."""

    @property
    def plans(self) -> tuple[Records, ...]:
        """Every subsearch as a plan."""
        return tuple(Records(self.lower(raw).settled().stages) for raw in self.subsearches)


def _source(term: Term, context: Context) -> Stage:
    newest = context.options.switches.event_order == "newest-first"
    return Events(term, getattr(context.index, "fields", tuple), newest_first=newest)
