"""Orders of rules in ES|QL: how early each step can be done in the window that an event ends.

Every event that can be the last one stands beside those of its window (`seen`: time and id, a line break, the
rule). The earliest event of the first rule leaves most room for the second, and so on: a STATS for each step.
Events of one time follow one another by their ids, as ES|QL knows no other order of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Order = tuple[int, ...]

_WHEN = 'SUBSTRING({0}, 1, LOCATE({0}, "\\n") - 1)'
_RULE = 'SUBSTRING({0}, LOCATE({0}, "\\n") + 1)'


def can_be_last(orders: Iterable[Order]) -> str:
    """The condition on an event that some order can end with."""
    rules = ", ".join(f'"{one}"' for one in sorted({order[-1] for order in orders}))
    return f"{_RULE.format('event')} IN ({rules})"


def in_order(orders: Sequence[Order], by: Sequence[str]) -> Iterator[str]:
    """The commands that leave the events which end one of the orders."""
    group = f"BY {', '.join([*by, 'event', 'at'])}"
    begun = sorted(
        {order[:n] for order in orders for n in range(1, len(order))}, key=lambda one: (len(one), one)
    )
    names = {steps: f"step{number}" for number, steps in enumerate(begun, 1)}
    longest = max(map(len, begun), default=0)
    for length in range(1, longest + 1):
        yield f"EVAL done = {_WHEN.format('seen')}, rule = {_RULE.format('seen')}"
        kept = [f"{names[one]} = MIN({names[one]})" for one in _ends(orders) if 0 < len(one) < length]
        new = [f"{names[one]} = MIN(done) WHERE {_done(one, names)}" for one in begun if len(one) == length]
        rest = ["seen = VALUES(seen)"] if length < longest else []
        yield f"STATS {', '.join([*kept, *new, *rest])} {group}"
        if rest:
            yield "MV_EXPAND seen"
    if not begun:
        yield f"STATS {group}"
    yield f"EVAL done = {_WHEN.format('event')}, rule = {_RULE.format('event')}"
    yield f"WHERE {' OR '.join(f'({_done(order, names)})' for order in orders)}"


def _ends(orders: Iterable[Order]) -> Iterable[Order]:
    """What comes before the last step."""
    return dict.fromkeys(order[:-1] for order in orders)


def _done(steps: Order, names: dict[Order, str]) -> str:
    """A row does the last of these steps, after those before it."""
    rule = f'rule == "{steps[-1]}"'
    return f"{rule} AND done > {names[steps[:-1]]}" if steps[:-1] else rule
