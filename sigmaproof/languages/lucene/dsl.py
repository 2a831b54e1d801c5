"""The query DSL, as far as converters write it and conformance asks: JSON → term.

https://www.elastic.co/docs/explore-analyze/query-filter/languages/querydsl
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import msgspec.structs

from sigmaproof.errors import InvalidQuery, UnsupportedQuery, nearest
from sigmaproof.index.elastic import ID
from sigmaproof.index.elastic_grams import GRAMS
from sigmaproof.index.elastic_kinds import Bounds, Kind, Scope
from sigmaproof.languages.lucene.options import read_options
from sigmaproof.languages.lucene.query import Occur, Part, combined, lower_text
from sigmaproof.languages.lucene.search import Question, Search
from sigmaproof.logic.checks import Matches
from sigmaproof.logic.terms import FALSE, TRUE, Term, Test, conjunction, disjunction
from sigmaproof.logic.values import text_of
from sigmaproof.text.fold import fold
from sigmaproof.text.glob import Glob

Body = Mapping[str, Any]
Lower = Callable[[Any, Search, int], Term]

DEEPEST = 30
"""`indices.query.bool.max_nested_depth` of both products."""

_IGNORED = ("boost", "_name", "rewrite")
"""Parameters that change scores and speed, not what is found."""


def lower_body(body: Body, search: Search) -> Term:
    """The term of a query's body, or of a search request that holds one."""
    return lower(body["query"] if set(body) & {"query"} else body, search, 0)


def lower(body: Any, search: Search, depth: int) -> Term:
    """The term of one query in the DSL."""
    if not isinstance(body, Mapping) or len(body) != 1:
        raise InvalidQuery("a query is an object with one key, its name")
    if depth > DEEPEST:
        raise InvalidQuery(f"more than {DEEPEST} queries inside one another")
    name, inner = next(iter(body.items()))
    if name not in _QUERIES:
        raise UnsupportedQuery(f"query {name!r}{nearest(name, _QUERIES)}")
    return _QUERIES[name](inner, search, depth + 1)


def _bool(body: Body, search: Search, depth: int) -> Term:
    roles = {"must": Occur.MUST, "filter": Occur.MUST, "should": Occur.SHOULD, "must_not": Occur.MUST_NOT}
    given = _parameters(body, "bool", *roles, "minimum_should_match")
    parts = [
        Part(occur, lower(each, search, depth))
        for role, occur in roles.items()
        for each in _listed(given.get(role, []))
    ]
    optional = [part.term for part in parts if part.occur is Occur.SHOULD]
    least = given.get("minimum_should_match")
    if least is None or not optional:
        return combined(parts)
    try:
        count = int(least)
    except ValueError:
        raise UnsupportedQuery(f"minimum_should_match {least!r}") from None
    others = [part for part in parts if part.occur is not Occur.SHOULD]
    required = any(part.occur is Occur.MUST for part in others)
    count = max(count + len(optional) if count < 0 else count, 0 if required else 1)
    return conjunction([combined(others), _at_least(count, optional)])


def _at_least(count: int, terms: list[Term]) -> Term:
    if count <= 1:
        return disjunction(terms) if count == 1 else TRUE
    if count > len(terms):
        return FALSE
    if count == len(terms):
        return conjunction(terms)
    with_first = conjunction([terms[0], _at_least(count - 1, terms[1:])])
    return disjunction([with_first, _at_least(count, terms[1:])])


def _constant_score(body: Body, search: Search, depth: int) -> Term:
    return lower(_parameters(body, "constant_score", "filter").get("filter"), search, depth)


def _query_string(body: Body, search: Search, _depth: int) -> Term:
    options = search.options
    given = {"flavour": options.flavour, "version": options.version, "now": options.now}
    inner = Search(
        search.index,
        read_options(given | {key: body[key] for key in body if key not in ("query", *_IGNORED)}),
    )
    term = lower_text(str(body.get("query", "")), inner)
    search.notes |= inner.notes
    search.count(inner.clauses)
    return term


def _parameters(body: Any, name: str, *known: str) -> Body:
    for key in _object(name, body):
        if key not in known and key not in _IGNORED:
            raise UnsupportedQuery(f"{name}: parameter {key!r}{nearest(key, known)}")
    return _object(name, body)


def _on_field(name: str, body: Any, short: str, *known: str) -> tuple[str, Body]:
    """The field and its parameters; `{"f": value}` is short for `{"f": {short: value}}`."""
    fields = {key: given for key, given in _object(name, body).items() if key not in _IGNORED}
    if len(fields) != 1:
        raise InvalidQuery(f"{name}: one field is expected")
    field, given = next(iter(fields.items()))
    return field, _parameters(given if isinstance(given, Mapping) else {short: given}, name, short, *known)


def _object(name: str, body: Any) -> Body:
    if not isinstance(body, Mapping):
        raise InvalidQuery(f"{name}: an object is expected")
    return body


