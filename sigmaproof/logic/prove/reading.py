"""Terms as literals of a graph: what each check asks of the values of a raw event.

One value is asked at a time, so checks on one and the same value (`AllOf`, `Other`) are plain logic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct, field

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
from sigmaproof.logic.expressions import Several
from sigmaproof.logic.prove.belongs import kept_belongs
from sigmaproof.logic.prove.graph import FALSE, NULL, NUMBER, TRUE, Free, Graph, Leaf, Literal, Slot
from sigmaproof.logic.prove.images import Folded
from sigmaproof.logic.prove.machines import Language
from sigmaproof.logic.prove.networks import ODD as ODD_ADDRESS
from sigmaproof.logic.prove.networks import Addresses
from sigmaproof.logic.prove.numbers import ODD as ODD_NUMBER
from sigmaproof.logic.prove.numbers import Integers, bounded, number_in
from sigmaproof.logic.prove.orders import Ordered
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.logic.prove.texts import languages
from sigmaproof.logic.terms import And, Const, Label, Not, Or, Term, Test, subject_fields
from sigmaproof.logic.values import ANY_FIELD, Value
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import Glob


class Values(Struct, frozen=True):
    """Which values raw fields can have, beside texts and none at all."""

    several: int = 1
    """So many values at most has one field."""
    nulls: bool = False
    numbers: bool = False
    """Integers that are no texts."""
    others: int = 3
    """How many fields that nobody names an event can have; only a test of every field sees them."""
    without: str = ""
    """Characters that no text holds."""


class Uninterpreted(Exception):
    """A check that no theory here knows; the message says which."""


Wrap = Callable[[Language], Language]
"""From a language of what a function makes of a text to the language of the texts."""


class View(Struct, frozen=True):
    """How a text of the raw event looks by the time that a check sees it."""

    wraps: tuple[Wrap, ...] = ()
    """Functions that it went through, the last one first."""
    number: bool = False
    """It is read as an integer, and is no value if it is none."""
    mapped: bool = False
    """An IPv4 address inside an IPv6 one is taken out."""
    several: bool = False
    """One text can become several values."""
    blank: tuple[str, ...] = ()
    """Texts of the raw event that count as no value."""

    def languages(self, check: Check, without: str = "") -> tuple[Language, ...]:
        """Languages of raw texts, which together are those that satisfy the check. Raises `Uninterpreted`.

        With `without`, on texts that hold none of these characters.
        """
        found = self._numbers(check) if self.number else texts_of(check, self.mapped, without)
        for wrap in self.wraps:
            found = tuple(map(wrap, found))
        return found

    def _numbers(self, check: Check) -> tuple[Language, ...]:
        match check:
            case Present():
                return (Integers(loose=True),)
            case Number(order, than):
                found = bounded(order, than, loose=True)
                return () if found is None else (found,)
            case Matches(Glob(parts)) if not parts or (len(parts) == 1 and isinstance(parts[0], str)):
                found = number_in("".join(map(str, parts)))
                return () if found is None else (found,)
        raise Uninterpreted(f"`{type(check).__name__}` on a number")


PLAIN = View()


class Reader(Struct, frozen=True):
    """How one side reads raw events; the default is a rule's own reading."""

    graph: Graph
    values: Values = Values()
    names: tuple[str, ...] = ()
    """Every field of the question, for tests of every field."""
    constants: Mapping[str, Value] = field(default_factory=dict)
    """What is known of the event."""
    known: frozenset[str] | None = None
    """The fields that the event can have; None: any."""

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
        if not isinstance(test.subject, str | Several):
            return self.free(test, f"`{type(test.subject).__name__}` computes from fields")
        try:
            if isinstance(test.subject, Several):
                return self.several(test.subject.field) if isinstance(test.check, IsTrue) else FALSE
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
        if field in self.constants:
            return TRUE if check.predicate()(self.constants[field]) else FALSE
        if not self.possible(field):
            return TRUE if check.on_absent and not ever else FALSE
        slots = [Slot(field, place) for place in range(self.values.several)]
        some = self.graph.any(value(self.graph, slot, check, self.values) for slot in slots)
        if ever or not check.on_absent:
            return some
        nothing = [-self.graph.present(slot) for slot in slots]
        if self.values.nulls:
            nothing += [-self.graph.leaf(Leaf(slot, NULL)) for slot in slots]
        return self.graph.any([some, self.graph.all(nothing)])

    def several(self, field: str) -> Literal:
        """The field has more than one value. Raises `Uninterpreted`."""
        if self.values.several > 1:
            raise Uninterpreted("how many values a field has")
        return FALSE

    def raw_names(self, field: str) -> tuple[str, ...]:
        """The raw fields behind a field."""
        return (field,)

    def possible(self, field: str) -> bool:
        """Whether the event can have the field."""
        return self.known is None or field in self.known

    def _everything(self) -> Iterable[str]:
        yield from self.names
        yield from (f"Field{number}" for number in range(1, self.values.others + 1))


