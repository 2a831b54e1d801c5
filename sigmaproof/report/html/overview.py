"""What the page's lists are drawn from: a short record of each rule, all of them read at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sigmaproof.errors import Problem
from sigmaproof.judge.prove import Standing
from sigmaproof.judge.verdicts import SIGMA, Status
from sigmaproof.report.html import attack
from sigmaproof.report.html.page import Page, PageRule
from sigmaproof.report.json import without_empty
from sigmaproof.report.style import harmless

VERSION = 1
LEVELS = ("critical", "high", "medium", "low", "informational")
_LONGEST = 300
_MOST_PROBLEMS = 2_000


def overview(page: Page, left_out: int, most: int) -> dict[str, Any]:
    """The page's data but for the details of its rules, of which `left_out` did not fit."""
    sides = _sides(page)
    rules = [rule_record(rule, key, sides) for rule, key in zip(page.rules, _keys(page.rules), strict=True)]
    techniques = sorted({one for rule in page.rules for one in attack.techniques_of(rule.about.tags)})
    tactics = sorted({tactic for rule in rules for tactic, _ in rule["attack"]}, key=attack.order)
    return {
        "version": VERSION,
        "asked": list(page.asked),
        "sides": list(sides),
        "statuses": [status.value for status in Status],
        "standings": [standing.value for standing in Standing],
        "levels": list(LEVELS),
        "tactics": {one: attack.tactic_title(one) for one in tactics},
        "techniques": {one: attack.title(one) for one in techniques},
        "attack": attack.notice(),
        "rules": rules,
        "problems": list(_told(page.problems)),
        "notes": list(_told(page.notes)),
        "left_out": {"rules": left_out, "megabytes": most // 1_000_000} if left_out else None,
    }


def _sides(page: Page) -> tuple[str, ...]:
    """The rule itself where cases were run, then whatever answered, in order."""
    answered = (
        one.side for rule in page.rules for result in rule.results for case in result.cases
        for one in case.outcomes
    )  # fmt: skip
    ours = (SIGMA,) if "test" in page.asked else ()
    return tuple(dict.fromkeys([*ours, *page.targets, *answered]))


def _keys(rules: Sequence[PageRule]) -> list[str]:
    """What each rule is called in the page's address: its file's stem, numbered where several share it.

    Of several in one file the last is meant by its name, as it is by a fixture's.
    """
    lines = {rule.path: rule.line for rule in rules}
    last_first = sorted(range(len(rules)), key=lambda at: rules[at].line != lines[rules[at].path])
    seen: Counter[str] = Counter()
    found = [""] * len(rules)
    for at in last_first:
        stem = harmless(rules[at].path.stem, _LONGEST)
        seen[stem] += 1
        found[at] = stem if seen[stem] == 1 else f"{stem}~{seen[stem]}"
    return found


def rule_record(rule: PageRule, key: str, sides: Iterable[str]) -> dict[str, Any]:
    """One rule in the lists."""
    about = rule.about
    record = without_empty(
        {
            "key": key,
            "title": harmless(rule.title, _LONGEST),
            "path": harmless(rule.path.as_posix(), _LONGEST),
            "id": harmless(about.id, _LONGEST),
            "level": about.level if about.level in LEVELS else "",
            "source": harmless(about.log_source, _LONGEST),
            "problem": harmless(rule.problem.code) if rule.problem else "",
        }
    )
    return {
        **record,
        "attack": list(map(list, attack.placed(about.tags))) or _untechnical(about.tags),
        "cells": [_cell(rule, side) for side in sides],
        "kill": rule.mutation.rate if rule.mutation else None,
    }


def _untechnical(tags: Iterable[str]) -> list[list[str]]:
    """Of a rule that names no technique, its tactics alone."""
    return [[tactic, ""] for tactic in attack.tactics_of(tags)]


def _cell(rule: PageRule, side: str) -> list[Any]:
    """How often each status occurs on a side, and the place of its standing; 0 for what was not asked."""
    found = Counter(
        one.status for result in rule.results for case in result.cases for one in case.outcomes
        if one.side == side
    )  # fmt: skip
    verdict = rule.verdicts.get(side)
    counts = [found[status] for status in Status] if found else 0
    return [counts, 1 + list(Standing).index(verdict.standing) if verdict else 0]


def _told(problems: tuple[Problem, ...]) -> Iterator[dict[str, Any]]:
    for one in problems[:_MOST_PROBLEMS]:
        yield without_empty(
            {
                "code": one.code,
                "message": harmless(one.message, lines=True),
                "at": harmless(str(one.place)) if one.place else "",
                "help": harmless(one.help, lines=True),
            }
        )
    if len(problems) > _MOST_PROBLEMS:
        yield {"code": "note", "message": f"{len(problems) - _MOST_PROBLEMS:,} more are not shown here"}
