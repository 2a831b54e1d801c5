"""Timelines about a correlation's edges, as steps: thresholds, spans, bins, groups, order, chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.plans.hits import Counted
from sigmaproof.logic.plans.measures import Bounds
from sigmaproof.logic.times import SECOND

RANDOM = 80


class Step(Struct, frozen=True):
    """One event of a sequence: when, from which part of the plan, in which group, with which value."""

    at: float
    part: int
    group: int = 1
    value: int = 1
    keyless: bool = False
    only: str = ""
    """The one name by which the group is another; empty: it is by all of them."""
    without: str = ""
    """A field that the event lacks."""


def least_events(plan: Correlated) -> int:
    """How many events a correlation asks for at least."""
    bounds: Bounds = getattr(plan.measure, "bounds", ())
    if plan.counted is Counted.RULES or plan.counted is Counted.NUMBERS or not bounds:
        return max(2, len({part.rule for part in plan.parts}))
    least = [int(bound.than) + (bound.sign == ">") for bound in bounds]
    return max(1, *least)


def scenarios(plan: Correlated, least: int, said: Sequence[str]) -> Iterator[tuple[str, list[Step]]]:
    """Timelines with what each of them is about; `said`: the fields that their events hold."""
    span = plan.span / SECOND
    kinds = _kinds(plan)
    lasts = {"well within": span * 0.4, "exactly as long as": span, "a second longer than": span + 1}
    for count in sorted({max(1, least - 1), least, least + 1}):
        for words, length in lasts.items():
            yield f"{count} events, {words} the span", _run(kinds, plan, count, length)
        yield f"{count} events over the edge of a bin", _run(kinds, plan, count, span * 0.4, start=span * 0.8)
        yield f"{count} events at one time", _run(kinds, plan, count, 0)
        yield f"{count} events, the latest first", _run(kinds, plan, count, span * 0.4)[::-1]
        yield f"{count} events, in the other order of rules", _run(kinds[::-1], plan, count, span * 0.4)
    run = _run(kinds, plan, least + 1, span * 0.5)
    yield (
        "two groups in turn",
        [
            Step(step.at + shift, step.part, group, step.value)
            for step in run
            for shift, group in ((0, 1), (1, 2))
        ],
    )
    fewer = _run(kinds, plan, max(2, least), span * 0.5)
    for name in plan.names if len(plan.names) > 1 else ():
        yield (
            f"every other event with another {name}",
            [Step(step.at, step.part, 1 + n % 2, step.value, only=name) for n, step in enumerate(fewer)],
        )
    yield (
        "every other event in another group",
        [Step(step.at, step.part, 1 + n % 2, step.value) for n, step in enumerate(run)],
    )
    yield (
        "one event without its group",
        [Step(step.at, step.part, step.group, step.value, keyless=n == 1) for n, step in enumerate(run)],
    )
    yield "one value again and again", [Step(step.at, step.part) for step in run]
    for name in said:
        yield f"events without {name}", [replace(step, without=name) for step in run]
    again = [Step(step.at + 5 * span, step.part, step.group, step.value) for step in run]
    yield "twice, far apart", [*run, *again]
    yield from _random(plan, least)


def _kinds(plan: Correlated) -> list[int]:
    """A part for each rule, in the order of the rules; then the others."""
    first = {part.rule: at for at, part in reversed(list(enumerate(plan.parts)))}
    return [first[rule] for rule in sorted(first)]


def _run(kinds: Sequence[int], plan: Correlated, count: int, length: float, start: float = 0) -> list[Step]:
    amount = _amount(plan)
    gap = length / max(1, count - 1)
    return [
        Step(start + round(n * gap, 3), kinds[n % len(kinds)], 1, amount if amount else n + 1)
        for n in range(count)
    ]


def _amount(plan: Correlated) -> int:
    """What each of so many numbers has to be for their sum to come near what is asked."""
    if plan.counted is not Counted.NUMBERS:
        return 0
    bounds: Bounds = getattr(plan.measure, "bounds", ())
    return max(1, int(bounds[0].than) // 2) if bounds else 1


def _random(plan: Correlated, least: int) -> Iterator[tuple[str, list[Step]]]:
    chance, span = Random(6), plan.span / SECOND  # noqa: S311  the same sequences on every run
    amount = _amount(plan)
    for number in range(RANDOM):
        count = chance.randint(1, min(2 * least + 4, 24))
        reach = span * chance.choice((0.5, 1.5, 3))
        steps = []
        for _ in range(count):
            value = chance.randint(max(0, amount - 1), amount + 2) if amount else chance.randint(1, least + 2)
            at = round(chance.uniform(0, reach) / (span / 10)) * (span / 10)
            part = chance.randrange(len(plan.parts))
            steps.append(Step(round(at, 3), part, chance.randint(1, 2), value, chance.random() < 0.05))
        ordered = steps if chance.random() < 0.3 else sorted(steps, key=lambda step: step.at)
        yield f"random {number + 1}", ordered
