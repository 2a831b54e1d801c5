"""Conformance cases: a query, documents, and what an engine of the language answers.

A line of a case file is a group: `language`, `group`, `index`, `documents`, `queries` and, where several
servers were asked, `engines` such as `opensearch-3.8.0`. A query (`query`, or `dsl` as an object) may say
what it must give: `matched` (with `ordered`: in this order), `matched_any_of`, `error`, or one of these
`by_engine`; for a correlation rule `fires`, the groups for which it does. A query that says nothing must be
understood; a language that rejects it by its own rules has understood it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from sigmaproof.errors import InvalidInput, Place, Problem, QueryError, UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.languages import Language, Lowered, language
from sigmaproof.logic.explain import Trace, explain
from sigmaproof.logic.plans import Found, Select
from sigmaproof.logic.plans.hits import same
from sigmaproof.logic.run import Table
from sigmaproof.logic.values import Cell, Value

_CODE = "invalid-case"
_KEYS = ("language", "group", "documents", "queries")


class Mark(StrEnum):
    """How a case came out."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"


class Result(Struct, frozen=True):
    """One query on every engine it was asked of."""

    place: Place
    language: str
    group: str
    name: str
    mark: Mark
    told: str = ""
    traces: tuple[tuple[int, Trace], ...] = ()
    """For a failure: the documents on which the answer is wrong, and why ours is as it is."""


class _Case(Struct, frozen=True):
    """One query under one engine."""

    group: Mapping[str, Any]
    query: Mapping[str, Any]
    engine: str

    @property
    def expected(self) -> Mapping[str, Any]:
        return expectation(self.query, self.engine)

    @property
    def options(self) -> dict[str, Any]:
        options = dict(self.query.get("options", {}))
        if self.engine:
            options["flavour"], _, options["version"] = self.engine.partition("-")
        return options


def run_files(paths: Sequence[Path]) -> Iterator[Result]:
    """The results of every query of these files, in order. Raises `InvalidInput` for a file that is none."""
    for path in paths:
        for number, group in groups_of(path):
            yield from _run_group(group, Place(path, number))


