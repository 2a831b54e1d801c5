"""Correlation rules: their place. The structure is read; what they mean is not modelled yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.languages.sigma.errors import InvalidRule

TYPES = (
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
)


@dataclass(frozen=True, slots=True)
class Correlation:
    """What every kind of correlation has."""

    title: str
    type: str
    rules: tuple[str, ...]


def read_correlation(mapping: Mapping[str, Any]) -> Correlation:
    """The correlation rule in one YAML document. Raises `InvalidRule`."""
    body = mapping["correlation"]
    if not isinstance(body, Mapping):
        raise InvalidRule("`correlation` must be a mapping", ("correlation",), "begin with `type:`")
    kind, rules = body.get("type"), body.get("rules") or []
    if kind not in TYPES:
        hint = nearest(str(kind), TYPES)
        raise InvalidRule(
            f"unknown correlation type {kind!r}{hint}",
            ("correlation", "type"),
            f"there are {', '.join(TYPES)}",
        )
    rules = [rules] if isinstance(rules, str) else rules
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise InvalidRule("`rules` must be a list of ids or names", ("correlation", "rules"))
    return Correlation(str(mapping.get("title", "")), kind, tuple(rules))


def refuse_correlation(mapping: Mapping[str, Any]) -> NoReturn:
    """Raises `InvalidRule` if the structure is wrong, else `UnsupportedQuery`."""
    raise UnsupportedQuery(f"correlation rules ({read_correlation(mapping).type}) are not modelled yet")
