"""Rule → term, on the rule's own field names. The log source is not part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import comb, prod

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.languages.sigma import nodes, strings
from sigmaproof.languages.sigma.conditions import selected
from sigmaproof.languages.sigma.encodings import spellings
from sigmaproof.languages.sigma.errors import NoValues
from sigmaproof.languages.sigma.modifiers import compiled
from sigmaproof.languages.sigma.nodes import DASHES, Dash, Item, Part, Pattern, Placeholder, Rule, Text
from sigmaproof.logic.checks import Exists, InNetwork, IsNull, IsTrue, Matches, Number, Order
from sigmaproof.logic.expressions import Related, TimePart
from sigmaproof.logic.terms import Label, Not, Subject, Term, Test, conjunction, disjunction, negation
from sigmaproof.logic.values import ANY_FIELD, number_of, text_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, ONE, Glob, Wild
from sigmaproof.text.regex import ANY_CHAR, ANY_TEXT, Chars, Concat, Regex, RegexError, literal

Placeholders = Mapping[str, Sequence[str]]
"""The values of placeholders, by name; they are value strings and may hold wildcards."""

MOST_WAYS = 1000
"""Values that one value with placeholders may stand for, and ways to fulfil one `N of`."""

_MOST_GLOBS = len(DASHES) ** 2
"""With more spellings than this, a text with dashes becomes one regular expression."""

_DASH = Chars.of(*((ord(dash), ord(dash)) for dash in DASHES))


def lower(rule: Rule, placeholders: Placeholders | None = None) -> Term:
    """What the rule, with the filters in it, says about an event.

    Placeholders have the values given here, and those that the rule holds. Raises `NoValues` for any other,
    `UnsupportedQuery` for look-around and back-references.
    """
    own = _Scope(rule, {**dict(rule.placeholders), **(placeholders or {})}).term()
    filters = [lower(filter_, placeholders) for filter_ in rule.filters]
    return conjunction([own, *filters]) if filters else own


@dataclass(frozen=True, slots=True)
class _Scope:
    """One rule's identifiers."""

    rule: Rule
    placeholders: Placeholders

    def term(self) -> Term:
        prefix = "" if self.rule.rules is None else f"{self.rule.title}: "
        named: dict[str, Term] = {}
        for name, detection in self.rule.detections:
            named[name] = Label(prefix + name, self.node(detection, {}))
        return _any([self.node(condition, named) for condition in self.rule.conditions])

    def node(self, node: nodes.Node, named: Mapping[str, Term]) -> Term:
        match node:
            case Item():
                return Label(str(node), self.item(node))
            case nodes.Name(name):
                return named[name]
            case nodes.Quantified(least, pattern):
                return _at_least(least, [named[name] for name in selected(pattern, named)])
            case nodes.Denied(inner):
                return negation(self.node(inner, named))
            case nodes.Every(parts):
                return conjunction(self.node(part, named) for part in parts)
            case nodes.Some(parts):
                return disjunction(self.node(part, named) for part in parts)

    def item(self, item: Item) -> Term:
        terms = [_any([self.value(item, pattern) for pattern in value]) for value in item.patterns]
        if len(terms) > 1:
            terms = [Label(nodes.shown(value), term) for value, term in zip(item.values, terms, strict=True)]
        term = conjunction(terms) if "all" in item.modifiers else _any(terms)
        return negation(term) if "neq" in item.modifiers else term

    def value(self, item: Item, pattern: Pattern) -> Term:
        patterns = self.resolved(pattern, item) if isinstance(pattern, Text) else [pattern]
        subject: Subject = ANY_FIELD if item.field is None else item.field
        if item.field is None:
            patterns = [_keyword(pattern) for pattern in patterns]
        elif item.time_part:
            subject = TimePart(item.field, item.time_part)
        return _any([_LOWER[type(pattern)](subject, pattern) for pattern in patterns])

    def resolved(self, text: Text, item: Item) -> list[Pattern]:
        """The text with every combination of its placeholders' values."""
        choices = [self.choices(part.name, item) for part in text.parts if isinstance(part, Placeholder)]
        if not choices:
            return [text]
        if prod(map(len, choices)) > MOST_WAYS:
            raise UnsupportedQuery(f"placeholders that stand for more than {MOST_WAYS} values")
        holes = (strings.filled(text.parts, Placeholder, values) for values in product(*choices))
        return [replace(text, parts=parts) for parts in holes]

    def choices(self, name: str, item: Item) -> list[tuple[Part, ...]]:
        if name not in self.placeholders:
            hint = nearest(name, self.placeholders)
            path = item.path if self.rule.rules is None else ()
            raise NoValues(f"the placeholder %{name}% has no values here{hint}", name, path)
        return [strings.parse(value) for value in self.placeholders[name]]


