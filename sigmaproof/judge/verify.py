"""From a case's label, the rule's answer and the targets' answers to verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from sigmaproof.errors import Problem
from sigmaproof.judge.alerts import Compared, compared
from sigmaproof.judge.groups import wrong_groups
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.results import CaseResult, Deviation, Outcome
from sigmaproof.judge.story import furthest
from sigmaproof.judge.verdicts import AS_THE_RULE, SIGMA, Code, Status, Verdict
from sigmaproof.judge.why import why
from sigmaproof.load.values import Case, Difference, Label
from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.times import time_of


class NoAnswer(Struct, frozen=True):
    """Why a target has no answer for a rule: what is told, and whether it is an error."""

    status: Status
    code: Code
    message: str
    help: str = ""


class Answer(Struct, frozen=True):
    """What a side found among the events of one case."""

    meaning: Meaning
    found: Found


Side = Meaning | NoAnswer
"""What answers on events, or why nothing does."""


def judge_case(
    case: Case, events: Sequence[RawEvent], rule: Answer, targets: Mapping[str, Answer | NoAnswer]
) -> CaseResult:
    """What the rule and every target say about a case's events, judged by its label."""
    outcomes = [_judge_rule(case, events, rule)]
    outcomes += (_judge_target(case, events, rule, name, answer) for name, answer in targets.items())
    return CaseResult(case, tuple(outcomes))


def unreadable(case: Case, problems: Iterable[Problem], sides: Iterable[str]) -> CaseResult:
    """The result of a case whose events cannot be read."""
    problem = next(iter(problems))
    outcomes = (
        Outcome(side, Status.ERROR, code=Code.INVALID_FIXTURE, message=problem.message, help=problem.help)
        for side in sides
    )
    return CaseResult(case, tuple(outcomes))


def _judge_rule(case: Case, events: Sequence[RawEvent], rule: Answer) -> Outcome:
    matches = len(rule.found.findings)
    groups = wrong_groups(case, rule.found)
    right = matches in case.matches and groups is None
    verdict = _verdict(case, matches)
    if right and case.todo:
        message = f"the admitted gap is closed: {case.todo}"
        return Outcome(
            SIGMA, Status.FAIL, verdict, matches, Code.GAP_CLOSED, message, "remove `todo:` from the case"
        )
    if right:
        return Outcome(SIGMA, Status.PASS, verdict, matches)
    if case.todo:
        return Outcome(SIGMA, Status.GAP, verdict, matches, message=case.todo)
    code, message = groups or (_CODES[verdict], _wrong(case, matches))
    return Outcome(
        SIGMA,
        Status.FAIL,
        verdict,
        matches,
        code,
        message,
        "change the rule, or admit the gap with `todo:`",
        _wrong_event(case, events, rule),
    )


def _judge_target(
    case: Case, events: Sequence[RawEvent], rule: Answer, name: str, answer: Answer | NoAnswer
) -> Outcome:
    known = case.differs.get(name)
    if isinstance(answer, NoAnswer):
        return _no_answer(name, answer, known)
    beside = _beside(events, rule, answer) if rule.found.began is not None else None
    matches = len(answer.found.findings) if beside is None else beside.count
    verdict = _verdict(case, matches)
    agree = sorted(answer.found.findings) == sorted(rule.found.findings) if beside is None else beside.agree
    if agree:
        return _agrees(case, name, verdict, matches, known)
    deviation = _different_event(events, rule, answer)
    if known and known.fires == (matches > 0):
        return Outcome(name, Status.GAP, verdict, matches, message=known.reason, deviation=deviation)
    if beside is None:
        code = _way_it_differs(set(rule.found.rows), set(answer.found.rows))
    else:
        code = Code.MISSED if beside.missed else Code.FALSE_ALARM
    return Outcome(
        name, Status.FAIL, verdict, matches, code, _difference(name, code), _remedy(name), deviation
    )


