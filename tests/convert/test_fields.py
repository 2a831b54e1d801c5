"""What is written depends on the field's type in the index."""

from __future__ import annotations

from typing import Any

import pytest
from conversions import EXACT, plain_target, rule_of, told

from sigmaproof.convert import Converter
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.model import IndexModel
from sigmaproof.languages import language as front_end

MAPPING: dict[str, Any] = {
    "word": {"type": "keyword"},
    "folded": {"type": "keyword", "normalizer": "lowercase"},
    "both": {"type": "keyword", "fields": {"caseless": {"type": "keyword", "normalizer": "lowercase"}}},
    "wild": {"type": "wildcard"},
    "text": {"type": "text"},
    "kept": {"type": "text", "fields": {"whole": {"type": "wildcard"}}},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "flag": {"type": "boolean"},
    "ip": {"type": "ip"},
    "date": {"type": "date"},
}
INDEX = IndexModel("typed", "typed", "elastic", "", ElasticIndex.from_mapping(MAPPING, default="keyword"))

CASES: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"word": "aB"}, 'any where word : "aB"', "word:/[Aa][Bb]/"),
    ({"word": "7_*"}, 'any where word : "7_*"', "word:7_*"),
    ({"folded": "aB"}, None, 'folded:"aB"'),
    ({"folded|contains": "aB"}, None, "folded:*aB*"),
    ({"both|startswith": "aB"}, 'any where both : "aB*"', "both.caseless:aB*"),
    ({"both|startswith|cased": "aB"}, 'any where both like "aB*"', "both:aB*"),
    ({"both|re": "aB"}, 'any where both regex ".*aB.*"', "both:/.*aB.*/"),
    ({"wild|contains": "aB"}, 'any where wild : "*aB*"', "wild:/.*[Aa][Bb].*/"),
    ({"unmapped": "a"}, 'any where ?unmapped : "a"', "unmapped:/[Aa]/"),
    ({"text|contains": "a"}, None, None),
    ({"kept|contains": "a"}, 'any where kept.whole : "*a*"', "kept.whole:/.*[Aa].*/"),
    ({"long": 5}, "any where long == 5", "long:5"),
    ({"long": [5, "6"]}, "any where long in (5, 6)", 'long:(5 OR "6")'),
    ({"long": -5}, "any where long == -5", 'long:"-5"'),
    ({"long|gte": 5}, "any where long >= 5", "long:>=5"),
    ({"long|lt": -5}, "any where long < -5", 'long:<"-5"'),
    ({"long|startswith": "5"}, None, None),
    ({"long": "5*"}, None, None),
    ({"long|re": "5"}, None, None),
    ({"long": None}, "any where long == null", "NOT _exists_:long"),
    ({"long": "*"}, "any where long != null", "_exists_:long"),
    ({"double|gt": 1.5}, "any where double > 1.5", "double:>1.5"),
    ({"flag": True}, "any where flag == true", "flag:true"),
    ({"flag": ["TRUE", "false"]}, "any where flag in (true, false)", "flag:(true OR false)"),
    ({"flag": "yes"}, None, None),
    ({"ip": "10.0.0.1"}, 'any where cidrMatch(ip, "10.0.0.1")', 'ip:"10.0.0.1"'),
    ({"ip|startswith": "10.1."}, 'any where cidrMatch(ip, "10.1.0.0/16")', 'ip:"10.1.0.0/16"'),
    (
        {"ip|cidr": ["10.0.0.0/8", "::1/128"]},
        'any where cidrMatch(ip, "10.0.0.0/8", "::1/128")',
        'ip:("10.0.0.0/8" OR "::1/128")',
    ),
    ({"ip|startswith": "10.1"}, None, None),
    ({"ip": "::1"}, None, None),
    ({"ip|re": "10"}, None, None),
    ({"word|cidr": "10.0.0.8/31"}, r'any where word regex """10\.0\.0\.[8-9]"""', r"word:/10\.0\.0\.[8-9]/"),
    ({"word|cidr": "fe80::/10"}, None, None),
    ({"word|gt": 5}, None, None),
    ({"date": "2024-01-01"}, None, None),
]


@pytest.mark.parametrize(("detection", "eql", "lucene"), CASES, ids=[str(case[0]) for case in CASES])
@pytest.mark.parametrize("language", ["eql", "lucene"])
def test_by_type(detection: dict[str, Any], eql: str | None, lucene: str | None, language: str) -> None:
    wanted = eql if language == "eql" else lucene
    if wanted is None and "folded" in str(detection):
        pytest.skip("whether EQL takes a field with a normalizer is not documented")
    made = told(Converter(plain_target(EXACT[language], language), INDEX).convert(rule_of({"s": detection})))
    if wanted is None:
        assert "of type" in made["refused"]
    else:
        assert made == wanted
        front_end(language).lower_query(made, INDEX.index, {})


LONG = "abcdefghijklmnopqrstuvwxyz" * 12


@pytest.mark.parametrize("language", ["eql", "lucene", "spl"])
def test_long_lists(language: str) -> None:
    rule = rule_of({"s": {"word|contains": [f"value {number}" for number in range(1000)]}})
    query = told(Converter(plain_target(EXACT[language], language), INDEX).convert(rule))
    assert "999" in query


def test_long_texts() -> None:
    rule = rule_of({"s": {"word": LONG}})
    made = told(Converter(plain_target("exact_lucene", "lucene"), INDEX).convert(rule))
    assert "over 1000" in made["refused"]
    assert LONG in told(Converter(plain_target("exact_eql", "eql"), INDEX).convert(rule))
