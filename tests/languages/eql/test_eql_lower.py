"""What provers and readers see of a query: plain tests where there can be, notes where a switch matters."""

from __future__ import annotations

from typing import Any

import pytest

from sigmaproof.errors import QueryError, UnsupportedQuery
from sigmaproof.languages import eql
from sigmaproof.logic.checks import Matches
from sigmaproof.logic.plans import Select
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.logic.terms import tests as leaves
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob

FIELDS: dict[str, Any] = {
    "f": "keyword",
    "g": {"type": "keyword", "normalizer": "lowercase"},
    "n": "long",
    "d": "date",
    "i": "ip",
    "v": "version",
}


def lowered(condition: str, **options: Any) -> Any:
    index = eql.case_index({"fields": FIELDS}, options)
    return eql.lower_query(f"any where {condition}", index, options)


def finds(condition: str, document: dict[str, Any], **options: Any) -> bool:
    index = eql.case_index({"fields": FIELDS}, options)
    return bool(lowered(condition, **options).plan.run(Table([document], index.read)).rows)


PLAIN = [
    ('f : "*a"', Matches(Glob.of(MANY, "a"), Fold.ASCII)),
    ('f like "*a"', Matches(Glob.of(MANY, "a"))),
    ('f == "*a"', Matches(Glob.of("*a"))),
    ('startsWith(f, "a*")', Matches(Glob.of("a*", MANY))),
    ('endsWith~(f, "a")', Matches(Glob.of(MANY, "a"), Fold.ASCII)),
    ('stringContains(f, "a") == true', Matches(Glob.of(MANY, "a", MANY))),
]


@pytest.mark.parametrize(("condition", "check"), PLAIN)
def test_plain_leaves(condition: str, check: Matches) -> None:
    plan = lowered(condition).plan
    assert isinstance(plan, Select)
    assert plan.term == Leaf("f", check)


def test_a_script_reads_only_its_fields() -> None:
    (leaf,) = leaves(lowered("length(f) + n == 3").plan.term)
    assert not isinstance(leaf.subject, str)
    assert leaf.subject.fields == ("f", "n")
    assert str(leaf.subject) == "add(length(f), n)"


def test_constants_of_several_types_stay_apart() -> None:
    index = eql.case_index({"fields": FIELDS}, {})
    table = Table([{"n": 83}], index.read)
    for divisor, rows in (("2", [0]), ("2.0", [])):
        query = f"any where n / {divisor} == 41"
        assert eql.lower_query(query, index, {}).plan.run(table).rows == rows


SWITCHES = [
    ('not ?x : "a"', {}, {"unmapped_optional": "missing"}, {"unmapped_optional": "null"}),
    ('endsWith(f, "\\\\b")', {"f": "ab"}, {}, {"escape_function_literals": True}),
    ('f : "Ä"', {"f": "ä"}, {"case_fold": "simple"}, {}),
    ('f regex~ "Ä"', {"f": "ä"}, {}, {"version": "8.17"}),
    ('f regex "\\\\d"', {"f": "5"}, {}, {"version": 7}),
    ('concat(f) regex "b"', {"f": "abc"}, {"script_regex": "find"}, {}),
    ('d > "now-1d"', {"d": 86400001}, {"now": 2 * 86400000}, {"now": 3 * 86400000}),
]


@pytest.mark.parametrize(("condition", "document", "found", "lost"), SWITCHES)
def test_switches(condition: str, document: dict, found: dict, lost: dict) -> None:
    assert finds(condition, document, **found)
    assert not finds(condition, document, **lost)


REFUSALS = [
    ('g == "a"', {"normalized_exact": "reject"}),
    ('v : "1*"', {"version_patterns": False}),
    ("string(d) == null", {}),
    ('i < "10.0.0.0/8"', {}),
    ("n < 99999999999999999999", {}),
    ('endsWith~(f, "\\\\b")', {}),
    ('f regex "(a|b)*a(a|b){14}"', {}),
    ('f == "a"', {"case_fold": "none"}),
    ('f == "a"', {"sise": 5}),
    ('f regex "' + "a" * 1001 + '"', {}),
    ('concat(f) regex "(?=a)"', {}),
]


@pytest.mark.parametrize(("condition", "options"), REFUSALS)
def test_refused(condition: str, options: dict) -> None:
    with pytest.raises(QueryError):
        lowered(condition, **options)


def test_now_is_the_clock_unless_it_is_said() -> None:
    assert finds('d < "now-1d" and d > "now-100y"', {"d": 0})
    assert not finds('d < "now-1d"', {"d": 0}, now=0)


NOTED = [
    ('f : "abc"', None),
    ('endsWith(f, "abc")', None),
    ('f : "straße"', "case_fold"),
    ('endsWith(f, "\\\\abc")', "escape_function_literals"),
    ('g == "a"', "normalized_exact"),
    ('?x != "a"', "unmapped_optional"),
    ('concat(f) regex "b"', "script_regex"),
]


@pytest.mark.parametrize(("condition", "switch"), NOTED)
def test_notes(condition: str, switch: str | None) -> None:
    notes = lowered(condition).notes
    assert [switch in note for note in notes] == ([True] if switch else [])


def test_another_index_is_refused() -> None:
    class Flat:
        def read(self, document: Any, field: str) -> None:
            return None

    with pytest.raises(UnsupportedQuery):
        eql.lower_query("any where true", Flat(), {})


def test_sizes() -> None:
    documents = [{"d": 90000 + number} for number in range(5)]
    for options, rows in (({"size": 2}, [3, 4]), ({"size": 2, "result_position": "head"}, [0, 1])):
        names = {"timestamp_field": "d"}
        index = eql.case_index({"fields": FIELDS, **names}, options)
        assert (
            eql.lower_query("any where true", index, options).plan.run(Table(documents, index.read)).rows
            == rows
        )


def test_many_values_do_not_hang() -> None:
    document = {"f": [str(number) for number in range(400)], "n": list(range(400))}
    assert not finds('concat(f, n, f) == "x"', document)


HARMLESS = [
    ('substring(f, 1.5) == "bc"', True),
    ('indexOf(f, "c", 0.5) == 2', True),
    ("number(f) > 1", False),
    ("n % 0 == 1", False),
    ("n / 0.0 == 1", False),
    ("n * n * n > 5", True),
    ('string(not f == null) == "true"', True),
    ("string(n > 5 and length(?x) > 0) == null", True),
]


@pytest.mark.parametrize(("condition", "found"), HARMLESS)
def test_computing_never_fails(condition: str, found: bool) -> None:
    assert finds(condition, {"f": "abc", "n": 2**62}) == found
