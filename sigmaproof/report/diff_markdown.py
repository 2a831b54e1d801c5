"""What a change does to events, for a pull request: the verdict, one table, and each rule folded below it."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.errors import Exit
from sigmaproof.judge.diff import CaseChange, Diff, Mark, QueryChange, RuleChange, Witness
from sigmaproof.report.comment import DIFF, block, code, event, fitted, folded, inline, table
from sigmaproof.report.diff_console import SIGNS, heading, headline, queries, sentences, summary, told
from sigmaproof.report.markdown import MARK_OF_EXIT, problem_details
from sigmaproof.report.style import harmless, tame

_TABLE = 8_000
"""Characters of the table; rules that do not fit are counted."""
_FOOT = 300
"""Characters that are kept for saying what was left out."""
_LONGEST = 2_000
_LONGEST_QUERY = 800


def render(found: Diff, code_: Exit) -> str:
    """The comparison as a comment of at most `DIFF` characters, which says what it leaves out."""
    rows, unlisted = _rows(found)
    head = [f"### {MARK_OF_EXIT[code_]} sigmaproof diff: {tame(summary(found))}", *_files(found), *rows]
    room = DIFF - _FOOT - sum(len(part) + 2 for part in head)
    details, left = fitted([*problem_details(found.problems), *map(_rule, found.rules)], room)
    foot = _left_out(unlisted, left)
    return "\n\n".join([*head, *details, *([foot] if foot else [])])


def _left_out(unlisted: int, left: int) -> str:
    parts = [f"{unlisted:,} rules of the table"] if unlisted else []
    parts += [f"the details of {left:,} rules"] if left else []
    if not parts:
        return ""
    return f"**Left out here, to stay short:** {' and '.join(parts)}. Run `sigmaproof diff` to see all."


def _files(found: Diff) -> Iterator[str]:
    lines = [f"- {SIGNS[one.fate]} {one.kind} {code(one.path)}" for one in found.files[:20]]
    lines += [f"- {len(found.files) - 20} more files"] if len(found.files) > 20 else []
    lines += [f"- {found.moved:,} rule files are in another folder"] if found.moved else []
    lines += [f"- {code(note, _LONGEST)}" for note in found.notes[:5]]
    if lines:
        yield "\n".join(lines)


def _rows(found: Diff) -> tuple[list[str], int]:
    """The table, as far as it fits, and how many rules do not."""
    if not found.rules:
        return [], 0
    lines = list(table(["", "rule", "meaning", "queries", "cases"], map(_row, found.rules)))
    kept = lines[:2]
    for line in lines[2:]:
        if sum(map(len, kept)) + len(line) > _TABLE:
            break
        kept.append(line)
    return ["\n".join(kept)], len(lines) - len(kept)


def _row(rule: RuleChange) -> list[str]:
    meaning = headline(rule).partition(":")[0]
    words = [code(one) for one in queries(rule.queries)]
    return [SIGNS[rule.fate], code(rule.place.path.stem), meaning, "<br>".join(words), _cases(rule)]


def _cases(rule: RuleChange) -> str:
    marks = [one.mark for case in rule.cases for one in case.answers[:1] if one.mark is not None]
    words = [f"{marks.count(mark)} {mark.value}" for mark in Mark if mark in marks]
    other = sum(bool(case.changed) for case in rule.cases) - len(marks)
    failing = sum(bool(case.failing) for case in rule.cases)
    words += [f"{other} other changes"] if other > 0 else []
    words += [f"**{failing} not as expected**"] if failing else []
    return "<br>".join(words) or (f"{len(rule.cases)} as before" if rule.cases else "")


def _rule(rule: RuleChange) -> str:
    head = f"{SIGNS[rule.fate]} {inline(str(rule.place))} · {headline(rule).partition(':')[0]}"
    return folded(head, "\n\n".join(_body(rule)) or "Nothing else to tell.")


def _body(rule: RuleChange) -> Iterator[str]:
    if rule.before:
        yield f"Was {code(str(rule.before), _LONGEST)}."
    if rule.rule.reasons:
        yield block("\n".join(harmless(one, _LONGEST) for one in rule.rule.reasons))
    for one in rule.rule.witnesses:
        yield from _witness(one, "")
    if rule.edits:
        yield "Edits:\n\n" + block("\n".join(harmless(line, _LONGEST) for line in told(rule.edits)))
    lines = [line for case in rule.cases for line in _case_lines(case)]
    if lines:
        yield "Cases:\n\n" + block("\n".join(lines))
    for query in rule.queries:
        yield from _query(query)


def _case_lines(case: CaseChange) -> Iterator[str]:
    for words, sides, mark in sentences(case):
        arrow = f"   ← {mark}" if mark else ""
        yield f"{words}  {harmless(case.case.name, 80)}  {harmless(case.case.text, 120)}{sides}{arrow}"


def _witness(one: Witness, target: str) -> Iterator[str]:
    on = f" {code(target)}" if target else ""
    words = heading(one)
    yield f"**{words[0].upper()}{words[1:]}**{on}:"
    yield event(dict(one.event))
    if one.causes:
        yield "because of\n\n" + block("\n".join(harmless(line, _LONGEST) for line in told(one.causes)))


def _query(query: QueryChange) -> Iterator[str]:
    for one in query.change.witnesses:
        if one.unlike_rule:
            yield from _witness(one, query.target)
    if query.before == query.after:
        return
    lines = [_signed("-", one) for one in query.before] + [_signed("+", one) for one in query.after]
    yield f"Query of {code(query.target)}:\n\n" + block("\n".join(lines), "diff")
    if query.change.reasons:
        yield block("\n".join(harmless(one, _LONGEST) for one in query.change.reasons))


def _signed(sign: str, query: str) -> str:
    shown = query if len(query) <= _LONGEST_QUERY else f"{query[:_LONGEST_QUERY]}…"
    return "\n".join(f"{sign} {line}" for line in shown.splitlines())
