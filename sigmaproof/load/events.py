"""Event files → a stream of events; what stands before or between damage is kept, damage is reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sigmaproof.errors import InvalidInput, Place, Problem
from sigmaproof.load.command_lines import read_lines
from sigmaproof.load.damage import Damage, Records
from sigmaproof.load.evtx_log import read_evtx
from sigmaproof.load.files import ordinary, read_text
from sigmaproof.load.json_stream import read_json, read_ndjson
from sigmaproof.load.tables import read_csv, read_parquet
from sigmaproof.load.values import EventFile
from sigmaproof.load.windows import flatten

if TYPE_CHECKING:
    from sigmaproof.load.values import Case, Event

CODE = "invalid-events"
MAX_BROKEN = 20
"""Broken records after which the rest of a file is not read."""
MOST_EVENTS = 1_000_000
"""Events of one file that are held in memory at once."""
LINE_FILES = frozenset({".txt"})
"""Command lines, one per line; only a fixture says what surrounds them."""

Report: TypeAlias = Callable[[Problem], None]

READERS: Mapping[str, Callable[[Path], Records]] = {
    ".evtx": read_evtx,
    ".json": read_json,
    ".ndjson": read_ndjson,
    ".jsonl": read_ndjson,
    ".csv": read_csv,
    ".parquet": read_parquet,
}


def iter_events(path: Path, report: Report, *, raw: bool = False) -> Iterator[Event]:
    """The events of a .evtx, .json, .ndjson, .jsonl, .csv or .parquet file, one at a time.

    Windows records become flat events with the names of Sigma rules (see `load.windows`), unless `raw`.
    Damage goes to `report` with the line or record number and never raises.
    """
    broken = 0
    for record in _records(path, report):
        if not isinstance(record, Damage):
            yield record if raw else flatten(record)
            continue
        broken += 1
        report(Problem(CODE, record.message, Place(path, record.line), record.help))
        if broken == MAX_BROKEN:
            report(Problem(CODE, f"{broken} broken records: the rest of the file was not read", Place(path)))
            return


def _records(path: Path, report: Report) -> Iterator[Event | Damage]:
    reader = READERS.get(path.suffix.lower())
    try:
        if reader is None:
            raise InvalidInput(_unknown(path))
        ordinary(path, CODE)
        yield from reader(path)
    except InvalidInput as error:
        report(error.problem)
    except OSError as error:
        report(Problem(CODE, f"cannot be read: {error.strerror or error}", Place(path)))


def _unknown(path: Path) -> Problem:
    known = ", ".join(sorted(READERS))
    return Problem(
        CODE, f'no reader for "{path.suffix or path.name}" files', Place(path), f"use one of {known}"
    )


def load_events(path: Path, *, raw: bool = False) -> EventFile:
    """The events of a file at once, up to `MOST_EVENTS`, with its problems; `iter_events` has no limit."""
    problems: list[Problem] = []
    stream = iter_events(path, problems.append, raw=raw)
    events = tuple(islice(stream, MOST_EVENTS))
    if len(events) == MOST_EVENTS and next(stream, None) is not None:
        message = f"more than {MOST_EVENTS:,} events: the rest of the file was not read"
        problems.append(
            Problem(CODE, message, Place(path), "split the file; they are held in memory at once")
        )
    return EventFile(path, events, tuple(problems))


def events_of(case: Case) -> EventFile:
    """The events of a case, wherever they are; a file without any is a problem."""
    if case.file is None:
        return EventFile(case.path, case.events)
    found = _command_lines(case) if case.file.suffix.lower() in LINE_FILES else load_events(case.file)
    if found.events or found.problems:
        return found
    empty = Problem(
        CODE, "the file holds no event", Place(case.file), f"used by {Place(case.path, case.line)}"
    )
    return EventFile(found.path, (), (empty,))


def _command_lines(case: Case) -> EventFile:
    path = case.file or case.path
    try:
        lines = read_lines(read_text(path, CODE))
    except InvalidInput as error:
        return EventFile(path, (), (error.problem,))
    return EventFile(path, tuple({**case.base, "CommandLine": found.text} for found in lines))
