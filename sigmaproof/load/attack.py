"""The names of MITRE ATT&CK, from a file in the package: nothing is asked of the network.

© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from msgspec import Struct, json

_FILE = Path(__file__).with_name("attack.json")
_SITE = "https://attack.mitre.org"


class Tactic(Struct, frozen=True):
    """What an adversary wants."""

    id: str
    name: str

    @property
    def url(self) -> str:
        return f"{_SITE}/tactics/{self.id}/"

    @property
    def tag(self) -> str:
        """How rules write it, behind `attack.`."""
        return self.name.lower().replace(" ", "-")


class Technique(Struct, frozen=True):
    """How an adversary gets it; a part of a technique has a dot in its id."""

    id: str
    name: str
    tactics: tuple[Tactic, ...]

    @property
    def url(self) -> str:
        return f"{_SITE}/techniques/{self.id.replace('.', '/')}/"


class _File(Struct, frozen=True):
    notice: str
    versions: tuple[str, ...]
    tactics: dict[str, tuple[str, str]]
    techniques: dict[str, tuple[str, ...]]


def versions() -> tuple[str, ...]:
    """The versions of ATT&CK that the names are from, the newest first."""
    return _file().versions


def notice() -> str:
    """Whose names these are."""
    return _file().notice


def tactic(tag: str) -> Tactic | None:
    """The tactic of a tag such as `attack.lateral-movement`; older rules write underscores."""
    found = _file().tactics.get(tag.lower().removeprefix("attack.").replace("_", "-"))
    return Tactic(*found) if found else None


def technique(tag: str) -> Technique | None:
    """The technique of a tag such as `attack.t1021.006`."""
    known, number = _file(), tag.lower().removeprefix("attack.").upper()
    if number not in known.techniques:
        return None
    name, *short = known.techniques[number]
    return Technique(number, name, tuple(Tactic(*known.tactics[one]) for one in short))


@cache
def _file() -> _File:
    return json.decode(_FILE.read_bytes(), type=_File)
