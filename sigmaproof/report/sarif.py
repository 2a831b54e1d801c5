"""SARIF 2.1.0, as code scanning reads it: a rule per code, a result per finding.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sigmaproof.errors import Place
from sigmaproof.judge.results import Report
from sigmaproof.report import View
from sigmaproof.report.codes import meaning
from sigmaproof.report.findings import Finding, findings
from sigmaproof.report.json import json_text
from sigmaproof.report.repository import located

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
"""What code scanning takes for the root of the repository."""
_LONGEST = 8_000


def render(report: Report, view: View) -> str:
    """The report as SARIF; the same run gives the same bytes."""
    return sarif(findings(report))


def sarif(found: Iterable[Finding]) -> str:
    """Findings as SARIF text."""
    return json_text(document(list(located(found))), indent=True)


def document(found: list[Finding]) -> dict[str, Any]:
    """Findings as a SARIF log of one run."""
    codes = sorted({finding.code for finding in found})
    driver = {
        "name": "sigmaproof",
        "version": version("sigmaproof"),
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in found],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    words = "".join(word.capitalize() for word in code.split("-"))
    return {"id": code, "name": words, "shortDescription": {"text": meaning(code)}}


def _result(finding: Finding, position: int) -> dict[str, Any]:
    text = f"{finding.message}\n{finding.details}".rstrip("\n")
    found = {
        "ruleId": finding.code,
        "ruleIndex": position,
        "level": finding.level.value,
        "message": {"text": text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"},
        # code scanning drops a result without a location
        "locations": [_location(finding.place or Place(Path()))],
        "partialFingerprints": {"sigmaproof/v1": _fingerprint(finding)},
    }
    if finding.related:
        found["relatedLocations"] = [{**_location(finding.related), "message": {"text": "detection item"}}]
    return found


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.path)}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _artifact(path: Path) -> dict[str, str]:
    uri = quote(path.as_posix(), errors="replace")
    return {"uri": f"file://{uri}"} if path.is_absolute() else {"uri": uri, "uriBaseId": _ROOT}


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding after lines moved, so that no alert is opened twice."""
    path = finding.place.path.as_posix() if finding.place else ""
    told = "\0".join([finding.code, path, finding.title, finding.message])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
