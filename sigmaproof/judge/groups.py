"""Which groups a correlation rule fires for, and when, against what a case wants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sigmaproof.errors import nearest
from sigmaproof.judge.verdicts import Code
from sigmaproof.load.values import Case, GroupMatch
from sigmaproof.logic.plans import Found
from sigmaproof.logic.plans.hits import same
from sigmaproof.logic.times import SECOND
from sigmaproof.logic.values import text_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Key = frozenset[tuple[str, str]]


def wrong_groups(case: Case, found: Found) -> tuple[Code, str] | None:
    """What is wrong with the groups of a case's matches; None if nothing is, or the case says nothing."""
    if case.groups is None:
        return None
    if found.records is None or found.began is None:
        return Code.INVALID_FIXTURE, "`groups` is for correlation rules"
    fired: defaultdict[Key, list[int]] = defaultdict(list)
    shown: dict[Key, str] = {}
    for record, began in zip(found.records, found.began, strict=True):
        values = {name: (cell or ("",))[0] for name, cell in record.items()}
        fired[_key(values)].append(began)
        shown[_key(values)] = told_group(values)
    for wanted in case.groups:
        if problem := _wrong(case, wanted, sorted(fired.pop(_key(wanted.group), []))):
            return problem
    extra = next(iter(fired), None)
    if extra is None:
        return None
    return Code.FALSE_ALARM, f"the rule fires for {shown[extra]}, a group that the case does not name"


def misnamed(groups: Iterable[GroupMatch], names: tuple[str, ...]) -> str:
    """What is wrong with the names of the groups; empty if they are those that the rule groups by."""
    for one in groups:
        if set(one.group) != set(names):
            other = next((name for name in one.group if name not in names), "")
            by = ", ".join(names) or "nothing"
            return (
                f"the rule groups by {by}, not by {', '.join(one.group) or 'nothing'}{nearest(other, names)}"
            )
    return ""


def told_group(values: Mapping[str, Any]) -> str:
    """A group in words."""
    return ", ".join(f"{name}: {text_of(value)}" for name, value in values.items()) or "all events together"


def _key(values: Mapping[str, Any]) -> Key:
    return frozenset((name, same(value)) for name, value in values.items())


def _wrong(case: Case, wanted: GroupMatch, began: list[int]) -> tuple[Code, str] | None:
    count, name = len(began), told_group(wanted.group)
    if count not in wanted.matches:
        few = count < max(1, wanted.matches.at_least)
        often = f"{count} times" if count else "not"
        message = f"the rule fires {often} for {name}, the case wants {wanted.matches}"
        return (Code.MISSED if few else Code.FALSE_ALARM), message
    if wanted.at is None or not began:
        return None
    at = (began[0] - int((case.start - _EPOCH).total_seconds()) * SECOND) / SECOND
    if abs(at - wanted.at) < 1e-6:
        return None
    return Code.DIFFERS, f"the rule fires for {name} after {at:g} s, the case wants {wanted.at:g} s"
