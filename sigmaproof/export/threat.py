"""ATT&CK tags of a rule as Elastic Security wants them: techniques below tactics, parts below techniques."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sigmaproof.load.attack import Tactic, Technique, tactic, technique

Entry = dict[str, Any]


def threat(tags: Iterable[str]) -> list[Entry]:
    """One entry for each tactic, in the order of their ids.

    A technique stands below those of its tactics that the rule names; if it names none of them, below all.
    """
    listed = [one for one in tags if one.lower().startswith("attack.")]
    tactics = {found.id: found for one in listed if (found := tactic(one)) is not None}
    named = frozenset(tactics)
    below: dict[str, set[Technique]] = {name: set() for name in tactics}
    for known in filter(None, map(technique, listed)):
        own = {one.id: one for one in known.tactics}
        for number in named & own.keys() or own.keys():
            tactics.setdefault(number, own[number])
            below.setdefault(number, set()).add(known)
    return [_tactic(tactics[number], below[number]) for number in sorted(tactics)]


def _tactic(one: Tactic, techniques: Iterable[Technique]) -> Entry:
    found: Entry = {"framework": "MITRE ATT&CK", "tactic": _entry(one)}
    whole: dict[str, list[Technique]] = {}
    for each in sorted(techniques, key=lambda each: each.id):
        parts = whole.setdefault(each.id.partition(".")[0], [])
        if "." in each.id:
            parts.append(each)
    listed = [_technique(number, parts) for number, parts in sorted(whole.items())]
    return found | ({"technique": listed} if listed else {})


def _technique(number: str, parts: list[Technique]) -> Entry:
    whole = technique(number)
    assert whole is not None  # the table has the whole of every part
    return _entry(whole) | ({"subtechnique": [_entry(one) for one in parts]} if parts else {})


def _entry(one: Tactic | Technique) -> Entry:
    return {"id": one.id, "name": one.name, "reference": one.url}
