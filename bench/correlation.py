"""A correlation over many events in many groups, as a stream and as a table: seconds and memory.

python bench/correlation.py [--events N] [--groups N] [--type TYPE] [--table]
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sigmaproof.index.events import EventIndex
from sigmaproof.languages.sigma import lower_query
from sigmaproof.logic.plans.correlated import Correlated, Watch, collected, watched
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
    "value_percentile": (
        "{type: value_percentile, rules: [failed], condition: {field: Bytes, percentile: 95, gte: 900}"
    ),
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def events(count: int, groups: int) -> Iterator[dict[str, Any]]:
    """A day of logons, in time order; some groups are a hundred times as busy as others."""
    random = Random(1)  # noqa: S311  the same events in every run
    for number in range(count):
        group = random.randrange(groups) if number % 2 else random.randrange(max(1, groups // 100))
        yield {
            "@timestamp": (START + timedelta(seconds=86_400 * number / count)).isoformat(),
            "EventID": random.choice((4624, 4625, 4625)),
            "User": f"user{group}",
            "Host": f"host{random.randrange(50)}",
            "Bytes": random.randrange(1000),
        }


def main() -> None:
    """Prints one line for each type."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--groups", type=int, default=100_000)
    parser.add_argument("--type", choices=CORRELATIONS, action="append")
    parser.add_argument("--table", action="store_true", help="all events in one table, instead of a stream")
    given = parser.parse_args()
    for name in given.type or CORRELATIONS:
        text = f"{RULES}correlation: {CORRELATIONS[name]}, group-by: [User], timespan: 10m}}\n"
        plan = lower_query(text, EventIndex(), {}).plan
        assert isinstance(plan, Correlated)
        source = list(events(given.events, given.groups)) if given.table else None
        if source is None:
            before = time.process_time()
            for _ in events(given.events, given.groups):
                pass
            made = time.process_time() - before
        else:
            made = 0.0
        started = time.process_time()
        watch = Watch(plan)
        if source is not None:
            matches = len(plan.run(Table(source, EventIndex().read)).findings)
        else:
            stream = events(given.events, given.groups)
            matches = len(collected(watched(watch, stream, EventIndex().read, lateness=0)))
        seconds = time.process_time() - started - made
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:<18} {matches:>8} matches  {seconds:6.2f} s  at most {memory:5.0f} MiB so far")


if __name__ == "__main__":
    main()
