"""Writes sigmaproof/load/attack.json: the names of ATT&CK's tactics and techniques, and what belongs to what.

    python tools/attack.py 19=enterprise-attack-19.json 18.1=enterprise-attack/

VERSION=PATH, the newest first. PATH is MITRE's STIX bundle (https://github.com/mitre-attack/attack-stix-data),
a folder of such (https://github.com/mitre/cti), or a list made from it: `tactics` and `techniques` by id,
with `id`, `name` and `tactics`. Rules keep the ids that they were written with for years, so what a newer
version has dropped is taken from an older one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).parents[1] / "sigmaproof" / "load" / "attack.json"
NOTICE = (
    "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE "
    "Corporation. https://attack.mitre.org/resources/legal-and-branding/terms-of-use/"
)


def documents(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON documents of a file or a folder."""
    for file in sorted(path.rglob("*.json")) if path.is_dir() else [path]:
        yield json.loads(file.read_text(encoding="utf-8"))


def tactics(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Short name → id and name."""
    for short, one in data.get("tactics", {}).items():
        yield short, [one["id"], one["name"]]
    for one in data.get("objects", ()):
        if one["type"] == "x-mitre-tactic":
            yield one["x_mitre_shortname"], [external_id(one), one["name"]]


def techniques(data: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Id → name and tactics; those that are not in force count, too, as rules name them."""
    for one in data.get("techniques", {}).values():
        yield one["id"], [one["name"], *sorted(one["tactics"])]
    for one in data.get("objects", ()):
        if one["type"] == "attack-pattern":
            phases = sorted(phase["phase_name"] for phase in one.get("kill_chain_phases", ()))
            yield external_id(one), [one["name"], *phases]


def external_id(one: dict[str, Any]) -> str:
    """The id by which people know it."""
    return next(
        ref["external_id"] for ref in one["external_references"] if ref["source_name"] == "mitre-attack"
    )


def lines(table: dict[str, list[str]]) -> str:
    """A line for each, so that a change of ATT&CK reads well."""
    return ",\n".join(
        f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for key, value in sorted(table.items())
    )


def main(sources: list[str]) -> None:
    """Writes the file."""
    found: tuple[dict[str, list[str]], dict[str, list[str]]] = ({}, {})
    versions = []
    for source in sources:
        version, _, path = source.partition("=")
        versions.append(version)
        for data in documents(Path(path)):
            for table, read in zip(found, (tactics, techniques), strict=True):
                for key, value in read(data):
                    table.setdefault(key, value)
    head = {"notice": NOTICE, "versions": versions}
    text = json.dumps(head, indent=2, ensure_ascii=False)[:-2]
    text += f',\n  "tactics": {{\n{lines(found[0])}\n  }},\n  "techniques": {{\n{lines(found[1])}\n  }}\n}}\n'
    OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
