"""The page: what a run found out, beside what rules say of themselves and what `prove` and `mutate` know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.commands.mutate import Wanted, mutate_rules
from sigmaproof.commands.prove import prove_rules
from sigmaproof.commands.prove_results import Proofs
from sigmaproof.commands.test import Asked, Progress
from sigmaproof.config import Config
from sigmaproof.errors import Exit, InvalidInput, Problem
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.meaning import RawEvent
from sigmaproof.judge.mutate.results import Mutation
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.prove import BUDGET
from sigmaproof.judge.results import Conversion, Report
from sigmaproof.judge.story import stories, told_question, told_rule
from sigmaproof.judge.suite import prepared_rule
from sigmaproof.load.values import Case, Kind, RuleDocument, RuleFile
from sigmaproof.logic.times import SECOND, time_of
from sigmaproof.report.html import page_text
from sigmaproof.report.html.page import About, CaseKey, Explained, Page, PageRule, Timeline
from sigmaproof.workspace import Workspace

_FEW_EVENTS = 20
"""So many events of a case are looked at for the one that is explained."""
_Key = tuple[Path, int]


class Watched:
    """Keeps, of every case that is run, how the rule answers on one of its events."""

    def __init__(self) -> None:
        self.explained: dict[_Key, dict[CaseKey, Explained | Timeline]] = defaultdict(dict)

    def __call__(
        self, prepared: Prepared | PreparedCorrelation, case: Case, events: Sequence[RawEvent]
    ) -> None:
        if isinstance(prepared, PreparedCorrelation):
            found: Explained | Timeline | None = _timeline(prepared, events)
        else:
            found = _explained(prepared, events)
        if found is not None:
            key = (prepared.document.path, prepared.document.line)
            self.explained[key][case.path, case.line, case.name] = found


def _explained(prepared: Prepared, events: Sequence[RawEvent]) -> Explained | None:
    """The rule on the first event that it finds, or on the first one."""
    first = None
    for position, event in enumerate(events[:_FEW_EVENTS]):
        trace = prepared.meaning.explain(event)
        if trace is None:
            return None
        found = Explained(position, event, trace)
        first = first or found
        if trace:
            return found
    return first


def _timeline(prepared: PreparedCorrelation, events: Sequence[RawEvent]) -> Timeline:
    """The correlation rule on all of the events."""
    found, read = prepared.found, prepared.meaning.index.read
    return Timeline(
        told_question(found),
        tuple(told_rule(found, place) for place in range(len(found.parts))),
        found.correlation.span * SECOND,
        tuple((time_of(partial(read, event)), event) for event in events),
        stories(prepared.meaning, events),
    )


class Known(Struct, frozen=True):
    """What the commands that were asked found out; None for those that were not."""

    report: Report | None = None
    explained: Mapping[_Key, Mapping[CaseKey, Explained | Timeline]] = {}
    proofs: Proofs | None = None
    mutation: Mutation | None = None
    whole: bool = True
    """Whether the page is about every rule there is, and not only about those that were tested."""
    converted: bool = True
    """Whether the rules' own conversions are what the proofs are about."""


def tested_page(
    workspace: Workspace, report: Report, watched: Watched, asked: Asked, progress: Progress, *, whole: bool
) -> tuple[str, Exit]:
    """The page of a test run with what else is asked for, and the worst news of all of it."""
    config = workspace.config
    if not whole:
        paths = tuple(dict.fromkeys(rule.path for rule in report.rules))
        config = replace(config, rules=paths)
    proofs = mutation = None
    if asked.prove and report.rules:
        with progress("proving") as show:
            proofs = prove_rules(config, BUDGET, 0, None, show)
    if asked.mutate and report.rules:
        with progress("mutating") as show:
            mutation = mutate_rules(config, Wanted(), show)
    known = Known(report, watched.explained, proofs, mutation, whole)
    codes = [one.exit_code for one in (report, proofs) if one is not None]
    return page_text(page_of(workspace, known)), max(codes)


def proofs_page(config: Config, proofs: Proofs, *, converted: bool) -> str:
    """The page of proofs; of rules' own conversions, or of a query that somebody wrote."""
    return page_text(page_of(Workspace(config), Known(proofs=proofs, converted=converted)))


