"""`prove`: whether each query means what its rule means, or an event that shows that it does not."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from msgspec import Struct, field

from sigmaproof.commands.convert import Say
from sigmaproof.config import Config
from sigmaproof.errors import Exit, InvalidInput, Problem, QueryError, UsageError, nearest
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.model import IndexModel, load_index_model, plain_model
from sigmaproof.judge.correlations import NOT_CONVERTED, prepare_correlation
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.prove import Standing, Subject, Verdict, prove_query, under_plain
from sigmaproof.judge.verdicts import Code, Status
from sigmaproof.judge.verify import NoAnswer
from sigmaproof.languages import names
from sigmaproof.load.rules import find_rule
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.workspace import Workspace

Show = Callable[[int, int, str], None]
_FEW = 8
"""So few rules are not worth another process."""


class RuleProof(Struct, frozen=True):
    """One rule, and what is known of its query in each target."""

    path: Path
    line: int
    title: str
    verdicts: tuple[tuple[str, Verdict], ...] = ()
    problem: Problem | None = None
    """Why the rule does not load."""
    modelled: bool = True
    """Whether a source model knows its log source."""
    items: Mapping[str, int] = field(default_factory=dict)
    """The lines of its detection items, by their words; only if a query differs."""


class Proofs(Struct, frozen=True):
    """Everything a run found out."""

    targets: tuple[str, ...]
    rules: tuple[RuleProof, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def totals(self) -> dict[str, Counter[Standing]]:
        """How often each standing occurs, by target."""
        found: dict[str, Counter[Standing]] = {name: Counter() for name in self.targets}
        for rule in self.rules:
            for target, verdict in rule.verdicts:
                found.setdefault(target, Counter())[verdict.standing] += 1
        return found

    @property
    def assumed(self) -> dict[str, Counter[Assumption]]:
        """How many results need each assumption, by target."""
        found: dict[str, Counter[Assumption]] = {name: Counter() for name in self.targets}
        for rule in self.rules:
            for target, verdict in rule.verdicts:
                found.setdefault(target, Counter()).update(verdict.assumes)
        return found

    @property
    def exit_code(self) -> Exit:
        """The exit code that this run calls for; the worst news wins."""
        totals = sum(self.totals.values(), Counter[Standing]())
        if self.problems or totals[Standing.REFUSED]:
            return Exit.BROKEN_INPUT
        return Exit.VERDICT if totals[Standing.DIFFERS] or not totals else Exit.EXPECTED


class Against(Struct, frozen=True):
    """What rules are compared with instead of their own conversions."""

    text: str
    """A query, a file with one, or another rule: its path, stem or id."""
    language: str = ""
    index: str = ""


def prove_rules(
    config: Config,
    budget: float,
    jobs: int,
    against: Against | None,
    show: Show,
    assumptions: Sequence[Assumption] = tuple(Assumption),
) -> Proofs:
    """What is known of every rule's queries."""
    workspace = Workspace(config)
    data = load_event_data(config.converters / "events")
    work = _Work(workspace, Preparation(workspace), data, budget, against, assumptions)
    documents = [one for one in workspace.rules.documents if one.kind is not Kind.FILTER]
    rules = list(_proved(work, documents, jobs, show))
    problems = [*workspace.rules.problems, *work.preparation.problems]
    problems += [rule.problem for rule in rules if rule.problem is not None]
    targets = work.preparation.targets if against is None else (work.against_name,)
    return Proofs(targets, tuple(rules), tuple(dict.fromkeys(problems)))


