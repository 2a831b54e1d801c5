"""The expressions of `-k`."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.errors import UsageError
from sigmaproof.judge.select import selection

NAME = "proc_creation_win_wmic::malicious[2]::elastic-lucene"

SELECTS = [
    ("", True),
    ("   ", True),
    ("wmic", True),
    ("WMIC", True),
    ("malicious[2]", True),
    ("malicious[3]", False),
    ("::elastic-lucene", True),
    ("wmic and lucene", True),
    ("wmic and splunk", False),
    ("splunk or lucene", True),
    ("not splunk", True),
    ("not not wmic", True),
    ("not wmic or lucene", True),
    ("not (wmic or lucene)", False),
    ("splunk and splunk or wmic", True),
    ("splunk and (splunk or wmic)", False),
    ("wmic or splunk and splunk", True),
    ("(wmic)and(lucene)", True),
    ("((wmic))", True),
    ("android", False),
    ("notwmic", False),
    ("benign[1] or malicious[2]", True),
]

WRONG = [
    ("and", "at 'and'"),
    ("wmic and", "at its end"),
    ("or wmic", "at 'or'"),
    ("not", "at its end"),
    ("(wmic", "at its end"),
    ("wmic)", "at ')'"),
    ("()", "at ')'"),
    ("wmic lucene", "at 'lucene'"),
    ("wmic AND lucene", "at 'AND'"),
    ("OR", "at 'OR'"),
    ("wmic and or lucene", "at 'or'"),
    ("(" * 10_000, "at '('"),
    ("not " * 10_000 + "x", "at 'not'"),
    ("(" * 60 + "x" + ")" * 60, "at '('"),
]


@pytest.mark.parametrize(("expression", "selected"), SELECTS)
def test_what_is_selected(expression: str, selected: bool) -> None:
    assert selection(expression)(NAME) is selected


@pytest.mark.parametrize(("expression", "place"), WRONG, ids=[one[:20] for one, _ in WRONG])
def test_what_does_not_parse(expression: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        selection(expression)
    problem = caught.value.problem
    assert place in problem.message
    assert "and`, `or`, `not`" in problem.help


def test_a_long_expression_is_not_a_deep_one() -> None:
    assert selection(" or ".join(["x"] * 20_000 + ["wmic"]))(NAME)


WORDS = st.sampled_from(["a", "b", "not", "and", "or", "(", ")"])


@given(st.lists(WORDS, min_size=1, max_size=9), st.sampled_from(["", "a", "b", "ab"]))
def test_it_is_what_python_reads(words: list[str], name: str) -> None:
    expression = " ".join(words)
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError:
        tree = None
    # to Python, `a (b)` is a call and `()` a tuple
    if tree is None or any(isinstance(node, ast.Call | ast.Tuple) for node in ast.walk(tree)):
        with pytest.raises(UsageError):
            selection(expression)
        return
    expected = eval(expression, {word: word in name for word in "ab"})
    assert selection(expression)(name) is expected
