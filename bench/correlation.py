"""Correlations over many events in many groups, as a stream and in one table: seconds and memory.

Each type runs in a process of its own. Beside its seconds, by the clock and of CPU, stands how many times a
fixed loop of ten million additions, run just before, fits into those of CPU: machines differ, and one does
from minute to minute. Making the events does not count. Garbage is looked for as seldom as the commands do.

python bench/correlation.py [--events N] [--groups N] [--type TYPE] [--way stream|table]
"""

from __future__ import annotations

import argparse
import gc
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import product
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
title: Burst
name: burst
correlation: {type: event_count, rules: [failed], group-by: [User], timespan: 10m, condition: {gte: 5}}
---
title: Correlation
"""
CORRELATIONS = {
    "event_count": "{type: event_count, rules: [failed], condition: {gte: 5}",
    "event_count_eq": "{type: event_count, rules: [failed], condition: {eq: 5}",
    "value_count": "{type: value_count, rules: [failed], condition: {field: Host, gte: 5}",
    "temporal": "{type: temporal, rules: [failed, logon]",
    "temporal_not": "{type: temporal, condition: failed and not logon",
    "temporal_ordered": "{type: temporal_ordered, rules: [failed, logon]",
    "chained": "{type: temporal_ordered, rules: [burst, logon]",
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
        self.count, self.groups = count, groups
        self.seconds = self.clock = 0.0
        """Spent on making them."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        random = Random(1)  # noqa: S311  the same events in every run
        for first in range(0, self.count, 10_000):
            started, clock = time.process_time(), time.perf_counter()
            made = [self._event(number, random) for number in range(first, min(first + 10_000, self.count))]
            self.seconds += time.process_time() - started
            self.clock += time.perf_counter() - clock
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
    """One line of the table."""
    text = f"{RULES}correlation: {CORRELATIONS[name]}, group-by: [User], timespan: 10m}}\n"
    plan = lower_query(text, EventIndex(), {}).plan
    assert isinstance(plan, Correlated)
    fixed, events = loop(), Events(count, groups)
    gc.set_threshold(100_000, 20, 50)
    given = list(events) if table else []
    made, clocked = events.seconds, events.clock
    started, clock = time.process_time(), time.perf_counter()
    if table:
        matches = len(plan.run(Table(given, EventIndex().read)).findings)
    else:
        matches = len(collected(watched(Watch(plan), events, EventIndex().read, lateness=0)))
    seconds = time.process_time() - started - (events.seconds - made)
    clock = time.perf_counter() - clock - (events.clock - clocked)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        f"{name:<17}{'table' if table else 'stream':<8}{matches:>8}"
        f"{clock:>8.2f}{seconds:>8.2f}{seconds / fixed:>8.1f}{memory:>8.0f}"
    )


def main() -> None:
    """Prints a line for each type and way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--type", choices=CORRELATIONS, action="append")
    parser.add_argument("--way", choices=("stream", "table"), help="only this one")
    given = parser.parse_args()
    print(f"{'type':<17}{'way':<8}{'matches':>8}{'clock s':>8}{'CPU s':>8}{'loops':>8}{'MiB':>8}")
    for name, way in product(given.type or CORRELATIONS, [given.way] if given.way else ["stream", "table"]):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            asked = alone.submit(measured, name, given.events, given.groups, way == "table")
            print(asked.result(), flush=True)


if __name__ == "__main__":
    main()
