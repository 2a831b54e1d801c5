"""`prove`: whether each query means what its rule means, or an event that shows that it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from sigmaproof.commands.convert import Say
from sigmaproof.commands.parallel import spread
from sigmaproof.commands.prove_cache import ProofCache
from sigmaproof.commands.prove_results import Proofs, RuleProof
from sigmaproof.config import Config
from sigmaproof.errors import InvalidInput, Place, Problem, QueryError, UsageError, nearest
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.model import IndexModel, load_index_model, plain_model
from sigmaproof.judge.correlations import PreparedCorrelation, prepare_correlation
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.plain import under_plain
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.prove import Standing, Subject, Verdict, prove_query
from sigmaproof.judge.sequences import Sequences, sequences, tested
from sigmaproof.judge.verdicts import Code, Status
from sigmaproof.judge.verify import NoAnswer, Side
from sigmaproof.languages import names
from sigmaproof.load.rules import find_rule
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.prove.assumptions import Assumption
from sigmaproof.workspace import Workspace

Show = Callable[[int, int, str], None]
_FEW = 8
"""So few rules are not worth another process."""


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
    kept = ProofCache(config, budget, assumptions) if against is None else None
    if kept is not None and (known := kept.run()) is not None:
        return known
    workspace = Workspace(config)
    data = load_event_data(config.converters / "events")
    work = _Work(workspace, Preparation(workspace), data, budget, against, assumptions)
    documents = [one for one in workspace.rules.documents if one.kind is not Kind.FILTER]
    rules = list(_proved(work, documents, jobs, show, kept))
    problems = [*workspace.rules.problems, *work.preparation.problems]
    problems += [rule.problem for rule in rules if rule.problem is not None]
    targets = work.preparation.targets if against is None else (work.against_name,)
    proofs = Proofs(targets, tuple(rules), tuple(dict.fromkeys(problems)))
    if kept is not None and not any(rule.problem and rule.problem.code == "process-died" for rule in rules):
        kept.keep_run(proofs)
    return proofs


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
            prepared = prepare_correlation(self.preparation, document)
        except InvalidInput as error:
            return RuleProof(document.path, document.line, document.title, problem=error.problem)
        verdicts = tuple(self._tested(prepared))
        return RuleProof(document.path, document.line, document.title, verdicts)

    def _tested(self, prepared: PreparedCorrelation) -> Iterator[tuple[str, Verdict]]:
        """What sequences of events show of a correlation rule's queries."""
        plan = prepared.meaning.plan
        assert isinstance(plan, Correlated)
        sides: dict[str, Side] = dict(prepared.sides)
        if self.other is not None:
            sides = {self.against_name: self.other[0]}
        made: Sequences | str = ""
        for name, side in sides.items():
            if isinstance(side, NoAnswer):
                yield name, _unanswered(side)
                continue
            made = made or sequences(prepared.found, plan, self.workspace.sources, self.data, self.budget)
            if isinstance(made, str):
                yield name, Verdict(Standing.NOT_VERIFIED, reasons=(made,))
            else:
                yield name, tested(made, prepared.meaning, side, self.assumptions)

    def complete(self, found: RuleProof) -> bool:
        """Whether every target answered, so that it is worth keeping."""
        return found.problem is None and len(found.verdicts) == len(self.workspace.siems)

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
                    side, model = under_plain(conversion.queries, siem.target, siem.model, prepared.meaning)
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


def _proved(
    work: _Work, documents: Sequence[RuleDocument], jobs: int, show: Show, kept: ProofCache | None
) -> Iterator[RuleProof]:
    """Every rule, in order: those that are known, and on several cores those that are not."""
    files = work.workspace.rules.files
    texts = {file.path: file.text for file in files}
    filters = [file.text for file in files if any(one.kind is Kind.FILTER for one in file.documents)]

    def proved(document: RuleDocument) -> RuleProof:
        found = work.rule(document)
        if kept is not None and document.kind is Kind.RULE and work.complete(found):
            kept.keep_rule(found, document, texts[document.path], filters)
        return found

    known = {
        number: found
        for number, document in enumerate(documents)
        if kept is not None
        and document.kind is Kind.RULE
        and (found := kept.rule(document, texts[document.path], filters)) is not None
    }
    missing = [document for number, document in enumerate(documents) if number not in known]
    made = _made(proved, missing, jobs)
    for number, document in enumerate(documents):
        show(number, len(documents), document.title)
        yield known.get(number) or next(made)


def _made(
    proved: Callable[[RuleDocument], RuleProof], documents: Sequence[RuleDocument], jobs: int
) -> Iterator[RuleProof]:
    """The first here, so that the others find models, grammars and converters loaded in every process."""
    for done, document in enumerate(documents, 1):
        yield (found := proved(document))
        if found.verdicts and document.kind is Kind.RULE:
            rest = documents[done:]
            yield from spread(proved, rest, jobs if len(rest) > _FEW else 1, _lost)
            return


def _lost(document: RuleDocument) -> RuleProof:
    message = "the process that proved this rule has died: out of memory, or ended by somebody"
    place = Place(document.path, document.line)
    problem = Problem("process-died", message, place, "prove it alone: `sigmaproof prove FILE`")
    return RuleProof(document.path, document.line, document.title, problem=problem)


def say_problems(proofs: Proofs, say: Say) -> None:
    """Tells what does not load."""
    for problem in proofs.problems:
        say(problem)