class _Work:
    """What every rule of a run shares; a worker process inherits it."""

    def __init__(
        self,
        workspace: Workspace,
        preparation: Preparation,
        data: EventData,
        budget: float,
        against: Against | None,
        assumptions: Sequence[Assumption],
    ) -> None:
        self.workspace = workspace
        self.preparation = preparation
        self.data = data
        self.budget = budget
        self.assumptions = assumptions
        self.against_name = (against.language or against.text) if against else ""
        self.other = _other(against, workspace, preparation) if against else None

    def rule(self, document: RuleDocument) -> RuleProof:
        """What is known of one rule's queries."""
        if document.kind is Kind.CORRELATION:
            return self._correlation(document)
        try:
            prepared = self.preparation.rule(document)
        except InvalidInput as error:
            return RuleProof(document.path, document.line, document.title, problem=error.problem)
        providers = self.workspace.sources.providers(prepared.rule.logsource)
        carried = self.workspace.log_fields.of(prepared.rule.logsource) if providers is None else None
        subject = Subject(
            prepared.meaning, providers or (), self.workspace.sources, self.data, carried=carried
        )
        verdicts = tuple(self._verdicts(prepared, subject))
        differs = any(verdict.standing is Standing.DIFFERS for _, verdict in verdicts)
        return RuleProof(
            document.path,
            document.line,
            document.title,
            verdicts,
            modelled=providers is not None,
            items=self.preparation.item_lines(prepared) if differs else {},
        )

    def _correlation(self, document: RuleDocument) -> RuleProof:
        """A correlation rule is checked as far as it can be run."""
        try:
            prepare_correlation(self.preparation, document)
        except InvalidInput as error:
            return RuleProof(document.path, document.line, document.title, problem=error.problem)
        names = [self.against_name] if self.other is not None else self.preparation.targets
        verdict = Verdict(Standing.NOT_VERIFIED, reasons=(NOT_CONVERTED,))
        return RuleProof(
            document.path, document.line, document.title, tuple((name, verdict) for name in names)
        )

    def _verdicts(self, prepared: Prepared, subject: Subject) -> Iterator[tuple[str, Verdict]]:
        if self.other is not None:
            meaning, model = self.other
            yield self.against_name, self._proved(subject, meaning, model)
            return
        siems = {siem.name: siem for siem in self.workspace.siems}
        modelled = self.workspace.sources.providers(prepared.rule.logsource) is not None
        for conversion in prepared.conversions:
            side, siem = prepared.sides[conversion.target], siems[conversion.target]
            model = siem.model
            if not modelled and conversion.queries and siem.target.language is not None:
                try:
                    side, model = under_plain(conversion.queries, siem.target)
                except QueryError as error:
                    side = NoAnswer(Status.REFUSED, Code.UNSUPPORTED, f"{siem.name}: {error.told()}")
            if isinstance(side, NoAnswer):
                yield siem.name, _unanswered(side)
            else:
                yield siem.name, self._proved(subject, side, model)

    def _proved(self, subject: Subject, query: Meaning, model: IndexModel | None) -> Verdict:
        return prove_query(subject, query, model, budget=self.budget, assumptions=self.assumptions)


def _unanswered(side: NoAnswer) -> Verdict:
    unknown = "not verified" in side.message
    return Verdict(Standing.NOT_VERIFIED if unknown else Standing.REFUSED, reasons=(side.message,))


def _other(
    against: Against, workspace: Workspace, preparation: Preparation
) -> tuple[Meaning, IndexModel | None]:
    """The other side of a comparison, and the index it runs on; none for another rule."""
    if not against.language:
        found = [one for one in find_rule(workspace.rules, against.text) if one.kind is Kind.RULE]
        if len(found) != 1:
            message = f"no rule {against.text!r} to compare with"
            raise UsageError(Problem("usage", message, help="or say in which --language the query is"))
        return preparation.rule(found[0]).meaning, None
    if against.language not in names():
        raise UsageError(Problem("usage", f"no language {against.language!r}", help=", ".join(names())))
    model = _model(workspace.config, against)
    path = Path(against.text)
    text = path.read_text(encoding="utf-8") if len(against.text) < 4096 and path.is_file() else against.text
    try:
        return queries_meaning([text], against.language, model.index, model.document, {}), model
    except QueryError as error:
        raise InvalidInput(Problem("invalid-query", str(error))) from error


def _model(config: Config, against: Against) -> IndexModel:
    if not against.index:
        return plain_model(against.language, lines=True)
    path = config.converters / "indices" / f"{against.index}.yml"
    if not path.is_file():
        known = sorted(one.stem for one in path.parent.glob("*.yml"))
        message = f"no index model {against.index!r}{nearest(against.index, known)}"
        raise UsageError(Problem("usage", message, help=f"index models: {', '.join(known)}"))
    return load_index_model(path)


_work: _Work | None = None
"""What a worker process works with; set before it is forked."""


def _proved(work: _Work, documents: Sequence[RuleDocument], jobs: int, show: Show) -> Iterable[RuleProof]:
    """Every rule, in order, on several cores if there are many."""
    jobs = jobs or os.cpu_count() or 1
    if jobs == 1 or len(documents) <= _FEW or "fork" not in multiprocessing.get_all_start_methods():
        for done, document in enumerate(documents):
            show(done, len(documents), document.title)
            yield work.rule(document)
        return
    global _work
    _work = work
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        found = pool.map(_numbered, documents, chunksize=4)
        for done, (document, proof) in enumerate(zip(documents, found, strict=True)):
            show(done, len(documents), document.title)
            yield proof
    _work = None


def _numbered(document: RuleDocument) -> RuleProof:
    assert _work is not None
    return _work.rule(document)


def say_problems(proofs: Proofs, say: Say) -> None:
    """Tells what does not load."""
    for problem in proofs.problems:
        say(problem)
