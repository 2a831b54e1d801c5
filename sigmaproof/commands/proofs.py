"""What proofs look like: text for people here, and every format there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sigmaproof.commands.assumed import assumed_lines
from sigmaproof.commands.proofs_findings import findings
from sigmaproof.commands.proofs_junit import junit
from sigmaproof.commands.proofs_markdown import markdown
from sigmaproof.commands.prove_results import Proofs, proven_share
from sigmaproof.config import Config
from sigmaproof.judge.prove import Difference, Standing, Verdict
from sigmaproof.judge.why import shown
from sigmaproof.report.github import annotate
from sigmaproof.report.json import json_text
from sigmaproof.report.sarif import sarif
from sigmaproof.report.style import Paint, harmless, tame

FORMATS = ("text", "json", "markdown", "sarif", "github", "junit")
_LONGEST = 110
_IN_FULL = 3
"""So few rules are shown in full."""


def page_or_text(
    config: Config, proofs: Proofs, form: str, paint: Paint, seconds: float, *, converted: bool
) -> str:
    """The proofs in any format of `prove`: the page, which shows the rules as well, or one of `FORMATS`."""
    if form != "html":
        return rendered(proofs, form, paint, seconds)
    from sigmaproof.commands.page import proofs_page

    return proofs_page(config, proofs, converted=converted)


def rendered(proofs: Proofs, form: str, paint: Paint, seconds: float) -> str:
    """The proofs in one of `FORMATS`."""
    if form == "text":
        return tame("\n".join(_text(proofs, paint, seconds)))
    return _RENDERERS[form](proofs)


def _json(proofs: Proofs) -> str:
    return json_text(document(proofs), indent=True)


_RENDERERS: dict[str, Callable[[Proofs], str]] = {
    "json": _json,
    "markdown": markdown,
    "sarif": lambda proofs: sarif(findings(proofs)),
    "github": lambda proofs: annotate(findings(proofs)),
    "junit": junit,
}


def document(proofs: Proofs) -> dict[str, Any]:
    """The proofs as plain data, times left out: the same run gives the same bytes."""
    return {
        "version": 1,
        "targets": list(proofs.targets),
        "summary": {
            "exit_code": int(proofs.exit_code),
            "rules": len(proofs.rules),
            "standings": _standings(proofs.totals),
            "parts": {name: _standings(counts) for name, counts in proofs.parts.items()},
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


def _standings(totals: Mapping[str, Mapping[Standing, int]]) -> dict[str, dict[str, int]]:
    return {
        target: {standing.value: count for standing, count in sorted(counts.items())}
        for target, counts in totals.items()
    }


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
        yield f"{harmless(target):<{width}}  {_counts(counts)}"
        if len(proofs.parts) > 1:
            for name, totals in proofs.parts.items():
                yield f"{'  ' + name:<{width}}  {_counts(totals[target])}{_share(totals[target])}"
    yield from assumed_lines(proofs)
    unmodelled = sum(not rule.modelled for rule in proofs.rules)
    note = f" · {unmodelled} of log sources without a source model" if unmodelled else ""
    yield f"{_number(len(proofs.rules), 'rule')}{note} · {seconds:.1f} s"


def _counts(counts: Mapping[Standing, int]) -> str:
    return "   ".join(f"{one.value} {counts[one]}" for one in Standing if counts.get(one))


def _share(counts: Mapping[Standing, int]) -> str:
    share = proven_share(counts)
    return "" if share is None else f"   ({share:.1%} of those that run)"


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


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
