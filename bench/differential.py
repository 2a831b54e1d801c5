"""Every rule against its queries, by execution: what converts, what is refused, what finds other events.

    python bench/differential.py RULES… [-t TARGET]… [--events FILE]… [--made N] [--every N] [-v]

Prints, for each target, how many rules convert, why others do not, which queries do not parse. With events,
recorded or made from the rule, each rule runs natively and through each target's index model, and every
difference is shown with one event.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from made_events import made_events

from sigmaproof.config import read_config
from sigmaproof.convert import Converter, Refused
from sigmaproof.errors import InvalidInput, QueryError, UnsupportedQuery
from sigmaproof.index.event_data import EventData, load_event_data
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import Missing, Subject, Verdict, prove_query
from sigmaproof.languages.sigma import InvalidRule, lower, read_rule
from sigmaproof.load.events import load_events
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.logic.plans import Select
from sigmaproof.logic.run import Table
from sigmaproof.workspace import Siem, Workspace

Event = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """What became of the rules in one target."""

    converted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refused_rules: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    rejected: list[tuple[str, str]] = field(default_factory=list)
    unmodelled: list[tuple[str, str]] = field(default_factory=list)
    differing: list[Differing] = field(default_factory=list)
    compared: int = 0
    matched: int = 0
    standings: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Differing:
    """A rule that a target understands otherwise."""

    rule: str
    missed: Sequence[Event]
    extra: Sequence[Event]
    query: str


@dataclass(frozen=True, slots=True)
class Native:
    """A rule as it is, and events made from it."""

    subject: Subject
    made: Sequence[Event]
    modelled: bool
    """Whether there is a model of its log source."""


def reason_class(reason: str) -> str:
    """A refusal without what is particular to its rule."""
    reason = re.sub(r"'[^']*'|\"[^\"]*\"", "…", reason)
    return re.sub(r"\b\d+\b", "N", reason)[:150]


@dataclass(slots=True)
class Bench:
    """Rules, targets and events of one run."""

    workspace: Workspace
    events: Sequence[Event] = ()
    made: int = 0
    """Events made from each rule."""
    prove: bool = False
    data: EventData = field(default_factory=EventData)
    tallies: dict[str, Tally] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)

    def run(self, documents: Iterable[RuleDocument]) -> None:
        """Converts, lowers and compares every rule."""
        converters = [(siem, Converter(siem.target, siem.model)) for siem in self.workspace.siems]
        for document in documents:
            native = self._native(document)
            if native is not None:
                for siem, converter in converters:
                    self._target(document, siem, converter, native)

    def _native(self, document: RuleDocument) -> Native | None:
        try:
            rule = read_rule(document.data)
            located = self.workspace.sources.located(lower(rule), rule.logsource)
        except (InvalidRule, UnsupportedQuery) as error:
            self._tally("sigma").refused[reason_class(str(error))] += 1
            return None
        self._tally("sigma").converted += 1
        random = Random(document.path.stem)  # noqa: S311  the same events in every run
        meaning = Meaning(Select(located.term), EventIndex())
        made = made_events(located.term, located.providers, self.data, self.made, random)
        subject = Subject(meaning, located.providers, self.workspace.sources, self.data)
        modelled = rule.logsource.product == "windows"
        return Native(subject, made, modelled)

    def _tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())

    def _target(self, document: RuleDocument, siem: Siem, converter: Converter, native: Native) -> None:
        tally, name = self._tally(siem.name), document.path.stem
        made = converter.convert(document.data)
        if isinstance(made, Refused):
            tally.refused[reason_class(made.reason)] += 1
            tally.refused_rules[reason_class(made.reason)].append(name)
            return
        tally.converted += 1
        target, model = siem.target, siem.model
        try:
            meaning = queries_meaning(
                made.texts, target.language or "", model.index, model.document, target.options
            )
        except UnsupportedQuery as error:
            tally.unmodelled.append((name, f"{error}\n{made.texts[0]}"))
            return
        except QueryError as error:
            tally.rejected.append((name, f"{error}\n{made.texts[0]}"))
            return
        if native.modelled and (self.events or self.made):
            self._compare(name, tally, native, meaning, made.texts[0])
        if native.modelled and self.prove:
            try:
                self._judge(name, tally, prove_query(native.subject, meaning, model), made.texts[0])
            except KeyError as error:
                tally.unmodelled.append((name, f"the front end fails: {error!r}\n{made.texts[0]}"))

    def _judge(self, name: str, tally: Tally, verdict: Verdict, query: str) -> None:
        tally.standings[verdict.standing] += 1
        found = {one.direction: [one.event] for one in verdict.differences}
        if found:
            missed, extra = (found.get(one, []) for one in (Missing.QUERY, Missing.RULE))
            tally.differing.append(Differing(name, missed, extra, query))
        elif verdict.reasons:
            tally.undecided[verdict.reasons[0]] += 1

    def _compare(self, name: str, tally: Tally, native: Native, meaning: Meaning, query: str) -> None:
        try:
            found = self._found(str(id(meaning.index)), meaning, native.made)
        except KeyError as error:
            tally.unmodelled.append((name, f"the front end fails: {error!r}\n{query}"))
            return
        wanted = self._found("sigma", native.subject.meaning, native.made)
        tally.compared += 1
        tally.matched += len(wanted)
        if wanted != found:
            events = [*self.events, *native.made]
            missed, extra = [
                [events[row] for row in sorted(rows)] for rows in (wanted - found, found - wanted)
            ]
            tally.differing.append(Differing(name, missed, extra, query))

    def _found(self, key: str, meaning: Meaning, made: Sequence[Event]) -> set[int]:
        recorded = meaning.plan.run(self._table(key, meaning)).rows
        return {*recorded, *(len(self.events) + row for row in meaning.plan.run(meaning.table(made)).rows)}

    def _table(self, key: str, meaning: Meaning) -> Table:
        if key not in self.tables:
            self.tables[key] = meaning.table(self.events)
        return self.tables[key]


def rule_documents(workspace: Workspace, every: int) -> Iterator[RuleDocument]:
    """Every n-th rule."""
    rules = [one for one in workspace.rules.documents if one.kind is Kind.RULE]
    yield from rules[::every]


def read_all(paths: Iterable[Path]) -> list[Event]:
    """The events of files, and of the recordings under folders."""
    found: list[Event] = []
    for path in paths:
        files = sorted(path.rglob("*.json")) + sorted(path.rglob("*.evtx")) if path.is_dir() else [path]
        for file in files:
            try:
                found += load_events(file).events
            except InvalidInput as error:
                print(f"{file}: {error}", file=sys.stderr)
    return found


def show(bench: Bench, verbose: bool) -> None:
    """The result as text."""
    for name, tally in bench.tallies.items():
        total = tally.converted + tally.refused.total()
        print(f"== {name}: {tally.converted}/{total} converted, {tally.refused.total()} refused")
        for reason, count in tally.refused.most_common():
            print(f"   {count:5} {reason}   e.g. {', '.join(tally.refused_rules[reason][:2])}")
        for label, found in (("rejected", tally.rejected), ("not modelled", tally.unmodelled)):
            print(f"   {len(found)} {label}")
            for rule, text in found[: None if verbose else 3]:
                print(f"     {rule}: {text[:700]}")
        if tally.compared:
            print(f"   {tally.compared} compared, {tally.matched} matches, {len(tally.differing)} differ")
        if tally.standings:
            print(f"   {dict(tally.standings)}")
            for reason, count in tally.undecided.most_common(10):
                print(f"   {count:5} undecided: {reason[:150]}")
        for one in tally.differing[: None if verbose else 5]:
            print(
                f"     {one.rule}: missed {len(one.missed)}, extra {len(one.extra)}\n       {one.query[:600]}"
            )
            for label, found in (("missed", one.missed), ("extra", one.extra)):
                print(*(f"       {label}: {dict(event)}"[:900] for event in found[:1]), sep="\n")


def main() -> int:
    """Runs from the command line; 1 when a query is rejected or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="+", type=Path)
    parser.add_argument("-t", "--target", action="append", default=[])
    parser.add_argument("--events", action="append", type=Path, default=[])
    parser.add_argument("--made", type=int, default=0)
    parser.add_argument("--prove", action="store_true", help="look for a difference by proof")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    config = read_config(Path()).overridden(
        rules=options.rules, fixtures=(), converters=None, targets=options.target
    )
    workspace = Workspace(config)
    bench = Bench(workspace, read_all(options.events), options.made, options.prove)
    bench.data = load_event_data(config.converters / "events")
    bench.run(rule_documents(workspace, options.every))
    show(bench, options.verbose)
    print(f"{time.monotonic() - started:.1f} s, {len(bench.events)} events")
    return int(any(tally.rejected or tally.differing for tally in bench.tallies.values()))


if __name__ == "__main__":
    raise SystemExit(main())
