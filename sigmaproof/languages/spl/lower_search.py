"""The expression of `search` as a term. Values ignore case, field names do not; OR binds tighter than AND.

https://help.splunk.com/en/splunk-enterprise/search/spl-search-reference/9.4/search-commands/search
"""

from __future__ import annotations

from collections.abc import Mapping

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.languages.spl import ast, times
from sigmaproof.languages.spl.data_models import NODE
from sigmaproof.languages.spl.parse_search import parse_search
from sigmaproof.languages.spl.patterns import (
    keyword_check,
    letter_rule,
    order_check,
    unescaped,
    value_check,
    wildcards,
)
from sigmaproof.languages.spl.scope import Context, Scope, constant
from sigmaproof.logic.checks import Check, Number, Order, Other, Present
from sigmaproof.logic.plans.records_values import any_test, present, test
from sigmaproof.logic.terms import TRUE, Subject, Term, conjunction, disjunction, negation
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

TIMES = {"earliest": Order.GE, "starttime": Order.GE, "latest": Order.LT, "endtime": Order.LT}
_SUPPLIED = ("eventtype", "tag", "savedsearch", "savedsplunk")
_REFUSED = frozenset(
    {"splunk_server", "splunk_server_group", "_index_earliest", "_index_latest", "hosttag", NODE}
)
_RAW_NOTE = "words are looked for in _raw; an event without _raw reads as its JSON text"


def lower_search(
    search: ast.Search,
    scope: Scope,
    context: Context,
    *,
    and_first: bool | None = None,
    marks: Mapping[int, str] | None = None,
) -> Term:
    """The events that the expression finds. `and_first` overrides the switch on precedence.

    `marks`: for each subsearch, by its offset, the field that marks what agrees with it.
    """
    if and_first is None:
        and_first = context.options.switches.search_precedence == "and-first"
    return _Lowering(scope, context, and_first, marks).term(search)


class _Lowering:
    def __init__(
        self, scope: Scope, context: Context, and_first: bool, marks: Mapping[int, str] | None
    ) -> None:
        self.marks = marks
        self.scope = scope
        self.context = context
        self.options = context.options
        self.switches = context.options.switches
        self.and_first = and_first

    def term(self, search: ast.Search) -> Term:
        match search:
            case ast.Series(parts, joints):
                return self.series(parts, joints)
            case ast.Without(part):
                return negation(self.term(part))
            case ast.Comparison(name, operator, value):
                return self.comparison(name, operator, value)
            case ast.OneOf(name, values, keyword):
                return self.one_of(name, values, keyword)
            case ast.Phrase(text, quoted):
                return self.phrase(wildcards(text, quoted, self.options), letter_rule(self.options))
            case ast.Indexed(text, cased):
                return self.indexed(text, cased)
            case ast.Subsearch(offset):
                return self.subsearch(offset)

    def series(self, parts: tuple[ast.Search, ...], joints: tuple[str, ...]) -> Term:
        if len(set(joints)) > 1:
            first = "AND" if self.and_first else "OR"
            self.context.note(
                f"AND and OR stand side by side: {first} binds tighter here (search_precedence)"
            )
        outer, inner = (disjunction, conjunction) if self.and_first else (conjunction, disjunction)
        groups = _split(parts, joints, "OR" if self.and_first else "AND")
        return outer([inner([self.term(part) for part in group]) for group in groups])

    def comparison(self, name: str, operator: str, value: ast.Word) -> Term:
        special = self.modifier(name, operator, value)
        if special is not None:
            return special
        if operator == "==" and self.switches.double_equals == "reject":
            raise InvalidQuery(f"{name}==: search compares with a single = (double_equals)")
        subject = self.subject(name)
        if operator in ("<", "<=", ">", ">="):
            text = unescaped(value.text)
            self.context.note(f"{name}{operator}{text}: values that are no number compare as text")
            return test(subject, order_check(operator, text))
        check = self.check(value, self.switches.cidr)
        if operator != "!=":
            return test(subject, check)
        if self.switches.multivalue_not_equal == "all":
            return conjunction((present(subject), negation(test(subject, check))))
        return test(subject, Other(check))

    def one_of(self, name: str, values: tuple[ast.Word, ...], keyword: str) -> Term:
        if keyword != "IN" and self.switches.in_letter_case == "upper":
            raise InvalidQuery(f"{name} {keyword} (…): IN is upper case (in_letter_case)")
        subject = self.subject(name)
        return any_test(subject, tuple(self.check(value, self.switches.cidr_in_list) for value in values))

    def check(self, value: ast.Word, cidr: str) -> Check:
        return value_check(wildcards(value.text, value.quoted, self.options), value.cased, cidr, self.options)

    def subject(self, name: str) -> Subject:
        return self.scope.resolve(name)

    def modifier(self, name: str, operator: str, value: ast.Word) -> Term | None:
        if name in TIMES:
            return self.time(name, value.text)
        if name == NODE and constant(self.subject(name)) == value.text:
            return TRUE
        if name in _REFUSED:
            raise UnsupportedQuery(f"the search modifier {name}= is not modelled")
        if name not in _SUPPLIED:
            return None
        supplied: Mapping[str, str] = {
            "eventtype": self.options.eventtypes, "tag": self.options.tags
        }.get(name, self.options.savedsearches)  # fmt: skip
        if value.text not in supplied:
            hint = nearest(value.text, supplied)
            raise UnsupportedQuery(f"{name}={value.text} needs its definition among the options{hint}")
        found = self.term(parse_search(supplied[value.text], supplied[value.text], 0))
        return negation(found) if operator == "!=" else found

    def time(self, name: str, text: str) -> Term:
        time = times.time_of(text, self.options.now)
        if time is None and times.is_relative(text):
            self.context.note(
                f"{name}={text} is passed over: it counts from now, and the option `now` is not set"
            )
            return TRUE
        if time is None:
            raise InvalidQuery(f"{name}={text} is no time")
        return test("_time", Number(TIMES[name], time))

    def phrase(self, pattern: Glob, rule: Fold) -> Term:
        if pattern.parts in ((), (MANY,)):
            return TRUE
        self.context.note(_RAW_NOTE)
        breakers = self.options.major_breakers + self.options.minor_breakers
        return test(self.subject("_raw"), keyword_check(pattern, rule, breakers))

    def subsearch(self, offset: int) -> Term:
        if self.marks is None:
            raise UnsupportedQuery("a subsearch outside of the search command")
        return test(self.marks[offset], Present())

    def indexed(self, text: str, cased: bool) -> Term:
        pattern = wildcards(text, True, self.options)
        if cased:
            return self.phrase(pattern, Fold.EXACT)
        if any(char in self.options.major_breakers and char != "*" for char in text):
            raise InvalidQuery(f"TERM({text}) holds a character that ends a term")
        self.context.note(_RAW_NOTE)
        check = keyword_check(pattern, letter_rule(self.options), self.options.major_breakers)
        return test(self.subject("_raw"), check) if pattern.parts else TRUE


def _split(parts: tuple[ast.Search, ...], joints: tuple[str, ...], at: str) -> list[list[ast.Search]]:
    groups: list[list[ast.Search]] = [[*parts[:1]]] if parts else []
    for joint, part in zip(joints, parts[1:], strict=True):
        if joint == at:
            groups.append([part])
        else:
            groups[-1].append(part)
    return groups
