"""What each code means, in one sentence: what SARIF's rules say, and the table in docs/reports.md."""

from __future__ import annotations

DOUBTS = {
    "no-fixture": "No fixture tests the rule, or recordings are no cases of one.",
    "no-benign": "A fixture has no benign case.",
    "no-malicious": "A fixture has no malicious case.",
    "duplicate-title": "Two rules have the same title.",
    "changed-text": "YAML reads a value as something else than its text.",
    "unknown-log-source": "No source model knows the rule's log source.",
    "unknown-field": "Events of the log source do not have a field.",
    "unmapped-field": "A target keeps nothing of a field.",
    "regex-not-sayable": "A target's language cannot say a regular expression.",
    "all-of-one": "`all` has a single value.",
    "base64-any-case": "Base64 is compared in any letter case.",
    "base64offset-whole": "`base64offset` finds whole values only.",
    "number-as-text": "A number stands where text is compared.",
    "quoted-number": "A text stands where numbers are compared.",
    "null-in-list": "Null stands in a list of values.",
    "nothing-selected": "A condition names identifiers of which there are none.",
    "quantifier": "A condition counts identifiers as the specification does not.",
    "capitals": "A condition's keyword is not in small letters.",
    "filter-keeps": "A filter keeps only what it describes.",
    "field-case": "Two fields differ in letter case only.",
    "timeframe": "`timeframe` means nothing.",
    # of correlation rules
    "always-fires": "A correlation's condition holds for every event.",
    "never-fires": "A correlation's condition holds for no number of events.",
    "absence": "A correlation's condition holds for no event at all, and no event is never seen.",
    "long-timespan": "A target has to hold a correlation's events for more than a day.",
    "timespan-unit": "A timespan's unit is not in the specification.",
    "idle-key": "A key of a correlation means nothing there.",
    "unused-rule": "A correlation's condition says nothing about one of its rules.",
    "rule-twice": "A correlation lists a rule twice, which counts once.",
    "unused-alias": "An alias of a correlation is not used.",
    "no-benign-sequence": "No benign case of a correlation rule has several events.",
}
"""Doubt of `check` → what it means."""
CODES = {
    # verdicts on a case
    "missed": "An event that should be found is not found.",
    "false-alarm": "An event is found that should not be.",
    "differs": "A target's query and the rule do not find the same.",
    "gap-closed": "A gap that the fixture admits is there no more.",
    "difference-gone": "A difference that the fixture records is there no more.",
    "engine-disagrees": "A real server finds other events than the embedded engine does.",
    "unsupported": "The rule cannot be said in the target's language, or is not modelled.",
    "not-verified": "There is nothing to run in the target yet.",
    "invalid-query": "The target's engine rejects the query.",
    # inputs
    "invalid-rule": "A rule does not load.",
    "invalid-fixture": "A fixture or one of its cases does not load.",
    "invalid-target": "A target's file does not load.",
    "invalid-index": "An index model does not load.",
    "invalid-source": "A source model does not load.",
    "invalid-logs": "A log that is to be searched does not load.",
    "invalid-events": "A list of what events carry does not load.",
    "invalid-pipeline": "A processing pipeline does not load.",
    "invalid-option": "A target or query has an option that its language does not have.",
    "live-failed": "A real server did not answer.",
    "process-died": "A process ended before its rule was done.",
    "internal-error": "A defect of sigmaproof.",
    "note": "Worth knowing.",
    "live": "Worth knowing about a real server.",
    # doubts of `check`
    **DOUBTS,
}
"""Code → what it means."""


def meaning(code: str) -> str:
    """What a code means; a code that is not in the table speaks for itself."""
    return CODES.get(code, code.replace("-", " "))
