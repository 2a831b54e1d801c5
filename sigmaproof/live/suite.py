"""A test run beside real engines: every target's queries on every case, once more, on a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import Problem, UsageError, nearest
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.prepare import Prepared
from sigmaproof.judge.results import CaseResult, Outcome, Report, RuleResult
from sigmaproof.judge.select import Selection
from sigmaproof.judge.suite import Progress, run_suite
from sigmaproof.judge.verdicts import LIVE, Code, Status
from sigmaproof.live import compare as both
from sigmaproof.live.address import Address
from sigmaproof.live.connect import connected
from sigmaproof.live.embedded import Twin
from sigmaproof.live.values import Corpus, Engine, Held, LiveError, named
from sigmaproof.load.values import Case
from sigmaproof.logic.run import Document
from sigmaproof.workspace import Siem, Workspace

Key = tuple[str, int, str, str, int]
StandIns = tuple[tuple[str, str], ...]


class _Asked(Struct, frozen=True):
    """A rule's queries on one case."""

    key: Key
    queries: tuple[str, ...]
    case: both.Case


class _Side(Struct, frozen=True):
    """One target on one real engine, and all that is asked of it."""

    siem: Siem
    language: str
    engine: Engine
    documents: list[Document] = []
    asked: list[_Asked] = []

    @property
    def name(self) -> str:
        return self.siem.name + LIVE

    def add(self, rule: Prepared, case: Case, events: Sequence[RawEvent]) -> None:
        """Notes a case down for later: everything is loaded and asked at once."""
        queries = next(one.queries for one in rule.conversions if one.target == self.siem.name)
        if not queries:
            return
        asked = both.case_of(self.siem.model, events, self.documents)
        self.asked.append(_Asked(_key(rule, case), queries, asked))


def run_live_suite(
    workspace: Workspace, select: Selection, progress: Progress, addresses: Mapping[str, Address]
) -> Report:
    """The report of `run_suite`, with a side `TARGET@live` for every target that has an address.

    Raises `UsageError` for a target that cannot be asked, and `LiveError` for a server that is not there.
    """
    with ExitStack() as stack:
        sides = []
        for siem, language in _siems(workspace, addresses):
            engine = stack.enter_context(connected(addresses[siem.name], language))
            sides.append(_Side(siem, language, engine))

        def watch(rule: Prepared | PreparedCorrelation, case: Case, events: Sequence[RawEvent]) -> None:
            if isinstance(rule, PreparedCorrelation):
                return  # servers are asked about single events
            for side in sides:
                if select(f"{rule.document.path.stem}::{case.name}::{side.name}"):
                    side.add(rule, case, events)

        report = run_suite(workspace, select, progress, watch)
        for side in sides:
            progress(0, 1, side.name)
            report = _beside(report, side)
        return report


def _siems(workspace: Workspace, addresses: Mapping[str, Address]) -> Iterator[tuple[Siem, str]]:
    known = {siem.name: siem for siem in workspace.siems}
    for name in addresses:
        if name not in known:
            message = f"--live: no target {name!r} in this run{nearest(name, known)}"
            raise UsageError(Problem("usage", message, help=f"targets: {', '.join(known)}"))
        language = known[name].target.language
        if language is None:
            raise UsageError(Problem("usage", f"--live: the target {name!r} names no language"))
        yield known[name], language


def _beside(report: Report, side: _Side) -> Report:
    """The report with this side's outcomes; a server that fails us is a problem, and the rest stays."""
    report = replace(report, targets=(*report.targets, side.name))
    try:
        outcomes, stand_ins = _judge(side)
    except LiveError as error:
        told = replace(error.problem, message=f"{side.name}: {error.problem.message}")
        return replace(report, problems=(*report.problems, told))
    report = replace(report, rules=tuple(_with_outcomes(rule, outcomes) for rule in report.rules))
    notes = _notes(report, side, list(outcomes.values()), stand_ins)
    return replace(report, notes=(*report.notes, *(Problem("live", told) for told in notes)))


