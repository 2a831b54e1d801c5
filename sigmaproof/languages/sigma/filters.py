"""Filters: rules that other rules take in.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-filters-specification.md
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sigmaproof.languages.sigma.nodes import Rule


def with_filters(rule: Rule, filters: Iterable[Rule]) -> Rule:
    """The rule together with those of the filters that apply to it."""
    return replace(rule, filters=rule.filters + tuple(found for found in filters if applies(found, rule)))


def applies(filter_: Rule, rule: Rule) -> bool:
    """The filter names the rule, or any, and its log source is that of the rule or a broader one."""
    if filter_.rules is None or rule.rules is not None or not filter_.logsource.covers(rule.logsource):
        return False
    named = rule.name in filter_.rules if rule.name else False
    by_id = rule.id.lower() in (wanted.lower() for wanted in filter_.rules) if rule.id else False
    return not filter_.rules or named or by_id
