"""GitHub annotations: a workflow command per finding, at the fixture line or the detection item.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterable

from sigmaproof.judge.results import Report
from sigmaproof.report import View
from sigmaproof.report.findings import Finding, Level, findings
from sigmaproof.report.repository import located
from sigmaproof.report.style import harmless, tame

_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.NOTE: "notice"}


def render(report: Report, view: View) -> str:
    """The report as workflow commands, one line each."""
    return annotate(findings(report))


def annotate(found: Iterable[Finding]) -> str:
    """Findings as workflow commands, one line each."""
    return "\n".join(map(_command, located(found)))


def _command(finding: Finding) -> str:
    place = finding.place
    about = [f"file={_property(place.path.as_posix())}"] if place else []
    about += [f"line={place.line}"] if place and place.line else []
    title = finding.code if finding.title == finding.code else f"{finding.code}: {finding.title}"
    message = f"{finding.message}\n{finding.details}".rstrip("\n")
    if finding.related:
        message += f"\nrule: {finding.related}"
    properties = ",".join([*about, f"title={_property(title)}"])
    return f"::{_COMMANDS[finding.level]} {properties}::{_data(tame(harmless(message, lines=True)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(tame(harmless(text))).replace(":", "%3A").replace(",", "%2C")
