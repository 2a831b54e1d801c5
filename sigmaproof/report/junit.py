"""JUnit XML, as CI servers read it: a suite per fixture, a test case per case × side."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.verdicts import Status
from sigmaproof.report import View
from sigmaproof.report.diagnostics import outcome_lines
from sigmaproof.report.problems import problem_lines
from sigmaproof.report.style import Paint

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """The report as JUnit XML. Gaps are skipped tests with their reason; refusals and problems are errors."""
    root = Element("testsuites", name="sigmaproof")
    for rule in report.rules:
        _suite(root, rule)
    if report.problems:
        suite = SubElement(root, "testsuite", name="loading")
        for problem in report.problems:
            case = SubElement(suite, "testcase", classname="loading", name=_xml(str(problem.place or "")))
            error = SubElement(case, "error", type=problem.code, message=_xml(problem.message))
            error.text = _xml("\n".join(problem_lines(problem, Paint())))
        _count(suite)
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=True)


def _suite(root: Element, rule: RuleResult) -> None:
    suite = SubElement(root, "testsuite", name=_xml(rule.fixture.as_posix()))
    for case in rule.cases:
        for outcome in case.outcomes:
            _case(suite, rule, case, outcome)
    _count(suite)


def _case(suite: Element, rule: RuleResult, case: CaseResult, outcome: Outcome) -> None:
    name = _xml(f"{case.case.name}::{outcome.side}")
    element = SubElement(suite, "testcase", classname=_xml(rule.name), name=name)
    if outcome.status is Status.PASS:
        return
    if outcome.status is Status.GAP:
        SubElement(element, "skipped", message=_xml(outcome.message))
        return
    kind = "failure" if outcome.status is Status.FAIL else "error"
    found = SubElement(element, kind, type=str(outcome.code), message=_xml(outcome.message))
    found.text = _xml("\n".join(outcome_lines(rule, case, outcome, Paint())))


def _count(suite: Element) -> None:
    suite.set("tests", str(len(suite)))
    for plural, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{kind}"))))


def _xml(text: str) -> str:
    """Text without the characters that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", text)
