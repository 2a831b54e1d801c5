"""JUnit XML, as CI servers read it: a suite per fixture, a test case per case × side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sigmaproof.errors import Problem
from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import Status
from sigmaproof.report import View
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import Paint

_ORDER = re.compile(r"^\s*:(?=:)|##(?=\[)", re.MULTILINE)
"""What would be an order to GitHub's runner, if the report is printed there."""
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """The report as JUnit XML. Gaps are skipped tests with their reason; refusals and problems are errors."""
    root = Element("testsuites", name="sigmaproof")
    for rule in report.rules:
        _suite(root, rule)
    loading(root, report.problems)
    return xml_text(root)


def loading(root: Element, problems: Sequence[Problem]) -> None:
    """Adds a suite of what does not load."""
    if problems:
        suite = SubElement(root, "testsuite", name="loading")
        for problem in problems:
            name = readable(str(problem.place or ""))
            case = SubElement(suite, "testcase", classname="loading", name=name)
            error = SubElement(case, "error", type=problem.code, message=readable(problem.message))
            error.text = readable("\n".join(problem_lines(problem, Paint())))
        counted(suite)


def xml_text(root: Element) -> str:
    """The document."""
    indent(root)
    return _ORDER.sub(_reference, tostring(root, encoding="unicode", xml_declaration=True))


def _suite(root: Element, rule: RuleResult) -> None:
    suite = SubElement(root, "testsuite", name=readable(rule.fixture.as_posix()))
    for case in rule.cases:
        for outcome in case.outcomes:
            _case(suite, rule, case, outcome)
    counted(suite)


def _case(suite: Element, rule: RuleResult, case: CaseResult, outcome: Outcome) -> None:
    name = readable(f"{case.case.name}::{outcome.side}")
    element = SubElement(suite, "testcase", classname=readable(rule.name), name=name)
    if outcome.status is Status.PASS:
        return
    if outcome.status in (Status.GAP, Status.NOT_VERIFIED):
        SubElement(element, "skipped", message=readable(outcome.message))
        return
    kind = "failure" if outcome.status is Status.FAIL else "error"
    found = SubElement(element, kind, type=str(outcome.code), message=readable(outcome.message))
    found.text = readable("\n".join(outcome_lines(rule, case, outcome, Paint())))


def counted(suite: Element) -> None:
    """Writes how many test cases a suite has, and of what kind."""
    suite.set("tests", str(len(suite)))
    for plural, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{kind}"))))


def _reference(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}&#{ord(found[0][-1])};"


def readable(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