def groups_of(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The groups of a case file with their lines. Raises `InvalidInput`."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InvalidInput(Problem(_CODE, f"cannot be read: {error.strerror}", Place(path))) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            group = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(Problem(_CODE, f"not JSON: {error}", Place(path, number))) from error
        if flaw := _flaw(group):
            raise InvalidInput(Problem(_CODE, flaw, Place(path, number)))
        yield number, group


def _flaw(group: Any) -> str:
    """What is missing in a group; empty when nothing is."""
    if not isinstance(group, dict) or not all(key in group for key in _KEYS):
        return f"a group is an object with {', '.join(_KEYS)}"
    for number, query in enumerate(group["queries"], 1):
        if not isinstance(query, dict) or not query.keys() & {"query", "dsl"}:
            return f"query {number} of the group is no object with query or dsl"
        by_engine = query.get("by_engine")
        missing = [name for name in group.get("engines") or [""] if by_engine and name not in by_engine]
        if missing:
            return f"by_engine of query {number} does not say what {missing[0] or 'no engine'} answers"
    return ""


def _run_group(group: Mapping[str, Any], place: Place) -> Iterator[Result]:
    try:
        found = language(group["language"])
    except UnsupportedQuery as error:
        raise InvalidInput(Problem(_CODE, str(error), place)) from error
    tables: dict[str, Table] = {}
    for number, query in enumerate(group["queries"], 1):
        name = name_of(group, query, number)
        marks = [_run(found, _Case(group, query, engine), tables) for engine in group.get("engines") or [""]]
        mark, told, traces = max(marks, key=lambda one: _RANK[one[0]])
        yield Result(place, group["language"], group["group"], name, mark, told, traces)


def name_of(group: Mapping[str, Any], query: Mapping[str, Any], number: int) -> str:
    """What a query is called: its own name, its group's id, or its number from 1."""
    return str(query.get("name") or group.get("id") or f"{group['group']}[{number}]")


_RANK = {Mark.PASSED: 0, Mark.UNSUPPORTED: 1, Mark.FAILED: 2}
_Judged = tuple[Mark, str, tuple[tuple[int, Trace], ...]]


def _run(found: Language, case: _Case, tables: dict[str, Table]) -> _Judged:
    on = f" on {case.engine}" if case.engine else ""
    try:
        index, lowered = _lowered(found, case)
        table = _table(tables, case, index)
        answer = lowered.plan.run(table)
    except UnsupportedQuery as error:
        # a query that the engine refuses may be refused here for a reason of our own
        if "error" in case.expected:
            return Mark.PASSED, "", ()
        return Mark.UNSUPPORTED, f"{error}{on}", ()
    except QueryError as error:
        claims = bool(case.expected.keys() & {"matched", "matched_any_of", "fires"})
        return (Mark.FAILED, f"rejected{on}: {error}", ()) if claims else (Mark.PASSED, "", ())
    except Exception as error:
        # a defect of ours, which must not hide the other cases
        return Mark.FAILED, f"crashes{on}: {type(error).__name__}: {error}", ()
    if "fires" in case.expected:
        return _judged_groups(case.expected["fires"], answer, on)
    if is_right(case.expected, answer.rows):
        return Mark.PASSED, "", ()
    told = f"finds {answer.rows}, not {wanted(case.expected)}{on}"
    return Mark.FAILED, told, tuple(_traces(case.expected, answer, lowered, table))


def _judged_groups(wanted: Sequence[Mapping[str, Any]], answer: Found, on: str) -> _Judged:
    """Which groups a correlation rule fires for, how often and in what order ever."""
    if answer.records is None:
        return Mark.FAILED, f"finds events{on}, where groups are expected", ()
    fired = [{name: value for name, (value,) in one.items()} for one in map(_cells, answer.records)]
    if {_group(one) for one in fired} == {_group(one) for one in wanted}:
        return Mark.PASSED, "", ()
    return Mark.FAILED, f"fires for {fired}, not {list(wanted)}{on}", ()


def _cells(record: Mapping[str, Cell]) -> dict[str, tuple[Value, ...]]:
    return {name: (cell or (None,))[:1] for name, cell in record.items()}


def _group(values: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((name, same(value)) for name, value in values.items())


def _lowered(found: Language, case: _Case) -> tuple[Index, Lowered]:
    index = found.case_index(case.group.get("index"), case.options)
    if "dsl" in case.query:
        lower: Callable[[Any, Index, Any], Lowered] | None = getattr(found, "lower_dsl", None)
        if lower is None:
            raise UnsupportedQuery(f"{case.group['language']} has no query DSL")
        return index, lower(case.query["dsl"], index, case.options)
    return index, found.lower_query(case.query["query"], index, case.options)


def _table(tables: dict[str, Table], case: _Case, index: Index) -> Table:
    """Documents read once per engine; columns and test results are shared by the group's queries."""
    if case.engine not in tables:
        documents = case.group["documents"]
        if case.group["language"] == "lucene":
            # a server gives every document an id that can be asked for; here it is the document's number
            documents = [{"_id": str(number), **one} for number, one in enumerate(documents)]
        tables[case.engine] = Table(documents, index.read)
    return tables[case.engine]


def expectation(query: Mapping[str, Any], engine: str) -> Mapping[str, Any]:
    """What a query must give on one engine. A list under `by_engine` is what it matches."""
    by_engine = query.get("by_engine")
    if not by_engine:
        return query
    expected = by_engine[engine]
    return expected if isinstance(expected, Mapping) else {"matched": expected}


def is_right(expected: Mapping[str, Any], rows: Sequence[int]) -> bool:
    """Whether an answer is what is expected of a query."""
    if "error" in expected:
        return False
    if "matched_any_of" in expected:
        return any(set(rows) == set(one) for one in expected["matched_any_of"])
    if "matched" not in expected:
        return True
    if expected.get("ordered"):
        return list(rows) == list(expected["matched"])
    # without an order the answer is a set: some case files name a document once per equal document
    return set(rows) == set(expected["matched"])


def wanted(expected: Mapping[str, Any]) -> str:
    """The expectation in words."""
    if "error" in expected:
        return f"an error ({expected['error']})"
    return str(expected.get("matched", expected.get("matched_any_of")))


def _traces(
    expected: Mapping[str, Any], answer: Found, lowered: Lowered, table: Table
) -> Iterator[tuple[int, Trace]]:
    if not isinstance(lowered.plan, Select) or "matched" not in expected:
        return
    for row in sorted(set(answer.rows) ^ set(expected["matched"])):
        yield row, explain(lowered.plan.term, table, row)
