"""Correlations against an evaluator that writes every window down, and against themselves in batches."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.plans.batches import FOREVER, Batch, batches
from sigmaproof.logic.plans.correlated import (
    Correlated,
    Part,
    Watch,
    watched,
)
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.matches import Match, collected
from sigmaproof.logic.plans.measures import (
    COMPARE,
    Bound,
    Different,
    Measure,
    Ranked,
    Together,
    Total,
    Way,
)
from sigmaproof.logic.plans.orders import InOrder, LongestOrder
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import Test as Leaf
from sigmaproof.logic.times import SECOND, moment, told
from sigmaproof.text.glob import Glob

Event = dict[str, Any]
NaiveHit = tuple[int, int, int, tuple[Any, ...], Any]
"""Time, row, rule, group, token."""


def read(document: Event, field: str) -> tuple[Any, ...] | None:
    value = document.get(field)
    return tuple(value) if isinstance(value, list) else None if value is None else (value,)


def part(rule: int, kind: str, by: tuple[str, ...] = (), values: tuple[str, ...] = ()) -> Part:
    return Part(rule, Leaf("kind", Matches(Glob.of(kind))), by, values)


def values(event: Event, field: str) -> list[Any]:
    found = (
        [] if event.get(field) is None else event[field] if isinstance(event[field], list) else [event[field]]
    )
    return list(dict.fromkeys(value for value in found if value is not None))


def hits(plan: Correlated, events: list[Event]) -> list[NaiveHit]:
    found: list[NaiveHit] = []
    summed: set[int] = set()
    for number, one in enumerate(plan.parts):
        if isinstance(one.source, Correlated):
            for match, (_, group, rows) in enumerate(naive_behind(one.source, events)):
                for time, row in rows:
                    event = {**events[row], **dict(zip(one.source.names, group, strict=True))}
                    found += spread(plan, one, time, row, (number, match), event)
            continue
        kind = str(one.source.check.pattern)  # type: ignore[union-attr]
        for row, event in enumerate(events):
            if event.get("_time") is not None and kind in event["kind"] and row not in summed:
                new = spread(plan, one, moment(event["_time"]) or 0, row, row, event)
                if new and plan.counted is Counted.NUMBERS:
                    summed.add(row)
                found += new
    return sorted(found, key=lambda hit: hit[:3])


def spread(plan: Correlated, one: Part, time: int, row: int, occurrence: Any, event: Event) -> list[NaiveHit]:
    tokens: list[Any] = {Counted.EVENTS: [occurrence], Counted.RULES: [one.rule]}.get(plan.counted, [])
    if plan.counted is Counted.VALUES:
        tokens = list(product(*(values(event, name) for name in one.values)))
    if plan.counted is Counted.NUMBERS:
        cell = read(event, one.values[0]) or ()
        tokens = [Fraction(str(value)) for value in cell if isinstance(value, int | float)]
    groups = list(product(*(values(event, name) for name in one.by)))
    return [(time, row, one.rule, group, token) for group in groups for token in tokens]


def naive_behind(
    plan: Correlated, events: list[Event]
) -> list[tuple[int, tuple[Any, ...], list[tuple[int, int]]]]:
    """Each match: when it began, its group, the events behind it, each with the time from which on."""
    everything = hits(plan, events)
    found = []
    for group in dict.fromkeys(hit[3] for hit in everything):
        of_group = [hit for hit in everything if hit[3] == group]
        windows = [
            [n for n in range(last + 1) if of_group[last][0] - of_group[n][0] <= plan.span]
            for last in range(len(of_group))
        ]
        if not plan.measure.lasting:
            windows = [
                one
                for one, after in zip(windows, [*windows[1:], []], strict=True)
                if not set(one) <= set(after)
            ]
        before: set[int] = set()
        for window in windows:
            if not holds(plan.measure, [of_group[n] for n in window]):
                before = set()
                continue
            if not before & set(window):
                found.append((of_group[window[-1]][0], group, []))
                before = set()
            fresh = [(of_group[window[-1]][0], of_group[n][1]) for n in window if n not in before]
            found[-1][2].extend(fresh)
            before = set(window)
    return found


def holds(measure: Measure, window: list[NaiveHit]) -> bool:
    tokens = [hit[4] for hit in window]
    match measure:
        case Together(ways):
            return any(set(way.there) <= set(tokens) and not way.not_there & set(tokens) for way in ways)
        case InOrder(ways, places):
            return any(
                in_order(window, [places[at] for at in way.there]) and not way.not_there & set(tokens)
                for way in ways
            )
        case LongestOrder(bounds, places):
            lengths = [
                length
                for length in range(1, len(places) + 1)
                for chosen in combinations(places, length)
                if in_order(window, list(chosen))
            ]
            return compared(bounds, max(lengths, default=0))
        case Different(bounds):
            return compared(bounds, len(set(tokens)))
        case Total(bounds, mean):
            return compared(bounds, sum(tokens) / (len(tokens) if mean else 1))
        case Ranked(bounds, percent):
            ranked = sorted(tokens)
            place = percent * (len(ranked) - 1) / 100
            low, part_of = ranked[int(place)], place - int(place)
            high = ranked[int(place) + 1] if part_of else low
            return compared(bounds, low * (1 - part_of) + high * part_of)
    raise AssertionError(measure)


def in_order(window: list[NaiveHit], rules: list[int]) -> bool:
    return any(
        [hit[4] for hit in chosen] == rules
        and len({hit[1] for hit in chosen}) == len(rules)
        and all(a[:2] <= b[:2] for a, b in pairwise(chosen))
        for chosen in combinations(window, len(rules))
    )


def compared(bounds: Any, amount: Any) -> bool:
    return all(COMPARE[bound.sign](amount, bound.than) for bound in bounds)


def naive(plan: Correlated, events: list[Event]) -> list[Match]:
    found = [
        Match(began, group, tuple(dict.fromkeys(row for _, row in rows)))
        for began, group, rows in naive_behind(plan, events)
    ]
    return sorted(found, key=lambda match: (match.began, match.rows, match.group))


def ours(behind: Any) -> list[Match]:
    return sorted(collected(behind), key=lambda match: (match.began, match.rows, match.group))


EVENTS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(sorted)},
        optional={
            "_time": st.integers(0, 12),
            "k": st.lists(st.sampled_from(["x", "y", None]), max_size=2),
            "o": st.sampled_from(["p", "q"]),
            "v": st.one_of(st.sampled_from([0, 1, -2, 5, 0.1, 0.2]), st.just(["s", 3])),
        },
    ),
    max_size=9,
)
BOUNDS = st.lists(
    st.builds(Bound, st.sampled_from([*COMPARE]), st.sampled_from([0, 1, 2, 3, Fraction(3, 10)])),
    min_size=1,
    max_size=2,
).map(tuple)
RULES = st.sampled_from([(0, 1), (0, 1, 2), (0, 1, 0), (0, 0)])


@st.composite
def ways(draw: st.DrawFn, places: tuple[int, ...]) -> tuple[Way, ...]:
    there = st.sets(st.sampled_from(range(len(places))), max_size=len(places)).map(lambda s: tuple(sorted(s)))
    gone = st.sets(st.sampled_from(sorted(set(places))), max_size=1).map(frozenset)
    return tuple(draw(st.lists(st.builds(Way, there, gone), min_size=1, max_size=2)))


@st.composite
def measures(draw: st.DrawFn) -> tuple[Measure, Counted]:
    places, bounds = draw(RULES), draw(BOUNDS)
    rules = tuple(range(3))
    return draw(
        st.sampled_from(
            [
                (Different(bounds), Counted.EVENTS),
                (Different(bounds), Counted.VALUES),
                (Different(bounds), Counted.RULES),
                (Together(draw(ways(rules))), Counted.RULES),
                (Together((Way(places),)), Counted.RULES),
                (InOrder(draw(ways(places)), places), Counted.RULES),
                (InOrder((Way(tuple(range(len(places)))),), places), Counted.RULES),
                (LongestOrder(bounds, places), Counted.RULES),
                (Total(bounds), Counted.NUMBERS),
                (Total(bounds, mean=True), Counted.NUMBERS),
                (
                    Ranked(bounds, draw(st.sampled_from([Fraction(0), Fraction(50), Fraction(95)]))),
                    Counted.NUMBERS,
                ),
            ]
        )
    )


@st.composite
def plans(draw: st.DrawFn, depth: int = 1) -> Correlated:
    measure, counted = draw(measures())
    by = draw(st.sampled_from([(), ("k",), ("k", "o")]))
    fields = draw(st.sampled_from([("v",), ("o", "k")])) if counted is Counted.VALUES else ("v",)
    parts = [part(rule, kind, by, fields) for rule, kind in enumerate("abc")]
    if depth and draw(st.booleans()):
        parts[draw(st.integers(0, 2))] = Part(draw(st.integers(0, 2)), draw(plans(depth - 1)), by, fields)
    return Correlated(tuple(parts), measure, counted, draw(st.integers(0, 6)) * SECOND, by)


@settings(max_examples=300, deadline=None)
@given(plans(), EVENTS)
def test_as_written_down(plan: Correlated, events: list[Event]) -> None:
    assert ours(Watch(plan).feed(Batch.of(Table(events, read)), FOREVER)) == naive(plan, events)


@settings(max_examples=150, deadline=None)
@given(plans(), EVENTS, st.integers(1, 4))
def test_a_stream_in_batches_tells_the_same(plan: Correlated, events: list[Event], batch: int) -> None:
    watch = Watch(plan)
    streamed = ours(watched(watch, events, read, lateness=12 * SECOND, batch=batch))
    assert streamed == ours(Watch(plan).feed(Batch.of(Table(events, read)), FOREVER))
    assert watch.late == 0


@settings(max_examples=150, deadline=None)
@given(plans(), EVENTS, st.integers(1, 4))
def test_a_table_in_batches_tells_the_same(plan: Correlated, events: list[Event], size: int) -> None:
    table, watch = Table(events, read), Watch(plan)
    told = [one for batch, now in batches(table, size=size) for one in watch.feed(batch, now)]
    assert ours(told) == ours(Watch(plan).feed(Batch.of(table), FOREVER))
    assert watch.late == 0


def counted(least: int, span: int) -> Correlated:
    return Correlated(
        (part(0, "a", ("k",)),), Different((Bound(">=", least),)), Counted.EVENTS, span * SECOND, ("k",)
    )


def test_what_comes_too_late_is_told() -> None:
    events = [{"kind": "a", "_time": time, "k": "x"} for time in (10, 11, 30, 12, 29)]
    for lateness, late, matches in ((0, 2, 0), (5, 1, 0), (18, 0, 1)):
        watch = Watch(counted(3, 5))
        found = collected(watched(watch, events, read, lateness=lateness * SECOND, batch=1))
        assert (watch.late, len(found)) == (late, matches)


@pytest.mark.parametrize("measure", [Different((Bound(">=", 3),)), Different((Bound("=", 3),))])
def test_memory_is_that_of_the_open_windows(measure: Measure) -> None:
    plan = Correlated((part(0, "a", ("k",)),), measure, Counted.EVENTS, 10 * SECOND, ("k",))
    watch, most = Watch(plan), 0
    for first in range(0, 20_000, 100):
        rows = [{"kind": "a", "_time": first + n, "k": f"{(first + n) % 777}"} for n in range(100)]
        watch.feed(Batch.of(Table(rows, read), first=first), (first + 99) * SECOND)
        most = max(most, watch.kept)
    assert most < 25


def test_a_long_match_is_told_once_and_fast() -> None:
    events = [{"kind": "a", "_time": time, "k": "x"} for time in range(20_000)]
    found = counted(3, 10_000).run(Table(events, read))
    assert [len(rows) for rows in found.findings] == [20_000]
    assert found.began == (2 * SECOND,)
    assert found.records == ({"k": ("x",)},)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-01T00:00:01Z", 1),
        ("1970-01-01 00:00:01.500", 1.5),
        ("1970-01-01T01:00:01+01:00", 1),
        ("1969-12-31T23:59:59Z", -1),
        (1, 1),
        ("1.5", 1.5),
        (1_767_225_600_000, 1_767_225_600),
        ("1970-01-01", 0),
    ],
)
def test_times(written: Any, seconds: float) -> None:
    assert moment(written) == seconds * SECOND


@pytest.mark.parametrize(
    "written", ["", "yesterday", True, None, 1e300, "1970-13-01T00:00:00Z", float("nan")]
)
def test_no_times(written: Any) -> None:
    assert moment(written) is None


def test_times_are_told_in_utc() -> None:
    assert told(1_500_000) == "1970-01-01T00:00:01.500000Z"
