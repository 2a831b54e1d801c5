"""Rule → term, on the rule's own field names. The log source is not part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import comb, prod

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.languages.sigma import strings
from sigmaproof.languages.sigma.conditions import selected
from sigmaproof.languages.sigma.encodings import spellings
from sigmaproof.languages.sigma.expressions import Related, TimePart
from sigmaproof.languages.sigma.nodes import (
    DASHES,
    Both,
    Compared,
    Condition,
    Dash,
    Denied,
    Detection,
    Either,
    Every,
    Flag,
    Item,
    Name,
    Network,
    Null,
    Num,
    OneOf,
    Part,
    Pattern,
    Placeholder,
    Presence,
    Quantified,
    Reference,
    Regexp,
    Rule,
    Scalar,
    Text,
)
from sigmaproof.languages.sigma.regexes import regex_of
from sigmaproof.logic.checks import Exists, InNetwork, IsNull, IsTrue, Matches, Number, Order
from sigmaproof.logic.terms import Label, Subject, Term, Test, conjunction, disjunction, negation
from sigmaproof.logic.values import ANY_FIELD, number_of, text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.regex import ANY_CHAR, ANY_TEXT, Chars, Concat, Regex, literal

Placeholders = Mapping[str, Sequence[str]]
"""The values of placeholders, by name; they are value strings and may hold wildcards."""

MOST_VALUES = 1000
"""Values that one value with placeholders may stand for, and ways to fulfil one `N of`."""

_MOST_GLOBS = len(DASHES) ** 2
"""With more spellings than this, a text with dashes becomes one regular expression."""

_DASH = Chars.of(*((ord(dash), ord(dash)) for dash in DASHES))


def lower(rule: Rule, placeholders: Placeholders | None = None) -> Term:
    """What the rule, with the filters in it, says about an event.

    Raises `UnsupportedQuery` for look-around, back-references and placeholders without values.
    """
    own = _Scope(rule, placeholders or {}).term()
    return conjunction([own, *(lower(filter_, placeholders) for filter_ in rule.filters)])


@dataclass(slots=True)
class _Scope:
    """One rule's identifiers."""

    rule: Rule
    placeholders: Placeholders

    def term(self) -> Term:
        prefix = "" if self.rule.rules is None else f"{self.rule.title}: "
        terms = {
            name: Label(prefix + name, self.detection(detection)) for name, detection in self.rule.detections
        }
        return disjunction(_condition(condition, terms) for condition in self.rule.conditions)

    def detection(self, detection: Detection) -> Term:
        if isinstance(detection, Item):
            return Label(words(detection), self.item(detection))
        join = conjunction if isinstance(detection, Every) else disjunction
        return join(self.detection(part) for part in detection.parts)

    def item(self, item: Item) -> Term:
        terms: list[Term] = [_pattern(item, pattern) for pattern in self._values(item.patterns)]
        if len(terms) > 1:
            terms = [Label(_word(value), term) for value, term in zip(item.values, terms, strict=True)]
        term = conjunction(terms) if item.every else disjunction(terms)
        return negation(term) if item.negated else term

    def _values(self, patterns: Iterable[Pattern]) -> list[Pattern]:
        return [self._resolved(pattern) if isinstance(pattern, Text) else pattern for pattern in patterns]

    def _resolved(self, text: Text) -> Pattern:
        names = [part.name for part in text.parts if isinstance(part, Placeholder)]
        if not names:
            return text
        choices = [self._choices(name) for name in names]
        if prod(map(len, choices)) > MOST_VALUES:
            raise UnsupportedQuery(f"placeholders that stand for more than {MOST_VALUES} values")
        return OneOf(tuple(_filled(text, values) for values in product(*choices)))

    def _choices(self, name: str) -> list[tuple[Part, ...]]:
        if name not in self.placeholders:
            hint = nearest(name, self.placeholders)
            raise UnsupportedQuery(f"the placeholder %{name}% has no values here{hint}")
        return [strings.parse(value) for value in self.placeholders[name]]


def words(item: Item) -> str:
    """The item in the rule's own words: `Image|endswith '\\wmic.exe'`."""
    shown = ", ".join(map(_word, item.values[:4])) + (", …" if len(item.values) > 4 else "")
    return f"{item.key or 'keyword'} {shown}"


def _word(value: Scalar) -> str:
    return f"'{value}'" if isinstance(value, str) else "null" if value is None else text_of(value)


