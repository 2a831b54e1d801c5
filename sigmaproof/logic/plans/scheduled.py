"""Windows that are looked at now and then, as a rule that runs on a schedule does.

Such a rule does not see a window at every event: each run looks at what its look-back holds, and nobody knows
when runs fall. Two windows that do slide say all that can be known of it. What one finds that is as long as
the look-back, some schedule finds, and nothing else. What one finds that is shorter by the time between two
runs, every schedule finds, since it lies whole in what some run looks at.

A run counts no event of a group at or before the last one that it has alerted for. So a match is certain only
if it shares no event with an earlier match of its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msgspec import Struct

from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.run import Table


class Scheduled(Struct, frozen=True):
    """A correlation that is asked at each run. It finds what every schedule finds."""

    window: Correlated
    """What a run asks. It finds what some schedule finds; its span is the look-back."""
    every: int
    """Between two runs, in microseconds; less than the look-back."""

    def run(self, table: Table) -> Found:
        some = self.window.run(table)
        found = replace(self.window, span=self.window.span - self.every).run(table)
        certain = [at for at in range(len(found.findings)) if _fresh(found, at, some)]
        assert found.records is not None
        assert found.began is not None
        return Found(
            tuple(found.findings[at] for at in certain),
            tuple(found.records[at] for at in certain),
            tuple(found.began[at] for at in certain),
        )


def _fresh(found: Found, at: int, some: Found) -> bool:
    """Whether none of a match's events can have been alerted for in a match before."""
    assert found.records is not None
    assert some.records is not None
    group, rows = found.records[at], set(found.findings[at])
    own: Sequence[set[int]] = [
        set(others)
        for others, record in zip(some.findings, some.records, strict=True)
        if record == group and rows & set(others)
    ]
    # every match of the shorter window lies in one of the longer; what comes before that is another
    return rows <= own[0]
