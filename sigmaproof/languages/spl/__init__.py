"""Splunk's Search Processing Language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigmaproof.index import Index
from sigmaproof.index.splunk import SplunkIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.spl.options import SplOptions


def lower_query(query: str, index: Index, options: Options) -> Lowered:
    """What a search means: one term if every command looks at one row at a time, else a plan of stages."""
    from sigmaproof.languages.spl.lower import lower_pipeline
    from sigmaproof.languages.spl.reader import read_pipeline
    from sigmaproof.languages.spl.scope import Context

    context = Context(SplOptions.of(options), index)
    known = context.options
    pipeline = read_pipeline(query, known.macros, comments=known.switches.comments == "strip")
    plan = lower_pipeline(pipeline, context).plan()
    return Lowered(plan, tuple(context.notes))


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:  # noqa: ARG001  # part of the protocol
    """The index that a conformance case describes: its `lookups`, if it has any."""
    tables = (index or {}).get("lookups", {})
    return SplunkIndex({name: tuple(rows) for name, rows in tables.items()})
