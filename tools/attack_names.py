"""Writes sigmaproof/report/html/attack.json: the names and tactics of ATT&CK's techniques.

    python tools/attack_names.py enterprise-attack.json 18.1

The file is MITRE's STIX bundle (https://github.com/mitre-attack/attack-stix-data), or a list made from it
with `external_id`, `name` and `tactics` under `attack_patterns`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OUTPUT = HERE.parent / "sigmaproof" / "report" / "html" / "attack.json"
NOTICE = (
    "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE "
    "Corporation. https://attack.mitre.org/resources/legal-and-branding/terms-of-use/"
)


def techniques(data: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Identifier, name and tactics of each technique that is in force."""
    for one in data.get("attack_patterns", ()):
        yield one["external_id"], one["name"], one["tactics"]
    for one in data.get("objects", ()):
        if one["type"] == "attack-pattern" and not (one.get("revoked") or one.get("x_mitre_deprecated")):
            named = (ref["external_id"] for ref in one["external_references"] if ref.get("external_id"))
            yield next(named), one["name"], [phase["phase_name"] for phase in one["kill_chain_phases"]]


def written(data: dict[str, Any], version: str) -> str:
    """The file's text: a line per technique, so that a change of ATT&CK reads well."""
    lines = (
        f"    {json.dumps(name)}: {json.dumps([title, *sorted(tactics)], ensure_ascii=False)}"
        for name, title, tactics in sorted(techniques(data))
    )
    head = f'{{\n  "notice": {json.dumps(NOTICE, ensure_ascii=False)},\n  "version": {json.dumps(version)},\n'
    return head + '  "techniques": {\n' + ",\n".join(lines) + "\n  }\n}\n"


if __name__ == "__main__":
    source, version = sys.argv[1:]
    OUTPUT.write_text(
        written(json.loads(Path(source).read_text(encoding="utf-8")), version), encoding="utf-8"
    )
