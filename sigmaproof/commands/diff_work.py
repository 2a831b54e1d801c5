"""One rule of a comparison after the other: both versions prepared, compared, and run on their cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.commands.diff_loading import FixtureFinder, Loaded, cases_of
from sigmaproof.commands.diff_states import State
from sigmaproof.errors import InvalidInput, Place, Problem
from sigmaproof.index.event_data import load_event_data
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.diff import CaseChange, Cause, Change, Fate, QueryChange, RuleChange, Standing
from sigmaproof.judge.diff_cases import Ready, case_changes, merged
from sigmaproof.judge.diff_meaning import Pair, TargetPair, query_change, rule_change
from sigmaproof.judge.diff_pairs import Matched
from sigmaproof.judge.diff_sequences import SequencePair, sequence_change, sequence_query, told_apart
from sigmaproof.judge.edits import Edit, edits
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.prepare import Preparation, Prepared
from sigmaproof.judge.suite import prepared_rule
from sigmaproof.judge.verdicts import Status
from sigmaproof.judge.verify import NoAnswer
from sigmaproof.languages.sigma import lower, read_rule
from sigmaproof.load.rules import rule_lines
from sigmaproof.load.values import Kind, RuleDocument, Target
from sigmaproof.logic.plans import Select
from sigmaproof.workspace import Siem, Workspace


class Result(Struct, frozen=True):
    """What became of one rule, and what was in the way."""

    rule: RuleChange | None = None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """About the old version, which nobody can repair any more."""


Version = Ready | Problem | None
"""A rule in one version, or why it does not load there; None where there is none."""


class Work:
    """What the rules of one comparison share; a worker process inherits it."""

    def __init__(self, loaded: Loaded, budget: float) -> None:
        self.loaded, self.budget = loaded, budget
        base, head = loaded.workspaces()
        self._targets = {one.name: one for one in _target_pairs(loaded, base, head)}
        self._sources = tuple(_file(path) for path in loaded.models if loaded.is_source(path))
        renewed = [name for name, one in self._targets.items() if one.files]
        whole = bool(self._sources or renewed)
        touched = loaded.touched(whole=whole)
        self._matched = loaded.matched()
        self._touched = [one for one in touched.documents if one.kind is not Kind.FILTER]
        self._touched += [one for one in loaded.concerned() if one not in self._touched]
        self.pairs = [*self._matched, *((one, one) for one in self._touched)]
        old, new = loaded.rules_of(loaded.base, touched), loaded.rules_of(loaded.head, touched)
        self._before, self._after = Preparation(base.over(old)), Preparation(head.over(new))
        # a rule that is as it was is compared where a target is not
        names = renewed if whole and not self._sources and not loaded.values.changed else None
        self._narrow = Preparation(base.over(old, names)), Preparation(head.over(new, names))
        self._data = load_event_data(head.config.converters / "events")
        self._filters = [one.path for one in loaded.file_changes() if one.kind == "filter"]
        self._find_cases(whole)

    def _find_cases(self, whole: bool) -> None:
        changed = [one for pair in self._matched for one in pair if one is not None]
        finder = FixtureFinder(self.loaded, [*changed, *self._touched], whole=whole)
        head, base = finder.head(), finder.base()
        rules = self._after.workspace.rules
        self.problems = [*rules.problems, *head.problems]
        self._cases, self._former = cases_of(head, rules), cases_of(base, self._before.workspace.rules)

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that are compared."""
        return self._after.targets

    def rule(self, pair: Matched) -> Result:
        """What became of one rule."""
        same = pair[0] is pair[1]
        first, second = self._narrow if same else (self._before, self._after)
        known = len(first.problems), len(second.problems)
        before, after = _version(first, pair[0]), _version(second, pair[1])
        result = self._compared(pair, before, after)
        notes = (*result.notes, *(_former(one) for one in first.problems[known[0] :]))
        return replace(result, problems=(*result.problems, *second.problems[known[1] :]), notes=notes)

    def _compared(self, pair: Matched, before: Version, after: Version) -> Result:
        if isinstance(after, Problem):
            if isinstance(before, Problem) and after.code == before.code == "unsupported":
                return Result(_bare(pair, Change(Standing.NOT_COMPARED, reasons=(after.message,))))
            return Result(problems=(after,))
        if isinstance(before, Problem):
            if after is None:
                return Result(_bare(pair, Change(Standing.REMOVED)), notes=(_former(before),))
            found = self._alone(pair, None, after)
            return replace(found, notes=(*found.notes, _former(before)))
        if before is None or after is None:
            return self._alone(pair, before, after)
        if isinstance(before, PreparedCorrelation) or isinstance(after, PreparedCorrelation):
            return self._sequences(pair, before, after)
        return self._both(pair, before, after)

    def _sequences(self, pair: Matched, before: Ready, after: Ready) -> Result:
        cases, problems, _ = case_changes(before, after, self._cases_of(pair))
        if isinstance(before, Prepared) or isinstance(after, Prepared):
            reasons = ("one version is about single events, the other about several",)
            return Result(replace(_bare(pair, Change(Standing.NOT_COMPARED, reasons=reasons)), cases=cases))
        told = _Told(self.loaded, before.document, after.document)
        made = tuple(map(told.cause, edits(before.document.data, after.document.data)))
        # several edits are not told apart on a timeline
        causes = self._below(after) if not made else made if len(made) == 1 else ()
        both = SequencePair(before, after, cases, self._data, self.budget, causes)
        shown, tried = told_apart(both)
        queries = [
            _admitted(sequence_query(both, name, self._files_of(name), shown), cases)
            for name in after.sides
            if name in before.sides
        ]
        rule = replace(
            _bare(pair, sequence_change(both, shown, tried)),
            edits=made,
            queries=tuple(queries),
            cases=cases,
        )
        return Result(rule, problems)

    def _below(self, after: PreparedCorrelation) -> tuple[Cause, ...]:
        """What changed in the rules that a correlation rule refers to."""
        names = {name for rule in after.found.base_rules for name in (rule.id, rule.name) if name}
        changed = (one for pair in self._matched for one in pair if one and names & {one.id, one.name})
        values = self.loaded.values
        files = (_file(path) for path in dict.fromkeys(one.path.as_posix() for one in changed))
        return (*files, *values.causes(values.used(after.found.base_rules)))

    def _files_of(self, name: str) -> tuple[Cause, ...]:
        target = self._targets.get(name)
        return target.files if target else ()

    def _alone(self, pair: Matched, before: Ready | None, after: Ready | None) -> Result:
        one = after or before
        assert one is not None
        cases, problems, _ = case_changes(before, after, self._cases_of(pair))
        standing = Standing.ADDED if after else Standing.REMOVED
        queries = (_lonely(one, name, standing, cases) for name in one.sides)
        rule = replace(_bare(pair, Change(standing)), queries=tuple(queries), cases=cases)
        return Result(rule, problems)

    def _both(self, documents: Matched, before: Prepared, after: Prepared) -> Result:
        cases, problems, real = case_changes(before, after, self._cases_of(documents))
        others = self._others(before, after)
        source = after.rule.logsource
        known = after.sources.providers(source) is not None
        carried = None if known else self._after.workspace.log_fields.of(source)
        pair = Pair(before, after, self._understand, self._data, carried, real, others, self.budget)
        told = _Told(self.loaded, before.document, after.document)
        names = dict.fromkeys([*after.sides, *before.sides])
        queries = (_admitted(self._query(pair, name), cases) for name in names)
        rule = replace(
            _bare(documents, rule_change(pair, told.cause)),
            edits=tuple(map(told.cause, pair.edits)),
            queries=tuple(queries),
            cases=cases,
        )
        return Result(rule, problems)

    def _query(self, pair: Pair, name: str) -> QueryChange:
        target = self._targets.get(name)
        if target is not None and name in pair.before.sides and name in pair.after.sides:
            return query_change(pair, target)
        if name in pair.after.sides:
            return _lonely(pair.after, name, Standing.ADDED, ())
        return _lonely(pair.before, name, Standing.REMOVED, ())

    def _others(self, before: Prepared, after: Prepared) -> tuple[Cause, ...]:
        """The changed files that the rule's meaning depends on, beside its own."""
        filters = [_file(path) for path in self._filters] if before.rule.filters != after.rule.filters else []
        values = self.loaded.values
        used = values.used(part for one in (before, after) for part in (one.document.data, one.rule.filters))
        return (*self._sources, *filters, *values.causes(used))

    def _understand(self, data: Mapping[str, Any]) -> Meaning:
        rule = self._after.filtered(self._after.with_values(read_rule(data)))
        located = self._after.workspace.sources.located(lower(rule), rule.logsource)
        return Meaning(Select(located.term), EventIndex())

    def _cases_of(self, pair: Matched) -> Sequence[tuple[Any, bool]]:
        before, after = (None if one is None else (one.path, one.index) for one in pair)
        now = self._cases.get(after, []) if after else []
        return merged(now, self._former.get(before, []) if before else [])


