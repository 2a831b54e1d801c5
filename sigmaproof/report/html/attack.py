"""ATT&CK: tactics and techniques that rules name in their tags, with MITRE's names.

Names are of some versions of ATT&CK; rules may be tagged by another. What is not known is shown by its
identifier, below every tactic that the rule names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sigmaproof.load import attack

_PREFIX = "attack."
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?")
_TACTICS = (
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "stealth",
    "defense-impairment",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
)
"""In the order of the matrix."""
_PARTED = frozenset({"defense-evasion", "stealth", "defense-impairment"})
"""Version 19 parted the first in the other two; rules and names may be of either side of that."""
NO_TACTIC = "no tactic"


def notice() -> str:
    """Whose names these are, and of which versions."""
    return f"ATT&CK {', '.join(attack.versions())}: {attack.notice()}"


def tactics_of(tags: Iterable[str]) -> tuple[str, ...]:
    """The tactics that a rule names, in the order of the matrix."""
    named = {_said(tag) for tag in tags if tag.lower().startswith(_PREFIX)}
    return tuple(one for one in _TACTICS if one in named)


def techniques_of(tags: Iterable[str]) -> tuple[str, ...]:
    """The techniques that a rule names, as MITRE writes them."""
    found = (_said(tag) for tag in tags if tag.lower().startswith(_PREFIX))
    return tuple(dict.fromkeys(one.upper() for one in found if _TECHNIQUE.fullmatch(one)))


def placed(tags: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each technique of a rule below the tactics that both the rule and MITRE know it by."""
    tags = tuple(tags)
    named = tactics_of(tags)
    for technique in techniques_of(tags):
        known = _known_tactics(technique)
        below = [tactic for tactic in named if tactic in known] or named or (NO_TACTIC,)
        yield from ((tactic, technique) for tactic in below)


def title(technique: str) -> str:
    """MITRE's name; a sub-technique's after its technique's; empty for what is not known."""
    found = [attack.technique(one) for one in (technique.partition(".")[0], technique)]
    return ": ".join(dict.fromkeys(one.name for one in found if one))


def order(tactic: str) -> int:
    """The place of a tactic in the matrix; what is none comes last."""
    return _TACTICS.index(tactic) if tactic in _TACTICS else len(_TACTICS)


def tactic_title(tactic: str) -> str:
    """A tactic as people write it."""
    return tactic.replace("-", " ").capitalize()


def _said(tag: str) -> str:
    return tag.lower().removeprefix(_PREFIX).replace("_", "-")


def _known_tactics(technique: str) -> frozenset[str]:
    found = attack.technique(technique)
    tactics = frozenset(one.tag for one in found.tactics) if found else frozenset()
    return tactics | _PARTED if tactics & _PARTED else tactics
