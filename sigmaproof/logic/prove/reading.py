"""Terms as literals of a graph: what each check asks of the values of a raw event.

One value is asked at a time, so checks on one and the same value (`AllOf`, `Other`) are plain logic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sigmaproof.logic.checks import (
    AllOf,
    AnyOf,
    Check,
    Exists,
    InNetwork,
    IsNull,
    IsTrue,
    Lexical,
    Matches,
    Number,
    Other,
    Present,
)
from sigmaproof.logic.prove.graph import FALSE, NULL, NUMBER, TRUE, Free, Graph, Leaf, Literal, Slot
from sigmaproof.logic.prove.images import Folded
from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.networks import Addresses
from sigmaproof.logic.prove.numbers import bounded
from sigmaproof.logic.prove.orders import Ordered
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.prove.texts import languages
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Term, Test, subject_fields
from sigmaproof.logic.values import ANY_FIELD
from sigmaproof.text.fold import Fold, fold


@dataclass(frozen=True, slots=True)
class Values:
    """Which values raw fields can have, beside texts and none at all."""

    several: int = 1
    """So many values at most has one field."""
    nulls: bool = False
    numbers: bool = False
    """Integers that are no texts."""
    others: int = 3
    """How many fields that nobody names an event can have; only a test of every field sees them."""


class Uninterpreted(Exception):
    """A check that no theory here knows; the message says which."""


Wrap = Callable[[Language], Language]
"""From a language of what a check sees to the language of what the event has."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How one side reads raw events; the default is a rule's own reading."""

    graph: Graph
    values: Values = Values()
    names: tuple[str, ...] = field(default=())
    """Every field of the question, for tests of every field."""

    def term(self, term: Term) -> Literal:
        """The term as a literal."""
        match term:
            case Const(value):
                return TRUE if value else FALSE
            case Test():
                return self.test(term)
            case Not(inner):
                return -self.term(inner)
            case Label(_, inner):
                return self.term(inner)
            case And(terms):
                return self.graph.all(map(self.term, terms))
            case Or(terms):
                return self.graph.any(map(self.term, terms))

    def test(self, test: Test) -> Literal:
        """A test as a literal; free if no theory knows it."""
        if not isinstance(test.subject, str):
            return self.free(test, f"`{type(test.subject).__name__}` computes from fields")
        try:
            if test.subject == ANY_FIELD:
                return self.graph.any(self.cell(name, test.check, ever=True) for name in self._everything())
            return self.cell(test.subject, test.check)
        except Uninterpreted as error:
            return self.free(test, str(error))

    def free(self, test: Test, reason: str) -> Literal:
        """A test that only running it decides."""
        return self.graph.leaf(Free(test, reason, subject_fields(test.subject)))

    def cell(self, field: str, check: Check, *, ever: bool = False) -> Literal:
        """Some value of the field satisfies the check; or none is there, and that satisfies it, too."""
        slots = [Slot(field, place) for place in range(self.values.several)]
        some = self.graph.any(value(self.graph, slot, check, self.values) for slot in slots)
        if ever or not check.on_absent:
            return some
        nothing = [-self.graph.present(slot) for slot in slots]
        if self.values.nulls:
            nothing += [-self.graph.leaf(Leaf(slot, NULL)) for slot in slots]
        return self.graph.any([some, self.graph.all(nothing)])

    def _everything(self) -> Iterable[str]:
        yield from self.names
        yield from (f"Field{number}" for number in range(1, self.values.others + 1))


def value(graph: Graph, slot: Slot, check: Check, values: Values) -> Literal:
    """The slot has a value that satisfies the check. Raises `Uninterpreted`."""
    match check:
        case Exists():
            null = graph.leaf(Leaf(slot, NULL)) if values.nulls else FALSE
            return graph.any([graph.present(slot), null])
        case IsNull():
            return graph.leaf(Leaf(slot, NULL)) if values.nulls else FALSE
        case Number(text=False):
            if not values.numbers:
                return FALSE
            return graph.all([graph.leaf(Leaf(slot, NUMBER)), *_texts(graph, slot, check)])
        case IsTrue():
            return FALSE
        case Present():
            return graph.present(slot)
        case AllOf(checks):
            parts = (value(graph, slot, one, values) for one in checks)
            return graph.all([graph.present(slot), *parts])
        case AnyOf(checks):
            parts = (value(graph, slot, one, values) for one in checks)
            return graph.all([graph.present(slot), graph.any(parts)])
        case Other(inner):
            return graph.all([graph.present(slot), -value(graph, slot, inner, values)])
    return graph.any(_texts(graph, slot, check))


def _texts(graph: Graph, slot: Slot, check: Check) -> list[Literal]:
    return [graph.leaf(Leaf(slot, one)) for one in texts_of(check)]


def texts_of(check: Check) -> tuple[Language, ...]:
    """Languages that together are the texts which satisfy the check. Raises `Uninterpreted`."""
    match check:
        case Matches(pattern, rule):
            return languages(pattern, rule)
        case Number(order, than):
            if than != than.__floor__():
                raise Uninterpreted(f"a number with a fraction ({than})")
            found = bounded(order, than)
            return () if found is None else (found,)
        case Lexical(order, than, rule):
            plain: Language = Ordered(order, fold(than, rule))
            return (plain if rule is Fold.EXACT else Folded(plain, rule),)
        case InNetwork(network, mapped):
            return (Addresses(network, mapped),)
        case Present():
            return (ALL,)
    raise Uninterpreted(f"`{type(check).__name__}` looks inside the text")
