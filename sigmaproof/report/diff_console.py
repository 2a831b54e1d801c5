"""What a change does to events, for the terminal: one line per rule, and below it what a reader must see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sigmaproof.judge.diff import (
    Answers,
    CaseChange,
    Cause,
    Change,
    Diff,
    Fate,
    Mark,
    QueryChange,
    RuleChange,
    Standing,
    Witness,
)
from sigmaproof.judge.verdicts import SIGMA
from sigmaproof.judge.why import shown
from sigmaproof.report.style import Paint, harmless, tame

SIGNS = {Fate.ADDED: "+", Fate.REMOVED: "-", Fate.RENAMED: "→", Fate.CHANGED: "~", Fate.UNTOUCHED: "·"}
_LONGEST = 110
_LONGEST_CASE = 80
_MOST_CAUSES = 4
_MOST_CASES = 20
_QUERIES = {
    Standing.SAME: "unchanged",
    Standing.PROVEN: "changed in text only",
    Standing.CHANGED: "query changed",
    Standing.TESTED: "changed in text, no difference found",
    Standing.ADDED: "new",
    Standing.REMOVED: "gone",
    Standing.REFUSED: "now refused",
    Standing.CONVERTED: "no longer refused",
    Standing.STILL_REFUSED: "refused",
    Standing.NOT_COMPARED: "changed, not compared",
}
_FIRES = {True: "now fires", False: "no longer fires", None: "now judged"}
_GOOD = (Mark.QUIET, Mark.FOUND)


def render(found: Diff, paint: Paint, seconds: float | None) -> str:
    """The comparison as a person reads it."""
    lines = [*_files(found, paint)]
    for rule in found.rules:
        lines += _rule(rule, paint)
    lines += [*_foot(found, paint, seconds)]
    return tame("\n".join(lines))


def _files(found: Diff, paint: Paint) -> Iterator[str]:
    for file in found.files:
        yield paint.bold(f"{SIGNS[file.fate]} {harmless(file.path)}") + f"   {file.kind} {file.fate.value}"
    if found.moved:
        yield f"→ {plural(found.moved, 'rule file')} in another folder, otherwise as before"
    for note in found.notes:
        yield f"{paint.dim('note:')} {harmless(note)}"


def _rule(rule: RuleChange, paint: Paint) -> Iterator[str]:
    was = f" (was {harmless(str(rule.before))})" if rule.before else ""
    head = f"{SIGNS[rule.fate]} {harmless(rule.place.path.as_posix())}"
    yield "   ".join([paint.bold(head) + was, headline(rule), *queries(rule.queries)])
    yield from _witnesses(rule.rule, "")
    for one in rule.queries:
        if one.change.standing in (Standing.REFUSED, Standing.TESTED, Standing.NOT_COMPARED):
            yield from (f"    {harmless(one.target)}: {harmless(r, _LONGEST)}" for r in one.change.reasons)
        if any(witness.unlike_rule for witness in one.change.witnesses):
            yield from _witnesses(_unlike(one.change), harmless(one.target))
    yield from _cases(rule.cases, paint)


def headline(rule: RuleChange) -> str:
    """What became of a rule, in a few words."""
    change = rule.rule
    if change.standing is Standing.CHANGED:
        more = any(one.now for one in change.witnesses)
        less = any(not one.now for one in change.witnesses)
        return {(True, False): "matches more", (False, True): "matches less"}.get(
            (more, less), "matches other events"
        )
    reasons = "; ".join(harmless(one, _LONGEST) for one in change.reasons)
    if change.standing is Standing.SAME:
        return "rule unchanged" if rule.fate is Fate.UNTOUCHED else Standing.PROVEN.value
    return f"{change.standing.value}: {reasons}" if reasons else change.standing.value


def queries(changes: Sequence[QueryChange]) -> Iterator[str]:
    """The targets by what became of their queries."""
    by_word: dict[str, list[str]] = {}
    for one in changes:
        by_word.setdefault(_QUERIES[one.change.standing], []).append(harmless(one.target))
    for word, targets in by_word.items():
        yield f"{', '.join(targets)}: {word}"


def _unlike(change: Change) -> Change:
    return Change(change.standing, tuple(one for one in change.witnesses if one.unlike_rule))


def _witnesses(change: Change, target: str) -> Iterator[str]:
    for one in change.witnesses:
        yield f"    {target + ' ' if target else ''}{heading(one)}"
        width = max((len(name) for name in one.event), default=0)
        for name, value in one.event.items():
            cell = tuple(value) if isinstance(value, list) else (value,)
            yield f"      {harmless(name):<{width}}  {harmless(shown(cell))}"
        yield from (f"      because of {harmless(line, 2 * _LONGEST)}" for line in told(one.causes))


def heading(witness: Witness) -> str:
    """Which side of the change an event is on."""
    words = "now matches" if witness.now else "no longer matches"
    return f"{words}, and the rule does not change on it" if witness.unlike_rule else words


def told(causes: Sequence[Cause]) -> Iterator[str]:
    """Causes, each with its place."""
    for one in causes[:_MOST_CAUSES]:
        place = "" if one.place is None or one.text == str(one.place) else f"   {one.place}"
        yield f"{one.text}{place}{' (before)' if one.before else ''}"
    if len(causes) > _MOST_CAUSES:
        yield f"{plural(len(causes) - _MOST_CAUSES, 'more edit')}"


def _cases(cases: Sequence[CaseChange], paint: Paint) -> Iterator[str]:
    wanted = [case for case in cases if case.changed or case.failing]
    width = max((len(harmless(case.case.name, _LONGEST_CASE)) for case in wanted[:_MOST_CASES]), default=0)
    for case in wanted[:_MOST_CASES]:
        name = f"{harmless(case.case.name, _LONGEST_CASE):<{width}}"
        text = harmless(case.case.text, _LONGEST_CASE)
        former = "  (a case that is gone)" if case.former else ""
        for words, sides, mark in sentences(case):
            arrow = f"   ← {mark}" if mark else ""
            yield f"    {words:<15}  {name}  {text}{former}{sides}{_painted(arrow, mark, paint)}".rstrip()
    if len(wanted) > _MOST_CASES:
        yield f"    … and {plural(len(wanted) - _MOST_CASES, 'more case')}"


def sentences(case: CaseChange) -> Iterator[tuple[str, str, str]]:
    """What happens on a case, sides of the same fate together: words, sides, mark."""
    groups: dict[tuple[bool | None, Mark | None], list[str]] = {}
    for one in case.changed:
        groups.setdefault((one.fires, one.mark), []).append(one.side)
    for (fires, mark), sides in groups.items():
        yield _FIRES[fires], _sides(sides, case.answers), mark.value if mark else ""
    failing = [one.side for one in case.failing if one.side not in {two.side for two in case.changed}]
    if failing:
        yield "still fails", _sides(failing, case.answers), ""


def _sides(sides: Sequence[str], all_: Sequence[Answers]) -> str:
    if len(sides) == len([one for one in all_ if one.after is None or one.after.matches is not None]):
        return ""
    return f"   [{', '.join('the rule' if one == SIGMA else harmless(one) for one in sides)}]"


def _painted(arrow: str, mark: str, paint: Paint) -> str:
    return arrow if not mark or mark in _GOOD else paint.bold(arrow)


def _foot(found: Diff, paint: Paint, seconds: float | None) -> Iterator[str]:
    yield paint.dim("-" * 80)
    yield summary(found)
    facts = [f"{found.base} → {found.head}", plural(len(found.rules), "rule")]
    facts += [plural(len(found.targets), "target"), *([f"{seconds:.2f} s"] if seconds is not None else [])]
    yield harmless(" · ".join(facts))


def summary(found: Diff) -> str:
    """The verdict in one line."""
    if found.problems:
        return f"{plural(len(found.problems), 'problem')} with what was given"
    if not found.rules:
        return "no event is affected"
    words = {Fate.ADDED: "added", Fate.REMOVED: "removed"}
    parts = [f"{word} {count}" for fate, word in words.items() if (count := _fates(found, fate))]
    heads = [headline(one).partition(":")[0] for one in found.rules if one.fate not in words]
    parts += [f"{word} {heads.count(word)}" for word in dict.fromkeys(sorted(heads))]
    parts += [f"{mark.value} {found.marks(mark)}" for mark in Mark if found.marks(mark)]
    return "   ".join(parts)


def _fates(found: Diff, fate: Fate) -> int:
    return sum(rule.fate is fate for rule in found.rules)


def plural(count: int, word: str) -> str:
    """A count of things."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"