def _any(terms: Sequence[Term]) -> Term:
    return terms[0] if len(terms) == 1 else disjunction(terms)


def _at_least(least: int | None, terms: list[Term]) -> Term:
    if least is None:
        return conjunction(terms)
    if least > 1 and comb(len(terms), least) > MOST_WAYS:
        raise UnsupportedQuery(f"`{least} of` {len(terms)} identifiers has too many ways to hold")
    return disjunction(map(conjunction, combinations(terms, least)))


def _keyword(pattern: Pattern) -> Pattern:
    """A keyword may stand anywhere in a value, unless a modifier says where."""
    if isinstance(pattern, bool | int | float):
        return Text((MANY, text_of(pattern), MANY))
    if isinstance(pattern, Text) and not pattern.positioned:
        return replace(pattern, parts=(MANY, *pattern.parts, MANY))
    return pattern


def _text(subject: Subject, text: Text) -> Term:
    case = Fold.EXACT if text.cased else Fold.SIMPLE
    tests: list[Term] = [Test(subject, Matches(pattern, case)) for pattern in _patterns(text.parts, case)]
    whole = text.parts[0] if len(text.parts) == 1 else None
    number = number_of(whole) if isinstance(whole, str) else None
    if number is not None:  # an event's 4688.0 is the rule's '4688'
        tests.append(Test(subject, Number(Order.EQ, number, text=False)))
    return _any(tests)


def _patterns(parts: tuple[Part, ...], case: Fold) -> list[Glob | Regex]:
    if len(DASHES) ** parts.count(Dash.ANY) > _MOST_GLOBS:
        return [Concat(tuple(_regex(part, case) for part in parts))]
    return [Glob.of(*(part for part in way if isinstance(part, str | Wild))) for way in spellings(parts)]


def _regex(part: Part, case: Fold) -> Regex:
    if isinstance(part, str):
        return literal(fold(part, case))
    return ANY_CHAR if part is ONE else ANY_TEXT if part is MANY else _DASH


def _reference(subject: Subject, pattern: nodes.Reference) -> Term:
    case = Fold.EXACT if pattern.cased else Fold.SIMPLE
    return Test(Related(str(subject), pattern.field, pattern.position, case), IsTrue())


def _regexp(subject: Subject, pattern: nodes.Regexp) -> Term:
    try:
        return Test(subject, Matches(compiled(pattern)))
    except RegexError as error:
        place = f"character {error.offset + 1} of the regular expression {pattern.source!r}"
        raise UnsupportedQuery(f"{error.message}, at {place}") from None


def _presence(subject: Subject, found: nodes.Presence) -> Term:
    return Test(subject, Exists()) if found.wanted else Not(Test(subject, Exists()))


_LOWER: dict[type, Callable[..., Term]] = {
    Text: _text,
    **dict.fromkeys((int, float), lambda subject, number: Test(subject, Number(Order.EQ, number))),
    bool: lambda subject, truth: Test(subject, Matches(Glob.of(text_of(truth)), Fold.SIMPLE)),
    type(None): lambda subject, _: Test(subject, IsNull()),
    nodes.Regexp: _regexp,
    Number: Test,
    InNetwork: Test,
    nodes.Presence: _presence,
    nodes.Reference: _reference,
}
