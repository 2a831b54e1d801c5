"""What a difference is about: the traces of both sides in a few words."""

from __future__ import annotations

from sigmaproof.judge.why import deciding, why
from sigmaproof.logic.explain import Reason, Trace

_LOG_SOURCE = "log source "
_FEW = 4
_KINDS = {Reason.CASE: "letter case", Reason.VALUE: "value", Reason.ABSENT: "missing field"}


def kind_of(rule: Trace | None, query: Trace | None) -> str:
    """What a difference is about, in a word or two."""
    sources = _sources(rule) if rule is not None else []
    if sources and not any(sources):
        return "log source"
    traces = [trace for trace in (rule, query) if trace is not None]
    found = [
        test.reason for trace in traces for test, _ in deciding(_at_home(trace)) if test.reason is not None
    ]
    return next((kind for reason, kind in _KINDS.items() if reason in found), "value")


def told(trace: Trace | None) -> str:
    """What made a side answer as it does, in the author's words."""
    if trace is None:
        return ""
    trace = _at_home(trace)
    if not trace:
        return why(trace)
    words = (words or test.text for test, words in deciding(trace))
    parts = list(dict.fromkeys(one for one in words if not one.startswith(_LOG_SOURCE)))
    return ", ".join(parts[:_FEW]) + (" …" if len(parts) > _FEW else "")


def _at_home(trace: Trace) -> Trace:
    """The part about the log source that the event comes from, if the rule has several."""
    for child in trace.children if trace.kind == "any of" else ():
        if any(part.holds for part in child.children if part.text.startswith(_LOG_SOURCE)):
            return child
    return trace


def _sources(trace: Trace) -> list[bool]:
    """Whether the event comes from each of a rule's log sources; nothing for a rule without."""
    branches = trace.children if trace.kind == "any of" else (trace,)
    return [
        part.holds
        for branch in branches
        for part in (branch, *branch.children)
        if part.text.startswith(_LOG_SOURCE)
    ]
