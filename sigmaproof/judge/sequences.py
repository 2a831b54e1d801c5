"""Sequences of events about a correlation rule's edges, and what they show of a target's queries.

Events come from the prover: one for each kind that a base rule finds. Times, groups and values are put in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.index.event_data import SYSTEM, EventData
from sigmaproof.index.events import EventIndex
from sigmaproof.index.shape import Place
from sigmaproof.index.sources import CHANNEL, EVENT_ID, PROVIDER, Provider, SourceModels
from sigmaproof.judge.alerts import Compared, compared
from sigmaproof.judge.groups import told_group
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.prove import Difference, Missing, Standing, Subject, Verdict, prove_query
from sigmaproof.judge.scenarios import Step, least_events, scenarios
from sigmaproof.judge.story import told_rule
from sigmaproof.languages.sigma import Resolved, Rule
from sigmaproof.logic.checks import Present
from sigmaproof.logic.plans import Found, Select
from sigmaproof.logic.plans.correlated import Correlated, Part
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.scheduled import Scheduled
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import FALSE, Term, Test, conjunction, negation
from sigmaproof.logic.times import SECOND, TIMES, moment, time_of

_ABOUT = "thresholds, edges of windows and bins, groups, equal times, any order, absent fields"
MOST_EVENTS = 120
_TRIES = 5
_GROUPS = ("{0}", "host{0}", "CONTOSO\\user{0}", "0x3e{0}", "10.0.0.{0}")
_NEVER_WITHOUT = frozenset({CHANNEL, EVENT_ID, PROVIDER, *TIMES})
"""Without these, an event is from nowhere."""
_START = datetime(2026, 3, 1, tzinfo=UTC)


class Sequences(Struct, frozen=True):
    """Sequences about one correlation rule."""

    plan: Correlated
    rules: tuple[str, ...]
    """What the rules that it refers to are called."""
    index: EventIndex
    events: tuple[RawEvent, ...]
    """One for each part of the plan."""
    lacking: tuple[frozenset[str], ...]
    """The fields that such events never have."""
    groups: Mapping[str, str]
    """How a group's value is written, by the group's name."""
    values: tuple[str, ...]
    """The same of each part's values."""
    all: tuple[tuple[str, tuple[Step, ...]], ...]

    def event(self, step: Step) -> dict[str, Any]:
        """The event of a step."""
        part = self.plan.parts[step.part]
        raw, names = dict(part.raw), self.plan.names
        event = {name: value for name, value in self.events[step.part].items() if name not in TIMES}
        for name, field in zip(names, part.by, strict=True):
            event[raw.get(field, field)] = self.groups[name].format(
                step.group if step.only in ("", name) else 1
            )
        for field in part.values:
            event[raw.get(field, field)] = _valued(self.values[step.part], step.value)
        if step.keyless and part.by:
            event.pop(raw.get(part.by[0], part.by[0]), None)
        for name in (*self.lacking[step.part], step.without):
            event.pop(name, None)
        time = (_START + timedelta(seconds=step.at)).isoformat(timespec="milliseconds")
        return {**event, "TimeCreated": time.replace("+00:00", "Z")}


def _valued(written: str, value: int) -> str | int:
    return value if written == "{0}" else written.format(value)


def sequences(
    found: Resolved,
    plan: Correlated,
    sources: SourceModels,
    data: EventData,
    budget: float,
    known: Sequence[RawEvent] = (),
) -> Sequences | str:
    """Sequences about a correlation rule, or why there are none; of events that are known, where those do."""
    if any(isinstance(part.source, Correlated) for part in plan.parts):
        return "no sequences are made of a correlation over correlations"
    events: list[RawEvent] = []
    for part in plan.parts:
        rule = found.parts[part.rule]
        assert isinstance(rule, Rule)
        assert not isinstance(part.source, Correlated)
        event = _among(part.source, known) or _event(
            part.source, sources.providers(rule.logsource) or (), sources, data, budget
        )
        if event is None:
            return f"no event is known that {rule.title!r} finds"
        events.append(event)
    groups = {}
    for at, name in enumerate(plan.names):
        written = next(
            (one for one in _likely(plan.parts[0].by[at]) if _all_hold(plan.parts, events, at, one)), ""
        )
        if not written:
            return f"no value of {name} is known that all of the rules allow"
        groups[name] = written
    values = [_value_form(part, event, plan.counted) for part, event in zip(plan.parts, events, strict=True)]
    if "" in values:
        return "no values to count are known that the rules allow"
    least = least_events(plan)
    if least > MOST_EVENTS:
        return f"a threshold of more than {MOST_EVENTS} events"
    said = sorted({name for event in events for name in event.keys() - _NEVER_WITHOUT})
    made = tuple((name, tuple(steps)) for name, steps in scenarios(plan, least, said))
    lacking = tuple(_lacking(part, event, data) for part, event in zip(plan.parts, events, strict=True))
    rules = tuple(told_rule(found, place) for place in range(len(found.parts)))
    return Sequences(plan, rules, EventIndex(), tuple(events), lacking, groups, tuple(values), made)


