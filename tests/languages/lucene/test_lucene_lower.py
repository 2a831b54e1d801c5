"""What queries become: terms that a prover can work on, notes, and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.errors import InvalidQuery, QuerySyntaxError, UnsupportedQuery
from sigmaproof.index.elastic import INDEXED, ElasticIndex
from sigmaproof.languages.lucene import case_index, lower_dsl, lower_query
from sigmaproof.logic.checks import Matches, Present
from sigmaproof.logic.plans import Select
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import FALSE, TRUE, And, Not, Or, Term
from sigmaproof.logic.terms import Test as Asks
from sigmaproof.text.determinize import glob_is_complex, regex_is_complex
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob
from sigmaproof.text.lucene_regexp import parse

INDEX = ElasticIndex.from_mapping(
    {
        "k": {"type": "keyword", "fields": {"caseless": {"type": "keyword", "normalizer": "lowercase"}}},
        "n": {"type": "long"},
        "t": {"type": "text"},
        "p": {"type": "geo_point"},
    }
)


def term(query: str, **options: Any) -> Term:
    plan = lower_query(query, INDEX, options).plan
    assert isinstance(plan, Select)
    assert plan.among == INDEXED
    return plan.term


def _is(field: str, *parts: Any, fold: Fold = Fold.EXACT) -> Asks:
    return Asks(field, Matches(Glob.of(*parts), fold))


TERMS: list[tuple[str, Term]] = [
    ("k:a", _is("k", "a")),
    (r"k:*\\a.exe", _is("k", MANY, "\\a.exe")),
    ("k.caseless:*A*", _is("k.caseless", MANY, "A", MANY, fold=Fold.LOWER)),
    ("k:/a.*/", Asks("k", Matches(parse("a.*")))),
    ("k:*", Asks("k", Present())),
    ("NOT k:a", Not(_is("k", "a"))),
    ("k:a AND k:b", And((_is("k", "a"), _is("k", "b")))),
    ("k:a OR k:b", Or((_is("k", "a"), _is("k", "b")))),
    ("k:a OR k:b AND k:c", And((_is("k", "b"), _is("k", "c")))),
    ("*:*", TRUE),
    ("", FALSE),
    ("nope:a", FALSE),
    ("NOT nope:a", TRUE),
    ("t:\\-", FALSE),
]


@pytest.mark.parametrize(("query", "wanted"), TERMS)
def test_terms(query: str, wanted: Term) -> None:
    assert term(query) == wanted


NOTES: list[tuple[str, dict[str, Any], str]] = [
    ("nope:a", {}, "field 'nope' is not mapped"),
    ("n:abc", {}, "lenient"),
    ("k:/[/", {}, "lenient"),
    (" ", {}, "empty query"),
]


@pytest.mark.parametrize(("query", "options", "note"), NOTES)
def test_leniency_is_told(query: str, options: dict[str, Any], note: str) -> None:
    (told,) = lower_query(query, INDEX, options).notes
    assert note in told


INVALID = [
    ("n:abc", {"lenient": False}),
    ("n:4*", {"default_field": "k"}),
    ("k:/[/", {"fields": ["k"]}),
    ("k:/" + "a" * 1001 + "/", {}),
    ("k:(" + " OR ".join(f"a{number}" for number in range(1025)) + ")", {"flavour": "opensearch"}),
    ("k:" + "a" * 32_000, {"flavour": "opensearch"}),
    ("k:/(a|b)*a(a|b){14}/", {"flavour": "opensearch", "version": "3.8.0"}),
    ("k:a~x", {}),
]


@pytest.mark.parametrize(("query", "options"), INVALID)
def test_what_the_engine_rejects(query: str, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuery):
        lower_query(query, INDEX, options)


REFUSED = [
    ("k:a", {"analyzer": "simple"}, "option 'analyzer'"),
    ("k:a", {"flavor": "x"}, 'did you mean "flavour"'),
    ("k:a", {"flavour": "solr"}, "flavour 'solr'"),
    ("k:a", {"type": "bool_prefix"}, "type 'bool_prefix'"),
    ("p:a", {}, "type geo_point"),
]


@pytest.mark.parametrize(("query", "options", "why"), REFUSED)
def test_refusals_name_the_construct(query: str, options: dict[str, Any], why: str) -> None:
    with pytest.raises(UnsupportedQuery, match=why):
        lower_query(query, INDEX, options)


_BROUGHT = [{"Image": "wmic.exe"}, {"A": "wmic.exe"}, {"B": {"c": ["x", "a wmic"]}, "n": 5}]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("*wmic*", [0, 1, 2]),
        ("NOT *wmic*", []),
        ("wmic.exe", [0, 1]),
        ("/a.*/", [2]),
        ("5", [2]),
        ('"wmic.exe" AND NOT A:*', [0]),
    ],
)
@pytest.mark.parametrize("mapping", [{}, {"A": {"type": "keyword"}}])
def test_every_field_means_those_that_documents_bring_along(
    query: str, found: list[int], mapping: dict[str, Any]
) -> None:
    index = ElasticIndex.from_mapping(mapping, default="keyword")
    rows = lower_query(query, index, {}).plan.run(Table(_BROUGHT, index.read)).rows
    assert list(rows) == found


def test_leading_wildcards_can_be_forbidden() -> None:
    with pytest.raises(QuerySyntaxError):
        term("k:*a", allow_leading_wildcard=False)
    assert term("k:*", allow_leading_wildcard=False) == Asks("k", Present())


DSL_ERRORS: list[tuple[Any, type[Exception]]] = [
    ({}, InvalidQuery),
    ({"term": {"k": "a"}, "exists": {"field": "k"}}, InvalidQuery),
    ({"term": "k"}, InvalidQuery),
    ({"term": {"k": {"value": None}}}, InvalidQuery),
    ({"term": {"n": "abc"}}, InvalidQuery),
    ({"nested": {}}, UnsupportedQuery),
    ({"term": {"k": {"value": "a", "case": 1}}}, UnsupportedQuery),
    ({"bool": {"should": [{"match_all": {}}], "minimum_should_match": "75%"}}, UnsupportedQuery),
    ({"regexp": {"k": {"value": "a", "flags": "INTERVAL"}}}, UnsupportedQuery),
]


@pytest.mark.parametrize(("body", "error"), DSL_ERRORS)
def test_dsl_errors(body: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        lower_dsl(body, INDEX, {})


def test_dsl_depth_is_bounded() -> None:
    body: dict[str, Any] = {"match_all": {}}
    for _ in range(5000):
        body = {"bool": {"must": [body]}}
    with pytest.raises(InvalidQuery):
        lower_dsl(body, INDEX, {})


def test_a_search_request_and_its_notes() -> None:
    request = {"query": {"bool": {"must": [{"query_string": {"query": "nope:a", "analyze_wildcard": True}}]}}}
    lowered = lower_dsl(request, INDEX, {})
    assert lowered.plan == Select(FALSE, INDEXED)
    assert lowered.notes == ("field 'nope' is not mapped: it matches nothing",)


def test_case_index() -> None:
    assert case_index({"mapping": {"f": {"type": "keyword"}}}, {}).read({"f": 1}, "f") == ("1",)
    assert case_index({"mapping": {}}, {}).read({"f": "a"}, "f.keyword") == ("a",)


WORK = [
    ("(a|b)*a(a|b){12}", False),
    ("(a|b)*a(a|b){13}", True),
    (r"\s+[^\"]{0,32}wer", False),
    (r"x\s+[^\"]{0,64}werfault", True),
    ("[ab]{1000}", False),
    ("a" * 1000, False),
    ("~((a|b)*a(a|b){13})", True),
]


@pytest.mark.parametrize(("pattern", "complex_"), WORK)
def test_work_of_expressions(pattern: str, complex_: bool) -> None:
    assert regex_is_complex(parse(pattern), 10_000) is complex_


@pytest.mark.parametrize(("count", "complex_"), [(12, False), (13, True)])
def test_work_of_wildcards(count: int, complex_: bool) -> None:
    assert glob_is_complex(Glob.of(MANY, "a", *[ONE] * count)) is complex_


def test_an_empty_bound_of_a_boolean_is_no_open_one() -> None:
    index = ElasticIndex.from_mapping({"b": {"type": "boolean"}})
    with pytest.raises(InvalidQuery, match="not a boolean"):
        lower_query('b:>""', index, {"lenient": False})
    assert lower_query("b:[* TO true]", index, {"lenient": False})


def test_wildcards_in_words_of_scripts_are_in_lower_case() -> None:
    analyser = "winlogbeat_powershell_script_analyzer"
    index = ElasticIndex.from_mapping({"s": {"type": "text", "analyzer": analyser}})
    plan = lower_query("s:Invoke-Mimi*", index, {}).plan
    found = plan.run(Table([{"s": "IEX; invoke-Mimikatz"}, {"s": "Invoke Mimikatz"}], index.read))
    assert [row for (row,) in found.findings] == [0]
