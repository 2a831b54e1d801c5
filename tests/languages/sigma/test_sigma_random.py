"""Random rules on random events: the executor and the naive evaluator agree; printing undoes parsing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any

import sigma_naive
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.errors import QueryError
from sigmaproof.index.events import EventIndex
from sigmaproof.languages.sigma import lower, read_rule, strings
from sigmaproof.languages.sigma.conditions import parse_condition
from sigmaproof.languages.sigma.nodes import Denied, Every, Name, Node, Part, Quantified, Some
from sigmaproof.logic.run import Table, matching, row_numbers
from sigmaproof.logic.terms import bare
from sigmaproof.text.glob import MANY, ONE

FIELDS = ["A", "B", "o.p"]
NAMES = ["sel_a", "sel_b", "_c", "notepad"]

letters = st.text(alphabet="aAé-/ *?\\1", max_size=4)
wordy = st.sampled_from(
    ["a", "A*", "*a", "a?", "-a", " /a", "–a -A", "1", "1.0", "01", "true", "", "\\*", "a\\\\"]
)
values = st.one_of(wordy, letters, st.integers(-1, 11), st.sampled_from([1.0, 0.5, True, False]))
scalars = st.one_of(
    st.text(alphabet="aAé-/– *?\\1\n", max_size=4),
    st.sampled_from(
        ["YQ==", "10.0.0.1", "ab -a", "–A", "1", "1.0", "true", None, True, False, 1, 1.0, 0.5, -1, 10]
    ),
)
cells = st.one_of(scalars, st.lists(scalars, max_size=3))
events = st.fixed_dictionaries(
    {}, optional={"A": cells, "B": cells, "o": st.fixed_dictionaries({}, optional={"p": cells})}
)


def several(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(value, st.lists(value, min_size=1, max_size=3))


def keys(fields: Iterable[str], *modifiers: str) -> st.SearchStrategy[str]:
    around = st.sampled_from(["", "|all", "|neq"])
    return st.tuples(st.sampled_from(list(fields)), st.sampled_from(modifiers), around).map("".join)


plain = st.text(alphabet="aé -/", min_size=3, max_size=5)
textual = (
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|cased",
    "|contains|cased",
    "|windash",
    "|windash|contains",
)
items = st.one_of(
    st.tuples(keys(FIELDS, *textual), several(values)),
    st.tuples(keys([""], *textual[1:]), several(values)),
    st.tuples(keys(FIELDS, ""), several(st.one_of(values, st.none()))),
    st.tuples(keys(FIELDS, "|exists"), st.booleans()),
    st.tuples(keys(FIELDS, "|gt", "|gte", "|lt", "|lte"), several(st.sampled_from([-1, 0, 0.5, 1, 10]))),
    st.tuples(
        keys(FIELDS, "|re", "|re|i", "|re|s"), several(st.sampled_from(["^a", "A+", "a.", "[^a]", "1|a$"]))
    ),
    st.tuples(keys(FIELDS, "|cidr"), several(st.sampled_from(["10.0.0.0/8", "10.0.0.1", "::/0"]))),
    st.tuples(keys(FIELDS, "|fieldref"), several(st.sampled_from(FIELDS))),
    st.tuples(
        keys(FIELDS, "|base64", "|base64|contains", "|base64offset|contains", "|wide|base64"), several(plain)
    ),
)
maps = st.lists(items, min_size=1, max_size=3).map(dict)
detections = st.one_of(
    maps,
    st.lists(maps, min_size=1, max_size=3),
    several(values),
    st.lists(st.one_of(maps, values), min_size=1),
)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.integers(0, 6 if depth else 2))
    if kind < 2:
        return draw(st.sampled_from(NAMES))
    if kind == 2:
        quantifier = draw(st.sampled_from(["1", "all"]))
        return f"{quantifier} of {draw(st.sampled_from(['them', 'sel_*', '*', '_*', 'zzz*', '*e*']))}"
    left, right = draw(conditions(depth=depth - 1)), draw(conditions(depth=depth - 1))
    return [f"{left} and {right}", f"{left} or {right}", f"not {left}", f"({left})"][kind - 3]


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    detection = {name: draw(detections) for name in NAMES}
    condition = draw(st.one_of(conditions(), st.lists(conditions(), min_size=1, max_size=2)))
    return {
        "title": "random",
        "logsource": {"category": "test"},
        "detection": {**detection, "condition": condition},
    }


@settings(max_examples=200, deadline=None)
@given(rules(), st.lists(events, min_size=1, max_size=6))
def test_the_executor_agrees_with_the_naive_evaluator(
    rule: dict[str, Any], found: list[dict[str, Any]]
) -> None:
    expected = [row for row, event in enumerate(found) if sigma_naive.matches(rule, event)]
    term = lower(read_rule(rule))
    table = Table(found, EventIndex().read)
    assert list(row_numbers(matching(term, table))) == expected
    assert list(row_numbers(matching(bare(term), table))) == expected


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), several(values), min_size=1), st.lists(events, min_size=1))
def test_single_items_agree_with_the_naive_evaluator(
    item: dict[str, Any], found: list[dict[str, Any]]
) -> None:
    rule = {"title": "r", "logsource": {"category": "t"}, "detection": {"s": item, "condition": "s"}}
    table = Table(found, EventIndex().read)
    expected = [row for row, event in enumerate(found) if sigma_naive.matches(rule, event)]
    assert list(row_numbers(matching(lower(read_rule(rule)), table))) == expected


def shown_string(parts: Iterable[Part]) -> str:
    """The shortest value string: backslashes double only where they would be read otherwise."""
    out = ""
    for part in parts:
        if isinstance(part, str):
            doubled = re.sub(r"\\{2,}|\\(?=[*?]|$)", lambda found: found[0] * 2, part)
            out += re.sub(r"[*?]", r"\\\g<0>", doubled)
        else:
            out += str(part.value)
    return out


@given(st.lists(st.one_of(st.text(alphabet="ab\\*?%", min_size=1, max_size=5), st.sampled_from([ONE, MANY]))))
def test_value_strings_print_as_they_parse(parts: list[Part]) -> None:
    normal = strings.joined(parts)
    assert strings.parse(shown_string(normal)) == normal


def shown_condition(node: Node) -> str:
    match node:
        case Name(name):
            return name
        case Quantified(least, pattern):
            return f"{least or 'all'} of {pattern or 'them'}"
        case Denied(inner):
            return (
                f"not {shown_condition(inner)}"
                if not inner_joins(inner)
                else f"not ({shown_condition(inner)})"
            )
        case Every(parts):
            return " and ".join(
                f"({shown_condition(p)})" if inner_joins(p) else shown_condition(p) for p in parts
            )
        case Some(parts):
            some = [f"({shown_condition(p)})" if isinstance(p, Some) else shown_condition(p) for p in parts]
            return " or ".join(some)
    raise AssertionError(node)


def inner_joins(node: Node) -> bool:
    return isinstance(node, Every | Some)


leaves = st.one_of(
    st.sampled_from(NAMES).map(Name),
    st.builds(Quantified, st.sampled_from([None, 1, 2]), st.sampled_from([None, "sel*", "_?", "a.b-*"])),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Denied),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Some(tuple(parts))),
    ),
    max_leaves=8,
)


@given(trees)
def test_conditions_print_as_they_parse(tree: Node) -> None:
    assert parse_condition(shown_condition(tree), NAMES) == tree


@given(
    st.text(alphabet="ab1 ()|*\n", max_size=12),
    st.lists(st.sampled_from(["and", "or", "not", "of", "sel_a", "(", ")", "1", "them"])),
)
def test_any_condition_parses_or_is_refused(text: str, words: list[str]) -> None:
    for source in (text, " ".join(words)):
        with contextlib.suppress(QueryError):
            parse_condition(source, NAMES)
