"""What a change does to events, rule by rule. Reports are drawn from these values and compute nothing."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from sigmaproof.errors import Exit, Place, Problem
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.results import Outcome
from sigmaproof.judge.verdicts import Status, Verdict
from sigmaproof.load.values import Case


class Fate(StrEnum):
    """What became of a file, or of a rule in it."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    UNTOUCHED = "untouched"
    """The rule itself is as it was; something that it depends on changed."""


class Standing(StrEnum):
    """What a change does to what is found, of a rule or of a target's query for it."""

    SAME = "unchanged"
    """Nothing that could matter changed."""
    PROVEN = "no change in meaning"
    """Something changed, and no event tells."""
    CHANGED = "changed in meaning"
    """An event tells."""
    TESTED = "no difference found"
    """None of the events that were tried tells, and there is no proof."""
    ADDED = "new"
    REMOVED = "gone"
    REFUSED = "now refused"
    """There was a query, and there is none."""
    CONVERTED = "no longer refused"
    STILL_REFUSED = "refused"
    """And there was none before."""
    NOT_COMPARED = "not compared"
    """What it means is not known here; the reason is told."""


class Cause(Struct, frozen=True):
    """What a difference comes from: an edit of the rule, or another file."""

    text: str
    place: Place | None = None
    before: bool = False
    """The place is in the old version."""


class Witness(Struct, frozen=True):
    """An event that is found by one version only."""

    now: bool
    """It is found now, and was not before; or else the reverse."""
    event: RawEvent
    why: str
    """What makes the version match that matches."""
    kind: str
    causes: tuple[Cause, ...] = ()
    unlike_rule: bool = False
    """Of a query: the rule itself does not change its answer on this event."""


class Change(Struct, frozen=True):
    """What is known of one rule, or of one target's query."""

    standing: Standing
    witnesses: tuple[Witness, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is not proven, compared or converted; what the proof assumes."""


class QueryChange(Struct, frozen=True):
    """One target's queries for a rule, before and after."""

    target: str
    change: Change
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    admitted: bool = False
    """The fixture says that this target refuses the rule, and why."""


class Mark(StrEnum):
    """What a case's new answer is by its label, where the old one was not."""

    FALSE_POSITIVE = "new false positive"
    MISSED = "newly missed"
    QUIET = "no longer a false positive"
    FOUND = "no longer missed"


_MARKS = {
    Verdict.FP: (Mark.FALSE_POSITIVE, Mark.QUIET),
    Verdict.FN: (Mark.MISSED, Mark.FOUND),
}


class Answers(Struct, frozen=True):
    """What one side says about one case, before and after; None where it did not exist."""

    side: str
    before: Outcome | None
    after: Outcome | None

    @property
    def fires(self) -> bool | None:
        """Whether it fires now and did not, or the reverse; None if neither."""
        before, after = _fires(self.before), _fires(self.after)
        if before is None or after is None or before == after:
            return None
        return after

    @property
    def mark(self) -> Mark | None:
        """What that is by the label. A case that is new by itself has no mark."""
        before, after = _verdict(self.before), _verdict(self.after)
        if before is None or after is None or before is after:
            return None
        if after in _MARKS:
            return _MARKS[after][0]
        return _MARKS[before][1] if before in _MARKS else None


class CaseChange(Struct, frozen=True):
    """One labelled case on every side; `former` if only the old fixture has it."""

    case: Case
    answers: tuple[Answers, ...]
    former: bool = False

    @property
    def changed(self) -> tuple[Answers, ...]:
        """The sides that fire now and did not, or the reverse, or that judge otherwise."""
        return tuple(one for one in self.answers if one.fires is not None or one.mark is not None)

    @property
    def failing(self) -> tuple[Outcome, ...]:
        """What is not as the fixture expects now; former cases expect nothing."""
        now = (one.after for one in self.answers if one.after is not None and not self.former)
        return tuple(one for one in now if one.status is Status.FAIL)


class RuleChange(Struct, frozen=True):
    """One rule, before and after."""

    fate: Fate
    place: Place
    title: str
    id: str
    before: Place | None = None
    """Where it was, if elsewhere."""
    rule: Change = Change(Standing.SAME)
    edits: tuple[Cause, ...] = ()
    queries: tuple[QueryChange, ...] = ()
    cases: tuple[CaseChange, ...] = ()

    @property
    def is_news(self) -> bool:
        """Whether anything about it is worth a line."""
        told = any(case.changed for case in self.cases)
        same = all(one.change.standing in _NO_NEWS for one in (*self.queries, _own(self)))
        return self.fate is not Fate.UNTOUCHED or told or not same

    @property
    def changes_meaning(self) -> bool:
        """Whether the rule or some target finds other events than before, as far as is known."""
        return any(one.change.standing in _OTHER for one in (*self.queries, _own(self)))


_NO_NEWS = (Standing.SAME, Standing.STILL_REFUSED)
_OTHER = (Standing.CHANGED, Standing.ADDED, Standing.REMOVED, Standing.REFUSED, Standing.CONVERTED)


class FileChange(Struct, frozen=True):
    """A file that rules depend on: target, pipeline, index model, source model, event data or filter."""

    kind: str
    path: str
    fate: Fate


class Diff(Struct, frozen=True):
    """Everything that a change does, as far as it is known."""

    base: str
    head: str
    targets: tuple[str, ...]
    rules: tuple[RuleChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    moved: int = 0
    """Rule files that changed their folder and nothing else."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    def cases(self) -> Iterator[tuple[RuleChange, CaseChange]]:
        """Every case of every rule."""
        return ((rule, case) for rule in self.rules for case in rule.cases)

    def marks(self, mark: Mark) -> int:
        """On how many cases some side earns a mark."""
        return sum(any(one.mark is mark for one in case.answers) for _, case in self.cases())

    def exit_code(self, *, fail_on_change: bool) -> Exit:
        """The exit code that this calls for; the worst news wins."""
        queries = [one for rule in self.rules for one in rule.queries]
        refused = any(one.change.standing is Standing.REFUSED and not one.admitted for one in queries)
        if self.problems or refused:
            return Exit.BROKEN_INPUT
        failing = any(case.failing for _, case in self.cases())
        changed = fail_on_change and any(rule.changes_meaning for rule in self.rules)
        return Exit.VERDICT if failing or changed else Exit.EXPECTED


def _own(rule: RuleChange) -> QueryChange:
    return QueryChange("", rule.rule)


def _fires(outcome: Outcome | None) -> bool | None:
    return None if outcome is None or outcome.matches is None else outcome.matches > 0


def _verdict(outcome: Outcome | None) -> Verdict | None:
    return outcome.verdict if outcome else None
