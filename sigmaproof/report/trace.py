"""A term over one event as a person reads it: a line per detection item, in the rule's own words."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.judge.verdicts import Status
from sigmaproof.judge.why import shown
from sigmaproof.logic.explain import Reason, Trace
from sigmaproof.report.style import Paint, harmless

_WIDEST = 64
"""Columns are aligned up to here; longer words push what follows."""
_LONGEST = 200
_LOG_SOURCE = "log source "
_LEAVES = ("test", "always", "never")


class Row(Struct, frozen=True):
    """One line: how deep it stands, whether it holds, its words, and what the event has there."""

    depth: int
    holds: bool
    words: str
    seen: str = ""
    reason: Reason | None = None


def trace_lines(trace: Trace, paint: Paint, depth: int = 1) -> Iterator[str]:
    """The tree, indented by `depth`; what comes from another log source is one line."""
    rows = list(trace_rows(trace, depth))
    width = min(_WIDEST, max((2 * row.depth + len(row.words) for row in rows if row.seen), default=0))
    for row in rows:
        mark = paint.status(Status.PASS, "yes") if row.holds else paint.status(Status.FAIL, "NO ")
        words = f"{row.words:<{max(0, width - 2 * row.depth)}}" if row.seen else row.words
        seen = f"  {paint.dim('actual')} {row.seen}" if row.seen else ""
        reason = f"   ({row.reason})" if row.reason else ""
        yield f"{'  ' * row.depth}{mark}  {words}{seen}{reason}"


def trace_rows(trace: Trace, depth: int = 0) -> Iterator[Row]:
    """The lines of the tree, foreign text made harmless."""
    return map(_harmless, _rows(trace, depth, ()))


def _harmless(row: Row) -> Row:
    return replace(row, words=harmless(row.words, _LONGEST), seen=harmless(row.seen))


def _rows(trace: Trace, depth: int, names: tuple[str, ...]) -> Iterator[Row]:
    """`names`: the labels around the trace, from the detection to the item."""
    if trace.kind == "label":
        yield from _labelled(trace, depth, names)
    elif (one := _one_item(trace, names)) is not None:
        words = "  ".join([*names, *_values(trace)]) or one.text
        yield Row(depth, trace.holds, words, _seen(one), None if trace.holds else _why(trace))
    elif trace.kind == "not":
        yield from _negated(trace, depth, names)
    elif _elsewhere(trace):
        yield Row(depth, False, trace.children[0].text)
    else:
        yield from _joined(trace, depth, names)


def _joined(trace: Trace, depth: int, names: tuple[str, ...]) -> Iterator[Row]:
    children = [child for child in trace.children if not _elsewhere(child)] or list(trace.children)
    if len(children) == 1 and not names:
        yield from _rows(children[0], depth, ())
        return
    yield Row(depth, trace.holds, "  ".join([*names, trace.kind]))
    for child in children:
        yield from _rows(child, depth + 1, ())


def _labelled(trace: Trace, depth: int, names: tuple[str, ...]) -> Iterator[Row]:
    if trace.text.startswith(_LOG_SOURCE):
        yield Row(depth, trace.holds, trace.text)
    else:
        yield from _rows(trace.children[0], depth, (*names, trace.text))


def _negated(trace: Trace, depth: int, names: tuple[str, ...]) -> Iterator[Row]:
    """A `not` over one item is one line with the truth of the whole; over more, a line of its own."""
    (inner,) = trace.children
    rows = list(_rows(inner, depth + 1, names))
    if len(rows) == 1:
        yield Row(depth, trace.holds, f"not {rows[0].words}", rows[0].seen)
    else:
        yield Row(depth, trace.holds, "not")
        yield from rows


def _one_item(trace: Trace, names: tuple[str, ...]) -> Trace | None:
    """A test of the trace, if the trace is one item of the rule: one field, whatever the number of values."""
    if trace.kind in _LEAVES:
        return trace
    tests = list(_tests(trace))
    if not names or trace.kind == "not" or len({test.text for test in tests}) != 1:
        return None
    return tests[0] if all(map(_is_value, trace.children)) else None


def _is_value(child: Trace) -> bool:
    """Whether the child stands for a value of an item; an item's own label begins with its field."""
    return child.kind != "label" or not child.text[:1].isalpha()


def _values(trace: Trace) -> list[str]:
    """Of an item with several values, those that made it what it is."""
    if trace.kind == "any of" and trace.holds:
        return [f"by {child.text}" for child in trace.children if child.kind == "label" and child.holds]
    if trace.kind == "all of" and not trace.holds:
        return [
            f"lacks {child.text}" for child in trace.children if child.kind == "label" and not child.holds
        ]
    return []


def _elsewhere(trace: Trace) -> bool:
    """Whether this is what the rule means for a log source that the event does not come from."""
    first = trace.children[0] if trace.kind == "all of" else trace
    return first.kind == "label" and first.text.startswith(_LOG_SOURCE) and not first.holds


def _tests(trace: Trace) -> Iterator[Trace]:
    if trace.kind in _LEAVES:
        yield trace
    for child in trace.children:
        yield from _tests(child)


def _why(trace: Trace) -> Reason | None:
    reasons = [test.reason for test in _tests(trace) if test.reason]
    return Reason.CASE if Reason.CASE in reasons else next(iter(reasons), None)


def _seen(test: Trace) -> str:
    return shown(test.actual) if test.kind == "test" else ""
