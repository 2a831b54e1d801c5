"""What is claimed of schedules, against runs that are played one by one as Kibana's are."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.correlated import Correlated, Part
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Bound, Different
from sigmaproof.logic.plans.scheduled import Scheduled
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import TRUE
from sigmaproof.logic.times import SECOND, told

Event = dict[str, Any]
Alert = tuple[str, frozenset[int]]


def table(events: list[tuple[int, str, str]]) -> Table:
    documents = [
        {"@timestamp": told(at * SECOND), "host": host, "value": value} for at, host, value in events
    ]
    return Table(documents, lambda document, field: (document[field],) if field in document else None)


def plan(least: int, span: int, every: int, counted: Counted) -> Scheduled:
    values = ("value",) if counted is Counted.VALUES else ()
    part = Part(0, TRUE, ("host",), values)
    measure = Different((Bound(">=", least),))
    window = Correlated((part,), measure, counted, span * SECOND, ("host",), ("@timestamp",))
    return Scheduled(window, every * SECOND)


def alerts(
    events: list[tuple[int, str, str]], least: int, span: int, every: int, phase: int, counted: Counted
) -> list[Alert]:
    """Every run: what it sees in its look-back, without what the group has been alerted for."""
    found: list[Alert] = []
    last: dict[str, int] = {}
    for run in count(phase, every):
        if run > max(at for at, _, _ in events) + span + every:
            return found
        groups: dict[str, list[int]] = {}
        for row, (at, host, _) in enumerate(events):
            if run - span <= at <= run and at > last.get(host, -1):
                groups.setdefault(host, []).append(row)
        for host, rows in groups.items():
            amount = len(rows) if counted is Counted.EVENTS else len({events[row][2] for row in rows})
            if amount >= least:
                found.append((host, frozenset(rows)))
                last[host] = max(events[row][0] for row in rows)
    return found


def matches(found: Found) -> list[Alert]:
    assert found.records is not None
    return [
        (str(record["host"][0]), frozenset(rows))
        for record, rows in zip(found.records, found.findings, strict=True)
        if record["host"]
    ]


EVENTS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from("ab"), st.sampled_from("xyz")), min_size=1, max_size=14
)


@settings(max_examples=400, deadline=None)
@given(
    EVENTS,
    st.integers(1, 4),
    st.integers(2, 15),
    st.integers(1, 14),
    st.integers(0, 13),
    st.sampled_from([Counted.EVENTS, Counted.VALUES]),
)
def test_every_schedule_finds_what_is_certain_and_nothing_that_is_not_possible(
    events: list[tuple[int, str, str]], least: int, span: int, every: int, phase: int, counted: Counted
) -> None:
    every = min(every, span - 1)
    made = plan(least, span, every, counted)
    some, certain = (matches(one.run(table(events))) for one in (made.window, made))
    played = alerts(events, least, span, every, phase % every, counted)
    for host, rows in played:
        assert any(host == group and rows <= others for group, others in some)
    for host, rows in certain:
        whole = next(others for group, others in some if group == host and rows <= others)
        assert any(group == host and others <= whole for group, others in played)


def found(events: list[tuple[int, str, str]], least: int = 3) -> list[list[int]]:
    """The matches that are certain of a rule over ten seconds that is asked every four."""
    rows = plan(least, 10, 4, Counted.EVENTS).run(table(events)).findings
    return [list(one) for one in rows]


def test_a_burst_is_certain_up_to_the_look_back_less_the_interval() -> None:
    assert found([(0, "a", ""), (3, "a", ""), (6, "a", "")]) == [[0, 1, 2]]
    assert found([(0, "a", ""), (3, "a", ""), (7, "a", "")]) == []


def test_events_that_were_alerted_for_are_not_counted_again() -> None:
    # the third is in a match before; without it, those behind it are too few
    assert found([(at, "a", "") for at in (0, 4, 10, 15, 16)]) == []
    assert found([(at, "a", "") for at in (0, 1, 2, 20, 21, 22)]) == [[0, 1, 2], [3, 4, 5]]
