"""Witnesses that an engineer would believe: no field too many, and values as they occur."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sigmaproof.logic.checks import Matches
from sigmaproof.logic.terms import Term, tests
from sigmaproof.text.glob import Glob, Wild

Event = Mapping[str, Any]
Run = Callable[[Sequence[Event]], Sequence[bool]]
_FOLDERS = ("C:\\Windows\\System32", "C:\\Windows", "C:\\Users\\Public", "C:")
_MOST = 60


def polished(
    event: Event, fixed: Iterable[str], run: Run, rule: Term, real: Mapping[str, Sequence[str]]
) -> Event:
    """The event with fewer fields and likelier values, that still tells the sides apart.

    `fixed`: fields that stay. `real`: per field, values that events are known to have.
    """
    kept = frozenset(fixed)
    for name in [name for name in event if name not in kept]:
        shorter = {other: value for other, value in event.items() if other != name}
        if run([shorter])[0]:
            event = shorter
    spelled = dict(_spellings(rule))
    for name, value in list(event.items()):
        if name in kept or not isinstance(value, str):
            continue
        options = [{**event, name: text} for text in _likelier(value, real.get(name, ()), spelled)]
        good = (one for one, holds in zip(options, run(options), strict=True) if holds)
        event = next(good, event)
    return event


def _likelier(text: str, real: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    """Other texts for one, the best first."""
    own = spelled.get(text.casefold(), text)
    found = [one for one in real if one != text][:_MOST]
    if own.startswith("\\"):
        found += [folder + own for folder in _FOLDERS]
    return list(dict.fromkeys([*found, own]))


def _spellings(rule: Term) -> Iterator[tuple[str, str]]:
    """How the rule writes a text, by the text in any letter case."""
    for test in tests(rule):
        if isinstance(test.check, Matches) and isinstance(test.check.pattern, Glob):
            text = "".join(part for part in test.check.pattern.parts if not isinstance(part, Wild))
            yield text.casefold(), text
