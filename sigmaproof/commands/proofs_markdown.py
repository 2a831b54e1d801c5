"""Proofs for a pull request: the verdict, a table of targets, and each event that tells two apart."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Mapping

from sigmaproof.commands.assumed import assumed_lines
from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.errors import Exit
from sigmaproof.judge.prove import Difference, Standing, Verdict
from sigmaproof.report.comment import PROVE, block, code, event, fitted, folded, inline, table
from sigmaproof.report.markdown import MARK_OF_EXIT, number, problem_details
from sigmaproof.report.style import harmless, tame

_FOOT = 300
"""Characters that are kept for saying what was left out."""
_LONGEST = 2_000


def markdown(proofs: Proofs) -> str:
    """The proofs as a comment of at most `PROVE` characters, which says what it leaves out."""
    head = [f"### {MARK_OF_EXIT[proofs.exit_code]} sigmaproof prove: {_headline(proofs)}", *_table(proofs)]
    room = PROVE - _FOOT - sum(len(part) + 2 for part in head)
    details, left = fitted([*problem_details(proofs.problems), *_details(proofs)], room)
    foot = [f"**{left:,} more not shown here:** run `sigmaproof prove` to see all."] if left else []
    return "\n\n".join([*head, *details, *foot])


def _headline(proofs: Proofs) -> str:
    totals = sum(proofs.totals.values(), Counter[Standing]())
    bad = [one for one in (Standing.DIFFERS, Standing.REFUSED) if totals[one]]
    if bad:
        return ", ".join(f"{one.value}: {number(totals[one], 'query', 'queries')}" for one in bad)
    if proofs.exit_code is Exit.BROKEN_INPUT:
        return "not everything loads"
    return "no event tells a query from its rule" if totals else "nothing to prove"


def _table(proofs: Proofs) -> Iterator[str]:
    if proofs.targets:
        rows = [_row(code(target), counts) for target, counts in proofs.totals.items()]
        if len(proofs.parts) > 1:
            rows += [
                _row(f"{code(target)}, {name}", counts)
                for name, totals in proofs.parts.items()
                for target, counts in totals.items()
            ]
        yield "\n".join(table(["target", *(one.value for one in Standing)], rows))
    yield from (code(line, _LONGEST) for line in assumed_lines(proofs))


def _row(name: str, counts: Mapping[Standing, int]) -> list[str]:
    return [name, *(str(counts.get(one) or "") for one in Standing)]


def _details(proofs: Proofs) -> Iterator[str]:
    """What differs first, then what is refused, tested only, or not verified."""
    for standing in (Standing.DIFFERS, Standing.REFUSED, Standing.TESTED, Standing.NOT_VERIFIED):
        for rule in proofs.rules:
            for target, verdict in rule.verdicts:
                if verdict.standing is standing:
                    yield _folded(rule, target, verdict)


def _folded(rule: RuleProof, target: str, verdict: Verdict) -> str:
    kinds = ", ".join(dict.fromkeys(one.kind for one in verdict.differences))
    about = f" ({html.escape(tame(harmless(kinds)))})" if kinds else ""
    summary = f"<b>{verdict.standing.value}</b>{about} · {inline(rule.path.stem)} on {inline(target)}"
    parts = [part for one in verdict.differences for part in _difference(one)]
    if verdict.reasons:
        parts.append(block("\n".join(harmless(one, _LONGEST) for one in verdict.reasons)))
    return folded(summary, "\n\n".join(parts))


def _difference(found: Difference) -> Iterator[str]:
    yield f"{found.direction.value.capitalize()} this event:"
    yield event(dict(found.event))
    yield block(f"rule:  {harmless(found.rule, _LONGEST)}\nquery: {harmless(found.query, _LONGEST)}")