def value(graph: Graph, slot: Slot, check: Check, values: Values, view: View = PLAIN) -> Literal:
    """The slot has a value that satisfies the check. Raises `Uninterpreted`."""

    def inner(one: Check) -> Literal:
        return value(graph, slot, one, values, view)

    def present() -> Literal:
        return seen(graph, slot, Present(), view, values)

    null = graph.leaf(Leaf(slot, NULL)) if values.nulls else FALSE
    match check:
        case Exists():
            return graph.any([present(), null])
        case IsNull():
            return null
        case IsTrue():
            return FALSE
        case AnyOf(checks):
            return graph.all([present(), graph.any(map(inner, checks))])
        case AllOf() | Other() if view.several:
            raise Uninterpreted("a check of one and the same value, out of several")
        case AllOf(checks):
            return graph.all([present(), *map(inner, checks)])
        case Other(one):
            return graph.all([present(), -inner(one)])
        case Number(text=False) if not view.number:
            if not values.numbers:
                return FALSE
            return graph.all([graph.leaf(Leaf(slot, NUMBER)), seen(graph, slot, check, view, values)])
    return seen(graph, slot, check, view, values)


def seen(graph: Graph, slot: Slot, check: Check, view: View, values: Values) -> Literal:
    """The slot has a text, and what the view makes of it satisfies the check."""
    found = []
    for language in view.languages(check, values.without):
        blank = [text for text in view.blank if kept_belongs(text, language)]
        leaf = graph.leaf(Leaf(slot, language))
        found.append(graph.all([leaf, *(-graph.leaf(Leaf(slot, only(text))) for text in blank)]))
        if isinstance(check, Number):
            graph.forbid(slot.field, ODD_NUMBER)
        elif isinstance(check, InNetwork):
            graph.forbid(slot.field, ODD_ADDRESS)
    return graph.any(found)


def only(text: str) -> Language:
    """The language of one text."""
    return languages(Glob.of(text), Fold.EXACT)[0]


def texts_of(check: Check, mapped: bool = False, without: str = "") -> tuple[Language, ...]:
    """Languages that together are the texts which satisfy the check. Raises `Uninterpreted`."""
    match check:
        case Matches(pattern, rule):
            return languages(pattern, rule, without)
        case Number(order, than):
            if than != than.__floor__():
                raise Uninterpreted(f"a number with a fraction ({than})")
            found = bounded(order, than)
            return () if found is None else (found,)
        case Lexical(order, than, rule):
            plain: Language = Ordered(order, fold(than, rule))
            return (plain if rule is Fold.EXACT else Folded(plain, rule),)
        case InNetwork(network, unmapped):
            return (Addresses(network, mapped or unmapped),)
        case Present():
            return (ALL,)
    raise Uninterpreted(f"`{type(check).__name__}` looks inside the text")
