"""How long proof takes, and what it finds, over a folder of rules.

    python bench/prove.py [RULES]… [-t TARGET]… [--every N] [--budget SECONDS] [--events N]

Without RULES: SigmaHQ's, from ../shared/corpus, if they are there. With `--events`, what is proven is checked
on that many events made from each rule, by running both sides.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

from made_events import made_events

from sigmaproof.config import read_config
from sigmaproof.errors import InvalidInput, QueryError
from sigmaproof.index.event_data import load_event_data
from sigmaproof.index.log_fields import load_log_fields
from sigmaproof.judge.meaning import Meaning
from sigmaproof.judge.plain import under_plain
from sigmaproof.judge.prepare import Preparation
from sigmaproof.judge.prove import Standing, Subject, prove_query, separates, term_of
from sigmaproof.load.values import Kind, RuleDocument
from sigmaproof.workspace import Workspace

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "sigmahq"


def main() -> int:
    """Prints totals, reasons, kinds of difference, and the slowest questions."""
    options = _options()
    rules = options.rules or sorted(CORPUS.glob("rules*"))
    if not rules:
        print("no rules: name some", file=sys.stderr)
        return 0
    config = read_config(Path()).overridden(rules=rules, fixtures=(), converters=None, targets=options.target)
    run = Run(Workspace(config), options.budget, options.events)
    documents = [one for one in run.workspace.rules.documents if one.kind is Kind.RULE]
    started = time.perf_counter()
    for document in documents[:: options.every]:
        try:
            run.rule(document)
        except InvalidInput as error:
            run.reasons["rule", str(error)[:70]] += 1
    run.told()
    print(f"{len(documents[:: options.every])} rules in {time.perf_counter() - started:.1f} s")
    return 1 if run.wrong else 0


class Run:
    """Counts while rules are proven."""

    def __init__(self, workspace: Workspace, budget: float, events: int) -> None:
        self.workspace, self.budget, self.events = workspace, budget, events
        self.preparation = Preparation(workspace)
        self.data = load_event_data(workspace.config.converters / "events")
        self.logs = load_log_fields(workspace.config.converters / "logs")
        self.standings: Counter[tuple[str, str]] = Counter()
        self.reasons: Counter[tuple[str, str]] = Counter()
        self.kinds: Counter[tuple[str, str, str]] = Counter()
        self.times: list[tuple[float, str, str]] = []
        self.wrong: list[str] = []

    def rule(self, document: RuleDocument) -> None:
        """Every query of one rule."""
        prepared = self.preparation.rule(document)
        sources = self.workspace.sources
        providers = sources.providers(prepared.rule.logsource)
        carried = self.logs.of(prepared.rule.logsource) if providers is None else None
        subject = Subject(prepared.meaning, providers or (), sources, self.data, carried=carried)
        for siem in self.workspace.siems:
            side = prepared.sides.get(siem.name)
            if not isinstance(side, Meaning):
                self.standings[siem.name, "refused"] += 1
                continue
            model = siem.model
            if providers is None:
                conversion = next(one for one in prepared.conversions if one.target == siem.name)
                try:
                    side, model = under_plain(conversion.queries, siem.target, siem.model, prepared.meaning)
                except QueryError:
                    self.standings[siem.name, "refused"] += 1
                    continue
            verdict = prove_query(subject, side, model, budget=self.budget)
            self.standings[siem.name, verdict.standing.value] += 1
            self.times.append((verdict.seconds, siem.name, document.path.stem))
            self.reasons.update((siem.name, reason[:90]) for reason in verdict.reasons)
            self.kinds.update((siem.name, one.direction.value, one.kind) for one in verdict.differences)
            if verdict.standing is Standing.PROVEN and self.events:
                self._check(document.path.stem, subject, side)

    def _check(self, name: str, subject: Subject, side: Meaning) -> None:
        term = term_of(subject.meaning.plan)
        assert term is not None
        random = Random(name)  # noqa: S311  the same events in every run
        made = made_events(term, subject.providers, self.data, self.events, random, subject.carried)
        for holds, fails in ((subject.meaning, side), (side, subject.meaning)):
            found = separates(made, holds, fails)
            if any(found):
                self.wrong.append(f"{name}: {made[found.index(True)]}")

    def told(self) -> None:
        """Prints what was counted."""
        for counter in (self.standings, self.kinds, self.reasons):
            for key, count in counter.most_common(25):
                print(f"{count:6}  {'  '.join(key)}")
            print()
        times = sorted(self.times, reverse=True)
        total = sum(seconds for seconds, _, _ in times)
        if times:
            middle = times[len(times) // 2][0] * 1000
            print(f"{len(times)} questions, {total:.1f} s of CPU; median {middle:.1f} ms")
        for seconds, target, name in times[:8]:
            print(f"{seconds:8.2f} s  {target}  {name}")
        for one in self.wrong:
            print(f"PROVEN, AND YET: {one}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rules", nargs="*", type=Path)
    parser.add_argument("-t", "--target", action="append", default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--budget", type=float, default=5.0)
    parser.add_argument("--events", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
