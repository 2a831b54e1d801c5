"""What proofs look like: text for people, a table for a pull request, JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sigmaproof.commands.prove import Proofs
from sigmaproof.judge.prove import Difference, Standing, Verdict
from sigmaproof.judge.why import shown
from sigmaproof.report.json import json_text
from sigmaproof.report.style import Paint, harmless

FORMATS = ("text", "json", "markdown")
_LONGEST = 110
_IN_FULL = 3
"""So few rules are shown in full."""


def rendered(proofs: Proofs, form: str, paint: Paint, seconds: float) -> str:
    """The proofs in one of `FORMATS`."""
    if form == "json":
        return json_text(document(proofs), indent=True)
    lines: Callable[[Proofs, Paint, float], Iterator[str]] = _markdown if form == "markdown" else _text
    return "\n".join(lines(proofs, paint, seconds))


def document(proofs: Proofs) -> dict[str, Any]:
    """The proofs as plain data, times left out: the same run gives the same bytes."""
    return {
        "version": 1,
        "targets": list(proofs.targets),
        "summary": {
            "exit_code": int(proofs.exit_code),
            "rules": len(proofs.rules),
            "standings": {
                target: {standing.value: count for standing, count in sorted(counts.items())}
                for target, counts in proofs.totals.items()
            },
            "assumes": {
                target: {one.value: count for one, count in sorted(counts.items())}
                for target, counts in proofs.assumed.items()
                if counts
            },
        },
        "results": [
            {"rule": rule.path.as_posix(), "line": rule.line, "modelled": rule.modelled, "target": target}
            | _verdict(verdict)
            for rule in proofs.rules
            for target, verdict in rule.verdicts
        ],
        "problems": [
            {"code": one.code, "message": one.message, "at": str(one.place) if one.place else None}
            for one in proofs.problems
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {"standing": verdict.standing.value}
    if verdict.reasons:
        found["reasons"] = list(verdict.reasons)
    if verdict.assumes:
        found["assumes"] = [one.value for one in verdict.assumes]
    if verdict.differences:
        found["differences"] = [
            {
                "direction": one.direction.value,
                "kind": one.kind,
                "event": dict(one.event),
                "rule": one.rule,
                "query": one.query,
            }
            for one in verdict.differences
        ]
    return found


def _text(proofs: Proofs, paint: Paint, seconds: float) -> Iterator[str]:
    whole = len(proofs.rules) <= _IN_FULL
    width = max((len(target) for target in proofs.targets), default=0)
    for rule in proofs.rules:
        told = [one for one in rule.verdicts if whole or one[1].standing is not Standing.PROVEN]
        if told:
            yield paint.bold(harmless(f"{rule.path}:{rule.line}"))
        for target, verdict in told:
            yield f"  {harmless(target):<{width}}  {_headline(verdict)}"
            for one in verdict.differences:
                yield from _difference(one)
    yield "-" * 80
    for target, counts in proofs.totals.items():
        standings = "   ".join(f"{one.value} {counts[one]}" for one in Standing if counts[one])
        yield f"{harmless(target):<{width}}  {standings}"
    yield from _assumed(proofs)
    unmodelled = sum(not rule.modelled for rule in proofs.rules)
    note = f" · {unmodelled} of log sources without a source model" if unmodelled else ""
    yield f"{_number(len(proofs.rules), 'rule')}{note} · {seconds:.1f} s"


def _assumed(proofs: Proofs) -> Iterator[str]:
    """What is taken for granted, and in how many results."""
    found = {one: dict[str, int]() for counts in proofs.assumed.values() for one in counts}
    for target, counts in proofs.assumed.items():
        for one, count in counts.items():
            found[one][harmless(target)] = count
    for one, targets in found.items():
        where = ", ".join(f"{target} {count}" for target, count in targets.items())
        yield f"assuming {one.value}: {one.told} ({where})"


def _headline(verdict: Verdict) -> str:
    reasons = harmless("; ".join(verdict.reasons), _LONGEST)
    if verdict.standing is Standing.DIFFERS:
        return f"differs: {', '.join(dict.fromkeys(one.kind for one in verdict.differences))}"
    assumed = "".join(f", assuming {one.value}" for one in verdict.assumes)
    return f"{verdict.standing.value}{assumed}" + (f": {reasons}" if reasons else "")


def _difference(difference: Difference) -> Iterator[str]:
    yield f"    {difference.direction.value}"
    width = max((len(name) for name in difference.event), default=0)
    for name, value in difference.event.items():
        cell = tuple(value) if isinstance(value, list) else (value,)
        yield f"      {harmless(name):<{width}}  {harmless(shown(cell))}"
    yield f"      rule:   {harmless(difference.rule, _LONGEST)}"
    yield f"      query:  {harmless(difference.query, _LONGEST)}"


def _markdown(proofs: Proofs, paint: Paint, seconds: float) -> Iterator[str]:
    yield "| target | " + " | ".join(one.value for one in Standing) + " |"
    yield "|" + "---|" * (len(Standing) + 1)
    for target, counts in proofs.totals.items():
        yield f"| {_cell(target)} | " + " | ".join(str(counts[one]) for one in Standing) + " |"
    yield from (f"\n{_cell(line)}" for line in _assumed(proofs))
    rows = [
        (rule, target, verdict)
        for rule in proofs.rules
        for target, verdict in rule.verdicts
        if verdict.standing is not Standing.PROVEN
    ]
    if rows:
        yield from ("", "| rule | target | | |", "|---|---|---|---|")
    for rule, target, verdict in rows:
        yield f"| {_cell(rule.path.stem)} | {_cell(target)} | {verdict.standing.value} | {_told(verdict)} |"


def _told(verdict: Verdict) -> str:
    if not verdict.differences:
        return _cell("; ".join(verdict.reasons))
    return "<br>".join(
        f"{one.direction.value}: {_cell(str(dict(one.event)))} ({one.kind})" for one in verdict.differences
    )


def _cell(text: str) -> str:
    return harmless(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
