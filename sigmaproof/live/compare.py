"""Two engines on the same events: what they agree on, and what they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from sigmaproof.errors import QueryError, UnsupportedQuery
from sigmaproof.index.model import IndexModel
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.results import Deviation
from sigmaproof.judge.why import why
from sigmaproof.live.embedded import Options, Tables, Twin
from sigmaproof.live.values import Answer, Held, Question
from sigmaproof.logic.plans import Found
from sigmaproof.logic.run import Document


class Case(Struct, frozen=True):
    """Events that are searched together, as an index model makes documents of them."""

    events: Sequence[RawEvent]
    documents: Sequence[Document]
    rows: Sequence[int | None]
    """Where a held corpus has them; None: the product does not hold such events."""


def case_of(model: IndexModel, events: Sequence[RawEvent], corpus: list[Document]) -> Case:
    """The case of these events; what the product holds of them goes to the end of the corpus."""
    documents = [model.document(event) for event in events]
    rows: list[int | None] = []
    for event, document in zip(events, documents, strict=True):
        held = model.holds(event)
        rows.append(len(corpus) if held else None)
        if held:
            corpus.append(document)
    return Case(events, documents, rows)


class Compared(Struct, frozen=True):
    """One query on one case in both engines."""

    query: str
    matches: int = 0
    """What the real engine found."""
    disagreement: str = ""
    """What they disagree on, in words; empty when they agree."""
    deviation: Deviation | None = None
    unable: str = ""
    """Why there is nothing to compare."""
    refused: bool = False
    """Both engines refuse the query."""


Ask = Callable[[Sequence[Question]], list[Answer]]
Pair = tuple[str, Case]


def compare(twin: Twin, held: Held, ask: Ask, pairs: Sequence[Pair]) -> list[Compared]:
    """Every query on its case in the real engine (`ask`) and in its embedded twin."""
    results: dict[int, Compared] = {}
    tables = Tables(twin.model.index, {id(case): case.documents for _, case in pairs})
    for options in twin.ways():
        # what both refuse when asked strictly is asked again as the target asks it
        open_ = [at for at in range(len(pairs)) if at not in results]
        some = [pairs[at] for at in open_]
        compared = map(
            _compared, some, _ours(twin, tables, some, options), _theirs(twin, held, ask, some, options)
        )
        results |= {at: found for at, found in zip(open_, compared, strict=True) if found}
    return [results.get(at) or Compared(query, refused=True) for at, (query, _) in enumerate(pairs)]


class _Ours(Struct, frozen=True):
    """What the embedded engine says to a query on one case."""

    meaning: Meaning | None = None
    found: Found | None = None
    error: str = ""
    unable: str = ""


def _ours(twin: Twin, tables: Tables, pairs: Sequence[Pair], options: Options) -> list[_Ours]:
    """The embedded answers; a query is read once, whatever the cases."""
    answers: dict[int, _Ours] = {}
    for query in dict.fromkeys(query for query, _ in pairs):
        places = [at for at, (asked, _) in enumerate(pairs) if asked == query]
        found = _ask_twin(twin, query, tables, [id(pairs[at][1]) for at in places], options)
        answers |= zip(places, found, strict=True)
    return [answers[at] for at in range(len(pairs))]


def _ask_twin(twin: Twin, query: str, tables: Tables, cases: Sequence[int], options: Options) -> list[_Ours]:
    try:
        meaning = twin.meaning(query, options)
        return [_Ours(meaning, found) for found in tables.found(meaning.plan, cases)]
    except UnsupportedQuery as error:
        return [_Ours(unable=f"not modelled: {error}")] * len(cases)
    except QueryError as error:
        return [_Ours(error=str(error))] * len(cases)


def _theirs(twin: Twin, held: Held, ask: Ask, pairs: Sequence[Pair], options: Options) -> list[Answer]:
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


def _compared(pair: Pair, ours: _Ours, theirs: Answer) -> Compared | None:
    """The comparison; None when both refuse the query."""
    query, case = pair
    if ours.unable or theirs.unable:
        return Compared(query, unable=theirs.unable or ours.unable)
    if ours.meaning and ours.found:
        if theirs.error:
            return Compared(query, 0, f"refuses a query that runs here: {theirs.error}")
        return _difference(query, case, ours.meaning, ours.found, theirs)
    if theirs.error:
        return None
    told = f"finds {len(theirs.findings)} events with a query that is refused here: {ours.error}"
    return Compared(query, len(theirs.findings), told)


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
