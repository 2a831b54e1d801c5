"""What a rule is once it is read, what is wrong with others, and how much work either may be."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.index.events import EventIndex
from sigmaproof.languages.sigma import InvalidRule, LogSource, Rule, lint, lower, read_rule, with_filters
from sigmaproof.logic.explain import Trace, explain
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import Label, Term
from sigmaproof.logic.terms import tests as terms_tests

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus" / "sigmahq"


def rule(detection: str, **attributes: Any) -> Rule:
    parts = yaml.safe_load(detection)
    return read_rule({"title": "r", "logsource": {"category": "c"}, "detection": parts, **attributes})


def item(key: str, value: Any) -> Rule:
    detection = {"s": {key: value}, "condition": "s"}
    return read_rule({"title": "r", "logsource": {"category": "c"}, "detection": detection})


def codes(rule_: Rule) -> list[str]:
    return [finding.code for finding in lint(rule_)]


def labels(trace: Trace) -> list[str]:
    own = [trace.text] if trace.kind == "label" else []
    return own + [text for child in trace.children for text in labels(child)]


def test_a_rule_keeps_what_others_need() -> None:
    read = read_rule(
        {
            "title": "A rule",
            "id": "6F3E2987-db24-4c78-a860-b4f4095a7095",
            "name": "a_rule",
            "status": "test",
            "level": "low",
            "tags": ["attack.t1047"],
            "logsource": {"product": "windows", "category": "process_creation", "definition": "…"},
            "detection": {
                "a": {"Image|endswith": "x", "User|fieldref": "Owner"},
                "b": [{"CommandLine": "y"}, "keyword"],
                "condition": "a and b",
            },
        }
    )
    assert (read.title, read.id, read.name) == ("A rule", "6F3E2987-db24-4c78-a860-b4f4095a7095", "a_rule")
    assert (read.status, read.level, read.tags, read.taxonomy) == ("test", "low", ("attack.t1047",), "sigma")
    assert read.logsource == LogSource("process_creation", "windows", None)
    assert read.fields == ("Image", "User", "Owner", "CommandLine")
    assert hash(read) == hash(read)


def test_an_explanation_speaks_the_words_of_the_rule() -> None:
    term = lower(
        rule(r"{img: {Image|endswith: '\wmic.exe'}, cli: {C|contains|all: [a, 1]}, condition: img and cli}")
    )
    trace = explain(term, Table([{"Image": r"C:\WMIC.exe", "C": "a"}], EventIndex().read), 0)
    wanted = ["img", r"Image|endswith '\wmic.exe'", "cli", "C|contains|all 'a', 1", "'a'", "1"]
    assert labels(trace) == wanted
    assert not trace


@pytest.mark.parametrize(
    ("detection", "text"),
    [
        ("{s: word, condition: s}", "keyword 'word'"),
        ("{s: {'|all': [a, b]}, condition: s}", "|all 'a', 'b'"),
        ("{s: {A: null}, condition: s}", "A null"),
        ("{s: {A: true}, condition: s}", "A true"),
        ("{s: {A: [1, 2, 3, 4, 5]}, condition: s}", "A 1, 2, 3, 4, …"),
    ],
)
def test_the_words_of_an_item(detection: str, text: str) -> None:
    assert text in [label.text for label in inner_labels(lower(rule(detection)))]


def inner_labels(term: Term) -> list[Label]:
    found = [term] if isinstance(term, Label) else []
    inner = getattr(term, "terms", None) or ([term.term] if hasattr(term, "term") else [])
    return found + [label for part in inner for label in inner_labels(part)]


@pytest.mark.parametrize(
    ("detection", "path", "remedy"),
    [
        ("{s: {A|contians: x}, condition: s}", ("detection", "s", "A|contians"), "contains"),
        ("{s: {A|gt: [1, x]}, condition: s}", ("detection", "s", "A|gt", 1), "without quotes"),
        ("{s: [{A: x}, {B|re: '('}], condition: s}", ("detection", "s", 1, "B|re"), "backslash"),
        ("{s: {A: []}, condition: s}", ("detection", "s", "A"), "null"),
        ("{s: {A: 2020-01-01}, condition: s}", ("detection", "s", "A"), "quote"),
        ("{s: {A: {B: x}}, condition: s}", ("detection", "s", "A"), "dots"),
        ("{s: {}, condition: s}", ("detection", "s"), "field"),
        ("{s: [a, null], condition: s}", ("detection", "s", 1), "quote"),
        ("{sel: {A: x}, condition: sell}", ("detection", "condition"), "sel"),
        ("{s: {A: x}, condition: [s, t]}", ("detection", "condition", 1), "s"),
        ("{s: {A: x}, condition: s*}", ("detection", "condition"), "1 of s*"),
        ("{s: {A|cidr: 10.0.0.1/8}, condition: s}", ("detection", "s", "A|cidr"), "10.0.0.0/8"),
    ],
)
def test_a_mistake_is_placed_and_has_a_remedy(
    detection: str, path: tuple[str | int, ...], remedy: str
) -> None:
    with pytest.raises(InvalidRule) as caught:
        rule(detection)
    assert caught.value.path == path
    assert remedy in caught.value.help


def test_a_condition_is_shown_with_a_caret() -> None:
    with pytest.raises(InvalidRule) as caught:
        rule('{sel: {A: x}, condition: "sel\\n  and sell or sel"}')
    assert caught.value.message == 'condition: undefined identifier "sell" (did you mean "sel"?)'
    assert caught.value.caret == "  and sell or sel\n      ^"
    assert str(caught.value).endswith(caught.value.caret)


@pytest.mark.parametrize("pattern", ["a(?=b)", "(?<!a)b", r"(a)\1", "(?!x)"])
def test_a_valid_regex_that_cannot_be_run_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(UnsupportedQuery, match="regular expression"):
        lower(item("A|re", pattern))


@pytest.mark.parametrize(
    ("detection", "code"),
    [
        ("{s: {A|contains|all: x}, condition: s}", "all-of-one"),
        ("{s: {A|base64|contains: xyz}, condition: s}", "base64-any-case"),
        ("{s: {A|base64offset|cased: xyz}, condition: s}", "base64offset-whole"),
        ("{s: {A|contains: 5}, condition: s}", "number-as-text"),
        ("{s: {A|gt: '5'}, condition: s}", "quoted-number"),
        ("{s: {A: [x, null]}, condition: s}", "null-in-list"),
        ("{s: {A: x}, condition: s or 1 of t*}", "nothing-selected"),
        ("{s: {A: x}, t: {A: y}, condition: 2 of them}", "quantifier"),
        ("{s: {A: x}, t: {A: y}, condition: s OR t}", "capitals"),
        ("{s: {A: x, a: y}, condition: s}", "field-case"),
        ("{s: {A: x}, condition: s, timeframe: 5m}", "timeframe"),
    ],
)
def test_lint_finds_what_is_probably_not_meant(detection: str, code: str) -> None:
    assert codes(rule(detection)) == [code]


def test_lint_is_quiet_about_good_rules() -> None:
    good = (
        "{s: {A|contains|all: [x, y], B: 5}, t: {A|base64offset|contains|cased: xyz}, condition: 1 of them}"
    )
    assert codes(rule(good)) == []


def test_filters_without_not_are_linted_and_filters_stand_beside_the_rule() -> None:
    body = {"rules": "any", "s": {"User|startswith": "adm_"}, "condition": "s"}
    keeps = read_rule({"title": "admins", "logsource": {"category": "c"}, "filter": body})
    assert codes(keeps) == ["filter-keeps"]
    filtered = with_filters(rule("{s: {A: x}, condition: s}"), [keeps])
    assert filtered.filters == (keeps,)
    assert filtered.fields == ("A", "User")
    assert [label.text for label in inner_labels(lower(filtered)) if "admins" in label.text] == ["admins: s"]
    assert with_filters(keeps, [keeps]).filters == ()


@pytest.mark.parametrize(
    "detection",
    [
        {"s": {"A|windash|contains": " -a" * 500}, "condition": "s"},
        {"s": {"A": "*a" * 5000}, "condition": "s"},
        {"s": {"A": [str(n) for n in range(5000)]}, "condition": "s"},
        {"s": {"A": "x"}, "condition": " or ".join(["s"] * 5000)},
        {f"s{n}": {"A": str(n)} for n in range(2000)} | {"condition": "1 of s* and not all of s*"},
        {"s" * 300: {"A": "x"}, "condition": "1 of " + "s*" * 30 + "z"},
        {"s": {"A|base64offset|contains": "x" * 50_000}, "condition": "s"},
    ],
)
def test_large_rules_take_little_time(detection: dict[str, Any]) -> None:
    start = time.process_time()
    term = lower(read_rule({"title": "r", "logsource": {"category": "c"}, "detection": detection}))
    table = Table([{"A": "x" + " /a" * 500}, {"A": "a" * 5000}], EventIndex().read)
    matching(term, table)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("detection", "error"),
    [
        ({"s": {"A|windash|base64": " -a" * 40}, "condition": "s"}, InvalidRule),
        ({"s": {"A": "x"}, "condition": "(" * 5000 + "s" + ")" * 5000}, InvalidRule),
        ({"s": {"A": "x"}, "condition": "not " * 5000 + "s"}, InvalidRule),
        ({**{f"s{n}": {"A": "x"} for n in range(40)}, "condition": "20 of s*"}, UnsupportedQuery),
        ({"s": {"A|expand": "%x%" * 20}, "condition": "s"}, UnsupportedQuery),
    ],
)
def test_rules_that_would_explode_are_refused(detection: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        lower(
            read_rule({"title": "r", "logsource": {"category": "c"}, "detection": detection}),
            {"x": ["a", "b", "c"]},
        )


def test_many_dashes_mean_the_same_as_their_spellings() -> None:
    written = "-a /b –c —d"
    read = item("A|windash|contains|cased", written)
    assert len(list(terms_tests(lower(read)))) == 1
    events = [{"A": f"x {p}a {q}b {r}c {s}d y"} for p in "-/–—―" for q in "-/" for r in "–―x" for s in "—-"]
    found = matching(lower(read), Table(events, EventIndex().read)).bit_count()
    assert found == 5 * 2 * 2 * 2


def test_deep_events_are_read() -> None:
    deep: Any = "evil"
    for _ in range(5000):
        deep = [deep]
    nested: Any = {"b": "evil"}
    for _ in range(5000):
        nested = [nested]
    index = EventIndex()
    assert index.read({"a": deep}, "a") == ("evil",)
    assert index.read({"a": deep}, "*") == ("evil",)
    assert index.read({"a": nested}, "a.b") == ("evil",)


@pytest.mark.skipif(not CORPUS.exists(), reason="needs ../shared/corpus")
def test_rules_of_the_public_corpus_lower() -> None:
    paths = islice(sorted(CORPUS.glob("rules*/**/*.yml")), 0, None, 12)
    refused = set()
    for path in paths:
        read = read_rule(yaml.load(path.read_text("utf-8"), yaml.CSafeLoader))
        try:
            lower(read)
        except UnsupportedQuery as error:
            refused.add(str(error).split("%")[0])
    assert refused <= {"the placeholder "}