def _ask(search: Search, field: str, question: Question) -> Term:
    answer = search.ask(search.fields(field), question, lenient=False)
    return FALSE if answer is None else answer


def _value(name: str, given: Body, key: str = "value") -> str:
    if given.get(key) is None:
        raise InvalidQuery(f"{name}: no {key}")
    return text_of(given[key])


def _on_text(name: str, ask: Callable[[Kind], Callable[[Scope, str, bool], Term]]) -> Lower:
    """`term`, `wildcard` and `prefix`: a text, compared with or without case."""

    def lower_text_query(body: Any, search: Search, _depth: int) -> Term:
        field, given = _on_field(name, body, "value", "wildcard", "case_insensitive")
        text, insensitive = (
            _value(name, given, *{"wildcard"} & set(given)),
            _true(given.get("case_insensitive")),
        )
        return _ask(search, field, lambda kind, scope: ask(kind)(scope, text, insensitive))

    return lower_text_query


def _terms(body: Any, search: Search, _depth: int) -> Term:
    field, texts = next((key, given) for key, given in _object("terms", body).items() if key not in _IGNORED)
    if not isinstance(texts, list):
        raise UnsupportedQuery("terms: a lookup in another document")
    return disjunction(_exactly(search, field, text_of(text)) for text in texts)


def _exactly(search: Search, field: str, text: str) -> Term:
    def question(kind: Kind, scope: Scope) -> Term:
        # A list is compared as it is with a `wildcard` field's values, which a normalizer has folded.
        return (
            FALSE
            if kind is GRAMS and fold(text, scope.field.fold) != text
            else kind.exact(scope, text, False)
        )

    return _ask(search, field, question)


def _regexp(body: Any, search: Search, _depth: int) -> Term:
    field, given = _on_field("regexp", body, "value", "case_insensitive", "flags", "max_determinized_states")
    text, insensitive = _value("regexp", given), _true(given.get("case_insensitive"))
    flags = str(given.get("flags", "ALL")).upper()
    if flags not in ("ALL", "NONE"):
        raise UnsupportedQuery(f"regexp: flags {flags!r}")
    states = given.get("max_determinized_states", search.options.max_determinized_states)
    options = msgspec.structs.replace(search.options, max_determinized_states=states)
    asking = replace(search, options=options)
    return _ask(asking, field, lambda kind, scope: kind.regexp(scope, text, insensitive, flags == "ALL"))


def _range(body: Any, search: Search, _depth: int) -> Term:
    field, given = _on_field("range", body, "", "gt", "gte", "lt", "lte")
    low, high = ("gt" if "gt" in given else "gte"), ("lt" if "lt" in given else "lte")
    first, last = (None if given.get(key) is None else text_of(given[key]) for key in (low, high))
    if first is None and last is None:
        return search.exists(field)
    bounds = Bounds(first, last, low == "gte", high == "lte", raw=True)
    return _ask(search, field, lambda kind, scope: kind.between(scope, bounds))


def _exists(body: Any, search: Search, _depth: int) -> Term:
    return search.exists(_value("exists", _parameters(body, "exists", "field"), "field"))


def _match(body: Any, search: Search, _depth: int) -> Term:
    field, given = _on_field("match", body, "query", "operator", "lenient")
    text = _value("match", given, "query")
    join = conjunction if str(given.get("operator", "or")).upper() == "AND" else disjunction
    lenient = _true(given.get("lenient"))
    answer = search.ask(
        search.fields(field), lambda kind, scope: join(kind.words(scope, text)), lenient=lenient
    )
    return FALSE if answer is None else answer


def _phrase(name: str, *, begun: bool) -> Lower:
    def lower_phrase(body: Any, search: Search, _depth: int) -> Term:
        field, given = _on_field(name, body, "query", "slop", "max_expansions")
        text, slop = _value(name, given, "query"), int(given.get("slop", 0))
        return _ask(search, field, lambda kind, scope: kind.phrase(scope, text, slop, begun))

    return lower_phrase


def _ids(body: Any, _search: Search, _depth: int) -> Term:
    ids = _listed(_parameters(body, "ids", "values").get("values", []))
    return disjunction(Test(ID, Matches(Glob.of(text_of(each)))) for each in ids)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _true(value: Any) -> bool:
    return value is True or value == "true"


_QUERIES: Mapping[str, Lower] = {
    "bool": _bool,
    "constant_score": _constant_score,
    "query_string": _query_string,
    "term": _on_text("term", lambda kind: kind.exact),
    "terms": _terms,
    "wildcard": _on_text("wildcard", lambda kind: kind.glob),
    "prefix": _on_text("prefix", lambda kind: kind.begins),
    "regexp": _regexp,
    "range": _range,
    "exists": _exists,
    "match": _match,
    "match_phrase": _phrase("match_phrase", begun=False),
    "match_phrase_prefix": _phrase("match_phrase_prefix", begun=True),
    "match_all": lambda body, search, depth: TRUE,
    "match_none": lambda body, search, depth: FALSE,
    "ids": _ids,
}
"""Each query by its name."""