def page_of(workspace: Workspace, known: Known) -> Page:
    """All that is known, by rule, in the order of the files."""
    found = _Rules(workspace, known)
    documents = [one for one in workspace.rules.documents if one.kind is not Kind.FILTER and found.wants(one)]
    rules = tuple(map(found.rule, documents))
    return Page(tuple(_asked(known)), found.targets, rules, tuple(found.problems()), tuple(found.notes()))


def _asked(known: Known) -> Iterator[str]:
    if known.report is not None:
        yield "test"
    if known.proofs is not None:
        yield "prove"
    if known.mutation is not None:
        yield "mutate"


class _Rules:
    """The rules of one page."""

    def __init__(self, workspace: Workspace, known: Known) -> None:
        self.workspace, self.known = workspace, known
        self.preparation = Preparation(workspace, convert=known.converted)
        self._texts = {file.path: file for file in workspace.rules.files}
        self._results = defaultdict(list)
        for result in known.report.rules if known.report else ():
            self._results[result.path, result.line].append(result)
        self._proofs = {(one.path, one.line): one for one in (known.proofs.rules if known.proofs else ())}
        mutated = known.mutation.rules if known.mutation else ()
        self._mutation = {(one.path, one.line): one for one in mutated}

    @property
    def targets(self) -> tuple[str, ...]:
        """Every target that was asked, in order."""
        report, proofs = self.known.report, self.known.proofs
        return tuple(
            dict.fromkeys([*(report.targets if report else ()), *(proofs.targets if proofs else ())])
        )

    def wants(self, document: RuleDocument) -> bool:
        """Whether the page has a line for the rule."""
        return self.known.whole or (document.path, document.line) in self._results

    def rule(self, document: RuleDocument) -> PageRule:
        """All that is known of one rule."""
        key = (document.path, document.line)
        results, proof = self._results[key], self._proofs.get(key)
        conversions, problem = ((), None) if results else self._conversions(document)
        return PageRule(
            *key,
            document.title,
            about(document, self._texts[document.path]),
            conversions,
            tuple(results),
            self.known.explained.get(key, {}),
            dict(proof.verdicts) if proof else {},
            self._mutation.get(key),
            proof.problem if proof and proof.problem else problem,
        )

    def _conversions(self, document: RuleDocument) -> tuple[tuple[Conversion, ...], Problem | None]:
        """A rule that nothing was run for is shown with its queries all the same."""
        if not self.known.converted:
            return (), None
        try:
            if document.kind is Kind.CORRELATION:
                return prepared_rule(self.preparation, document).conversions, None
            made = self.preparation.queries(document)
            return tuple(Conversion(target, texts) for target, texts in made.items()), None
        except InvalidInput as error:
            return (), error.problem

    def problems(self) -> Iterator[Problem]:
        """What does not load, each thing once."""
        known = self.known
        runs: Iterable[Report | Proofs | Mutation | None] = (known.report, known.proofs, known.mutation)
        told = [problem for run in runs if run is not None for problem in run.problems]
        return iter(dict.fromkeys([*told, *self.preparation.problems]))

    def notes(self) -> Iterator[Problem]:
        """What is worth knowing."""
        report = self.known.report
        yield from report.notes if report else ()


def about(document: RuleDocument, file: RuleFile) -> About:
    """What a rule says of itself; what is not text there is not shown."""
    data = document.data
    level, status, description = (
        _text(data.get(name)).strip() for name in ("level", "status", "description")
    )
    tags = data.get("tags")
    named = tuple(filter(None, map(_text, tags))) if isinstance(tags, list) else ()
    source, line = _source(document, file)
    log_source = _log_source(data.get("logsource"))
    return About(document.id, level, status, description, log_source, named, source, line)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _log_source(section: Any) -> str:
    named = section if isinstance(section, Mapping) else {}
    return " ".join(filter(None, (_text(named.get(key)) for key in ("product", "category", "service"))))


def _source(document: RuleDocument, file: RuleFile) -> tuple[str, int]:
    """The document's own lines, and the number of the first; a file may hold several."""
    if len(file.documents) == 1:
        return file.text, 1
    following = (one.line for one in file.documents if one.line > document.line)
    lines = file.text.split("\n")[document.line - 1 : min(following, default=len(file.text) + 2) - 1]
    return "\n".join(lines).rstrip().removesuffix("\n---"), document.line
