"""How many events a second many rules are evaluated over, by themselves, without any query.

    python bench/evaluation.py [RULES]… [--events N] [--distinct SHARE]

Without RULES: SigmaHQ's about process creation, from ../shared/corpus, if they are there. Events are
Sysmon's, with the command lines of this repository's fixtures, of which a share is distinct. Beside CPU
seconds stands how many times a fixed loop of ten million additions fits into them.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from correlation import loop

from sigmaproof.config import read_config
from sigmaproof.errors import InvalidInput
from sigmaproof.index.events import EventIndex
from sigmaproof.judge.prepare import Preparation
from sigmaproof.load.values import Kind
from sigmaproof.logic.run import Table, matching
from sigmaproof.logic.terms import Term
from sigmaproof.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "sigmahq" / "rules" / "windows" / "process_creation"
_IMAGES = ("wbem\\WMIC.exe", "cmd.exe", "svchost.exe", "WindowsPowerShell\\v1.0\\powershell.exe", "net.exe")


def main() -> int:
    """Prints rules, events, matches, seconds and memory."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rules", nargs="*", type=Path)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--distinct", type=float, default=0.31)
    given = parser.parse_args()
    rules = given.rules or [CORPUS]
    if not all(path.exists() for path in rules):
        print("no rules: name some", file=sys.stderr)
        return 0
    events = list(made(given.events, given.distinct))
    fixed, started = loop(), time.process_time()
    terms = list(_terms(rules))
    read = time.process_time() - started
    started = time.process_time()
    table = Table(events, EventIndex().read)
    matches = sum(matching(term, table).bit_count() for term in terms)
    seconds = time.process_time() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(terms)} rules read in {read:.1f} s ({read / fixed:.1f} loops); "
        f"{len(events)} events, {matches} matches: {seconds:.1f} s ({seconds / fixed:.1f} loops), "
        f"{len(events) / seconds:.0f} events a second, {len(events) * fixed / seconds:.0f} a loop; "
        f"{memory:.0f} MiB"
    )
    return 0


def _terms(rules: list[Path]) -> Iterator[Term]:
    config = read_config(ROOT).overridden(rules=rules, fixtures=(), converters=None, targets=())
    preparation = Preparation(Workspace(config), convert=False)
    for document in preparation.workspace.rules.documents:
        if document.kind is Kind.RULE:
            try:
                yield preparation.rule(document).meaning.plan.term  # type: ignore[attr-defined]
            except InvalidInput as error:
                print(error, file=sys.stderr)


def made(count: int, distinct: float) -> Iterator[dict[str, Any]]:
    """Process creations as Sysmon writes them, the same on every run."""
    chance = Random(7)  # noqa: S311
    lines = sorted(
        {
            line.strip()
            for path in (ROOT / "fixtures").glob("proc_*.yml")
            for line in path.read_text(encoding="utf-8").splitlines()
            if line.startswith("  wmic ")
        }
    )
    pool = [f"{chance.choice(lines)} -s {number:x}" for number in range(max(1, int(count * distinct)))]
    for number in range(count):
        image, parent = (f"C:\\Windows\\System32\\{chance.choice(_IMAGES)}" for _ in range(2))
        yield {
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Provider_Name": "Microsoft-Windows-Sysmon",
            "EventID": 1,
            "Computer": f"ws-{number % 900}.contoso.example",
            "UtcTime": f"2026-01-01 {number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000",
            "ProcessGuid": f"{{{chance.getrandbits(128):032x}}}",
            "ProcessId": chance.randrange(4, 60_000, 4),
            "Image": image,
            "OriginalFileName": image.rpartition("\\")[2],
            "Description": "A program of Windows",
            "Product": "Microsoft® Windows® Operating System",
            "Company": "Microsoft Corporation",
            "CommandLine": f'"{image}" {chance.choice(pool)}',
            "CurrentDirectory": f"C:\\Users\\user{number % 500}\\",
            "User": f"CONTOSO\\user{number % 500}",
            "LogonId": f"0x{chance.randrange(1 << 24):x}",
            "IntegrityLevel": chance.choice(("Medium", "High", "System")),
            "Hashes": f"MD5={chance.getrandbits(128):032X},SHA256={chance.getrandbits(256):064X}",
            "ParentImage": parent,
            "ParentCommandLine": f'"{parent}" {chance.choice(pool)}',
            "ParentUser": f"CONTOSO\\user{number % 500}",
        }


if __name__ == "__main__":
    raise SystemExit(main())
