"""What a proof takes for granted: only where it must, by name, and nothing else is hidden by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from sigmaproof.commands.proofs import document, rendered
from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.index.events import EventIndex
from sigmaproof.index.model import plain_model
from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import Standing, Subject, Verdict, prove_query
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.logic.plans import Select
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.report.style import Paint

DATA = Path(__file__).parent / "data" / "assumptions.yml"
CASES = [pytest.param(case, id=case["name"]) for case in yaml.safe_load(DATA.read_text(encoding="utf-8"))]


def verdict(case: dict[str, Any], assumptions: Sequence[Assumption]) -> Verdict:
    detection = {"s": case["detection"], "condition": "s"}
    if "not" in case:
        detection |= {"f": case["not"], "condition": "s and not f"}
    rule = read_rule({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    subject = Subject(Meaning(Select(lower(rule)), EventIndex()), (), SourceModels())
    model = plain_model(case["language"])
    query = queries_meaning([case["query"]], case["language"], model.index, model.document, {})
    return prove_query(subject, query, model, assumptions=assumptions)


@pytest.mark.parametrize("case", CASES)
def test_assuming(case: dict[str, Any]) -> None:
    found = verdict(case, tuple(Assumption))
    assert (found.standing, [*found.assumes]) == (Standing(case["is"]), case.get("assumes", []))
    if "event" in case:
        assert case["event"] in [one.event for one in found.differences]


@pytest.mark.parametrize("case", CASES)
def test_assuming_nothing(case: dict[str, Any]) -> None:
    found = verdict(case, ())
    assert (found.standing, found.assumes) == (Standing(case.get("without", case["is"])), ())


def test_characters_are_those_that_fold_into_ascii() -> None:
    from sigmaproof.text.fold import Fold, case_classes

    mixed = {char for one in case_classes(Fold.SIMPLE) if any(map(str.isascii, one)) for char in one}
    assert {char for char in mixed if not char.isascii()} == set(Assumption.PLAIN_S_AND_K.characters)


def proofs() -> Proofs:
    needed = Verdict(Standing.PROVEN, assumes=(Assumption.PLAIN_S_AND_K,))
    verdicts = (("eql", needed), ("spl", Verdict(Standing.PROVEN)))
    return Proofs(("eql", "spl"), (RuleProof(Path("a.yml"), 1, "a", verdicts),))


def test_told_in_json() -> None:
    told = document(proofs())
    assert told["summary"]["assumes"] == {"eql": {"plain-s-and-k": 1}}
    assert [one.get("assumes") for one in told["results"]] == [["plain-s-and-k"], None]


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_told_under_the_totals(form: str) -> None:
    lines = rendered(proofs(), form, Paint(False), 0).splitlines()
    (told,) = (line.strip("`") for line in lines if line.strip("`").startswith("assuming "))
    assert told.startswith("assuming plain-s-and-k: no text holds U+017F")
    assert told.endswith("(eql 1)")
