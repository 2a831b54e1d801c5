"""Pairs of detections, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.logic.checks import IsTrue, Matches
from sigmaproof.logic.expressions import Related
from sigmaproof.logic.prove import prove, read_flat
from sigmaproof.logic.prove.reading import Values
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import Not, Or, Term, Test, conjunction, negation
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, Glob
from sigmaproof.text.perl import parse

PAIRS = yaml.safe_load((Path(__file__).parent / "data" / "pairs.yml").read_text(encoding="utf-8"))
SIGNS = {(False, False): "=", (True, False): ">", (False, True): "<", (True, True): "x"}


def term_of(detection: dict[str, Any]) -> Term:
    rule = {"title": "t", "logsource": {"category": "c"}, "detection": {"s": detection, "condition": "s"}}
    return lower(read_rule(rule))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["name"]))
def test_pair(pair: dict[str, Any]) -> None:
    left, right = term_of(pair["left"]), term_of(pair["right"])
    answer = prove(left, right)
    assert not answer.undecided
    assert SIGNS[answer.left.event is not None, answer.right.event is not None] == pair["is"]
    for side, holds, fails in ((answer.left, left, right), (answer.right, right, left)):
        if side.event is not None:
            table = Table([side.event], read_flat)
            assert (matching(holds, table), matching(fails, table)) == (1, 0)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: str(pair["name"]))
def test_not_turns_a_pair_around(pair: dict[str, Any]) -> None:
    answer = prove(negation(term_of(pair["left"])), negation(term_of(pair["right"])))
    turned = {"<": ">", ">": "<"}.get(pair["is"], pair["is"])
    assert SIGNS[answer.left.event is not None, answer.right.event is not None] == turned


def matches(field: str, *parts: Any, fold: Fold = Fold.SIMPLE) -> Term:
    return Test(field, Matches(Glob.of(*parts), fold))


def test_shortest_text() -> None:
    found = prove(matches("A", MANY, "\\wmic.exe"), matches("A", "\\wmic.exe")).left.event
    assert found == {"A": "a\\wmic.exe"}


def test_several_values_make_tests_independent() -> None:
    both = conjunction([matches("A", "a"), matches("A", "b")])
    assert prove(both, conjunction([both, matches("A", "c")])).equivalent
    found = prove(both, conjunction([both, matches("A", "c")]), values=Values(several=2))
    assert found.left.event == {"A": ["a", "b"]}


def test_unknown_parts_do_not_stop_a_proof() -> None:
    unknown = Test(Related("A", "B"), IsTrue())
    term = conjunction([unknown, matches("C", "x")])
    assert prove(term, conjunction([matches("C", "X"), unknown])).equivalent


def test_unknown_parts_are_tried() -> None:
    unknown = Test(Related("A", "B"), IsTrue())
    found = prove(conjunction([unknown, matches("A", MANY, "x")]), Not(Or((unknown,)))).left.event
    assert found is not None
    assert found["A"] == found["B"]


def test_budget_is_kept() -> None:
    slow = [Test("A", Matches(parse(f"^(?:.*{one}){{12}}.*$"))) for one in "abcdefgh"]
    left, right = conjunction(slow), conjunction([*slow, Test("A", Matches(parse("^(?:.*x.*y){9}$")))])
    answer = prove(left, right, budget=0.5)
    assert answer.left.event is not None or answer.undecided


@pytest.mark.parametrize(
    "pattern", ["^(a|b|ab)*c{50,90}$", "(x+x+)+y", "^(.*,){40}z", "((a{0,9}){0,9}){0,9}"]
)
def test_hostile_patterns_end(pattern: str) -> None:
    left = Test("A", Matches(parse(pattern)))
    assert prove(left, left).equivalent
    prove(left, Test("A", Matches(parse("^[^q]*q$"))), budget=1.0)
