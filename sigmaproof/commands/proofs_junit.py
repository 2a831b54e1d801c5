"""Proofs as JUnit XML: a suite per rule, a test case per target."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from sigmaproof.commands.proofs_findings import difference_lines
from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.report.junit import counted, loading, readable, xml_text

_KINDS = {Standing.DIFFERS: "failure", Standing.REFUSED: "error", Standing.NOT_VERIFIED: "skipped"}
"""What is neither is a test that passed."""


def junit(proofs: Proofs) -> str:
    """The proofs as XML."""
    root = Element("testsuites", name="sigmaproof prove")
    for rule in proofs.rules:
        if rule.verdicts:
            _suite(root, rule)
    loading(root, proofs.problems)
    return xml_text(root)


def _suite(root: Element, rule: RuleProof) -> None:
    suite = SubElement(root, "testsuite", name=readable(rule.path.as_posix()))
    for target, verdict in rule.verdicts:
        case = SubElement(suite, "testcase", classname=readable(rule.path.stem), name=readable(target))
        if kind := _KINDS.get(verdict.standing):
            _told(SubElement(case, kind, message=readable(_message(verdict))), verdict)
    counted(suite)


def _message(verdict: Verdict) -> str:
    kinds = [f"{one.direction.value} an event ({one.kind})" for one in verdict.differences]
    return "; ".join([*kinds, *verdict.reasons])


def _told(element: Element, verdict: Verdict) -> None:
    if element.tag != "skipped":
        element.set("type", "differs" if verdict.differences else "unsupported")
        lines = (line for one in verdict.differences for line in difference_lines(one))
        element.text = readable("\n".join(lines))
