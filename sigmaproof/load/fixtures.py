"""Fixture files → labelled cases. A bad case is a problem; the cases beside it still load."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sigmaproof.errors import InvalidInput, Place, Problem
from sigmaproof.load import values
from sigmaproof.load.changed_text import changed_block, changed_items, changed_values
from sigmaproof.load.command_lines import CommandLine, read_lines
from sigmaproof.load.files import YAML, inside, ordinary, walk
from sigmaproof.load.formats import CaseModel, FixtureModel, GroupModel, limits, seconds
from sigmaproof.load.sigmahq import INFO, load_info
from sigmaproof.load.validate import Source, check, read_source
from sigmaproof.load.values import Case, Difference, Event, Fixture, Fixtures, GroupMatch, Label, Matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CODE = "invalid-fixture"
_REMEDY = "add `malicious: |` with one command line per line, `benign: |`, or `cases:`"
_BLOCKS = ("malicious", "benign")


def load_fixtures(root: Path) -> Fixtures:
    """Every fixture under `root` (or the one file given), in path order; also SigmaHQ's `info.yml`."""
    folder = root if root.is_dir() else root.parent
    paths, problems = walk(root, YAML, CODE)
    fixtures: list[Fixture] = []
    notes: list[Problem] = []
    for path in paths:
        found = load_info(path, folder) if path.name == INFO else load_fixture(path)
        fixtures += found.fixtures
        problems += found.problems
        notes += found.notes
    return Fixtures(tuple(fixtures), tuple(problems), tuple(notes))


def load_fixture(path: Path) -> Fixtures:
    """The cases of one file that load, and what is wrong with the others."""
    try:
        source = read_source(path, CODE, empty=_REMEDY)
    except InvalidInput as error:
        return Fixtures((), (error.problem,))
    return _Reader(source).read()


