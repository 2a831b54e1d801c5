"""Random rules: the witness of a survivor really tells mutant and rule apart, says the naive evaluator."""

from __future__ import annotations

from typing import Any

import naive_logic
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.index.sources import SourceModels
from sigmaproof.judge.mutate.mutants import mutants
from sigmaproof.judge.mutate.witness import judge_of
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.load.values import Label

FIELDS = ("A", "B")
texts = st.sampled_from(["a", "ab", "a*", "*b?", "-a b", "7", "\\*"])


def listed(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=1, max_size=3, unique=True)


def item(modifiers: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    keys = st.tuples(st.sampled_from(FIELDS), st.sampled_from(modifiers)).map("".join)
    return st.tuples(keys, values)


items = st.one_of(
    item(["", "|contains", "|startswith|cased", "|endswith|all", "|windash|contains"], listed(texts)),
    item(["", "|gt", "|lte"], listed(st.integers(-1, 8))),
    item(["|exists"], st.booleans()),
)
maps = st.lists(items, min_size=1, max_size=2).map(dict)
detections = st.one_of(maps, st.lists(maps, min_size=2, max_size=2))
conditions = st.sampled_from(
    ["all of sel*", "1 of sel*", "sel1 and not sel2", "sel1 or sel2", "not sel1 and 1 of them", "2 of them"]
)
rules = st.fixed_dictionaries({"sel1": detections, "sel2": detections, "condition": conditions})


@settings(max_examples=60)
@given(rules)
def test_witnesses_tell_mutants_apart(detection: dict[str, Any]) -> None:
    rule = read_rule({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    term = lower(rule)
    judge = judge_of(rule, SourceModels(), {})
    for mutant in list(mutants(rule))[:12]:
        compared = judge.compare(mutant.term)
        assert compared.equivalent != bool(compared.witnesses), compared.reasons
        for witness in compared.witnesses:
            event = dict(witness.event)
            malicious = witness.label is Label.MALICIOUS
            assert naive_logic.holds(term, event) is malicious
            assert naive_logic.holds(mutant.term, event) is not malicious


@settings(max_examples=30)
@given(
    rules,
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={"A": st.sampled_from(["a", "B", "ab", "-A b"]), "B": st.sampled_from(["a", "7", "xb"])},
        ),
        max_size=8,
    ),
)
def test_equivalent_mutants_find_the_same(detection: dict[str, Any], events: list[dict[str, Any]]) -> None:
    rule = read_rule({"title": "t", "logsource": {"category": "c"}, "detection": detection})
    term = lower(rule)
    judge = judge_of(rule, SourceModels(), {})
    for mutant in list(mutants(rule))[:12]:
        if judge.compare(mutant.term).equivalent:
            assert [naive_logic.holds(term, one) for one in events] == [
                naive_logic.holds(mutant.term, one) for one in events
            ]
