"""Correlations as threshold rules of Elastic Security: a Lucene query, groups, and a number to reach.

Such a rule is asked at each of its runs, over the timespan before the run, and not as a window slides. So it
is written only for a target that says how often its rules run: docs/decisions/0012-threshold-rules.md
https://www.elastic.co/docs/solutions/security/detect-and-alert/create-detection-rule#create-threshold-rule
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sigmaproof.convert.correlations.bases import Base
from sigmaproof.convert.correlations.wanted import Wanted
from sigmaproof.convert.fields import field_kind
from sigmaproof.convert.tree import some
from sigmaproof.convert.values import Unsayable
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Different
from sigmaproof.text import spans
from sigmaproof.text.fold import Fold

MOST_VALUES = 3000
"""Up to so many, a server's count of different values is close to exact; beyond, it is an estimate."""
MOST_EVENTS = 10_000
"""Without groups, a server counts no further."""


def write(backend: Any, want: Wanted, bases: Sequence[Base]) -> list[str]:
    """The rule's query and threshold as JSON. Raises `Unsayable`."""
    every = backend.asked_every
    counts = isinstance(want.measure, Different) and want.counted is not Counted.RULES
    if not every:
        hint = " (as a threshold rule it can be asked now and then: docs/export.md)" if counts else ""
        raise Unsayable(f"a Lucene query finds single events: it knows neither groups nor windows{hint}")
    if not counts:
        raise _unsayable("anything but a number of events or of different values")
    reached = _threshold(backend, want, bases)
    if want.span <= every:
        told = f"a timespan of {spans.written(want.span)}, asked every {spans.written(every)}"
        raise _unsayable(f"{told}: runs that look back no further than to the last one")
    rule = {
        "query": backend.query(some(base.tree for base in bases)),
        "threshold": {"field": _groups(backend, want, bases), **reached},
        "from": f"now-{spans.written(want.span)}",
        "interval": spans.written(every),
    }
    return [json.dumps(rule, indent=2, ensure_ascii=False)]


def _threshold(backend: Any, want: Wanted, bases: Sequence[Base]) -> dict[str, Any]:
    """What is to be reached."""
    if not {bound.sign for bound in want.bounds} <= {">", ">="}:
        raise _unsayable("a condition that more events undo")
    least = max(int(bound.than // 1) + (bound.sign == ">" or bound.than % 1 > 0) for bound in want.bounds)
    if want.counted is Counted.EVENTS:
        return {"value": _within(max(1, least), 2**31 - 1 if want.names else MOST_EVENTS)}
    values = {asked.values for asked in want.rules}
    if any(len(names) > 1 for names in values):
        raise _unsayable("different values of several fields")
    (field,) = _values(backend, want, bases)
    return {"value": 1, "cardinality": [{"field": field, "value": _within(max(1, least), MOST_VALUES)}]}


def _within(least: int, most: int) -> int:
    if least > most:
        raise _unsayable(f"a count beyond {most}, which servers estimate")
    return least


def _groups(backend: Any, want: Wanted, bases: Sequence[Base]) -> list[str]:
    """The fields to group by."""
    both = list(zip(bases, want.rules, strict=True))
    each = [[(base, rule.by[place]) for base, rule in both] for place in range(len(want.names))]
    return [name for asked in each for name in _the_same(backend, asked)]


def _values(backend: Any, want: Wanted, bases: Sequence[Base]) -> tuple[str, ...]:
    held = _the_same(backend, [(base, rule.values[0]) for base, rule in zip(bases, want.rules, strict=True)])
    if len(held) > 1:
        raise _unsayable("different values of what the index holds in two fields")
    return held


def _the_same(backend: Any, asked: Sequence[tuple[Base, str]]) -> tuple[str, ...]:
    """The fields of the index that hold these fields, in every event."""
    held = {base.name(field) for base, field in asked}
    names = held.pop()
    if held or names is None:
        told = ", ".join(dict.fromkeys(field for _, field in asked))
        raise _unsayable(f"groups or values of {told}, which events hold in different fields")
    return tuple(_countable(backend, name) for name in names)


def _countable(backend: Any, name: str) -> str:
    """The field, if servers group by its very values."""
    kind = field_kind(backend.model.index, name)
    index = backend.model.index
    found = index.field(kind.name) if isinstance(index, ElasticIndex) else None
    if kind.kind == "text" or (found is not None and found.fold is not Fold.EXACT):
        raise _unsayable(f"groups or values of {name}, of which the index keeps words or lower case only")
    return kind.name


def _unsayable(what: str) -> Unsayable:
    return Unsayable(f"cannot be said as a threshold rule: {what}")