def _judge(side: _Side) -> tuple[dict[Key, Outcome], StandIns]:
    model = side.siem.model
    corpus = Corpus(model.name, side.documents, model.mapping, model.analysis, model.default, stand_ins=True)
    pairs = [(query, asked.case) for asked in side.asked for query in asked.queries]
    with side.engine.holding([corpus]) as (held,):
        twin = Twin.of(side.engine, side.language, model, held, side.siem.target.options)
        found = iter(both.compare(twin, held, side.engine.ask, pairs))
        outcomes = {
            asked.key: _outcome(side, twin, held, asked, [next(found) for _ in asked.queries])
            for asked in side.asked
        }
    return outcomes, held.stand_ins


def _notes(report: Report, side: _Side, outcomes: Sequence[Outcome], stand_ins: StandIns) -> Iterator[str]:
    queries = {query for asked in side.asked for query in asked.queries}
    codes = Counter(outcome.code for outcome in outcomes)
    unasked = f", {codes[Code.UNSUPPORTED]} could not be asked" if codes[Code.UNSUPPORTED] else ""
    yield (
        f"{side.name}: {named(side.engine)}, {len(queries)} queries on {len(side.documents)} documents, "
        f"{len(outcomes)} cases, {codes[Code.ENGINE_DISAGREES]} disagreements{unasked}"
    )
    if stand_ins:
        listed = ", ".join(f"{old} as {new}" for old, new in stand_ins)
        yield f"{side.name}: {named(side.engine)} lacks parts of the mapping; both engines took {listed}"
    other = sum(_otherwise(case, side) for rule in report.rules for case in rule.cases)
    if other:
        yield (
            f"{side.name}: in {other} cases {named(side.engine)}, with this mapping, finds more or less than "
            f"the product that {side.siem.name} is for"
        )


def _otherwise(result: CaseResult, side: _Side) -> bool:
    """Both engines agree, but not with the target as it is written."""
    found = {one.side: one for one in result.outcomes}
    real, target = found.get(side.name), found.get(side.siem.name)
    return (
        real is not None
        and target is not None
        and real.status is Status.PASS
        and real.matches != target.matches
    )


def _outcome(
    side: _Side, twin: Twin, held: Held, asked: _Asked, compared: Sequence[both.Compared]
) -> Outcome:
    unable = held.unable or next((one.unable for one in compared if one.unable), "")
    told = next((one for one in compared if one.disagreement), None)
    disagreement = told.disagreement if told else _rejections(twin, held, asked.case)
    matches = sum(one.matches for one in compared)
    if disagreement and not held.unable:
        message = f"{named(side.engine)} {disagreement}"
        help_ = "one of the two is wrong about the query: report it as a fault of sigmaproof, with this event"
        deviation = told.deviation if told else None
        code = Code.ENGINE_DISAGREES
        return Outcome(side.name, Status.FAIL, None, matches, code, message, help_, deviation)
    if unable:
        message = f"{named(side.engine)}: {unable}"
        return Outcome(side.name, Status.REFUSED, code=Code.UNSUPPORTED, message=message)
    return Outcome(side.name, Status.PASS, None, matches)


def _rejections(twin: Twin, held: Held, case: both.Case) -> str:
    """What the engines disagree on before any query: whether the index takes a document."""
    for position, row in enumerate(case.rows):
        if row is not None and (row in held.rejected) is not twin.rejects(case.documents[position]):
            if row in held.rejected:
                return f"does not take event {position + 1}: {held.rejected[row]}"
            return f"takes event {position + 1}, which the embedded engine rejects"
    return ""


def _with_outcomes(rule: RuleResult, outcomes: Mapping[Key, Outcome]) -> RuleResult:
    return replace(rule, cases=tuple(_with_outcome(rule, case, outcomes) for case in rule.cases))


def _with_outcome(rule: RuleResult, result: CaseResult, outcomes: Mapping[Key, Outcome]) -> CaseResult:
    found = outcomes.get(_place(str(rule.path), rule.line, result.case))
    return replace(result, outcomes=(*result.outcomes, found)) if found else result


def _key(rule: Prepared, case: Case) -> Key:
    return _place(str(rule.document.path), rule.document.line, case)


def _place(path: str, line: int, case: Case) -> Key:
    return path, line, str(case.path), case.name, case.line
