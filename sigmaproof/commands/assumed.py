"""What proofs take for granted, as a line for each assumption."""

from __future__ import annotations

from collections.abc import Iterator

from sigmaproof.commands.prove_results import Proofs
from sigmaproof.report.style import harmless


def assumed_lines(proofs: Proofs) -> Iterator[str]:
    """What is taken for granted, and in how many results."""
    found = {one: dict[str, int]() for counts in proofs.assumed.values() for one in counts}
    for target, counts in proofs.assumed.items():
        for one, count in counts.items():
            found[one][harmless(target)] = count
    for one, targets in found.items():
        where = ", ".join(f"{target} {count}" for target, count in targets.items())
        yield f"assuming {one.value}: {one.told} ({where})"
