"""Two engines on the same events: what they agree on, and what they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sigmaproof.errors import QueryError, UnsupportedQuery
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.results import Deviation
from sigmaproof.judge.why import why
from sigmaproof.live.embedded import Options, Twin
from sigmaproof.live.values import Answer, Held, Question
from sigmaproof.logic.plans import Found


@dataclass(frozen=True, slots=True)
class Case:
    """Events that are searched together, and where a held corpus has them."""

    events: Sequence[RawEvent]
    rows: Sequence[int | None]
    """None: the product does not hold such events."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One query on one case in both engines."""

    query: str
    matches: int = 0
    """What the real engine found."""
    disagreement: str = ""
    """What they disagree on, in words; empty when they agree."""
    deviation: Deviation | None = None
    unable: str = ""
    """Why there is nothing to compare."""


Ask = Callable[[Sequence[Question]], list[Answer]]
Pair = tuple[str, Case]


def compare(twin: Twin, held: Held, ask: Ask, pairs: Sequence[Pair]) -> list[Compared]:
    """Every query on its case in the real engine (`ask`) and in its embedded twin."""
    results: list[Compared | None] = [None] * len(pairs)
    for options in twin.ways():
        # what both refuse when asked strictly is asked again as the target asks it
        open_ = [at for at, found in enumerate(results) if found is None]
        answers = _answers(twin, held, ask, [pairs[at] for at in open_], options)
        for at, answer in zip(open_, answers, strict=True):
            results[at] = _compared(twin, options, pairs[at], answer)
    return [found or Compared(pair[0]) for found, pair in zip(results, pairs, strict=True)]


def _answers(twin: Twin, held: Held, ask: Ask, pairs: Sequence[Pair], options: Options) -> list[Answer]:
    """The real answers, by position in the case. A query string is asked once, whatever the cases."""
    if twin.language != "lucene":
        asked = [Question(held, twin.language, query, options, _rows(case)) for query, case in pairs]
        found = ask(asked)
    else:
        queries = list(dict.fromkeys(query for query, _ in pairs))
        once = ask([Question(held, twin.language, query, options) for query in queries])
        by_query = dict(zip(queries, once, strict=True))
        found = [by_query[query] for query, _ in pairs]
    return [_within(case, answer) for (_, case), answer in zip(pairs, found, strict=True)]


def _rows(case: Case) -> tuple[int, ...]:
    return tuple(row for row in case.rows if row is not None)


def _within(case: Case, answer: Answer) -> Answer:
    """The findings among a case's events, as positions in the case."""
    positions = {row: at for at, row in enumerate(case.rows) if row is not None} | {-1: -1}
    inside = (one for one in answer.findings if all(row in positions for row in one))
    findings = tuple(tuple(positions[row] for row in one) for one in inside)
    return Answer(findings, answer.error, answer.unable, answer.counted)


def _compared(twin: Twin, options: Options, pair: Pair, answer: Answer) -> Compared | None:
    """The comparison; None when both refuse the query."""
    query, case = pair
    meaning = twin.meaning(query, options)
    if answer.unable or isinstance(meaning, UnsupportedQuery):
        return Compared(query, unable=answer.unable or f"not modelled: {meaning}")
    try:
        found = meaning if isinstance(meaning, str) else meaning.answers([case.events])[0]
    except QueryError as error:
        found = str(error)
    if isinstance(found, str) or isinstance(meaning, str):
        if answer.error:
            return None
        return Compared(
            query, len(answer.findings), f"finds events with a query that is refused here: {found}"
        )
    if answer.error:
        return Compared(query, 0, f"refuses a query that runs here: {answer.error}")
    return _difference(query, case, meaning, found, answer)


def _difference(query: str, case: Case, meaning: Meaning, found: Found, answer: Answer) -> Compared:
    if answer.counted is not None:
        count = len(found.findings)
        told = "" if count == answer.counted else f"finds {answer.counted}, the embedded engine {count}"
        return Compared(query, answer.counted, told)
    if sorted(found.findings) == sorted(answer.findings):
        return Compared(query, len(answer.findings))
    position = min(set(found.rows) ^ set(answer.rows), default=-1)
    if position < 0:
        told = f"finds {_listed(answer.findings)}, the embedded engine {_listed(found.findings)}"
        return Compared(query, len(answer.findings), told)
    ours, theirs = ("finds", "does not") if position in answer.rows else ("does not find", "does")
    told = f"{ours} event {position + 1}, the embedded engine {theirs}"
    event = case.events[position]
    trace = meaning.explain(event)
    return Compared(query, len(answer.findings), told, Deviation(event, position, None, trace, why(trace)))


def _listed(findings: Iterable[tuple[int, ...]]) -> str:
    return (
        ", ".join("+".join(str(row + 1) if row >= 0 else "-" for row in one) for one in findings) or "nothing"
    )
