"""The terminal: quiet where all is well, place first where it is not, one matrix and one line at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import SIGMA, Code, Status
from sigmaproof.report import View
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import MARKS, Paint, harmless, tame

WIDTH = 100
_LONGEST_NAME = 80
_MOST_NAMES = 3
_BAD = (Status.FAIL, Status.REFUSED, Status.ERROR)
_UNLIKE = (Status.FAIL, Status.REFUSED, Status.NOT_VERIFIED, Status.ERROR)
_WORST_FIRST = (Status.ERROR, Status.FAIL, Status.REFUSED, Status.GAP, Status.PASS, Status.NOT_VERIFIED)


def render(report: Report, view: View) -> str:
    """The report as a person reads it."""
    paint = Paint(view.color)
    parts = [
        *_problems(report, paint),
        *_cases(report, view, paint),
        *_failures(report, paint),
        *_notes(report, paint),
        *_matrix(report, paint),
        *_summary(report, view, paint),
    ]
    return tame("\n".join(parts))


def _problems(report: Report, paint: Paint) -> Iterator[str]:
    for problem in report.problems:
        yield from problem_lines(problem, paint)
        yield ""
    for note in report.notes:
        yield from problem_lines(note, paint, severity="note")
        yield ""


def _cases(report: Report, view: View, paint: Paint) -> Iterator[str]:
    """A line for every case worth one: what failed, and with `-v` everything."""
    for rule in report.rules:
        shown = [case for case in rule.cases if view.verbose or _is_bad(case)]
        names = [harmless(case.case.name, _LONGEST_NAME) for case in shown]
        width = max(map(len, names), default=0)
        place = None
        for case, name in zip(shown, names, strict=True):
            here = harmless(f"{case.case.path}:{case.case.line}")
            if here != place:
                yield paint.bold(here)
                place = here
            yield f"  {name:<{width}}  {_headline(case, paint)}   {_marks(case.outcomes, paint)}"


def _is_bad(case: CaseResult) -> bool:
    """Whether the case itself needs a look; that a target has no answer at all is told once, below."""
    return any(
        outcome.status is Status.FAIL or outcome.code is Code.INVALID_FIXTURE for outcome in case.outcomes
    )


def _headline(case: CaseResult, paint: Paint) -> str:
    found = {outcome.status for outcome in case.outcomes}
    worst = next(one for one in _WORST_FIRST if one in found)
    return paint.status(worst, f"{worst.upper():<7}")


def _marks(outcomes: Iterable[Outcome], paint: Paint) -> str:
    marks = ((one.side, paint.status(one.status, MARKS[one.status])) for one in outcomes)
    return "  ".join(f"{harmless(side)} {mark}" for side, mark in marks)


def _failures(report: Report, paint: Paint) -> Iterator[str]:
    """Every failure in full. A target that has no answer at all says so once per rule."""
    for rule in report.rules:
        told: set[tuple[str, str]] = set()
        for case in rule.cases:
            for outcome in case.outcomes:
                once = outcome.matches is None
                if outcome.status not in _BAD or (once and (outcome.side, outcome.message) in told):
                    continue
                told.add((outcome.side, outcome.message))
                yield ""
                yield from outcome_lines(rule, case, outcome, paint)


def _notes(report: Report, paint: Paint) -> Iterator[str]:
    """What is worth knowing about rules, each note once."""
    about: dict[str, list[str]] = {}
    for rule in report.rules:
        for note in rule.notes:
            about.setdefault(note, []).append(harmless(rule.name))
    if about:
        yield ""
    for note, names in about.items():
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"{paint.dim('note:')} {harmless(note)}  ({', '.join(names[:_MOST_NAMES])}{more})"


def _matrix(report: Report, paint: Paint) -> Iterator[str]:
    """Rules by sides: how many cases are as they should be."""
    if not report.rules:
        return
    sides = (SIGMA, *report.targets)
    names = [harmless(rule.name) for rule in report.rules]
    width = max(map(len, names))
    yield ""
    yield paint.dim("-" * WIDTH)
    yield " " * width + "".join(f"  {harmless(side):<{_column(side)}}" for side in sides).rstrip()
    for rule, name in zip(report.rules, names, strict=True):
        cells = (_cell(rule, side, paint) for side in sides)
        yield f"{name:<{width}}" + "".join(f"  {cell}" for cell in cells).rstrip()


def _column(side: str) -> int:
    return max(len(harmless(side)), len("000/000 ~00 ✗00"))


def _cell(rule: RuleResult, side: str, paint: Paint) -> str:
    found = Counter(
        outcome.status for case in rule.cases for outcome in case.outcomes if outcome.side == side
    )
    total = found.total()
    if not total:
        return paint.dim(f"{'':<{_column(side)}}")
    text = f"{found[Status.PASS]}/{total}"
    rest = [(status, f"{MARKS[status]}{found[status]}") for status in (Status.GAP, *_UNLIKE) if found[status]]
    padding = " " * (_column(side) - len(" ".join([text, *(mark for _, mark in rest)])))
    head = paint.status(Status.PASS, text) if len(rest) == 0 else text
    return " ".join([head, *(paint.status(status, mark) for status, mark in rest)]) + padding


def _summary(report: Report, view: View, paint: Paint) -> Iterator[str]:
    totals = report.totals
    count = totals.total()
    parts = [
        paint.status(status, f"{status.upper()} {totals[status]}/{count}")
        for status in (
            Status.PASS,
            Status.FAIL,
            Status.GAP,
            Status.REFUSED,
            Status.NOT_VERIFIED,
            Status.ERROR,
        )
        if totals[status] or status is Status.PASS
    ]
    cases = sum(len(rule.cases) for rule in report.rules)
    facts = [
        _plural(len(report.rules), "rule"),
        _plural(len(report.targets), "target"),
        _plural(cases, "case"),
        *([f"{view.seconds:.2f} s"] if view.seconds is not None else []),
    ]
    yield paint.dim("-" * WIDTH)
    yield "   ".join(parts) + "        " + " · ".join(facts)
    yield from _legend(report, totals)


def _legend(report: Report, totals: Counter[Status]) -> Iterator[str]:
    if not totals:
        yield "nothing ran: no fixture case was selected" if not report.problems else "nothing ran"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


__all__: Sequence[str] = ("render",)
