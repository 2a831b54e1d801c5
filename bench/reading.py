"""How fast queries are read: the stock conversions of a folder of rules, lowered in each language.

    python bench/reading.py RULES…

Converts every rule with pySigma's own backends, then reads each query (parse and lower). CPU seconds, and the
ratio to converting, in one run.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from sigma.backends.elasticsearch import EqlBackend, LuceneBackend
from sigma.backends.splunk import SplunkBackend
from sigma.collection import SigmaCollection
from sigma.pipelines.elasticsearch.windows import ecs_windows
from sigma.pipelines.splunk.splunk import splunk_windows_pipeline

from sigmaproof.errors import QueryError
from sigmaproof.index.model import plain_model
from sigmaproof.languages import language
from sigmaproof.load.rules import load_rules
from sigmaproof.load.values import Kind, RuleDocument

BACKENDS = {
    "eql": lambda: EqlBackend(ecs_windows()),
    "lucene": lambda: LuceneBackend(ecs_windows()),
    "spl": lambda: SplunkBackend(splunk_windows_pipeline()),
}


def converted(name: str, rules: Iterable[RuleDocument]) -> list[str]:
    """The stock queries of the rules that convert."""
    queries: list[str] = []
    for rule in rules:
        try:
            queries += BACKENDS[name]().convert(SigmaCollection.from_dicts([dict(rule.data)]))
        except Exception:  # noqa: S112  what pySigma raises on a rule it cannot convert is its own affair
            continue
    return queries


def read(name: str, queries: Iterable[str]) -> int:
    """How many of the queries their language takes."""
    taken, lower, index = 0, language(name).lower_query, plain_model(name).index
    for query in queries:
        try:
            lower(query, index, {})
        except QueryError:
            continue
        taken += 1
    return taken


def main() -> None:
    """Prints a line per language."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("rules", nargs="+", type=Path)
    rules = [one for one in load_rules(parser.parse_args().rules).documents if one.kind is Kind.RULE]
    if not rules:
        sys.exit("no rules there")
    for name in BACKENDS:
        start = time.process_time()
        queries = converted(name, rules)
        converting = time.process_time() - start
        start = time.process_time()
        taken = read(name, queries)
        reading = time.process_time() - start
        print(
            f"{name:<7} {len(queries)} queries, {taken} taken: read in {reading:.1f} s CPU, "
            f"{reading / converting:.2f} of what converting took ({converting:.1f} s)"
        )


if __name__ == "__main__":
    main()
