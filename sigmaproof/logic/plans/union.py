"""Several plans as one: what any of them finds."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sigmaproof.logic.plans import Found, Plan, Select
from sigmaproof.logic.run import Table
from sigmaproof.logic.terms import TRUE, disjunction


class Union(Struct, frozen=True):
    """The findings of every plan, one plan after the other, each finding once."""

    plans: tuple[Plan, ...]

    def run(self, table: Table) -> Found:
        findings = (finding for plan in self.plans for finding in plan.run(table).findings)
        return Found(tuple(dict.fromkeys(findings)))


def union(plans: Sequence[Plan]) -> Plan:
    """The plans as one; selections among the same events become one selection."""
    if len(plans) == 1:
        return plans[0]
    selections = [plan for plan in plans if isinstance(plan, Select)]
    among = {plan.among for plan in selections} or {TRUE}
    if len(selections) == len(plans) and len(among) == 1:
        return Select(disjunction(plan.term for plan in selections), *among)
    return Union(tuple(plans))
