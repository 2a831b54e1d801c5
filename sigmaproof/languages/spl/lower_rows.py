"""Commands that look at one row at a time: they stay one term over the event."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.languages.spl import ast, times
from sigmaproof.languages.spl.functions import apply
from sigmaproof.languages.spl.lower_search import lower_search
from sigmaproof.languages.spl.patterns import (
    LONGEST_NAME,
    always_captures,
    capturing,
    groups,
    never_captures,
    regex_check,
    replaceable,
    unescaped,
)
from sigmaproof.languages.spl.pipe import Lower, Pipe, Step
from sigmaproof.languages.spl.scope import Scope
from sigmaproof.logic.plans.records import Derive, Keep, Passing
from sigmaproof.logic.plans.records_rows import Fill, Mark, Rename
from sigmaproof.logic.plans.records_values import NULL, Captured, Constant, Replaced, choose, present, test
from sigmaproof.logic.terms import Subject, conjunction, negation


def _where(command: ast.Where, pipe: Pipe, _: Step) -> Pipe:
    return pipe.keeping(pipe.expressions().condition(command.expression).yes)


def _eval(command: ast.Eval, pipe: Pipe, _: Step) -> Pipe:
    keep = pipe.context.options.switches.null_assignment == "keep"
    for name, expression in command.assignments:
        value = pipe.expressions().value(expression)
        if keep:
            value = choose(present(value), value, pipe.scope.resolve(name))
        pipe = pipe.setting(name, value)
    return pipe


def _regex(command: ast.RegexFilter, pipe: Pipe, _: Step) -> Pipe:
    subject = _looked_at(command.field, pipe)
    term = test(subject, regex_check(_pattern(command.pattern, pipe)))
    return pipe.keeping(negation(term) if command.negated else term)


def _rex(command: ast.Rex, pipe: Pipe, _: Step) -> Pipe:
    pattern = _pattern(command.pattern, pipe)
    if command.sed:
        return pipe.setting(command.field, _sed(pattern, pipe.scope.resolve(command.field)))
    if command.field == "_raw":
        pipe.context.note("rex reads _raw; an event without _raw reads as its JSON text")
    names = groups(capturing(pattern, once=command.most == 1)[1])
    if not names:
        raise InvalidQuery(f"rex: the pattern {pattern!r} has no named group")
    if long := [name for name in names if len(name) > LONGEST_NAME]:
        raise InvalidQuery(f"rex: the group name {long[0]!r} is longer than {LONGEST_NAME} letters")
    subject = _looked_at(command.field, pipe)
    new = {name: _captured(name, pattern, command, subject, pipe) for name in names}
    for name, value in new.items():
        pipe = pipe.setting(name, value)
    return pipe


def _captured(name: str, pattern: str, command: ast.Rex, subject: Subject, pipe: Pipe) -> Subject:
    switches = pipe.context.options.switches
    check, tree = capturing(pattern, once=command.most == 1)
    empty = switches.empty_capture == "set"
    if never_captures(tree, name) and not empty:
        return _unmatched(name, pipe)
    # Whether something is captured is a plain question if every match leaves some text in the group.
    certain = always_captures(tree, name)
    found = Captured(subject, tree, name, command.most, empty, certain)
    when = test(subject, check)
    if not certain:
        when = conjunction((when, present(found)))
    return choose(when, found, _unmatched(name, pipe))


def _unmatched(name: str, pipe: Pipe) -> Subject:
    """What a field holds after a `rex` that did not match."""
    how = pipe.context.options.switches.unmatched_group
    invented = how == "keep-unless-converter" and _CONVERTERS.search(name) and name not in pipe.scope.values
    return NULL if how == "unset" or invented else pipe.scope.resolve(name)


_CONVERTERS = re.compile(r"Match\d*$")
"""How pySigma names the groups that it invents; no event has such a field."""


def _sed(pattern: str, subject: Subject) -> Subject:
    found = re.fullmatch(
        r"\s*([sy])(\W)((?:\\.|(?!\2).)*)\2((?:\\.|(?!\2).)*)\2(g|\d*)\s*", pattern, re.DOTALL
    )
    if found is None:
        raise InvalidQuery(f"rex mode=sed takes s/…/…/ or y/…/…/, not {pattern!r}")
    kind, edge, old, new, how = found.groups()
    if kind == "y" or how not in ("", "g"):
        raise UnsupportedQuery("rex mode=sed with y/// or a counted match")
    return Replaced(subject, replaceable(old), new.replace(f"\\{edge}", edge), 0 if how else 1)


def _pattern(text: str, pipe: Pipe) -> str:
    return unescaped(text, pipe=pipe.context.options.switches.regex_pipe == "unescape")


def _looked_at(field: str, pipe: Pipe) -> Subject:
    subject = pipe.scope.resolve(field)
    first = pipe.context.options.switches.regex_multivalue == "first"
    return apply("mvindex", subject, Constant((0,))) if first else subject


def _fields(command: ast.Fields, pipe: Pipe, _: Step) -> Pipe:
    names = command.names
    if not command.drop and not command.table:
        names = (*names, "_time", "_raw")
    return replace(pipe, scope=pipe.scope.passing(Passing(names, command.drop)))


def _rename(command: ast.Rename, pipe: Pipe, _: Step) -> Pipe:
    if any("*" in old for old, _ in command.pairs):
        return pipe.then(Rename(command.pairs))
    for old, new in command.pairs:
        value = pipe.scope.resolve(old)
        pipe = pipe.setting(old, NULL).setting(new, value)
    return pipe


def _fillnull(command: ast.FillNull, pipe: Pipe, _: Step) -> Pipe:
    filler = Constant((command.value,))
    if not command.names:
        return pipe.then(Fill(filler.value))
    for name in command.names:
        value = pipe.scope.resolve(name)
        pipe = pipe.setting(name, choose(present(value), value, filler))
    return pipe


def _bin(command: ast.Bin, pipe: Pipe, _: Step) -> Pipe:
    span = times.span_seconds(command.span)
    if span is None or (command.span.endswith(("w", "week", "weeks")) and _refuses_weeks(pipe)):
        raise InvalidQuery(f"bin: span={command.span} is no span")
    function = "bin" if command.field == "_time" else "bin_range"
    value = apply(function, pipe.scope.resolve(command.field), Constant((span,)))
    return pipe.setting(command.name, value)


def _refuses_weeks(pipe: Pipe) -> bool:
    return pipe.context.options.switches.week_spans == "reject"


def _makemv(command: ast.MakeMv, pipe: Pipe, _: Step) -> Pipe:
    function = "split" if command.keep_empty else "split_filled"
    value = apply(function, pipe.scope.resolve(command.field), Constant((command.delimiter,)))
    return pipe.setting(command.field, value)


def _convert(command: ast.Convert, pipe: Pipe, _: Step) -> Pipe:
    for function, field, new in command.conversions:
        if function not in ("ctime", "mktime", "num", "auto", "none"):
            raise UnsupportedQuery(f"convert: {function}() is not modelled")
        value, form = pipe.scope.resolve(field), Constant((command.time_format,))
        known = {"ctime": "strftime", "mktime": "strptime"}
        new_value = apply(known[function], value, form) if function in known else value
        pipe = pipe.setting(new, choose(present(new_value), new_value, value))
    return pipe


def _search(command: ast.Filter, pipe: Pipe, step: Step) -> Pipe:
    if not step.subsearches:
        return pipe.keeping(lower_search(command.expression, pipe.scope, pipe.context))
    marks = {offset: f"[{number}]" for number, offset in enumerate(_subsearches(command.expression))}
    marking = (Mark(plan, name) for plan, name in zip(step.plans, marks.values(), strict=True))
    term = lower_search(command.expression, Scope(), pipe.context, marks=marks)
    return pipe.then(*marking, Keep(term), Derive((), (Passing(tuple(marks.values()), drop=True),)))


def _subsearches(search: ast.Search) -> Iterator[int]:
    match search:
        case ast.Subsearch(offset):
            yield offset
        case ast.Without(part):
            yield from _subsearches(part)
        case ast.Series(parts):
            for part in parts:
                yield from _subsearches(part)


ROW_WISE: dict[type, Lower] = {
    ast.Filter: _search,
    ast.Where: _where,
    ast.Eval: _eval,
    ast.RegexFilter: _regex,
    ast.Rex: _rex,
    ast.Fields: _fields,
    ast.Rename: _rename,
    ast.FillNull: _fillnull,
    ast.Bin: _bin,
    ast.MakeMv: _makemv,
    ast.Convert: _convert,
}