def tested(made: Sequences, rule: Meaning, target: Meaning, assumptions: Sequence[Assumption]) -> Verdict:
    """What the sequences show: no difference, or the shortest timeline that has one."""
    if isinstance(target.plan, Scheduled):
        return _asked_at_runs(made, rule, target, target.plan, assumptions)
    return _verdict(made, _differs(made, rule, target))


def _asked_at_runs(
    made: Sequences, rule: Meaning, target: Meaning, plan: Scheduled, assumptions: Sequence[Assumption]
) -> Verdict:
    """A rule that runs on a schedule: it must find nothing else, and all that every schedule finds."""
    false = _differs(made, rule, replace(target, plan=plan.window), lambda found: not found.false)
    differs = false or _differs(made, rule, target)
    if false or differs is None or Assumption.ASKED_AT_RUNS not in assumptions:
        return _verdict(made, differs)
    asked = replace(rule, plan=Scheduled(made.plan, plan.every))
    return _verdict(made, _differs(made, asked, target), (Assumption.ASKED_AT_RUNS,))


def _agree(found: Compared) -> bool:
    return found.agree


def _differs(
    made: Sequences, rule: Meaning, target: Meaning, right: Callable[[Compared], bool] = _agree
) -> Difference | None:
    for name, steps in made.all:
        if not right(_compared(made, rule, target, steps)):
            shortest = _shortest(steps, lambda fewer: right(_compared(made, rule, target, fewer)))
            return _difference(made, rule, target, name, shortest)
    return None


def _verdict(made: Sequences, difference: Difference | None, assumes: tuple[Assumption, ...] = ()) -> Verdict:
    if difference is not None:
        return Verdict(Standing.DIFFERS, (difference,))
    told = f"tested on {len(made.all)} sequences: {_ABOUT}"
    return Verdict(Standing.TESTED, reasons=(told,), assumes=assumes)


def _event(
    term: Term, providers: Sequence[Provider], sources: SourceModels, data: EventData, budget: float
) -> RawEvent | None:
    """An event on which the term holds, with no field that its log never writes; None if none is known."""
    for _ in range(_TRIES):
        subject = Subject(_meaning(term), tuple(providers), sources, data)
        shown = prove_query(subject, _meaning(FALSE), None, budget=budget).differences
        event = next((one.event for one in shown if _finds(term, one.event)), None)
        known = data.fields(Place.of(event)) if event is not None else None
        odd = () if event is None or known is None else [*(event.keys() - known - SYSTEM)]
        if not odd:
            return event
        term = conjunction([term, *(negation(Test(name, Present())) for name in sorted(odd))])
    return None


def _among(term: Term, known: Sequence[RawEvent]) -> RawEvent | None:
    """The first event on which the term holds."""
    found = matching(term, Table(known, EventIndex().read))
    return next((event for row, event in enumerate(known) if found >> row & 1), None)


def _lacking(part: Part, event: RawEvent, data: EventData) -> frozenset[str]:
    known = data.fields(Place.of(event))
    named = frozenset(dict(part.raw).get(name, name) for name in (*part.by, *part.values))
    return frozenset() if known is None else named - known - SYSTEM


def _meaning(term: Term) -> Meaning:
    return Meaning(Select(term), EventIndex())


