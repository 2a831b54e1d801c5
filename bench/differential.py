"""Every rule against its queries, by execution: what converts, what is refused, what finds other events.

    python bench/differential.py RULES… [-t TARGET]… [--events FILE]… [--every N] [-v]

Prints, for each target, how many rules convert, why others do not, which queries do not parse. With events
each rule runs natively and through each target's index model, and every difference is shown with one event.
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
from typing import Any

from sigmaproof.config import read_config
from sigmaproof.convert import Converter, Refused
from sigmaproof.errors import InvalidInput, QueryError, UnsupportedQuery
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.meaning import Meaning, queries_meaning
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


@dataclass(frozen=True, slots=True)
class Differing:
    """A rule that a target understands otherwise."""

    rule: str
    missed: tuple[int, ...]
    extra: tuple[int, ...]
    query: str


def reason_class(reason: str) -> str:
    """A refusal without what is particular to its rule."""
    reason = re.sub(r"'[^']*'|\"[^\"]*\"", "…", reason)
    return re.sub(r"\b\d+\b", "N", reason)[:150]


@dataclass(slots=True)
class Bench:
    """Rules, targets and events of one run."""

    workspace: Workspace
    events: Sequence[Event] = ()
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

    def _native(self, document: RuleDocument) -> Meaning | None:
        try:
            rule = read_rule(document.data)
            located = self.workspace.sources.located(lower(rule), rule.logsource)
        except (InvalidRule, UnsupportedQuery) as error:
            self._tally("sigma").refused[reason_class(str(error))] += 1
            return None
        self._tally("sigma").converted += 1
        return Meaning(Select(located.term), EventIndex())

    def _tally(self, name: str) -> Tally:
        return self.tallies.setdefault(name, Tally())

    def _target(self, document: RuleDocument, siem: Siem, converter: Converter, native: Meaning) -> None:
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
        if self.events and document.data.get("logsource", {}).get("product") == "windows":
            self._compare(name, tally, native, meaning, made.texts[0])

    def _compare(self, name: str, tally: Tally, native: Meaning, meaning: Meaning, query: str) -> None:
        try:
            found = set(meaning.plan.run(self._table(str(id(meaning.index)), meaning)).rows)
        except KeyError as error:
            tally.unmodelled.append((name, f"the front end fails: {error!r}\n{query}"))
            return
        wanted = set(native.plan.run(self._table("sigma", native)).rows)
        tally.compared += 1
        tally.matched += len(wanted)
        if wanted != found:
            missed, extra = tuple(sorted(wanted - found)), tuple(sorted(found - wanted))
            tally.differing.append(Differing(name, missed, extra, query))

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
        for one in tally.differing[: None if verbose else 5]:
            print(
                f"     {one.rule}: missed {len(one.missed)}, extra {len(one.extra)}\n       {one.query[:600]}"
            )
            for row in (*one.missed[:1], *one.extra[:1]):
                print(f"       event: {dict(bench.events[row])}"[:900])


def main() -> int:
    """Runs from the command line; 1 when a query is rejected or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rules", nargs="+", type=Path)
    parser.add_argument("-t", "--target", action="append", default=[])
    parser.add_argument("--events", action="append", type=Path, default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    config = read_config(Path()).overridden(
        rules=options.rules, fixtures=(), converters=None, targets=options.target
    )
    workspace = Workspace(config)
    bench = Bench(workspace, read_all(options.events))
    bench.run(rule_documents(workspace, options.every))
    show(bench, options.verbose)
    print(f"{time.monotonic() - started:.1f} s, {len(bench.events)} events")
    return int(any(tally.rejected or tally.differing for tally in bench.tallies.values()))


if __name__ == "__main__":
    raise SystemExit(main())