def _beside(events: Sequence[RawEvent], rule: Answer, target: Answer) -> Compared:
    """The matches of a correlation rule and what a target alerts on."""
    read = rule.meaning.index.read
    return compared(rule.found, target.found, lambda row: time_of(lambda name: read(events[row], name)))


def _way_it_differs(ours: set[int], theirs: set[int]) -> Code:
    if ours == theirs:
        return Code.DIFFERS
    return Code.MISSED if ours - theirs else Code.FALSE_ALARM


def _agrees(case: Case, name: str, verdict: Verdict, matches: int, known: Difference | None) -> Outcome:
    """A target that answers as the rule does shares the rule's fate, but a difference on record must go."""
    if known:
        message = f"{name} no longer differs from the rule: {known.reason}"
        help_ = f"remove `differs: {name}:` from the case"
        return Outcome(name, Status.FAIL, verdict, matches, Code.DIFFERENCE_GONE, message, help_)
    if matches in case.matches:
        return Outcome(name, Status.PASS, verdict, matches)
    if case.todo:
        return Outcome(name, Status.GAP, verdict, matches, message=case.todo)
    return Outcome(name, Status.FAIL, verdict, matches, _CODES[verdict], AS_THE_RULE)


def _no_answer(name: str, side: NoAnswer, known: Difference | None) -> Outcome:
    if known and known.kind == "never" and not known.fires and side.status is Status.REFUSED:
        return Outcome(name, Status.GAP, message=known.reason)
    return Outcome(name, side.status, code=side.code, message=side.message, help=side.help)


def _verdict(case: Case, matches: int) -> Verdict:
    """A malicious case with too few matches is a miss, whatever else it found; too many are false alarms."""
    if case.label is Label.BENIGN:
        return Verdict.FP if matches else Verdict.TN
    if matches in case.matches and matches:
        return Verdict.TP
    return Verdict.FN if matches < max(1, case.matches.at_least) else Verdict.FP


_CODES = {Verdict.FN: Code.MISSED, Verdict.FP: Code.FALSE_ALARM}
"""Why a case fails whose verdict is wrong."""


def _wrong(case: Case, matches: int) -> str:
    if case.label is Label.BENIGN:
        return "the rule fires on an event that is labelled benign"
    if not matches:
        return "the rule does not find an event that is labelled malicious"
    return f"the rule finds {matches}, the case wants {case.matches}"


def _difference(name: str, code: Code) -> str:
    if code is Code.MISSED:
        return f"{name} does not find an event that the rule finds"
    if code is Code.DIFFERS:
        return f"{name} finds the events that the rule finds, but not together as the rule does"
    return f"{name} finds an event that the rule does not find"


def _remedy(name: str) -> str:
    return f"repair the conversion in converters/{name}.yml, or record it under `differs:`"


def _wrong_event(case: Case, events: Sequence[RawEvent], rule: Answer) -> Deviation | None:
    wanted = _verdict(case, len(rule.found.findings)) is Verdict.FN
    rows = set(rule.found.rows)
    if isinstance(rule.meaning.plan, Correlated):
        came = furthest(rule.meaning, events)
        return Deviation(events[came[1]], came[1], None, None, came[0]) if came else None
    position = next((n for n in range(len(events)) if (n in rows) is not wanted), None)
    if position is None:
        return None
    trace = rule.meaning.explain(events[position])
    return Deviation(events[position], position, trace, None, why(trace))


def _different_event(events: Sequence[RawEvent], rule: Answer, target: Answer) -> Deviation | None:
    position = min(set(rule.found.rows) ^ set(target.found.rows), default=None)
    if position is None or position < 0:
        return None
    event = events[position]
    ours, theirs = rule.meaning.explain(event), target.meaning.explain(event)
    # where the target finds the event, what is missing in it is what kept the rule from it
    told = f"the rule does not: {why(ours)}" if theirs and ours is not None else why(theirs)
    return Deviation(event, position, ours, theirs, told)
