"""Expressions: conditions as pairs of terms (when they are true, when false), values as subjects.

A comparison with a null field is neither true nor false, and `NOT` of it is not either; `where` and `if` ask
only whether a condition is true. https://help.splunk.com/en/splunk-enterprise/search/spl-search-reference/9.4/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature

from sigmaproof.errors import InvalidQuery, QueryError, UnsupportedQuery, nearest
from sigmaproof.languages.spl import ast
from sigmaproof.languages.spl.functions import FUNCTIONS, INTERNAL, apply
from sigmaproof.languages.spl.lower_search import lower_search
from sigmaproof.languages.spl.parse_search import parse_search
from sigmaproof.languages.spl.patterns import NUMERIC, network_of, order_check, regex_check, replaceable
from sigmaproof.languages.spl.scope import Context, Scope, constant
from sigmaproof.languages.spl.unmodelled import unmodelled
from sigmaproof.logic.checks import Check, InNetwork, Matches, Number, Order, Other
from sigmaproof.logic.plans.records_values import (
    NULL,
    Choose,
    Constant,
    Filtered,
    Located,
    Replaced,
    branches,
    choose,
    compared,
    folded,
    present,
    test,
    weight,
)
from sigmaproof.logic.terms import FALSE, TRUE, Subject, Term, conjunction, disjunction, negation
from sigmaproof.logic.truth import Truth
from sigmaproof.text.glob import MANY, ONE, Glob

HEAVIEST = 10_000
"""Parts of a condition written out, beyond which it is refused."""

_LONGEST_CHAIN = 16

_FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Expressions:
    """Lowers the expressions of one place in a pipeline."""

    def __init__(self, scope: Scope, context: Context) -> None:
        self.scope = scope
        self.context = context
        self.switches = context.options.switches

    # ---- conditions ----

    def condition(self, expression: ast.Expr) -> Truth:
        """An expression that is true, false or null."""
        if not isinstance(expression, ast.Call):
            raise InvalidQuery(f"{_shown(expression)} is a value, where a condition is needed")
        lower = _CONDITIONS.get(expression.name)
        if lower is None:
            raise (
                self._unknown(expression)
                if expression.name not in _VALUES
                else InvalidQuery(f"{expression.name}() gives a value, where a condition is needed")
            )
        return lower(self, *self._arity(expression, lower))

    def is_condition(self, expression: ast.Expr) -> bool:
        """Whether the expression can only be a condition."""
        return isinstance(expression, ast.Call) and expression.name in _CONDITIONS.keys() - _VALUES.keys()

    def logical(self, *parts: ast.Expr, both: bool) -> Truth:
        truths = [self.condition(part) for part in parts]
        every, some = (conjunction, disjunction) if both else (disjunction, conjunction)
        return Truth(every([truth.yes for truth in truths]), some([truth.no for truth in truths]))

    def either(self, *parts: ast.Expr) -> Truth:
        result, *rest = [self.condition(part) for part in parts]
        for other in rest:
            differ = _either(result.yes, other.no, result.no, other.yes)
            result = _bounded(Truth(differ, _either(result.yes, other.yes, result.no, other.no)))
        return result

    def opposite(self, part: ast.Expr) -> Truth:
        truth = self.condition(part)
        return Truth(truth.no, truth.yes)

    def comparison(self, operator: str, left: ast.Expr, right: ast.Expr) -> Truth:
        one, other = self.value(left), self.value(right)
        if operator == "!=":
            truth = self.comparison("=", left, right)
            return Truth(truth.no, truth.yes)
        literal = constant(other)
        if literal is not None:
            return self.checked(one, self.literal_check(operator, literal, right))
        literal = constant(one)
        if literal is not None:
            return self.checked(other, self.literal_check(_FLIPPED[operator], literal, left))
        if self.switches.eval_null == "false":
            return Truth.total(compared(one, operator, other))
        return Truth(compared(one, operator, other), compared(one, _OPPOSITE[operator], other))

    def literal_check(self, operator: str, literal: str | int | float, written: ast.Expr) -> Check:
        numeric = not isinstance(literal, str) and self.switches.eval_numeric_text == "number"
        if operator == "=":
            return Number(Order.EQ, literal) if numeric else Matches(Glob.of(str(literal)))  # type: ignore[arg-type]
        mixed = self.switches.eval_mixed_order == "lexicographic"
        return order_check(operator, literal, mixed=mixed) if numeric else order_check(operator, str(literal))

    def checked(self, subject: Subject, check: Check) -> Truth:
        """A condition that is null where the subject is."""
        yes = test(subject, check)
        if self.switches.eval_null == "false":
            return Truth.total(yes)
        return Truth(yes, conjunction((present(subject), negation(yes))))

    def one_of(self, value: ast.Expr, *options: ast.Expr) -> Truth:
        if not options:
            raise InvalidQuery("in() needs a field and at least one value")
        return self.logical(*(ast.Call.of("=", value, option) for option in options), both=False)

    def like(self, value: ast.Expr, pattern: ast.Expr) -> Truth:
        text = self.text(pattern, "like()")
        wild = {"%": MANY, "_": ONE}
        return self.checked(self.value(value), Matches(Glob.of(*(wild.get(char, char) for char in text))))

    def matches(self, value: ast.Expr, pattern: ast.Expr) -> Truth:
        return self.checked(self.value(value), regex_check(self.text(pattern, "match()")))

    def in_network(self, network: ast.Expr, address: ast.Expr) -> Truth:
        text = network_of(self.text(network, "cidrmatch()"))
        if text is None:
            raise InvalidQuery(f"cidrmatch(): {self.text(network, 'cidrmatch()')!r} is no network")
        mapped = self.switches.cidr_mapped == "yes"
        return self.checked(self.value(address), InNetwork(text, mapped=mapped))

    def is_null(self, value: ast.Expr) -> Truth:
        return Truth.total(negation(present(self.value(value))))

    def is_not_null(self, value: ast.Expr) -> Truth:
        return Truth.total(present(self.value(value)))

    def is_number(self, value: ast.Expr) -> Truth:
        return Truth.total(test(self.value(value), NUMERIC))

    def is_integer(self, value: ast.Expr) -> Truth:
        return Truth.total(test(self.value(value), regex_check(r"\A[+-]?\d+\z")))

    def is_text(self, value: ast.Expr) -> Truth:
        return Truth.total(test(self.value(value), Other(NUMERIC)))

    def found(self, search: ast.Expr) -> Truth:
        text = self.text(search, "searchmatch()")
        return Truth.total(lower_search(parse_search(text, text, 0), self.scope, self.context))

    def if_condition(self, when: ast.Expr, then: ast.Expr, otherwise: ast.Expr) -> Truth:
        choice = self.condition(when).yes
        yes, no = self.condition(then), self.condition(otherwise)
        return _bounded(Truth(branches(choice, yes.yes, no.yes), branches(choice, yes.no, no.no)))

    # ---- values ----

    def value(self, expression: ast.Expr) -> Subject:
        """An expression that is a text, a number, several of them, or null."""
        match expression:
            case ast.Field(name):
                return self.scope.resolve(name)
            case ast.Literal(value):
                return Constant((value,))
        lower = _VALUES.get(expression.name)
        if lower is not None:
            return lower(self, *self._arity(expression, lower))
        if expression.name in _CONDITIONS:
            raise InvalidQuery(
                f"eval cannot take the Boolean of {expression.name!r} as a value: wrap it in if()"
            )
        if expression.name not in FUNCTIONS or expression.name in INTERNAL:
            raise self._unknown(expression)
        arguments = tuple(self.value(argument) for argument in expression.arguments)
        self._accepts(expression, FUNCTIONS[expression.name], len(arguments))
        return folded(apply(expression.name, *arguments))

    def text(self, expression: ast.Expr, of: str) -> str:
        """An argument that has to be known when the search is read."""
        literal = constant(self.value(expression))
        if not isinstance(literal, str):
            raise UnsupportedQuery(f"{of} with a pattern that is no text in quotes")
        return literal

    def choice(self, when: ast.Expr, then: ast.Expr, otherwise: ast.Expr) -> Subject:
        return choose(self.condition(when).yes, self.value(then), self.value(otherwise))

    def cases(self, *arguments: ast.Expr) -> Subject:
        if len(arguments) % 2 or not arguments:
            raise InvalidQuery("case() takes pairs of a condition and a value")
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        return _first_of([(self.condition(when).yes, self.value(then)) for when, then in pairs])

    def coalesce(self, *arguments: ast.Expr) -> Subject:
        values = [self.value(argument) for argument in arguments]
        return _first_of([(present(value), value) for value in values])

    def null_if(self, value: ast.Expr, other: ast.Expr) -> Subject:
        return choose(self.comparison("=", value, other).yes, NULL, self.value(value))

    def validate(self, *arguments: ast.Expr) -> Subject:
        if len(arguments) % 2 or not arguments:
            raise InvalidQuery("validate() takes pairs of a condition and a value")
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        return _first_of([(self.condition(when).no, self.value(then)) for when, then in pairs])

    def as_text(self, value: ast.Expr, *form: ast.Expr) -> Subject:
        if not self.is_condition(value):
            return folded(apply("tostring", self.value(value), *map(self.value, form)))
        truth = self.condition(value)
        return choose(truth.yes, Constant(("True",)), choose(truth.no, Constant(("False",)), NULL))

    def type_of(self, value: ast.Expr) -> Subject:
        boolean = self.is_condition(value)
        return Constant(("Boolean",)) if boolean else folded(apply("typeof", self.value(value)))

    def null(self) -> Subject:
        return NULL

    def now(self) -> Subject:
        if self.context.options.now is None:
            raise UnsupportedQuery("now() needs the option `now`, an epoch second")
        return Constant((self.context.options.now,))

    def replace(self, value: ast.Expr, pattern: ast.Expr, new: ast.Expr) -> Subject:
        tree = replaceable(self.text(pattern, "replace()"))
        return Replaced(self.value(value), tree, self.text(new, "replace()"))

    def find(self, values: ast.Expr, pattern: ast.Expr) -> Subject:
        return Located(self.value(values), regex_check(self.text(pattern, "mvfind()")))

    def filter(self, condition: ast.Expr) -> Subject:
        names = _field_names(condition)
        if len(names) != 1:
            raise InvalidQuery("mvfilter() takes a condition on one field")
        (name,) = names
        inner = Expressions(Scope(), self.context).condition(condition).yes
        return Filtered(self.scope.resolve(name), name, inner)

    # ---- complaints ----

    def _arity(self, call: ast.Call, lower: Callable[..., object]) -> tuple[ast.Expr, ...]:
        self._accepts(call, lower, len(call.arguments) + 1)
        return call.arguments

    def _accepts(self, call: ast.Call, function: Callable[..., object], count: int) -> None:
        if not _takes(function, count):
            raise InvalidQuery(f"{call.name}() does not take {len(call.arguments)} arguments")

    def _unknown(self, call: ast.Call) -> QueryError:
        if call.name in unmodelled("functions"):
            return UnsupportedQuery(f"the function {call.name}() is not modelled")
        known = (*FUNCTIONS, *_VALUES, *_CONDITIONS, *unmodelled("functions"))
        return InvalidQuery(f"there is no function {call.name}(){nearest(call.name, known)}")


@cache
def _takes(function: Callable[..., object], count: int) -> bool:
    try:
        signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def _first_of(cases: list[tuple[Term, Subject]]) -> Subject:
    """The value of the first term that holds; many of them by halves, so that nothing nests deep."""
    if len(cases) > _LONGEST_CHAIN:
        half = len(cases) // 2
        return choose(
            disjunction([when for when, _ in cases[:half]]), _first_of(cases[:half]), _first_of(cases[half:])
        )
    result: Subject = NULL
    for when, then in reversed(cases):
        result = choose(when, then, result)
    return result


def _operator(operator: str) -> Callable[[Expressions, ast.Expr, ast.Expr], Truth]:
    return lambda self, left, right: self.comparison(operator, left, right)


def _either(one: Term, two: Term, three: Term, four: Term) -> Term:
    return disjunction((conjunction((one, two)), conjunction((three, four))))


def _bounded(truth: Truth) -> Truth:
    """Refuses conditions that double with each `XOR` or `if`."""
    if weight(Choose(truth.yes, NULL, NULL), HEAVIEST) >= HEAVIEST:
        raise UnsupportedQuery("XOR or if() over conditions of too many parts")
    return truth


def _field_names(expression: ast.Expr) -> set[str]:
    match expression:
        case ast.Field(name):
            return {name}
        case ast.Call(_, arguments):
            return set().union(*map(_field_names, arguments))
    return set()


def _shown(expression: ast.Field | ast.Literal) -> str:
    return repr(expression.name if isinstance(expression, ast.Field) else expression.value)


_CONDITIONS: Mapping[str, Callable[..., Truth]] = {
    **{operator: _operator(operator) for operator in _FLIPPED},
    "AND": lambda self, *parts: self.logical(*parts, both=True),
    "OR": lambda self, *parts: self.logical(*parts, both=False),
    "XOR": Expressions.either,
    "NOT": Expressions.opposite,
    "in": Expressions.one_of,
    "like": Expressions.like,
    "match": Expressions.matches,
    "cidrmatch": Expressions.in_network,
    "isnull": Expressions.is_null,
    "isnotnull": Expressions.is_not_null,
    "isnum": Expressions.is_number,
    "isint": Expressions.is_integer,
    "isstr": Expressions.is_text,
    "searchmatch": Expressions.found,
    "if": Expressions.if_condition,
    "true": lambda self: Truth(TRUE, FALSE),
    "false": lambda self: Truth(FALSE, TRUE),
}

_VALUES: Mapping[str, Callable[..., Subject]] = {
    "if": Expressions.choice,
    "case": Expressions.cases,
    "coalesce": Expressions.coalesce,
    "nullif": Expressions.null_if,
    "validate": Expressions.validate,
    "tostring": Expressions.as_text,
    "typeof": Expressions.type_of,
    "null": Expressions.null,
    "now": Expressions.now,
    "time": Expressions.now,
    "replace": Expressions.replace,
    "mvfind": Expressions.find,
    "mvfilter": Expressions.filter,
}