def _filled(text: Text, values: tuple[tuple[Part, ...], ...]) -> Text:
    left = iter(values)
    parts = [next(left) if isinstance(part, Placeholder) else (part,) for part in text.parts]
    return replace(text, parts=tuple(strings.joined(part for inner in parts for part in inner)))


def _condition(condition: Condition, terms: Mapping[str, Term]) -> Term:
    match condition:
        case Name(name):
            return terms[name]
        case Denied(inner):
            return negation(_condition(inner, terms))
        case Both(parts):
            return conjunction(_condition(part, terms) for part in parts)
        case Either(parts):
            return disjunction(_condition(part, terms) for part in parts)
        case Quantified(least, pattern):
            return _at_least(least, [terms[name] for name in selected(pattern, terms)])


def _at_least(least: int | None, terms: list[Term]) -> Term:
    if least is None:
        return conjunction(terms)
    if comb(len(terms), least) > MOST_VALUES:
        raise UnsupportedQuery(f"`{least} of` {len(terms)} identifiers has too many ways to hold")
    return disjunction(map(conjunction, combinations(terms, least)))


def _pattern(item: Item, pattern: Pattern) -> Term:
    if item.field is None:
        return _lower(ANY_FIELD, _keyword(pattern))
    if item.time_part:
        return _lower(TimePart(item.field, item.time_part), pattern)
    return _lower(item.field, pattern)


def _keyword(pattern: Pattern) -> Pattern:
    """A keyword may stand anywhere in a value, unless a modifier says where."""
    match pattern:
        case Text(positioned=False):
            return replace(pattern, parts=(MANY, *pattern.parts, MANY))
        case OneOf(options):
            return OneOf(tuple(inner for inner in map(_keyword, options) if isinstance(inner, Text)))
        case Num(value) | Flag(value):
            return Text((MANY, text_of(value), MANY))
    return pattern


def _lower(subject: Subject, pattern: Pattern) -> Term:
    return _LOWER[type(pattern)](subject, pattern)


def _text(subject: Subject, text: Text) -> Term:
    case = Fold.EXACT if text.cased else Fold.SIMPLE
    tests: list[Term] = [Test(subject, Matches(pattern, case)) for pattern in _patterns(text.parts, case)]
    whole = text.parts[0] if len(text.parts) == 1 else None
    number = number_of(whole) if isinstance(whole, str) else None
    if number is not None:
        tests.append(Test(subject, Number(Order.EQ, number, text=False)))
    return disjunction(tests)


def _patterns(parts: tuple[Part, ...], case: Fold) -> list[Glob | Regex]:
    if len(DASHES) ** parts.count(Dash.ANY) > _MOST_GLOBS:
        return [Concat(tuple(_regex_part(part, case) for part in parts))]
    return [
        Glob.of(*(part for part in written if isinstance(part, str | Wild))) for written in spellings(parts)
    ]


def _regex_part(part: Part, case: Fold) -> Regex:
    if isinstance(part, str):
        return literal(fold(part, case))
    return ANY_CHAR if part is ONE else ANY_TEXT if part is MANY else _DASH


def _one_of(subject: Subject, pattern: OneOf) -> Term:
    return disjunction(_text(subject, option) for option in pattern.options)


def _reference(subject: Subject, pattern: Reference) -> Term:
    case = Fold.EXACT if pattern.cased else Fold.SIMPLE
    return Test(Related(str(subject), pattern.field, pattern.position, case), IsTrue())


def _presence(subject: Subject, pattern: Presence) -> Term:
    there = Test(subject, Exists())
    return there if pattern.wanted else negation(there)


def _boolean(subject: Subject, pattern: Flag) -> Term:
    return Test(subject, Matches(Glob.of(text_of(pattern.value)), Fold.SIMPLE))


_LOWER: dict[type, Callable[..., Term]] = {
    Text: _text,
    OneOf: _one_of,
    Num: lambda subject, pattern: Test(subject, Number(Order.EQ, pattern.value)),
    Flag: _boolean,
    Null: lambda subject, pattern: Test(subject, IsNull()),
    Regexp: lambda subject, pattern: Test(subject, Matches(regex_of(pattern))),
    Compared: lambda subject, pattern: Test(subject, Number(pattern.order, pattern.than)),
    Network: lambda subject, pattern: Test(subject, InNetwork(pattern.network)),
    Presence: _presence,
    Reference: _reference,
}
