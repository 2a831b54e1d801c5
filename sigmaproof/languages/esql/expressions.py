"""Expressions over columns: values, and conditions that are true, false or null.

https://www.elastic.co/docs/reference/query-languages/esql/esql-multivalued-fields
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index import elastic_kinds as kinds
from sigmaproof.index.elastic import FieldType
from sigmaproof.index.elastic_types import kind_of
from sigmaproof.languages.esql import ast
from sigmaproof.languages.esql.dates import SPANS, date_texts, date_truncated, elapsed
from sigmaproof.languages.esql.functions import FUNCTIONS, UNMODELLED, replaceable
from sigmaproof.languages.esql.lowered import depends, of_ascii, of_function
from sigmaproof.languages.esql.options import Scope
from sigmaproof.languages.esql.types import NULL, Column, Type, literal
from sigmaproof.logic.checks import AnyOf, Check, IsTrue, Lexical, Matches, Number, Order, Other
from sigmaproof.logic.expressions import Several
from sigmaproof.logic.plans.records_values import (
    Apply,
    Choose,
    Constant,
    Replaced,
    choose,
    folded,
    present,
    test,
)
from sigmaproof.logic.terms import FALSE, TRUE, Subject, Term, Test, conjunction, disjunction, negation
from sigmaproof.logic.truth import Truth
from sigmaproof.logic.values import Cell
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

ORDERS = {"==": Order.EQ, "<": Order.LT, "<=": Order.LE, ">": Order.GT, ">=": Order.GE}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARE: Mapping[str, Callable[..., bool]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OF_TEXT = (Type.DATE, Type.ADDRESS, Type.VERSION, Type.BOOLEAN)
"""Types that a text in quotes is read as, beside one."""
_ARITHMETIC = ("+", "-", "*", "/", "%")
_MAPPING_TYPES = {Type.DATE: "date", Type.ADDRESS: "ip", Type.VERSION: "version"}

Resolve = Callable[[str], Column]


class Expressions:
    """Lowers the expressions of one command."""

    def __init__(self, resolve: Resolve, scope: Scope) -> None:
        self.resolve = resolve
        self.scope = scope

    # ---- conditions ----

    def condition(self, node: ast.Expression) -> Truth:
        """An expression that is true, false or null. Raises `InvalidQuery` for any other."""
        if isinstance(node, ast.Call) and node.name in _CONDITIONS:
            return _CONDITIONS[node.name](self, *_fitting(node, _CONDITIONS[node.name], node.name))
        column = self.value(node)
        if column.type is Type.NULL:
            return Truth(FALSE, FALSE)
        if column.type is not Type.BOOLEAN:
            raise InvalidQuery(
                f"Condition expression needs to be boolean, found [{column.type.value}]: {node}"
            )
        return _checked(column.subject, Matches(Glob.of("true")))

    def _logical(self, name: str, *parts: ast.Expression) -> Truth:
        truths = [self.condition(part) for part in parts]
        every, some = (conjunction, disjunction) if name == "AND" else (disjunction, conjunction)
        return Truth(every([truth.yes for truth in truths]), some([truth.no for truth in truths]))

    def _not(self, _: str, part: ast.Expression) -> Truth:
        return self.condition(part).opposite

    def _comparison(self, name: str, left: ast.Expression, right: ast.Expression) -> Truth:
        if name == "!=":
            return self._comparison("==", left, right).opposite
        one, other = self.value(left), self.value(right)
        if Type.NULL in (one.type, other.type):
            return Truth(FALSE, FALSE)
        _comparable(one, other, f"{left} {name} {right}")
        if other.literal is None and one.literal is not None:
            one, other, name = other, one, _FLIPPED.get(name, name)
        if other.literal is not None:
            return self._checked(one.subject, self._check(one, name, other))
        return _computed(Apply(name, _RELATIONS[name], (one.subject, other.subject)))

    def _check(self, column: Column, name: str, than: Column) -> Check:
        value = than.literal
        if column.type.numeric and isinstance(value, int | float):
            return Number(ORDERS[name], value, text=False)
        if column.type is Type.DATE and isinstance(value, int | float):
            return Number(ORDERS[name], value, text=False)
        if column.type is Type.BOOLEAN:
            return Matches(Glob.of(str(value).lower()))
        text = str(value)
        if column.type is Type.TEXT:
            return Matches(Glob.of(text)) if name == "==" else Lexical(ORDERS[name], text)
        return self._asked(column, name, text)

    def _asked(self, column: Column, name: str, text: str) -> Check:
        """What an index makes of the question: dates, addresses and versions in words."""
        field = FieldType("column", _MAPPING_TYPES[column.type], "column")
        at, kind = kinds.Scope(field, self.scope.engine), kind_of(field, self.scope.engine)
        closed = name.endswith("=")
        ends = kinds.Bounds(None, text, True, closed) if name[0] == "<" else kinds.Bounds(text, None, closed)
        answer = kind.exact(at, text, False) if name == "==" else kind.between(at, ends)
        return answer.check if isinstance(answer, Test) else AnyOf(())

    def _checked(self, subject: Subject, check: Check) -> Truth:
        match subject, check:
            case Apply("TO_LOWER", _, (inner,)), Matches(Glob() as glob, Fold.EXACT):
                found = self._of_lower(inner, glob)
                return _checked(subject, check) if found is None else _checked(inner, found)
        return _checked(subject, check)

    def _of_lower(self, subject: Subject, glob: Glob) -> Check | None:
        if depends(glob):
            self.scope.undocumented("lowering", f"the lower case of {subject} beside {glob}")
        return of_ascii(glob) if self.scope.settings.lowering == "ascii" else of_function(glob)

    def _is_null(self, name: str, value: ast.Expression) -> Truth:
        there = Truth.total(present(self.value(value).subject))
        return there if "NOT" in name else there.opposite

    def _in(self, name: str, value: ast.Expression, *items: ast.Expression) -> Truth:
        found = self._logical("OR", *(ast.Call("==", (value, item)) for item in items))
        return found.opposite if name == "NOT IN" else found

    def _like(self, name: str, value: ast.Expression, *patterns: ast.Expression) -> Truth:
        if name.startswith("NOT "):
            return self._like(name[4:], value, *patterns).opposite
        column = self._text(value, name)
        if column.type is Type.NULL:
            return Truth(FALSE, FALSE)
        read: Callable[[str], Check] = self._regex if name == "RLIKE" else _wild
        checks = [read(str(one.value)) for one in patterns if isinstance(one, ast.Literal)]
        truths = [self._checked(column.subject, check) for check in checks]
        return Truth(disjunction(one.yes for one in truths), conjunction(one.no for one in truths))

    def _regex(self, pattern: str) -> Check:
        return Matches(kinds.read_regex(self.scope.engine, pattern))

    def _affix(self, name: str, value: ast.Expression, part: ast.Expression) -> Truth:
        column, wanted = self._text(value, name), self._text(part, name).literal
        if wanted is None:
            raise UnsupportedQuery(f"{name} with a text that is no constant")
        parts = (str(wanted), MANY) if name == "STARTS_WITH" else (MANY, str(wanted))
        return self._checked(column.subject, Matches(Glob.of(*parts)))

    def _network(self, name: str, address: ast.Expression, *networks: ast.Expression) -> Truth:
        column, truths = self.value(address), []
        if column.type is not Type.ADDRESS:
            raise _mistyped(f"{name}({address}, …)", "ip", address, column)
        for network in networks:
            text = self._text(network, name).literal
            truths.append(_checked(column.subject, self._asked(column, "==", str(text))))
        return Truth(disjunction(one.yes for one in truths), conjunction(one.no for one in truths))

    def _contains(self, name: str, superset: ast.Expression, subset: ast.Expression) -> Truth:
        column, wanted = self.value(superset), self.value(subset)
        if not isinstance(wanted.subject, Constant):
            raise UnsupportedQuery(f"{name} of values that are no constants")
        if Type.NULL not in (column.type, wanted.type):
            _comparable(column, wanted, f"{name}({superset}, {subset})")
        parts = (literal(value) for value in wanted.subject.value or ())
        return Truth.total(conjunction(test(column.subject, self._check(column, "==", one)) for one in parts))

    def _text(self, node: ast.Expression, name: str) -> Column:
        column = self.value(node)
        if column.type not in (Type.TEXT, Type.NULL):
            raise _mistyped(f"{name}({node}, …)", "string", node, column)
        return column

    # ---- values ----

    def value(self, node: ast.Expression) -> Column:
        """The column that an expression makes. Raises `InvalidQuery` for what Elasticsearch refuses."""
        match node:
            case ast.Literal(value):
                return literal(value)
            case ast.Span(amount, unit):
                return Column(Constant((amount * _unit(unit),)), Type.SPAN)
            case ast.Field(name):
                return self.resolve(name)
        if node.name in _CONDITIONS:
            truth = self.condition(node)
            chosen = choose(truth.no, Constant((False,)), Constant(None))
            return Column(choose(truth.yes, Constant((True,)), chosen), Type.BOOLEAN)
        if node.name in _VALUES:
            return _VALUES[node.name](self, *_fitting(node, _VALUES[node.name]))
        if node.name in _ARITHMETIC:
            return self._arithmetic(node)
        return self._applied(node, [self.value(argument) for argument in node.arguments])

    def _applied(self, node: ast.Call, columns: list[Column]) -> Column:
        function = FUNCTIONS.get(node.name)
        if function is None:
            if node.name in UNMODELLED:
                raise UnsupportedQuery(f"the function {node.name} is not modelled")
            known = (*FUNCTIONS, *_CONDITIONS, *_VALUES, *UNMODELLED)
            raise InvalidQuery(f"Unknown function [{node.name}]{nearest(node.name, known)}")
        least, most = function.takes
        if not least <= len(columns) <= most:
            raise InvalidQuery(f"{node.name} does not take {len(columns)} arguments: {node}")
        subjects = tuple(column.subject for column in columns)
        if node.name == "TO_STRING" and columns[0].type is Type.DATE:
            subjects = (Apply("date_text", date_texts, subjects),)
        return Column(folded(Apply(node.name, function.cell, subjects)), function.gives or columns[0].type)

    def _arithmetic(self, node: ast.Call) -> Column:
        columns = [self.value(argument) for argument in node.arguments]
        if len(columns) == 1:
            columns.insert(0, literal(0))
        types = {column.type for column in columns}
        if Type.NULL in types:
            return NULL
        timed = Type.SPAN in types and types <= {Type.SPAN, Type.DATE} and node.name in ("+", "-")
        if not timed and not all(column.type.numeric for column in columns):
            raise _mistyped(str(node), "numeric", node.arguments[0], columns[0])
        kind = Type.DATE if Type.DATE in types else Type.DOUBLE if Type.DOUBLE in types else columns[0].type
        function = FUNCTIONS[node.name]
        return Column(folded(Apply(node.name, function.cell, tuple(one.subject for one in columns))), kind)

    def _case(self, *arguments: ast.Expression) -> Column:
        if len(arguments) < 2:
            raise InvalidQuery("CASE takes a condition and a value, and perhaps more")
        *pairs, last = arguments if len(arguments) % 2 else (*arguments, ast.Literal(None))
        otherwise = self.value(last)
        cases = [
            (self.condition(when), self.value(then))
            for when, then in zip(pairs[::2], pairs[1::2], strict=True)
        ]
        kind = next((one.type for _, one in cases if one.type is not Type.NULL), otherwise.type)
        subject = otherwise.subject
        for when, then in reversed(cases):
            subject = choose(when.yes, then.subject, subject)
        return Column(subject, kind)

    def _coalesce(self, *arguments: ast.Expression) -> Column:
        columns = [self.value(argument) for argument in arguments]
        kind = next((one.type for one in columns if one.type is not Type.NULL), Type.NULL)
        subject: Subject = Constant(None)
        for column in reversed(columns):
            subject = choose(present(column.subject), column.subject, subject)
        return Column(subject, kind)

    def _replaced(self, text: ast.Expression, pattern: ast.Expression, new: ast.Expression) -> Column:
        column = self._text(text, "REPLACE")
        old, filled = self._text(pattern, "REPLACE").literal, self._text(new, "REPLACE").literal
        if old is None or filled is None or set("$\\") & set(str(filled)):
            raise UnsupportedQuery("REPLACE with anything but constants, or with groups in the new text")
        replaced = Replaced(column.subject, replaceable(str(old)), str(filled))
        return Column(choose(_single(column.subject), replaced, Constant(None)), Type.TEXT)

    def _truncated(self, span: ast.Expression, date: ast.Expression) -> Column:
        column = self.value(date)
        if not isinstance(span, ast.Span) or column.type not in (Type.DATE, Type.NULL):
            raise UnsupportedQuery("DATE_TRUNC of anything but a date by a span of time")
        width = Constant((span.amount * _unit(span.unit),))
        return Column(Apply("DATE_TRUNC", date_truncated, (width, column.subject)), Type.DATE)

    def _bucket(self, date: ast.Expression, span: ast.Expression, *more: ast.Expression) -> Column:
        if more or not isinstance(span, ast.Span):
            raise UnsupportedQuery("BUCKET with anything but a column and a span of time")
        return self._truncated(span, date)

    def _difference(self, unit: ast.Expression, start: ast.Expression, end: ast.Expression) -> Column:
        name = self.value(unit).literal
        millis = _unit(str(name))
        columns = [self.value(start), self.value(end)]
        if any(column.type not in (Type.DATE, Type.NULL) for column in columns):
            raise _mistyped("DATE_DIFF(…)", "datetime", start, columns[0])
        subjects = (Constant((millis,)), *(column.subject for column in columns))
        return Column(Apply("DATE_DIFF", elapsed, subjects), Type.INTEGER)


def _fitting(node: ast.Call, function: Callable[..., object], *before: str) -> tuple[Any, ...]:
    """The arguments of a call, behind those of our own. Raises `InvalidQuery` for a wrong number."""
    arguments = (*before, *node.arguments)
    try:
        signature(function).bind(None, *arguments)
    except TypeError:
        raise InvalidQuery(f"{node.name} does not take {len(node.arguments)} arguments: {node}") from None
    return arguments


def _checked(subject: Subject, check: Check) -> Truth:
    """A condition that is null where the subject is null, or several values."""
    if isinstance(subject, Constant):
        holds = test(subject, check)
        return Truth(holds, negation(holds) if subject.value else FALSE)
    one, yes = _single(subject), test(subject, check)
    return Truth(conjunction((yes, one)), conjunction((present(subject), one, negation(yes))))


def _computed(subject: Apply) -> Truth:
    return Truth(Test(subject, IsTrue()), Test(subject, Other(IsTrue())))


def _single(subject: Subject) -> Term:
    """The subject is not several values."""
    match subject:
        case Constant(value):
            return FALSE if value and len(value) > 1 else TRUE
        case Apply("lower" | "TO_LOWER" | "TO_UPPER" | "TO_STRING", _, (inner,)):
            return _single(inner)
        case Apply(name) if name not in FUNCTIONS or not FUNCTIONS[name].several:
            return TRUE
        case Choose(when, then, otherwise):
            return disjunction(
                (conjunction((when, _single(then))), conjunction((negation(when), _single(otherwise))))
            )
    several = Several(subject) if isinstance(subject, str) else Apply("several", _several, (subject,))
    return negation(Test(several, IsTrue()))


def _several(cell: Cell) -> Cell:
    return (cell is not None and len(cell) > 1,)


def _related(compare: Callable[..., bool]) -> Callable[[Cell, Cell], Cell]:
    def related(left: Cell, right: Cell) -> Cell:
        if not left or not right or len(left) != 1 or len(right) != 1:
            return None
        return (compare(left[0], right[0]),)

    return related


_RELATIONS = {name: _related(compare) for name, compare in _COMPARE.items()}


def _comparable(left: Column, right: Column, written: str) -> None:
    if left.type is right.type or (left.type.numeric and right.type.numeric):
        return
    for one, other in ((left, right), (right, left)):
        if one.type in _OF_TEXT and other.type is Type.TEXT and other.literal is not None:
            return
    raise InvalidQuery(
        f"first argument of [{written}] is [{left.type.value}] so second argument must also be "
        f"[{left.type.value}] but was [{right.type.value}]"
    )


def _wild(pattern: str) -> Check:
    return Matches(kinds.read_glob(pattern))


def _unit(unit: str) -> int:
    if unit not in SPANS:
        raise UnsupportedQuery(f"the time unit {unit}")
    return SPANS[unit]


def _mistyped(where: str, wanted: str, what: ast.Expression, found: Column) -> InvalidQuery:
    return InvalidQuery(
        f"argument of [{where}] must be [{wanted}], found value [{what}] type [{found.type.value}]"
    )


_CONDITIONS: Mapping[str, Callable[..., Truth]] = {
    "AND": Expressions._logical,
    "OR": Expressions._logical,
    "NOT": Expressions._not,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), Expressions._comparison),
    **dict.fromkeys(("IS NULL", "IS NOT NULL"), Expressions._is_null),
    **dict.fromkeys(("IN", "NOT IN"), Expressions._in),
    **dict.fromkeys(("LIKE", "NOT LIKE", "RLIKE", "NOT RLIKE"), Expressions._like),
    **dict.fromkeys(("STARTS_WITH", "ENDS_WITH"), Expressions._affix),
    "CIDR_MATCH": Expressions._network,
    "MV_CONTAINS": Expressions._contains,
}

_VALUES: Mapping[str, Callable[..., Column]] = {
    "CASE": Expressions._case,
    "COALESCE": Expressions._coalesce,
    "DATE_TRUNC": Expressions._truncated,
    "BUCKET": Expressions._bucket,
    "DATE_DIFF": Expressions._difference,
    "REPLACE": Expressions._replaced,
}
