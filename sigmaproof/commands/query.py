"""`query`: any query, in any language, on any events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigmaproof.commands.convert import Say
from sigmaproof.commands.pairs import parted
from sigmaproof.config import Config
from sigmaproof.errors import (
    Exit,
    Problem,
    QueryError,
    UnsupportedQuery,
    UsageError,
    nearest,
)
from sigmaproof.index.model import IndexModel, load_index_model, plain_model
from sigmaproof.judge.meaning import RawEvent, queries_meaning
from sigmaproof.languages import names
from sigmaproof.load.events import load_events
from sigmaproof.load.yaml_text import Flavour, read_yaml
from sigmaproof.logic.plans import Found
from sigmaproof.report.json import json_text

if TYPE_CHECKING:
    from sigmaproof.live.address import Address


def run_query(
    config: Config,
    language: str,
    query: str,
    file: Path,
    index: str | None,
    options: Iterable[str],
    form: str,
    say: Say,
    live: Address | None = None,
) -> tuple[str, Exit]:
    """What the query finds: the events as NDJSON in the order of the findings, or their number.

    With `live`, a real engine is asked as well, and what it says of the answer is told.
    """
    if language not in names():
        known = f"languages: {', '.join(names())}"
        raise UsageError(
            Problem("usage", f"no language {language!r}{nearest(language, names())}", help=known)
        )
    if not file.exists():
        raise UsageError(Problem("usage", f"no such file: {file}"))
    model, given = _model(config, index, language), _options(options)
    read = load_events(file)
    for problem in read.problems:
        say(problem)
    text, code = _embedded(language, query, model, given, read.events, form, say)
    if live:
        from sigmaproof.live.one import compare_query

        told, real = compare_query(live, language, query, model, read.events, given)
        say(told)
        code = code or real
    return text, code if read.complete else Exit.BROKEN_INPUT


def _embedded(
    language: str,
    query: str,
    model: IndexModel,
    options: Mapping[str, Any],
    events: Sequence[RawEvent],
    form: str,
    say: Say,
) -> tuple[str, Exit]:
    try:
        meaning = queries_meaning([query], language, model.index, model.document, options)
        (found,) = meaning.answers([events])
    except QueryError as error:
        say(_problem(error))
        return "", Exit.BROKEN_INPUT
    for note in meaning.notes:
        say(Problem("note", note))
    return str(len(found.findings)) if form == "count" else _ndjson(found, events), Exit.EXPECTED


def _model(config: Config, name: str | None, language: str) -> IndexModel:
    if name is None:
        return plain_model(language)
    path = config.converters / "indices" / f"{name}.yml"
    if not path.is_file():
        known = sorted(one.stem for one in path.parent.glob("*.yml"))
        message = f"no index model {name!r}{nearest(name, known)}"
        listed = f"index models: {', '.join(known)}" if known else f"there are none in {path.parent}"
        raise UsageError(Problem("usage", message, help=listed))
    return load_index_model(path)


def _options(pairs: Iterable[str]) -> dict[str, Any]:
    return {name: _scalar(value) for name, value in parted("--option", pairs, "NAME=VALUE").items()}


def _scalar(text: str) -> Any:
    documents = read_yaml(text, Flavour.CORE)
    return documents[0].data if documents else text


def _ndjson(found: Found, events: Iterable[RawEvent]) -> str:
    if found.records is not None:
        rows: Iterable[Any] = ({key: cell for key, cell in one.items() if cell} for one in found.records)
    else:
        at = list(events)
        rows = (at[row] for row in found.rows if row >= 0)
    return "\n".join(json_text(row) for row in rows)


def _problem(error: QueryError) -> Problem:
    return Problem("unsupported" if isinstance(error, UnsupportedQuery) else "invalid-query", error.told())
