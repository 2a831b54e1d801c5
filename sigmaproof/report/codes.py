"""What each code means, in one sentence: what SARIF's rules say, and the table in docs/reports.md."""

from __future__ import annotations

CODES = {
    # verdicts on a case
    "missed": "An event that should be found is not found.",
    "false-alarm": "An event is found that should not be.",
    "differs": "A target's query and the rule do not find the same.",
    "gap-closed": "A gap that the fixture admits is there no more.",
    "difference-gone": "A difference that the fixture records is there no more.",
    "engine-disagrees": "A real server finds other events than the embedded engine does.",
    "unsupported": "The rule cannot be said in the target's language, or is not modelled.",
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
    "no-fixture": "There are recordings or a fixture without what would make them cases.",
    "live-failed": "A real server did not answer.",
    "internal-error": "A defect of sigmaproof.",
    "note": "Worth knowing.",
    "live": "Worth knowing about a real server.",
}
"""Code → what it means."""


def meaning(code: str) -> str:
    """What a code means; a code that is not in the table speaks for itself."""
    return CODES.get(code, code.replace("-", " "))
