"""From label, rule's answer and target's answer to status, verdict and code: a line per situation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigmaproof.errors import Place, Problem
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.verdicts import Code, Status
from sigmaproof.judge.verify import Answer, NoAnswer, judge_case, unreadable
from sigmaproof.load.values import Case, Difference, Label, Matches
from sigmaproof.logic.checks import Matches as TextMatches
from sigmaproof.logic.plans import Found, Select
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.glob import Glob

EVENTS = [{"a": "x"}, {"a": "y"}, {"a": "z"}]
REFUSED = NoAnswer(Status.REFUSED, Code.UNSUPPORTED, "no way to say it", "say it otherwise")
ERROR = NoAnswer(Status.ERROR, Code.INVALID_QUERY, "does not parse")
ONE, ANY, NONE, TWO_OR_MORE = Matches(1, 1), Matches(1), Matches(0, 0), Matches(2)
TODO = "a gap"
TODO_FIRES, TODO_SILENT = Difference("todo", True, "known"), Difference("todo", False, "known")
NEVER, NEVER_FIRES = Difference("never", False, "known"), Difference("never", True, "known")

# label, matches it wants, rows the rule finds, `todo`  →  status, verdict, code
RULE = [
    ("malicious", ANY, [0], "", "pass TP -"),
    ("malicious", ANY, [0, 1, 2], "", "pass TP -"),
    ("malicious", ANY, [], "", "fail FN missed"),
    ("malicious", ONE, [0], "", "pass TP -"),
    ("malicious", ONE, [], "", "fail FN missed"),
    ("malicious", ONE, [0, 1], "", "fail FP false-alarm"),
    ("malicious", TWO_OR_MORE, [0], "", "fail FN missed"),
    ("malicious", TWO_OR_MORE, [0, 2], "", "pass TP -"),
    ("benign", NONE, [], "", "pass TN -"),
    ("benign", NONE, [1], "", "fail FP false-alarm"),
    ("malicious", ANY, [], TODO, "gap FN -"),
    ("malicious", ANY, [0], TODO, "fail TP gap-closed"),
    ("malicious", TWO_OR_MORE, [0], TODO, "gap FN -"),
    ("benign", NONE, [0], TODO, "gap FP -"),
    ("benign", NONE, [], TODO, "fail TN gap-closed"),
]

# label, wants, rule's rows, `todo`, target's rows or no answer, `differs`  →  the target's words
TARGET: list[tuple[str, Matches, list[int], str, Any, Difference | None, str]] = [
    ("malicious", ANY, [0], "", [0], None, "pass TP -"),
    ("malicious", ANY, [0], "", [], None, "fail FN missed"),
    ("malicious", ANY, [0], "", [0, 1], None, "fail TP false-alarm"),
    ("malicious", ANY, [0, 1], "", [0], None, "fail TP missed"),
    ("malicious", ANY, [0], "", [1], None, "fail TP missed"),
    ("benign", NONE, [], "", [], None, "pass TN -"),
    ("benign", NONE, [], "", [0], None, "fail FP false-alarm"),
    # a target that repeats the rule's mistake is right about the rule, and shares its fate
    ("malicious", ANY, [], "", [], None, "fail FN missed"),
    ("benign", NONE, [0], "", [0], None, "fail FP false-alarm"),
    ("malicious", ANY, [], TODO, [], None, "gap FN -"),
    ("benign", NONE, [0], TODO, [0], None, "gap FP -"),
    ("malicious", ONE, [0, 1], "", [0, 1], None, "fail FP false-alarm"),
    # one that does not is no better, whatever the label says
    ("malicious", ANY, [], TODO, [0], None, "fail TP false-alarm"),
    ("benign", NONE, [0], TODO, [], None, "fail TN missed"),
    # differences on record are strict both ways
    ("malicious", ANY, [0], "", [], TODO_SILENT, "gap FN -"),
    ("malicious", ANY, [0], "", [], TODO_FIRES, "fail FN missed"),
    ("malicious", ANY, [0], "", [0], TODO_SILENT, "fail TP difference-gone"),
    ("malicious", ANY, [0], "", [0], TODO_FIRES, "fail TP difference-gone"),
    ("malicious", ANY, [0], "", [0, 1], TODO_FIRES, "gap TP -"),
    ("benign", NONE, [], "", [0], TODO_FIRES, "gap FP -"),
    ("benign", NONE, [], "", [0], TODO_SILENT, "fail FP false-alarm"),
    ("benign", NONE, [], "", [], TODO_FIRES, "fail TN difference-gone"),
    ("malicious", ANY, [], TODO, [0], TODO_FIRES, "gap TP -"),
    # no answer is never a pass; only a refusal can be admitted, and only as final
    ("malicious", ANY, [0], "", REFUSED, None, "refused - unsupported"),
    ("benign", NONE, [], "", REFUSED, None, "refused - unsupported"),
    ("malicious", ANY, [0], "", REFUSED, NEVER, "gap - -"),
    ("malicious", ANY, [0], "", REFUSED, NEVER_FIRES, "refused - unsupported"),
    ("malicious", ANY, [0], "", REFUSED, TODO_SILENT, "refused - unsupported"),
    ("malicious", ANY, [], TODO, REFUSED, None, "refused - unsupported"),
    ("malicious", ANY, [0], "", [0], NEVER, "fail TP difference-gone"),
    ("malicious", ANY, [0], "", ERROR, None, "error - invalid-query"),
    ("malicious", ANY, [0], "", ERROR, NEVER, "error - invalid-query"),
    # findings of several events: the same events in other company are another answer
    ("malicious", ANY, [(0, 1), (2,)], "", [(0,), (1, 2)], None, "fail TP differs"),
    ("malicious", ANY, [(0, 1), (2,)], "", [(2,), (0, 1)], None, "pass TP -"),
]


def made(
    label: str, matches: Matches, todo: str = "", known: Difference | None = None, name: str = "one"
) -> Case:
    return Case(
        name=name,
        label=Label(label),
        path=Path("f.yml"),
        line=3,
        events=tuple(EVENTS),
        offsets=(0.0,) * len(EVENTS),
        matches=matches,
        todo=todo,
        differs={"siem": known} if known else {},
    )


def answer(rows: Any) -> Any:
    """Rows as what a plan finds; a plan that tests for `x`, so that explanations have something to say."""
    if isinstance(rows, NoAnswer):
        return rows
    meaning = Meaning(Select(Leaf("a", TextMatches(Glob.of("x")))), EventIndex())
    return Answer(meaning, Found(tuple(row if isinstance(row, tuple) else (row,) for row in rows)))


def words(outcome: Any) -> str:
    return f"{outcome.status} {outcome.verdict or '-'} {outcome.code or '-'}"


@pytest.mark.parametrize(("label", "matches", "rows", "todo", "expected"), RULE)
def test_the_rule(label: str, matches: Matches, rows: list[int], todo: str, expected: str) -> None:
    (outcome,) = judge_case(made(label, matches, todo), EVENTS, answer(rows), {}).outcomes
    assert words(outcome) == expected
    assert outcome.matches == len(rows)
    assert (outcome.deviation is None) == (outcome.code not in ("missed", "false-alarm"))
    assert bool(outcome.help) == (outcome.status == "fail")


@pytest.mark.parametrize(("label", "matches", "rows", "todo", "theirs", "known", "expected"), TARGET)
def test_a_target(
    label: str,
    matches: Matches,
    rows: list[int],
    todo: str,
    theirs: Any,
    known: Difference | None,
    expected: str,
) -> None:
    case = made(label, matches, todo, known)
    ours, outcome = judge_case(case, EVENTS, answer(rows), {"siem": answer(theirs)}).outcomes
    assert words(outcome) == expected
    assert (ours.side, outcome.side) == ("sigma", "siem")
    if known and outcome.status == "gap":
        assert outcome.message == "known"
    if outcome.status in ("fail", "refused", "error"):
        assert outcome.message


@pytest.mark.parametrize(
    ("rows", "theirs", "position"), [([0], [], 0), ([0], [0, 2], 2), ([1, 2], [0, 2], 0), ([1], [1, 2], 2)]
)
def test_the_first_event_that_differs_is_shown(rows: list[int], theirs: list[int], position: int) -> None:
    case = made("malicious", ANY)
    outcome = judge_case(case, EVENTS, answer(rows), {"siem": answer(theirs)}).outcomes[1]
    assert outcome.deviation is not None
    assert (outcome.deviation.position, outcome.deviation.event) == (position, EVENTS[position])
    assert outcome.deviation.target is not None


WRONG_EVENT = [
    ("malicious", ANY, [], 0),
    ("malicious", TWO_OR_MORE, [0], 1),
    ("malicious", ONE, [1, 2], 1),
    ("benign", NONE, [2], 2),
]


@pytest.mark.parametrize(("label", "matches", "rows", "position"), WRONG_EVENT)
def test_the_event_that_the_rule_is_wrong_about(
    label: str, matches: Matches, rows: list[int], position: int
) -> None:
    (outcome,) = judge_case(made(label, matches), EVENTS, answer(rows), {}).outcomes
    assert outcome.deviation is not None
    assert outcome.deviation.position == position


def test_a_case_that_cannot_be_read_is_an_error_on_every_side() -> None:
    problem = Problem("invalid-events", "the file is cut", Place(Path("x.evtx")), "export it again")
    result = unreadable(made("malicious", ANY), [problem], ["sigma", "siem"])
    assert [(one.side, words(one)) for one in result.outcomes] == [
        ("sigma", "error - invalid-fixture"),
        ("siem", "error - invalid-fixture"),
    ]
    assert {(one.message, one.help) for one in result.outcomes} == {("the file is cut", "export it again")}
