"""Edits between two rules: taking every one of them back gives the old rule."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.judge.edits import Edit, Kind, causes, edits, undone

VALUES = st.one_of(st.sampled_from(["a", "b", "c", ""]), st.integers(0, 3), st.booleans(), st.none())
LISTS = st.one_of(VALUES, st.lists(VALUES, min_size=1, max_size=4))
KEYS = st.sampled_from(["f", "f|contains", "f|startswith", "g", "g|re"])
MAPS = st.dictionaries(KEYS, LISTS, min_size=1, max_size=4)
BODIES = st.one_of(MAPS, st.lists(VALUES, min_size=1, max_size=3), st.lists(MAPS, min_size=1, max_size=3))
DETECTIONS = st.dictionaries(st.sampled_from(["one", "two", "three"]), BODIES, min_size=1)
RULES = st.builds(
    lambda detection, condition, source: {
        "logsource": source,
        "detection": {**detection, "condition": condition},
    },
    DETECTIONS,
    st.one_of(st.sampled_from(["one", "all of them"]), st.lists(st.sampled_from(["one", "two"]), min_size=1)),
    st.dictionaries(st.sampled_from(["category", "product"]), st.sampled_from(["x", "y"]), min_size=1),
)


@given(RULES, RULES)
def test_all_edits_undone_give_the_old_rule(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert edits(before, undone(after, edits(before, after))) == ()


@given(RULES)
def test_a_rule_has_no_edits_to_itself(rule: dict[str, Any]) -> None:
    assert edits(rule, rule) == ()


@given(RULES, RULES)
def test_undoing_leaves_the_rule_alone(before: dict[str, Any], after: dict[str, Any]) -> None:
    kept = repr(after)
    undone(after, edits(before, after))
    assert repr(after) == kept


def rule(**detection: Any) -> dict[str, Any]:
    return {"title": "t", "detection": {"condition": "a", **detection}}


TOLD = [
    (rule(a={"f": "x"}), rule(a={"f": "y"}), ["a: f 'x' → 'y'"]),
    (rule(a={"f": 1}), rule(a={"f": True}), ["a: f 1 → True"]),
    (rule(a={"f": ["x", "y"]}), rule(a={"f": ["y", "x", "x"]}), ["a: f 'x' added"]),
    (rule(a={"f": "x"}), rule(a={"f": ["x", "y"]}), ["a: f 'y' added"]),
    (rule(a={"f": "x", "g": 1}), rule(a={"f": "x"}), ["a: g 1 removed"]),
    (rule(a={"f|re": "x"}), rule(a={"f|contains": "y"}), ["a: f|re → f|contains", "a: f|contains 'x' → 'y'"]),
    (rule(a={"f": "x"}), rule(a={"f": "x"}, b={"g": "y"}), ["b added"]),
    (rule(a={"f": "x"}), rule(b={"f": "x"}), ["a → b"]),
    (rule(a=[{"f": "x"}, {"g": "y"}]), rule(a=[{"f": "x"}, {"g": "z"}]), ["a[2]: g 'y' → 'z'"]),
    (rule(a={"f": "x" * 99}), rule(a={"f": "y"}), [f"a: f '{'x' * 58}… → 'y'"]),
    (rule(a={"f": None}), rule(a={"f": []}), ["a: f None removed"]),
]


@pytest.mark.parametrize(("before", "after", "told"), TOLD)
def test_an_edit_in_words(before: dict[str, Any], after: dict[str, Any], told: list[str]) -> None:
    assert [str(one) for one in edits(before, after)] == told


def added(name: str) -> Edit:
    return Edit(Kind.ADDED, (name,), None, True)


ABC = {"a": True, "b": True, "c": True}


@pytest.mark.parametrize(
    ("answers", "names"),
    [
        (lambda found: "a" not in found, ["a"]),
        (lambda found: "a" not in found or "b" not in found, ["a", "b"]),
        (lambda found: "a" not in found and "b" not in found, ["a", "b"]),
        (lambda found: not found, ["a", "b", "c"]),
    ],
    ids=["one", "each of two", "two together", "all together"],
)
def test_the_edits_that_an_answer_is_due_to(answers: Any, names: list[str]) -> None:
    found = causes(ABC, [added(name) for name in ABC], answers)
    assert [one.path[0] for one in found] == names