def _finds(term: Term, event: RawEvent) -> bool:
    return bool(matching(term, Table([event], EventIndex().read)))


def _likely(field: str) -> Sequence[str]:
    """Ways to write values, the likeliest for such a field first."""
    name = field.lower()
    wanted = (
        "CONTOSO\\user{0}" if name == "user" else "0x3e{0}" if "logonid" in name
        else "10.0.0.{0}" if name.endswith(("ip", "address")) else "host{0}"
    )  # fmt: skip
    return (wanted, *(one for one in _GROUPS if one != wanted))


def _all_hold(parts: Sequence[Part], events: Sequence[RawEvent], at: int, written: str) -> bool:
    return all(
        _finds(part.source, {**event, dict(part.raw).get(part.by[at], part.by[at]): written.format(n)})
        for part, event in zip(parts, events, strict=True)
        for n in (1, 2)
        if not isinstance(part.source, Correlated)
    )


def _value_form(part: Part, event: RawEvent, counted: Counted) -> str:
    """How a part's values are written; empty if no way is known that its rule allows."""
    if not part.values or isinstance(part.source, Correlated):
        return "{0}"
    fields = [dict(part.raw).get(field, field) for field in part.values]
    own = str(event.get(fields[0], "")).replace("{", "").replace("}", "")
    longer = [own + " {0}", "{0} " + own]
    forms = [*longer, "value{0}", own + "{0}"] if " " in own else ["value{0}", *longer, own + "{0}"]
    if counted is Counted.NUMBERS:
        forms = ["{0}"]
    for form in forms:
        changed = [{**event, **dict.fromkeys(fields, _valued(form, n))} for n in (1, 2)]
        if all(_finds(part.source, one) for one in changed):
            return form
    return ""


def _found(meaning: Meaning, events: Sequence[RawEvent]) -> Found:
    return meaning.plan.run(meaning.table(events))


def _compared(made: Sequences, rule: Meaning, target: Meaning, steps: Sequence[Step]) -> Compared:
    events = [made.event(step) for step in steps]
    ours, theirs = _found(rule, events), _found(target, events)
    return compared(ours, theirs, lambda row: time_of(lambda name: made.index.read(events[row], name)))


def _shortest(steps: Sequence[Step], agree: Callable[[Sequence[Step]], bool]) -> Sequence[Step]:
    """The sequence without every event that the difference does not need."""
    at = 0
    while at < len(steps):
        fewer = [*steps[:at], *steps[at + 1 :]]
        if fewer and not agree(fewer):
            steps = fewer
        else:
            at += 1
    return steps


def _difference(
    made: Sequences, rule: Meaning, target: Meaning, name: str, steps: Sequence[Step]
) -> Difference:
    found = _compared(made, rule, target, steps)
    timeline = told_steps(made, steps)
    if found.missed:
        match = found.missed[0]
        ours = told_match(made.plan.names, match.group, match.began)
        return Difference(Missing.QUERY, timeline, ours, "does not", f"a timeline ({name})")
    time = _told_time((found.false[0].time - _epoch()) / SECOND)
    return Difference(Missing.RULE, timeline, "does not fire", f"alerts at {time}", f"a timeline ({name})")


def told_steps(made: Sequences, steps: Sequence[Step]) -> dict[str, str]:
    """A sequence as a timeline in words."""
    return {f"{n + 1}. {_told_time(step.at)}": _told(made, step) for n, step in enumerate(steps)}


def told_match(names: Sequence[str], group: Sequence[Any], began: int) -> str:
    """A match among the events of a sequence, in words."""
    told = told_group(dict(zip(names, group, strict=True)))
    return f"fires for {told} at {_told_time((began - _epoch()) / SECOND)}"


def _epoch() -> int:
    return moment(_START.isoformat()) or 0


def _told_time(seconds: float) -> str:
    return f"+{seconds:g}s"


def _told(made: Sequences, step: Step) -> str:
    part, event = made.plan.parts[step.part], made.event(step)
    names = dict.fromkeys(dict(part.raw).get(name, name) for name in (*part.by, *part.values))
    shown = ", ".join(f"{name}: {event[name]}" for name in names if name in event)
    return f"{made.rules[part.rule]}, {shown}" if shown else made.rules[part.rule]
