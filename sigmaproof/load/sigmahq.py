"""SigmaHQ's regression data as it is: `info.yml` beside event files → the same fixtures as ours.

https://github.com/SigmaHQ/sigma/tree/master/regression_data
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sigmaproof.errors import InvalidInput, Problem
from sigmaproof.load.files import inside, ordinary
from sigmaproof.load.validate import Source, check, read_source
from sigmaproof.load.values import Case, Fixture, Fixtures, Label, Matches

INFO = "info.yml"
CODE = "invalid-fixture"
_READ = ("evtx", "json")
_REMEDY = "copy the info.yml of another rule"


class _Open(BaseModel):
    """SigmaHQ's format, which may grow: unknown keys are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Rule(_Open):
    id: Annotated[str, Field(min_length=1, strict=True)]
    title: str = ""


class _Test(_Open):
    name: str = "regression test"
    type: str
    provider: str | None = None
    match_count: Annotated[int, Field(ge=0, strict=True)] | None = None
    path: Annotated[str, Field(min_length=1)]


class _Info(_Open):
    description: str | None = None
    rule_metadata: Annotated[list[_Rule], Field(min_length=1)]
    regression_tests_info: list[_Test] | None = None


def load_info(path: Path, root: Path) -> Fixtures:
    """The fixtures of one `info.yml`, whose event files lie under `root`; one per rule that it names."""
    try:
        source = read_source(path, CODE, empty=_REMEDY)
    except InvalidInput as error:
        return Fixtures((), (error.problem,))
    info = check(_Info, source.data, source)
    if isinstance(info, list):
        return Fixtures((), tuple(info))
    if not info.regression_tests_info:
        return Fixtures((), (), (_no_tests(source, info),))
    cases: list[Case] = []
    problems: list[Problem] = []
    notes: list[Problem] = []
    for position, test in enumerate(info.regression_tests_info):
        if test.type.lower() not in _READ:
            notes.append(_not_read(source, position, test))
            continue
        found = _file(source, root, position, test)
        if isinstance(found, Path):
            cases.append(_case(source, position, test, found, _name(test.name, cases)))
        else:
            problems.append(found)
    line = source.lines.line(("rule_metadata",))
    rules = info.rule_metadata if cases else []
    fixtures = (Fixture(path, rule.id.lower(), line, tuple(cases)) for rule in rules)
    return Fixtures(tuple(fixtures), tuple(problems), tuple(notes))


def _no_tests(source: Source, info: _Info) -> Problem:
    message = f"no regression test for {info.rule_metadata[0].id}"
    return Problem("no-fixture", message, source.problem("").place, "add `regression_tests_info`")


def _not_read(source: Source, position: int, test: _Test) -> Problem:
    message = f'the test "{test.name}" is skipped: samples of type "{test.type}" are not read'
    place = source.problem("", ("regression_tests_info", position, "type")).place
    return Problem("unsupported", message, place, f"add a sample as {' or '.join(_READ)}")


def _case(source: Source, position: int, test: _Test, file: Path, name: str) -> Case:
    line = source.lines.line(("regression_tests_info", position))
    count = test.match_count
    return Case(
        name=name,
        label=Label.BENIGN if count == 0 else Label.MALICIOUS,
        path=source.path,
        line=line,
        events=(),
        offsets=(),
        matches=Matches(1) if count is None else Matches(count, count),
        file=file,
        tags=("sigmahq",),
        text=source.line_text(line).strip(),
    )


def _name(name: str, before: list[Case]) -> str:
    same = sum(case.name == name or case.name.startswith(f"{name} [") for case in before)
    return f"{name} [{same + 1}]" if same else name


def _file(source: Source, root: Path, position: int, test: _Test) -> Path | Problem:
    """The event file: its path begins at a folder above `root` or within; else it lies beside info.yml."""
    at = ("regression_tests_info", position, "path")
    try:
        inside(root, test.path)
    except ValueError as error:
        return source.problem(f'`path` "{test.path}" {error}', at, "name a file under regression_data/")
    parts = PurePosixPath(test.path).parts
    tails = [(root, "/".join(parts[skipped:])) for skipped in range(len(parts) - 1)]
    for folder, tail in (*tails, (source.path.parent, parts[-1])):
        if found := _ordinary(folder, tail):
            return found
    return source.problem(
        f'there is no file "{test.path}"', at, "check the path, or put the file beside info.yml"
    )


def _ordinary(folder: Path, tail: str) -> Path | None:
    try:
        path = inside(folder, tail)
        ordinary(path, CODE)
    except (ValueError, InvalidInput):
        return None
    return path