class _Told(Struct, frozen=True):
    """Edits of one rule as a reader finds them."""

    loaded: Loaded
    before: RuleDocument
    after: RuleDocument

    def cause(self, edit: Edit) -> Cause:
        """The edit with its line."""
        document = self.before if edit.gone else self.after
        files = (self.loaded.base if edit.gone else self.loaded.head).files
        file = files.get(document.path.as_posix())
        line = rule_lines(file).line(edit.place(document.data), document.index) if file else 0
        return Cause(str(edit), Place(document.path, line), edit.gone)


def _version(preparation: Preparation, document: RuleDocument | None) -> Version:
    if document is None:
        return None
    try:
        return prepared_rule(preparation, document)
    except InvalidInput as error:
        return error.problem


def _bare(pair: Matched, change: Change) -> RuleChange:
    before, after = pair
    one = after or before
    assert one is not None
    was = Place(before.path) if before and after and before.path != after.path else None
    return RuleChange(_fate(before, after), Place(one.path, one.line), one.title, one.id, was, change)


def _fate(before: RuleDocument | None, after: RuleDocument | None) -> Fate:
    if before is None:
        return Fate.ADDED
    if after is None:
        return Fate.REMOVED
    if before.path != after.path and not edits(before.data, after.data):
        return Fate.RENAMED
    return Fate.UNTOUCHED if before.data == after.data else Fate.CHANGED


