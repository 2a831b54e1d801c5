"""Terms: what a rule or query says about one event, in two-valued logic.

`Not` is plain complement. A `Test` holds if some value of its subject satisfies the check. Languages with
a null logic of their own lower to this by adding tests of presence. Terms are immutable and compare by
structure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol, runtime_checkable

from msgspec import Struct

from sigmaproof.logic.checks import Check
from sigmaproof.logic.values import Cell, Read


@runtime_checkable
class Expression(Protocol):
    """A value computed from fields of the event: frozen, hashable, and pure."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields it reads."""

    def cell(self, read: Read) -> Cell:
        """Its values for one event."""


Subject = str | Expression
"""A field's name, or an expression over fields."""


class Const(Struct, frozen=True, cache_hash=True):
    """Always or never."""

    value: bool


class Test(Struct, frozen=True, cache_hash=True):
    """Some value of the subject satisfies the check."""

    __test__: ClassVar[bool] = False  # not a class of tests, whatever pytest thinks of its name

    subject: Subject
    check: Check


class And(Struct, frozen=True, cache_hash=True):
    """All of them."""

    terms: tuple[Term, ...]


class Or(Struct, frozen=True, cache_hash=True):
    """At least one of them."""

    terms: tuple[Term, ...]


class Not(Struct, frozen=True, cache_hash=True):
    """The complement."""

    term: Term


class Label(Struct, frozen=True, cache_hash=True):
    """The same as `term`, under the words its author used; for explanations, without meaning of its own."""

    text: str
    term: Term


Term = Const | Test | And | Or | Not | Label

TRUE, FALSE = Const(True), Const(False)


def conjunction(terms: Iterable[Term]) -> Term:
    """All of `terms`, flattened, without duplicates and constants."""
    return _joined(terms, And, neutral=TRUE, absorbing=FALSE)


def disjunction(terms: Iterable[Term]) -> Term:
    """Any of `terms`, flattened, without duplicates and constants."""
    return _joined(terms, Or, neutral=FALSE, absorbing=TRUE)


def negation(term: Term) -> Term:
    """The complement of `term`, without double negation."""
    match term:
        case Const(value):
            return Const(not value)
        case Not(inner):
            return inner
    return Not(term)


def bare(term: Term) -> Term:
    """The term without labels."""
    match term:
        case Label(_, inner):
            return bare(inner)
        case Not(inner):
            return negation(bare(inner))
        case And(terms):
            return conjunction(map(bare, terms))
        case Or(terms):
            return disjunction(map(bare, terms))
    return term


def tests(term: Term) -> Iterator[Test]:
    """Every test in the term, left to right, with repetitions."""
    match term:
        case Test():
            yield term
        case Not(inner) | Label(_, inner):
            yield from tests(inner)
        case And(terms) | Or(terms):
            for part in terms:
                yield from tests(part)


def subject_fields(subject: Subject) -> tuple[str, ...]:
    """The fields that a test of this subject reads."""
    return (subject,) if isinstance(subject, str) else subject.fields


def _joined(terms: Iterable[Term], join: type[And] | type[Or], *, neutral: Const, absorbing: Const) -> Term:
    parts: dict[Term, None] = {}
    for term in terms:
        if term == absorbing:
            return absorbing
        if isinstance(term, join):
            parts.update(dict.fromkeys(term.terms))
        elif term != neutral:
            parts[term] = None
    if len(parts) <= 1:
        return next(iter(parts), neutral)
    return join(tuple(parts))
