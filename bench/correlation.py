"""A correlation over many events in many groups, as a stream and as a table: seconds and memory.

Each type runs in a process of its own. Beside its CPU seconds stands how many times a fixed loop of ten
million additions, run just before, fits into them: machines differ, and one does from minute to minute.

python bench/correlation.py [--events N] [--groups N] [--type TYPE] [--table]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from random import Random
from typing import Any

from sigmaproof.index.events import EventIndex
from sigmaproof.languages.sigma import lower_query
from sigmaproof.logic.plans.correlated import Correlated, Watch, watched
from sigmaproof.logic.plans.matches import collected
from sigmaproof.logic.run import Table

RULES = """\
title: Failed logon
name: failed
logsource: {category: test}
detection: {sel: {EventID: 4625}, condition: sel}
---
title: Logon
name: logon
logsource: {category: test}
detection: {sel: {EventID: 4624}, condition: sel}
---
title: Correlation
"""
CORRELATIONS = {
    "event_count": "{type: event_count, rules: [failed], condition: {gte: 5}",
    "event_count_eq": "{type: event_count, rules: [failed], condition: {eq: 5}",
    "value_count": "{type: value_count, rules: [failed], condition: {field: Host, gte: 5}",
    "temporal": "{type: temporal, rules: [failed, logon]",
    "temporal_ordered": "{type: temporal_ordered, rules: [failed, logon]",
    "value_sum": "{type: value_sum, rules: [failed, logon], condition: {field: Bytes, gte: 9000}",
    "value_avg": "{type: value_avg, rules: [failed], condition: {field: Bytes, gte: 900}",
    "value_median": "{type: value_median, rules: [failed], condition: {field: Bytes, gte: 900}",
    "value_percentile": (
        "{type: value_percentile, rules: [failed], condition: {field: Bytes, percentile: 95, gte: 900}"
    ),
}
START = datetime(2026, 1, 1, tzinfo=UTC)


class Events:
    """A day of logons, in time order; some users are a hundred times as busy as others."""

    def __init__(self, count: int, groups: int) -> None:
        self.count, self.groups, self.seconds = count, groups, 0.0
        """Spent on making them."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        random = Random(1)  # noqa: S311  the same events in every run
        for first in range(0, self.count, 10_000):
            started = time.process_time()
            made = [self._event(number, random) for number in range(first, min(first + 10_000, self.count))]
            self.seconds += time.process_time() - started
            yield from made

    def _event(self, number: int, random: Random) -> dict[str, Any]:
        draw = random.random()
        group = int(draw * self.groups) if number % 2 else int(draw * max(1, self.groups // 100))
        return {
            "@timestamp": (START + timedelta(seconds=86_400 * number / self.count)).isoformat(),
            "EventID": 4624 if draw * 1000 % 1 < 0.3 else 4625,
            "User": f"user{group}",
            "Host": f"host{int(draw * 1e6) % 50}",
            "Bytes": int(draw * 1e7) % 1000,
        }


def loop() -> float:
    """The CPU seconds of a fixed loop."""
    started, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - started


def measured(name: str, count: int, groups: int, table: bool) -> str:
    """One line: a type's matches, seconds and memory."""
    text = f"{RULES}correlation: {CORRELATIONS[name]}, group-by: [User], timespan: 10m}}\n"
    plan = lower_query(text, EventIndex(), {}).plan
    assert isinstance(plan, Correlated)
    fixed, events = loop(), Events(count, groups)
    started = time.process_time()
    if table:
        matches = len(plan.run(Table(list(events), EventIndex().read)).findings)
    else:
        matches = len(collected(watched(Watch(plan), events, EventIndex().read, lateness=0)))
    seconds = time.process_time() - started - events.seconds
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"{name:<17}{matches:>8} matches {seconds:6.2f} s  {seconds / fixed:5.1f} loops {memory:5.0f} MiB"


def main() -> None:
    """Prints one line for each type."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--type", choices=CORRELATIONS, action="append")
    parser.add_argument("--table", action="store_true", help="all events in one table, instead of a stream")
    given = parser.parse_args()
    for name in given.type or CORRELATIONS:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            asked = alone.submit(measured, name, given.events, given.groups, given.table)
            print(asked.result(), flush=True)


if __name__ == "__main__":
    main()