def _lonely(one: Ready, name: str, standing: Standing, cases: Iterable[CaseChange]) -> QueryChange:
    """A query that has no other version."""
    conversion = next(found for found in one.conversions if found.target == name)
    side = one.sides[name]
    change = Change(standing)
    if isinstance(side, NoAnswer):
        change = Change(Standing.STILL_REFUSED, reasons=(side.message,))
    texts = ((), conversion.queries) if standing is Standing.ADDED else (conversion.queries, ())
    return _admitted(QueryChange(name, change, *texts), cases)


def _admitted(query: QueryChange, cases: Iterable[CaseChange]) -> QueryChange:
    """The query, and whether the fixture says that there is none."""
    now = [one.after for case in cases for one in case.answers if one.side == query.target and one.after]
    admits = bool(now) and all(one.status is Status.GAP and one.matches is None for one in now)
    return replace(query, admitted=admits)


def _former(problem: Problem) -> str:
    place = f" ({problem.place})" if problem.place else ""
    return f"the old version: {problem.message}{place}"


def _file(path: str) -> Cause:
    return Cause(path, Place(Path(path)))


def _target_pairs(loaded: Loaded, base: Workspace, head: Workspace) -> Iterator[TargetPair]:
    """The targets that are in both states, and which of their files changed."""
    old = {siem.name: siem for siem in base.siems}
    for siem in head.siems:
        was = old.get(siem.name)
        if was is not None:
            files = _changed_files(loaded, was, siem)
            yield TargetPair(was, siem, tuple(map(_file, files)), _read_alike(was.target, siem.target, files))


def _changed_files(loaded: Loaded, before: Siem, after: Siem) -> list[str]:
    sides = ((loaded.states.base, before.target), (loaded.states.head, after.target))
    found = {_shown(state, path) for state, target in sides for path in target.files}
    return [path for path in loaded.models if path in found]


def _shown(state: State, path: Path) -> str:
    return state.shown(path).as_posix()


def _read_alike(before: Target, after: Target, changed: Iterable[str]) -> bool:
    index = after.index.name if after.index else ""
    renewed = any(PurePosixPath(path).parts[-2:] == ("indices", index) for path in changed)
    same = (before.language, before.options, before.index and before.index.name)
    return not renewed and same == (after.language, after.options, after.index and after.index.name)
