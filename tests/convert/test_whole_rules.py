"""Whole rules: filters, several conditions, what is left of pySigma's own state."""

from __future__ import annotations

from typing import Any

import pytest
from conversions import Convert, plain_target, rule_of

from sigmaproof.convert import Converter, Queries
from sigmaproof.errors import InvalidInput
from sigmaproof.index.model import plain_model

ID = "6f3e2987-db24-4c78-a860-b4f4095a7095"


def filter_of(body: dict[str, Any], rules: Any = (ID,)) -> dict[str, Any]:
    listed = rules if isinstance(rules, str) else list(rules)
    head = {"title": "a filter", "logsource": {"category": "test"}}
    return {**head, "filter": {"rules": listed, "condition": "not f", **body}}


FILTERS = {
    "of this rule": (filter_of({"f": {"B": "c"}}), 'A="b" NOT B="c"'),
    "of every rule": (filter_of({"f": {"B": "c"}}, "any"), 'A="b" NOT B="c"'),
    "of another rule": (filter_of({"f": {"B": "c"}}, ["another"]), 'A="b"'),
    # pySigma puts its prefix behind the first underscore, and then finds no such identifier
    "with a hidden identifier": (filter_of({"_f": {"B": "c"}, "condition": "not _f"}), 'A="b" NOT B="c"'),
    "with a pattern": (
        filter_of({"f1": {"B": "c"}, "f2": {"C": "d"}, "condition": "not 1 of f*"}),
        'A="b" NOT (B="c" OR C="d")',
    ),
    "with an identifier like an operator": (
        filter_of({"notepad": {"B": "c"}, "condition": "not notepad"}),
        'A="b" NOT B="c"',
    ),
}


@pytest.mark.parametrize(("filter_", "query"), FILTERS.values(), ids=FILTERS.keys())
def test_filters(convert: Convert, filter_: dict[str, Any], query: str) -> None:
    assert convert({"s": {"A": "b"}}, "spl", filter_, id=ID) == query


def test_a_query_for_each_condition(convert: Convert) -> None:
    detection = {"s": {"A": "b"}, "t": {"B": "c"}, "condition": ["s", "not t"]}
    assert convert(detection, "spl") == ['A="b"', 'NOT B="c"']


def test_modifiers_are_pysigmas_own_again(convert: Convert) -> None:
    detection = {"s": {"A|windash|contains": " –x"}}
    before = convert(detection, "lucene", stock=True)
    convert(detection, "lucene")
    assert convert(detection, "lucene", stock=True) == before


def test_a_rule_is_converted_twice_alike(convert: Convert) -> None:
    detection = {"s": {"A": ["b", None], "B|re": "c"}, "condition": "s"}
    assert convert(detection, "eql") == convert(detection, "eql")


def test_the_rule_itself_does_not_change() -> None:
    rule = rule_of({"s": {"A|gt": "5", "B|contains": 7}})
    before = repr(rule)
    assert isinstance(
        Converter(plain_target("exact_splunk", "spl"), plain_model("spl")).convert(rule), Queries
    )
    assert repr(rule) == before


@pytest.mark.parametrize(
    ("backend", "output_format", "message"),
    [
        ("exact_eqll", "default", 'did you mean "exact_eql"'),
        ("exact_eql", "siem_rule", "has no output format"),
        ("exact_lucene", "defualt", 'did you mean "default"'),
    ],
)
def test_targets_that_are_wrong(backend: str, output_format: str, message: str) -> None:
    from msgspec.structs import replace

    target = replace(plain_target(backend, "eql"), output_format=output_format)
    with pytest.raises(InvalidInput) as caught:
        Converter(target, plain_model("eql")).convert(rule_of({"s": {"A": "b"}}))
    assert message in caught.value.problem.message


BAD_RULES = {
    "no detection": {"title": "t", "logsource": {"category": "c"}},
    "no log source": {"title": "t", "detection": {"s": {"A": "b"}, "condition": "s"}},
    "an unknown modifier": rule_of({"s": {"A|contians": "b"}}),
    "an unknown identifier": rule_of({"s": {"A": "b"}, "condition": "t"}),
    "a broken condition": rule_of({"s": {"A": "b"}, "condition": "s and ("}),
    "a list of lists": rule_of({"s": {"A": [["b"]]}}),
    "a mapping as value": rule_of({"s": {"A": {"b": "c"}}}),
    "detection is a list": {**rule_of({}), "detection": [1]},
    "an invalid regex": rule_of({"s": {"A|re": "("}}),
    "an invalid network": rule_of({"s": {"A|cidr": "x"}}),
    "a placeholder": rule_of({"s": {"A|expand": "%x%"}}),
    "more ways than can be said": rule_of(
        {**{f"s{n}": {"A": str(n)} for n in range(40)}, "condition": "20 of s*"}
    ),
    "more than there are": rule_of({"s": {"A": "b"}, "condition": "3 of s*"}),
    "many dashes": rule_of({"s": {"A|windash": "-a -b -c -d -e -f"}}),
}


@pytest.mark.parametrize("rule", BAD_RULES.values(), ids=BAD_RULES.keys())
@pytest.mark.parametrize("language", ["eql", "lucene", "spl"])
def test_bad_rules_are_refused(rule: dict[str, Any], language: str) -> None:
    backend = {"eql": "exact_eql", "lucene": "exact_lucene", "spl": "exact_splunk"}[language]
    made = Converter(plain_target(backend, language), plain_model(language)).convert(rule)
    assert not isinstance(made, Queries)
    assert made.reason
