"""The words of a verdict. Imports nothing, so that whoever only prints them starts fast."""

from __future__ import annotations

from enum import StrEnum

SIGMA = "sigma"
"""The side that is the rule itself."""

LIVE = "@live"
"""How the name of a side ends that is a target's queries on a real server."""


AS_THE_RULE = "as the rule itself"
"""The message of a target that is wrong because the rule is."""


def target_of(side: str) -> str:
    """The target whose queries a side runs."""
    return side.removesuffix(LIVE)


class Verdict(StrEnum):
    """What a side said about a labelled case."""

    TP = "TP"
    FN = "FN"
    FP = "FP"
    TN = "TN"


class Status(StrEnum):
    """What that means for the run."""

    PASS = "pass"  # noqa: S105  not a password
    FAIL = "fail"
    GAP = "gap"
    """Wrong, admitted in the fixture, with a reason."""
    REFUSED = "refused"
    """The target cannot say the rule, or its query has no engine here: no answer."""
    NOT_VERIFIED = "not verified"
    """The target has nothing to run yet, through no fault of the rule; told, and no failure."""
    ERROR = "error"
    """The engine rejects the query, or the case's events cannot be read."""


class Code(StrEnum):
    """Why a status is not `pass`; stable and greppable."""

    MISSED = "missed"
    FALSE_ALARM = "false-alarm"
    DIFFERS = "differs"
    GAP_CLOSED = "gap-closed"
    DIFFERENCE_GONE = "difference-gone"
    UNSUPPORTED = "unsupported"
    NOT_VERIFIED = "not-verified"
    ENGINE_DISAGREES = "engine-disagrees"
    """A real server finds other events than the embedded engine does."""
    INVALID_QUERY = "invalid-query"
    INVALID_FIXTURE = "invalid-fixture"
