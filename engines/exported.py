"""Asks a real engine what it makes of the files that `export` writes for Kibana.

usage: python engines/exported.py URL

Every Lucene query of the exported detection rules and saved searches is read back from its file, sent as
Kibana sends it (`analyze_wildcard`) to be validated, and run over the events of all fixtures. It has to find
those that its rule finds by itself, no matter whose fixture they are from; and the same without that option.
A threshold rule is run as Kibana runs one, at the time of every event of its fixture: groups and counts are
the server's.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from sigmaproof.commands.export import Request, export_rules
from sigmaproof.commands.export_files import write_exports
from sigmaproof.config import Config, read_config
from sigmaproof.errors import Exit, SigmaproofError
from sigmaproof.export.threshold import threshold
from sigmaproof.judge.correlations import PreparedCorrelation
from sigmaproof.judge.meaning import Meaning, RawEvent
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.suite import placed, prepared_rule, rule_of
from sigmaproof.live.address import read_address, read_credentials
from sigmaproof.live.connect import connected
from sigmaproof.live.elastic import ElasticEngine
from sigmaproof.live.transport import reason
from sigmaproof.live.values import Corpus, Held, Question, named
from sigmaproof.load.events import events_of
from sigmaproof.load.values import RuleDocument
from sigmaproof.logic.plans.correlated import Correlated
from sigmaproof.logic.plans.hits import same
from sigmaproof.logic.times import time_of, told
from sigmaproof.text import spans
from sigmaproof.workspace import Siem, Workspace

ROOT = Path(__file__).resolve().parent.parent
TARGET = "elastic-lucene"
KIBANA = {"analyze_wildcard": True}
"""What Kibana adds to a query string, in Discover and in detection rules."""
SECOND = 1_000_000


class Timeline(Struct, frozen=True):
    """A case of a rule about several events: the rows of its events, and when they happened."""

    document: RuleDocument
    rows: tuple[int, ...]
    times: tuple[int, ...]


class Events(Struct, frozen=True):
    """The events of all fixtures, as their sources write them."""

    all: list[RawEvent]
    timelines: list[Timeline]


def main() -> int:
    """0 if the engine agrees with all that was exported."""
    with tempfile.TemporaryDirectory() as folder:
        differences = list(_checked(Path(folder), sys.argv[1]))
    for one in differences:
        print(f"  {one}")
    return Exit.VERDICT if differences else Exit.EXPECTED


def _checked(folder: Path, url: str) -> Iterator[str]:
    config = _config(folder)
    exports = export_rules(config, Request(), lambda done, of, name: None)
    write_exports(exports, folder / "out")
    queries = list(dict.fromkeys(read_back(folder / "out" / TARGET)))
    documents = {search.id: one.document for one in exports.entries for search in one.searches}
    assert {name for name, _ in queries} == documents.keys(), "a search is missing in the files"
    assert any(threshold(query) for _, query in queries), "no threshold rule was exported"
    with connected(read_address(url, credentials=read_credentials()), "lucene") as engine:
        assert isinstance(engine, ElasticEngine)
        print(f"{named(engine)}: {len(queries)} exported queries")
        yield from compared(engine, Preparation(Workspace(config)), queries, documents)


def _config(folder: Path) -> Config:
    """The repository's, whose target asks correlations as threshold rules, too."""
    converters = folder / "converters"
    shutil.copytree(ROOT / "converters", converters)
    path = converters / f"{TARGET}.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("backend_options:\n", "backend_options:\n  asked_every: 5m\n"), encoding="utf-8"
    )
    return read_config(ROOT).overridden(rules=(), fixtures=(), converters=converters, targets=(TARGET,))


