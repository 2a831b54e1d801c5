"""What searches become: plain tests a prover can read, and notes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from sigmaproof.errors import UnsupportedQuery, UsageError
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.languages import spl
from sigmaproof.languages.spl.options import Switches, choices
from sigmaproof.logic.checks import IsTrue, Matches, Present
from sigmaproof.logic.expressions import Related
from sigmaproof.logic.plans import Select
from sigmaproof.logic.plans.records import Records
from sigmaproof.logic.terms import FALSE, TRUE, And, Not, Or, Term
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import search

DOCS = Path(__file__).parents[3] / "docs" / "semantics" / "spl.md"


def term(query: str, **options: Any) -> Term:
    plan = spl.lower_query(query, SplunkIndex(), options).plan
    assert isinstance(plan, Select), plan
    return plan.term


def equals(field: str, text: str, rule: Fold = Fold.SIMPLE) -> Term:
    return Leaf(field, Matches(Glob.of(text), rule))


def finds(field: str, pattern: str) -> Term:
    return Leaf(field, Matches(search(parse(pattern, dialect=Dialect.PCRE))))


HOISTED = """B="y"
| rex field=A "(?<AMatch>foo)"
| eval ACondition=if(isnotnull(AMatch), "true", "false")
| search C="z" OR ACondition="true"
"""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("*", TRUE),
        ("* NOT *", FALSE),
        ('A="x"', equals("A", "x")),
        ("A=x | table A", equals("A", "x")),
        ("A=*", Leaf("A", Present())),
        ("NOT A=*", Not(Leaf("A", Present()))),
        (r'A="*\\cmd.exe"', Leaf("A", Matches(Glob.of(MANY, r"\cmd.exe"), Fold.SIMPLE))),
        ("A=1 B=2 OR C=3", And((equals("A", "1"), Or((equals("B", "2"), equals("C", "3")))))),
        ('* | where A="x"', equals("A", "x", Fold.EXACT)),
        ('* | where lower(A)="x"', equals("A", "x", Fold.LOWER)),
        ('* | where like(A, "x%")', Leaf("A", Matches(Glob.of("x", MANY)))),
        ("* | where 'A'='B'", Leaf(Related("A", "B", fold=Fold.EXACT), IsTrue())),
        ('* | where NOT A="x"', And((Leaf("A", Present()), Not(equals("A", "x", Fold.EXACT))))),
        ('* | regex A="f.o"', finds("A", "f.o")),
        ('* | regex A!="f.o"', Not(finds("A", "f.o"))),
        (HOISTED, And((equals("B", "y"), Or((equals("C", "z"), finds("A", "foo")))))),
        ('* | rex field=A "(?<AMatch>foo)" | where isnull(AMatch)', Not(finds("A", "foo"))),
        ("* | rename A AS B | search B=x", equals("A", "x")),
        ("* | fields - A | search A=x", FALSE),
        ('* | eval B=if(A="x","y","z") | search B=y', equals("A", "x", Fold.EXACT)),
        ('* | eval n=1+1 | where n=2 AND len("abc")=3', TRUE),
    ],
)
def test_plain_terms(query: str, expected: Term) -> None:
    assert term(query) == expected


def test_a_group_may_stay_what_the_event_says() -> None:
    either = Or((finds("A", "foo"), And((Not(finds("A", "foo")), Leaf("AMatch", Present())))))
    assert term('* | rex field=A "(?<AMatch>foo)" | search AMatch=*', unmatched_group="keep") == either


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("A=1 B=2 OR C=3", "OR binds tighter"),
        ("mimikatz", "_raw"),
        ("A>5", "compare as text"),
        ("earliest=-1h", "now"),
    ],
)
def test_notes(query: str, note: str) -> None:
    assert any(note in text for text in spl.lower_query(query, SplunkIndex(), {}).notes)


def test_no_notes_where_both_readings_agree() -> None:
    assert spl.lower_query("(A=1 AND B=2) OR C=3", SplunkIndex(), {}).notes == ()


def test_sharing_in_computed_fields_does_not_explode() -> None:
    doubled = " | ".join(f'eval a=if(a="x{n}", a."l", a."r")' for n in range(60))
    plan = spl.lower_query(f"* | {doubled} | where a=1", SplunkIndex(), {}).plan
    assert isinstance(plan, Records)


@pytest.mark.parametrize(
    "query", ["(" * 150 + "A=1" + ")" * 150, "* | where " + "abs(" * 150 + "1" + ")" * 150]
)
def test_nesting_is_bounded(query: str) -> None:
    with pytest.raises(UnsupportedQuery, match="nested"):
        spl.lower_query(query, SplunkIndex(), {})


def test_options_are_checked() -> None:
    with pytest.raises(UsageError, match="did you mean"):
        spl.lower_query("*", SplunkIndex(), {"search_precedense": "documented"})
    with pytest.raises(UsageError, match="and-first"):
        spl.lower_query("*", SplunkIndex(), {"search_precedence": "and_first"})


def test_every_switch_is_documented_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| \*\*([\w-]+)\*\*", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {field.name: field.default for field in fields(Switches)}
    assert all(field.default in choices()[field.name] for field in fields(Switches))
