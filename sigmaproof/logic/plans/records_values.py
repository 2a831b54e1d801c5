"""Computed values: what a query makes of an event's fields, as subjects of tests.

A test of a chosen value is taken apart into tests of what it chooses from: a prover then sees plain fields.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from sigmaproof.logic.checks import Check, IsTrue, Matches, Present
from sigmaproof.logic.expressions import Related
from sigmaproof.logic.plans.records import cell_of, holds
from sigmaproof.logic.terms import (
    TRUE,
    And,
    Const,
    Label,
    Not,
    Or,
    Subject,
    Term,
    Test,
    conjunction,
    disjunction,
    negation,
    subject_fields,
    tests,
)
from sigmaproof.logic.values import Cell, Read, Value, number_of, text_of
from sigmaproof.text.capture import Captures, capture, capture_all
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob
from sigmaproof.text.regex import Regex
from sigmaproof.text.replace import replacer

LONGEST = 1_000_000
"""Letters of a computed value beyond which it is null: doubling a text over and over ends somewhere."""


class Constant(Struct, frozen=True):
    """The same for every event; `None` is null."""

    value: Cell

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def cell(self, read: Read) -> Cell:
        return self.value


class Apply(Struct, frozen=True):
    """A function of other values, under its name in the query's language."""

    name: str
    function: Callable[..., Cell]
    arguments: tuple[Subject, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return _fields(self.arguments)

    def cell(self, read: Read) -> Cell:
        return self.function(*(cell_of(argument, read) for argument in self.arguments)) or None

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


class Choose(Struct, frozen=True):
    """One value where a term holds, another where it does not."""

    when: Term
    then: Subject
    otherwise: Subject

    @property
    def fields(self) -> tuple[str, ...]:
        inside = (test.subject for test in tests(self.when))
        return _fields((*inside, self.then, self.otherwise))

    def cell(self, read: Read) -> Cell:
        return cell_of(self.then if holds(self.when, read) else self.otherwise, read)


class Captured(Struct, frozen=True):
    """What a named group holds after the first match, or after the first `most` ones (0: all)."""

    subject: Subject
    regex: Regex
    group: str
    most: int = 1
    keep_empty: bool = False
    certain: bool = False
    """It is only looked at where the group is known to hold something."""

    @property
    def fields(self) -> tuple[str, ...]:
        return subject_fields(self.subject)

    def cell(self, read: Read) -> Cell:
        texts = map(text_of, cell_of(self.subject, read) or ())
        found = [groups.get(self.group) for text in texts for groups in self._matches(text)]
        kept = tuple(value for value in found if value or (self.keep_empty and value == ""))
        return kept or None

    def _matches(self, text: str) -> Iterable[Captures]:
        if self.most == 1:
            return (groups,) if (groups := capture(self.regex)(text)) is not None else ()
        found = list(capture_all(self.regex)(text))
        return found[: self.most] if self.most else found


class Compared(Struct, frozen=True):
    """Whether two values compare so: as numbers if both are, else as texts; null if one is null."""

    left: Subject
    operator: str
    right: Subject

    @property
    def fields(self) -> tuple[str, ...]:
        return _fields((self.left, self.right))

    def cell(self, read: Read) -> Cell:
        left, right = cell_of(self.left, read) or (), cell_of(self.right, read) or ()
        compare = COMPARE[self.operator]
        return tuple({compare(*_comparable(one, other)) for one in left for other in right}) or None

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


class Filtered(Struct, frozen=True):
    """The values of a multivalue for which a term over `name` holds."""

    subject: Subject
    name: str
    term: Term

    @property
    def fields(self) -> tuple[str, ...]:
        return subject_fields(self.subject)

    def cell(self, read: Read) -> Cell:
        values = cell_of(self.subject, read) or ()
        return tuple(value for value in values if holds(self.term, lambda _: (value,))) or None  # noqa: B023


class Replaced(Struct, frozen=True):
    """Every match of a pattern, or the first `most`, replaced; `\\1` in the replacement is a group."""

    subject: Subject
    regex: Regex
    replacement: str
    most: int = 0

    @property
    def fields(self) -> tuple[str, ...]:
        return subject_fields(self.subject)

    def cell(self, read: Read) -> Cell:
        values = cell_of(self.subject, read) or ()
        replace = replacer(self.regex)
        texts = tuple(replace(text_of(value), self.replacement, self.most) for value in values)
        return texts if len(texts) > 0 and sum(map(len, texts)) <= LONGEST else None


class Located(Struct, frozen=True):
    """The place, from 0, of the first value that passes a check."""

    subject: Subject
    check: Check

    @property
    def fields(self) -> tuple[str, ...]:
        return subject_fields(self.subject)

    def cell(self, read: Read) -> Cell:
        passes = self.check.predicate()
        places = (n for n, value in enumerate(cell_of(self.subject, read) or ()) if passes(value))
        return next(((place,) for place in places), None)


NULL = Constant(None)

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def test(subject: Subject, check: Check) -> Term:
    """Some value of the subject satisfies the check; taken apart as far as the subject is known."""
    return any_test(subject, (check,))


def any_test(subject: Subject, checks: tuple[Check, ...]) -> Term:
    """Some value of the subject satisfies one of the checks."""
    if isinstance(subject, Choose):
        return branches(subject.when, any_test(subject.then, checks), any_test(subject.otherwise, checks))
    return disjunction([_one_test(subject, check) for check in checks])


def _one_test(subject: Subject, check: Check) -> Term:
    match subject:
        case Constant(value):
            holding = check.predicate()
            return Const(any(map(holding, value)) if value else check.on_absent)
        case Captured(certain=True) if isinstance(check, Present):
            return TRUE
        case Apply("lower", _, (inner,)) if (lower := _lowered(check)) is not None:
            return test(inner, lower)
    return Test(subject, check)


def branches(when: Term, then: Term, otherwise: Term) -> Term:
    """`then` where `when` holds, else `otherwise`."""
    if then == otherwise:
        return then
    return disjunction((conjunction((when, then)), conjunction((negation(when), otherwise))))


def present(subject: Subject) -> Term:
    """The subject is not null."""
    return test(subject, Present())


def compared(left: Subject, operator: str, right: Subject) -> Term:
    """The comparison of two values is true."""
    for this, other, flipped in ((left, right, False), (right, left, True)):
        if isinstance(this, Choose):
            then, otherwise = (
                compared(other, operator, part) if flipped else compared(part, operator, other)
                for part in (this.then, this.otherwise)
            )
            return branches(this.when, then, otherwise)
    if operator in ("=", "!=") and isinstance(left, str) and isinstance(right, str):
        same = Test(Related(left, right, fold=Fold.EXACT), IsTrue())
        return same if operator == "=" else conjunction((present(left), present(right), negation(same)))
    return test(folded(Compared(left, operator, right)), IsTrue())


def choose(when: Term, then: Subject, otherwise: Subject) -> Subject:
    """One of two values, or the only one that can be."""
    if isinstance(when, Const):
        return then if when.value else otherwise
    return then if then == otherwise else Choose(when, then, otherwise)


def folded(expression: Apply | Compared) -> Subject:
    """The expression, or its value if nothing in it depends on the event."""
    parts = expression.arguments if isinstance(expression, Apply) else (expression.left, expression.right)
    constant = all(isinstance(part, Constant) for part in parts)
    return Constant(expression.cell(lambda name: None)) if constant else expression


def weight(subject: Subject, most: int) -> int:
    """How many parts a subject has when written out; counting ends at `most`."""
    waiting: list[object] = [subject]
    count = 0
    while waiting and count < most:
        part = waiting.pop()
        count += 1
        waiting += _parts(part)
    return count


def _parts(part: object) -> tuple[object, ...]:
    match part:
        case Apply(_, _, arguments):
            return arguments
        case Choose(when, then, otherwise):
            return (when, then, otherwise)
        case Compared(left, _, right):
            return (left, right)
        case Captured(subject) | Filtered(subject) | Replaced(subject) | Located(subject) | Test(subject):
            return (subject,)
        case Not(inner) | Label(_, inner):
            return (inner,)
        case And(terms) | Or(terms):
            return terms
    return ()


def _comparable(left: Value, right: Value) -> tuple[float | str, float | str]:
    numbers = number_of(left), number_of(right)
    if numbers[0] is not None and numbers[1] is not None:
        return numbers[0], numbers[1]
    return text_of(left), text_of(right)


def _lowered(check: Check) -> Check | None:
    """The check that a value passes if its lower case passes this one."""
    if isinstance(check, Matches) and check.fold is Fold.EXACT and isinstance(check.pattern, Glob):
        return (
            Matches(check.pattern, Fold.LOWER) if check.pattern.folded(Fold.LOWER) == check.pattern else None
        )
    return check if isinstance(check, Present) else None


def _fields(subjects: Iterable[Subject]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for subject in subjects for name in subject_fields(subject)))