def read_back(folder: Path) -> Iterator[tuple[str, str]]:
    """Id and query of what was exported; a threshold rule as the JSON of its keys."""
    for line in (folder / "searches.ndjson").read_text(encoding="utf-8").splitlines()[1:]:
        search = json.loads(line)
        source = json.loads(search["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
        yield search["id"], source["query"]["query"]
    for line in (folder / "rules.ndjson").read_text(encoding="utf-8").splitlines():
        rule = json.loads(line)
        keys = ("query", "threshold", "from", "interval")
        asked = json.dumps({key: rule[key] for key in keys}) if rule["type"] == "threshold" else rule["query"]
        yield rule["rule_id"], asked


def compared(
    engine: ElasticEngine,
    preparation: Preparation,
    queries: Sequence[tuple[str, str]],
    documents: Mapping[str, RuleDocument],
) -> Iterator[str]:
    """Whatever the engine does not accept, or finds otherwise than the rule."""
    (siem,) = preparation.workspace.siems
    events = all_events(preparation, siem)
    model = siem.model
    corpus = Corpus(
        model.name,
        [model.document(event) for event in events.all],
        model.mapping,
        model.analysis,
        model.default,
        stand_ins=True,
    )
    with engine.holding([corpus]) as (held,):
        print(f"{len(events.all)} events, {len(held.rejected)} of which the server did not take")
        for name, query in queries:
            document = documents[name]
            rule = prepared_rule(preparation, document)
            asked = threshold(query)
            for one in validated(engine, held, asked["query"] if asked else query):
                yield f"{document.title}: {one}"
            found = (
                counted(engine, held, asked, rule, events)
                if isinstance(rule, PreparedCorrelation)
                else selected(engine, held, query, rule.meaning, events)
            )
            yield from (f"{document.title}: {one}" for one in found)


def all_events(preparation: Preparation, siem: Siem) -> Events:
    """The events of every fixture that the product would hold."""
    found = Events([], [])
    for fixture in preparation.workspace.fixtures.fixtures:
        document = rule_of(preparation.workspace.rules, fixture)
        rule = prepared_rule(preparation, document)
        for case in fixture.cases:
            events = [one for one in placed(rule, case, events_of(case)).events if siem.model.holds(one)]
            rows = tuple(range(len(found.all), len(found.all) + len(events)))
            found.all.extend(events)
            if isinstance(rule, PreparedCorrelation):
                times = tuple(time_of(partial(_cell, one)) or 0 for one in events)
                found.timelines.append(Timeline(document, rows, times))
    return found


def _cell(event: RawEvent, name: str) -> Any:
    value = event.get(name)
    return None if value is None else (value,)


def validated(engine: ElasticEngine, held: Held, query: str) -> Iterator[str]:
    """What the engine has against a query string."""
    body = {"query": {"query_string": {"query": query, **KIBANA}}}
    path = f"/{held.index}/_validate/query?explain=true"
    reply = engine.transport.send("POST", path, json.dumps(body))
    if not reply.ok:
        yield f"not validated: {reason(reply.body)}"
    elif not reply.body["valid"]:
        yield f"not valid: {reply.body.get('explanations')}"


def selected(engine: ElasticEngine, held: Held, query: str, rule: Meaning, events: Events) -> Iterator[str]:
    """Where the query finds other events than the rule."""
    rows = {row for (row,) in rule.plan.run(rule.table(events.all)).findings} - held.rejected.keys()
    for options in (KIBANA, {}):
        (answer,) = engine.ask([Question(held, "lucene", query, {**options, "lenient": False})])
        if answer.error or answer.unable:
            yield answer.error or answer.unable
        elif set(answer.rows) != rows:
            row = min(set(answer.rows) ^ rows)
            does = "finds" if row in answer.rows else "does not find"
            yield f"with {options or 'no option'}, {does} {events.all[row]}"


def counted(
    engine: ElasticEngine,
    held: Held,
    asked: Mapping[str, Any],
    rule: PreparedCorrelation,
    events: Events,
) -> Iterator[str]:
    """Where a threshold rule alerts for other groups than the rule on what a run sees."""
    span = (spans.read(asked["from"].removeprefix("now-")) or 0) * SECOND
    plan = rule.meaning.plan
    assert isinstance(plan, Correlated)
    for case in events.timelines:
        for run in sorted(set(case.times)) if case.document == rule.document else ():
            seen = [row for row, time in zip(case.rows, case.times, strict=True) if run - span <= time <= run]
            records = plan.run(rule.meaning.table([events.all[row] for row in seen])).records or ()
            ours = {tuple(same(record[name][0]) for name in plan.names) for record in records}  # type: ignore[index]
            theirs = set(buckets(engine, held, asked, case.rows, run - span, run))
            if ours != theirs:
                yield f"alerts for {sorted(theirs)} at {told(run)}, the rule for {sorted(ours)}"


def buckets(
    engine: ElasticEngine, held: Held, asked: Mapping[str, Any], rows: Sequence[int], since: int, until: int
) -> Iterator[tuple[str, ...]]:
    """The groups of a run that reach the threshold, among some documents."""
    said = asked["threshold"]
    inside = {"range": {"@timestamp": {"gte": told(since), "lte": told(until)}}}
    string = {"query_string": {"query": asked["query"], **KIBANA}}
    filters = [string, inside, {"ids": {"values": [str(row) for row in rows]}}]
    sources = [{name: {"terms": {"field": name}}} for name in said["field"]]
    values = {f"different {at}": {"cardinality": one} for at, one in enumerate(_fields(said))}
    groups = {"composite": {"sources": sources, "size": 1000}, "aggs": values}
    body = {"size": 0, "query": {"bool": {"filter": filters}}, "aggs": {"groups": groups}}
    reply = engine.transport.send("POST", f"/{held.index}/_search", json.dumps(body))
    assert reply.ok, reason(reply.body)
    least = [one["value"] for one in said["cardinality"]]
    for one in reply.body["aggregations"]["groups"]["buckets"]:
        many = [one[f"different {at}"]["value"] for at in range(len(least))]
        if one["doc_count"] >= said["value"] and all(map(int.__ge__, many, least)):
            yield tuple(str(one["key"][name]) for name in said["field"])


def _fields(said: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    return ({"field": one["field"]} for one in said["cardinality"])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SigmaproofError as error:
        sys.exit(str(error))
