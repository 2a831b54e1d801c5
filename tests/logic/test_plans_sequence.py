"""Sequences against an evaluator that does what the vendor's description says, list by list."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.plans import MISSING
from sigmaproof.logic.plans.joined import Key, Step
from sigmaproof.logic.plans.ordered import Timeline
from sigmaproof.logic.plans.sequence import Sequence
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.text.glob import Glob

Event = dict[str, Any]


def read(document: Event, field: str) -> tuple[Any, ...] | None:
    value = document.get(field)
    return tuple(value) if isinstance(value, list) else None if value is None else (value,)


def kind(name: str, *by: Key, missing: bool = False) -> Step:
    return Step(Leaf("kind", Matches(Glob.of(name))), by, missing)


def fits(step: Step, event: Event) -> bool:
    return str(step.term.check.pattern) in event["kind"]


def keys(step: Step, event: Event) -> set[tuple[Any, ...]]:
    cells = []
    for key in step.by:
        values = {value for value in read(event, key.subject) or () if value is not None}
        cells.append(values or ({None} if key.nullable else set()))
    return set(product(*cells))


def naive(plan: Sequence, events: list[Event]) -> list[tuple[int, ...]]:
    """The findings, one combination of key values after the other, sorted."""
    steps = [*plan.steps, *([plan.until] if plan.until else [])]
    every = {key for step in steps for event in events for key in keys(step, event)}
    return sorted(found for key in every for found in naive_for(plan, events, key))


def naive_for(plan: Sequence, events: list[Event], key: tuple[Any, ...]) -> list[tuple[int, ...]]:
    order = sorted(
        (number for number, event in enumerate(events) if event.get("at") is not None),
        key=lambda number: (events[number]["at"], number),
    )
    time = {number: events[number]["at"] for number in order}
    place = {number: at for at, number in enumerate(order)}

    def hits(step: Step) -> list[int]:
        return [n for n in order if fits(step, events[n]) and key in keys(step, events[n])]

    positive = [step for step in plan.steps if not step.missing]
    stages: list[list[list[int]]] = [[] for _ in positive]
    for number in order:
        for at in reversed(range(len(positive))):
            if number not in hits(positive[at]):
                continue
            if at == 0:
                stages[0].append([number])
                continue
            if not stages[at - 1]:
                continue
            begun = stages[at - 1][-1]
            stages[at - 1].clear()
            if plan.span is not None and time[number] - time[begun[0]] > plan.span:
                continue
            ends = [n for n in hits(plan.until) if place[n] < place[number]] if plan.until else []
            if ends and place[ends[-1]] >= place[begun[-1]]:
                continue
            stages[at].append([*begun, number])
    return [told(plan, chain) for chain in stages[-1] if not spoilt(plan, chain, hits, time, place)]


def told(plan: Sequence, chain: list[int]) -> tuple[int, ...]:
    left = iter(chain)
    return tuple(MISSING if step.missing else next(left) for step in plan.steps)


def spoilt(plan: Sequence, chain: list[int], hits: Any, time: Any, place: Any) -> bool:
    first, last = chain[0], chain[-1]
    lead, trail, before = [], [], 0
    for step in plan.steps:
        if not step.missing:
            before += 1
            continue
        found = hits(step)
        if before == 0:
            lead += [n for n in found if place[n] < place[first]]
        elif before == len(chain):
            trail += [n for n in found if place[n] > place[last]]
        elif any(place[chain[before - 1]] < place[n] < place[chain[before]] for n in found):
            return True
    span = plan.span
    if plan.steps[0].missing and plan.steps[-1].missing:
        return any(time[right] - time[left] <= span for left in lead for right in trail)
    return any(time[last] - time[n] <= span for n in lead) or any(
        time[n] - time[first] <= span for n in trail
    )


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sets(st.sampled_from("abc"), min_size=1).map(sorted)},
        optional={
            "at": st.integers(0, 8),
            "k": st.lists(st.sampled_from(["x", "y", None]), max_size=2),
            "o": st.sampled_from(["p", "q"]),
        },
    ),
    max_size=10,
)
_BY = st.sampled_from([(), (Key("k"),), (Key("k", nullable=True),), (Key("k"), Key("o", nullable=True))])


@st.composite
def plans(draw: st.DrawFn) -> Sequence:
    by = draw(_BY)
    signs = draw(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=1, max_size=4))
    steps = [kind(name, *by, missing=missing) for name, missing in signs]
    if all(step.missing for step in steps):
        steps[0] = replace(steps[0], missing=False)
    span = draw(st.integers(0, 6))
    unbounded = draw(st.booleans()) and not any(step.missing for step in steps)
    until = draw(st.none() | st.sampled_from("abc").map(lambda name: kind(name, *by)))
    return Sequence(tuple(steps), Timeline("at"), None if unbounded else span, until)


@settings(max_examples=300, deadline=None)
@given(plans(), _EVENTS)
def test_as_described(plan: Sequence, events: list[Event]) -> None:
    assert sorted(plan.run(Table(events, read)).findings) == naive(plan, events)


@settings(max_examples=150, deadline=None)
@given(plans(), _EVENTS)
def test_a_sequence_is_found_where_there_is_one(plan: Sequence, events: list[Event]) -> None:
    steps = tuple(replace(step, missing=False) for step in plan.steps)
    plan = replace(plan, steps=steps, until=None)
    timed = sorted((e for e in events if e.get("at") is not None), key=lambda e: e["at"])
    there = any(
        all(map(fits, steps, chosen))
        and set.intersection(*map(keys, steps, chosen))
        and (plan.span is None or chosen[-1]["at"] - chosen[0]["at"] <= plan.span)
        for chosen in combinations(timed, len(steps))
    )
    assert bool(plan.run(Table(events, read)).findings) == there


def test_results_stand_in_the_order_of_their_last_events() -> None:
    events = [
        {"kind": name, "at": at, "k": key}
        for name, at, key in (("a", 1, "x"), ("a", 2, "y"), ("b", 3, "y"), ("b", 4, "x"))
    ]
    plan = Sequence((kind("a", Key("k")), kind("b", Key("k"))), Timeline("at"))
    assert plan.run(Table(events, read)).findings == ((1, 2), (0, 3))


def test_long_streams_stay_fast() -> None:
    events = [{"kind": "ab"[number % 2], "at": number, "k": "x"} for number in range(20_000)]
    steps = (kind("a", Key("k")), kind("b", Key("k")), kind("c", Key("k"), missing=True))
    assert len(Sequence(steps, Timeline("at"), span=5).run(Table(events, read)).findings) == 10_000
