"""Why a correlation rule fired or did not: each group's events in time, and what they added up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from msgspec import Struct

from sigmaproof.judge.groups import told_group
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.languages.sigma import Resolved, Rule
from sigmaproof.languages.sigma.correlation import Correlation, told_node
from sigmaproof.logic.plans.batches import FOREVER, Batch
from sigmaproof.logic.plans.correlated import Correlated, Watch
from sigmaproof.logic.plans.hits import Hit, same
from sigmaproof.logic.plans.matches import collected


class Moment(Struct, frozen=True):
    """An event of a group, as it joins the window."""

    time: int
    row: int
    rule: int
    amount: int | Fraction
    """What the window then amounts to."""
    behind: bool
    """The event is behind a match."""


class GroupStory(Struct, frozen=True):
    """One group."""

    group: str
    began: tuple[int, ...]
    """When its matches began."""
    lasted: tuple[int, ...]
    """The times of the last events behind them."""
    moments: tuple[Moment, ...]

    @property
    def most(self) -> int | Fraction:
        """The greatest amount that it came to."""
        return max(one.amount for one in self.moments)


def stories(meaning: Meaning, events: Sequence[RawEvent]) -> tuple[GroupStory, ...]:
    """Every group that counts an event: those that fired first, then those that came furthest."""
    plan = meaning.plan
    if not isinstance(plan, Correlated):
        return ()
    seen: defaultdict[tuple[str, ...], list[tuple[Hit, int | Fraction]]] = defaultdict(list)
    watch = Watch(plan, seen=lambda hit, amount: seen[hit.group].append((hit, amount)))
    matches = collected(watch.feed(Batch.of(meaning.table(events), plan.times), FOREVER))
    found = []
    for group, hits in seen.items():
        own = [match for match in matches if tuple(map(same, match.group)) == group]
        behind = {row for match in own for row in match.rows}
        times = {hit.row: hit.time for hit, _ in hits}
        lasted = tuple(max([match.began, *(times.get(row, 0) for row in match.rows)]) for match in own)
        name = told_group(dict(zip(plan.names, hits[0][0].shown, strict=True)))
        moments = (Moment(hit.time, hit.row, hit.rule, amount, hit.row in behind) for hit, amount in hits)
        found.append(GroupStory(name, tuple(match.began for match in own), lasted, tuple(moments)))
    return tuple(sorted(found, key=lambda one: (not one.began, -one.most, one.group)))


def furthest(meaning: Meaning, events: Sequence[RawEvent]) -> tuple[str, int] | None:
    """How far the group came that came furthest, in words, and the event at which it did."""
    found = stories(meaning, events)
    if not found:
        return None
    first = found[0]
    top = next(one for one in first.moments if one.amount == first.most)
    return f"{first.group} comes to {told_amount(first.most)}", top.row


def told_amount(amount: int | Fraction) -> str:
    """An amount in words."""
    return str(amount) if isinstance(amount, int) or amount.denominator == 1 else f"{float(amount):g}"


def told_rule(found: Resolved, place: int) -> str:
    """What a rule that the correlation refers to is called."""
    part = found.parts[place]
    return (part.name or part.title) if isinstance(part, Rule) else (part.correlation.name or part.title)


def told_question(found: Resolved) -> str:
    """What the correlation rule asks, in one line."""
    rule = found.correlation
    of = f" of {', '.join(rule.fields)}" if rule.fields else ""
    names = ", ".join(told_rule(found, place) for place in range(len(found.parts)))
    by = f" by {', '.join(rule.group_by)}" if rule.group_by else ""
    return f"{rule.type}{of} ({names}){by} within {rule.written_span}: {_condition(rule)}"


def _condition(rule: Correlation) -> str:
    if not isinstance(rule.condition, tuple):
        return told_node(rule.condition)
    return " and ".join(map(str, rule.condition)) or "all rules"