class _Reader:
    """Reads one fixture, collecting problems as it goes."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._data: dict[Any, Any] = source.data
        self._problems: list[Problem] = []

    def read(self) -> Fixtures:
        """The fixture with the cases that are right; none if nothing in it is."""
        head = self._head()
        base: Event = (head.event if head else None) or {}
        self._problems += changed_values(self._source, ("event",))
        cases = [case for key in _BLOCKS for case in self._block(key, base)]
        cases += self._listed(base)
        cases = self._unlike_named(cases)
        if head and head.differs:
            known = {name: _difference(found) for name, found in head.differs.items()}
            cases = [replace(case, differs={**known, **case.differs}) for case in cases]
        if not any(key in self._data for key in (*_BLOCKS, "cases")):
            self._problems.append(self._source.problem("the fixture has no cases", (), _REMEDY))
        if not cases:
            return Fixtures((), self._sorted())
        rule = head.rule if head and head.rule else self._source.path.stem
        line = self._source.lines.line(("rule",)) if "rule" in self._data else 0
        return Fixtures((Fixture(self._source.path, rule, line, tuple(cases)),), self._sorted())

    def _sorted(self) -> tuple[Problem, ...]:
        return tuple(sorted(self._problems, key=lambda problem: problem.place.line if problem.place else 0))

    def _head(self) -> FixtureModel | None:
        """The keys of the file itself; lists are judged item by item elsewhere."""
        own = {
            key: value
            for key, value in self._data.items()
            if not (key in _LISTS and value and isinstance(value, list))
        }
        head = check(FixtureModel, own, self._source)
        if isinstance(head, FixtureModel):
            return head
        self._problems += head
        wrong = {problem.place.line for problem in head if problem.place}
        usable = {key: own[key] for key in ("rule", "event") if key in own}
        usable = {key: value for key, value in usable.items() if self._source.lines.line((key,)) not in wrong}
        again = check(FixtureModel, usable, self._source)
        return again if isinstance(again, FixtureModel) else None

    def _block(self, key: str, base: Event) -> Iterator[Case]:
        written = self._data.get(key)
        if isinstance(written, str):
            yield from self._text_block(key, written, base)
        elif isinstance(written, list):
            wrong = dict(changed_items(self._source, key))
            self._problems += wrong.values()
            for position, item in enumerate(written):
                if position not in wrong:
                    line = self._source.lines.line((key, position))
                    yield self._command(key, position, CommandLine(item, 0, ""), line, base)

    def _text_block(self, key: str, written: str, base: Event) -> Iterator[Case]:
        if problem := changed_block(self._source, key):
            self._problems.append(problem)
            return
        lines = read_lines(written)
        if not lines:
            self._problems.append(self._source.problem(f"`{key}` has no command line", (key,), _REMEDY))
        node = self._source.lines.node((key,))
        literal = node is not None and getattr(node, "style", "") == "|"
        first = node.start_mark.line + 1 if node is not None else 0
        for position, found in enumerate(lines):
            yield self._command(key, position, found, first + 1 + found.offset if literal else first, base)

    def _command(self, key: str, position: int, found: CommandLine, line: int, base: Event) -> Case:
        return Case(
            name=f"{key}[{position + 1}]",
            label=Label(key),
            path=self._source.path,
            line=line,
            events=({**base, "CommandLine": found.text},),
            offsets=(0.0,),
            matches=Matches(*limits(None, key)),
            note=found.note,
            text=self._source.line_text(line).strip(),
        )

    def _listed(self, base: Event) -> Iterator[Case]:
        written = self._data.get("cases")
        for position, item in enumerate(written if isinstance(written, list) else ()):
            at = ("cases", position)
            model = check(CaseModel, item, self._source, at)
            if isinstance(model, list):
                self._problems += model
                continue
            self._problems += self._changed(item, at)
            try:
                yield self._case(model, at, base)
            except InvalidInput as error:
                self._problems.append(error.problem)

    def _changed(self, item: Mapping[str, Any], at: tuple[str | int, ...]) -> Iterator[Problem]:
        for key in ("event", "events", "command_line"):
            if key in item:
                yield from changed_values(self._source, (*at, key))

    def _case(self, model: CaseModel, at: tuple[str | int, ...], base: Event) -> Case:
        timeline = _timeline(model, base)
        line = self._source.lines.line(at)
        return Case(
            name=model.name,
            label=Label(model.label),
            path=self._source.path,
            line=line,
            events=tuple(event for _, event in timeline),
            offsets=tuple(offset for offset, _ in timeline),
            matches=Matches(*limits(model.matches, model.label)),
            file=self._file(model.file, at) if model.file else None,
            base=base if model.file else {},
            start=datetime.fromisoformat(model.start).astimezone(UTC) if model.start else values.START,
            timeline=model.events is not None,
            why=model.why,
            todo=model.todo or "",
            tags=tuple(model.tags),
            differs={name: _difference(found) for name, found in (model.differs or {}).items()},
            text=model.command_line or self._source.line_text(line).strip(),
            groups=None if model.groups is None else tuple(map(_group, model.groups)),
        )

    def _file(self, written: str, at: tuple[str | int, ...]) -> Path:
        try:
            path = inside(self._source.path.parent, written)
        except ValueError as error:
            remedy = "name a file below the fixture's folder"
            raise InvalidInput(
                self._source.problem(f'`file` "{written}" {error}', (*at, "file"), remedy)
            ) from None
        try:
            ordinary(path, CODE)
        except InvalidInput as error:
            message = f'`file` "{written}": {error.problem.message}'
            raise InvalidInput(self._source.problem(message, (*at, "file"), error.problem.help)) from None
        return path

    def _unlike_named(self, cases: list[Case]) -> list[Case]:
        """The cases whose name no earlier case has."""
        named: dict[str, Case] = {}
        for case in cases:
            first = named.setdefault(case.name, case)
            if first is not case:
                message = f'the name "{case.name}" is already used at line {first.line}'
                place = Place(case.path, case.line)
                self._problems.append(Problem(CODE, message, place, "give every case its own name"))
        return list(named.values())


_LISTS = (*_BLOCKS, "cases")


def _timeline(model: CaseModel, base: Event) -> list[tuple[float, Event]]:
    if model.event is not None:
        return [(0.0, model.event)]
    if model.command_line is not None:
        return [(0.0, {**base, "CommandLine": model.command_line})]
    steps = [
        (seconds(step.at) + count * seconds(step.every or "0s"), event)
        for step in model.events or ()
        for event in [step.event or {**base, "CommandLine": step.command_line}]
        for count in range(step.repeat or 1)
    ]
    return sorted(steps, key=lambda step: step[0])


def _group(found: GroupModel) -> GroupMatch:
    at = None if found.at is None else seconds(found.at)
    return GroupMatch(found.group, Matches(*limits(found.matches, "malicious")), at)


def _difference(found: Any) -> Difference:
    return Difference(found.kind, found.fires, found.reason, found.issue or "")
