"""The table of docs/correlations.md: every target by type of correlation rule, as `prove` finds it.

make correlations     writes it; tests compare each of its rules with what it says
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from correlation_types import ALL, CHAINED, NUMBERS

from sigmaproof.commands.prove import prove_rules
from sigmaproof.config import Config
from sigmaproof.judge.prove import Standing, Verdict
from sigmaproof.logic.prove.assumptions import Assumption

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "correlations.md"
CONVERTERS = ROOT / "converters"
TARGETS = ("elastic-eql", "elastic-esql", "splunk", "elastic-lucene")
ASKING = "`elastic-lucene` with `asked_every`"
"""The same target as threshold rules."""
COLUMNS = (*TARGETS, ASKING)
RULES: Mapping[str, str] = {**ALL, **CHAINED}

_MADE = "<!-- made by tests/judge/correlation_table.py -->"
_END = "<!-- end -->"
_LASTING = ("gt", "gte")
_UNDONE = ("lt", "lte", "eq", "neq")
ROWS: Mapping[str, tuple[str, ...]] = {
    "`event_count` with `gt`, `gte`": ("event_count gt", "event_count gte", "several rules", "no group"),
    "`event_count` with `gte: 1`": ("one event",),
    "`event_count`, groups under an alias": ("a count under an alias",),
    "`event_count`, groups in one field here and two there": ("an account",),
    "`event_count` with `lt`, `lte`, `eq`, `neq`, a range": (
        *(f"event_count {one}" for one in _UNDONE),
        "a range",
        "a count of what two rules find",
    ),
    "`value_count` with `gt`, `gte`": tuple(f"value_count {one}" for one in _LASTING),
    "`value_count` with `lt`, `lte`, `eq`, `neq`": tuple(f"value_count {one}" for one in _UNDONE),
    "`value_count` of several fields together": ("several values",),
    "`value_count` under aliases": ("values under an alias",),
    "`value_sum`": ("value_sum gte", "value_sum lt"),
    "`value_avg`": ("value_avg gte", "value_avg lt"),
    "`value_median`, `value_percentile`": tuple(
        one for one in NUMBERS if "median" in one or "percentile" in one
    ),
    "`temporal`, also with `gte` or an expression": (
        *("temporal", "temporal, three rules", "temporal gte", "temporal, expression"),
        "an alias",
    ),
    "`temporal` with `lt`": ("temporal lt",),
    "`temporal`, an expression with `not`": ("temporal, negated",),
    "`temporal_ordered`, also with `gte` or an expression": tuple(
        one for one in ALL if one.startswith("temporal_ordered")
    ),
    "`rules` that are correlations": ("a chain",),
}
"""The rules behind each row."""


def row_of(name: str) -> str:
    """The row that a rule belongs to."""
    (row,) = (row for row, names in ROWS.items() if name in names)
    return row


def asking(folder: Path, every: object) -> Path:
    """The shipped targets, of which Lucene's says that its rules are asked every so often."""
    made = folder / "converters"
    shutil.copytree(CONVERTERS, made)
    path = made / "elastic-lucene.yml"
    text = path.read_text(encoding="utf-8")
    option = f"backend_options:\n  asked_every: {every}\n"
    path.write_text(text.replace("backend_options:\n", option), encoding="utf-8")
    return made


def verdicts(
    folder: Path,
    text: str,
    *targets: str,
    converters: Path = CONVERTERS,
    assumptions: tuple[Assumption, ...] = tuple(Assumption),
) -> dict[str, Verdict]:
    """What is known of the queries for a correlation rule."""
    (folder / "corr.yml").write_text(text, encoding="utf-8")
    config = Config(rules=(folder / "corr.yml",), fixtures=(), converters=converters, targets=targets)
    found = prove_rules(config, 2.0, 1, None, lambda done, of, name: None, assumptions)
    assert not found.problems
    return dict(found.rules[-1].verdicts)


def told(verdict: Verdict) -> str:
    """A verdict in a cell."""
    if verdict.standing is Standing.REFUSED:
        reason = re.sub(r"^[\w-]+: (cannot be said[^:]*: )?", "", verdict.reasons[0])
        return f"refused: {reason}"
    assumed = "".join(f", assuming `{one.value}`" for one in verdict.assumes)
    return f"{verdict.standing.value}{assumed}"


@cache
def documented() -> Mapping[tuple[str, str], str]:
    """What the page says, by row and column."""
    block = PAGE.read_text(encoding="utf-8").partition(_MADE)[2].partition(_END)[0]
    reasons = dict(re.findall(r"^(\d+)\. (.+)$", block, re.MULTILINE))
    rows = [line.strip("| ").split(" | ") for line in block.splitlines() if line.startswith("| `")]
    return {
        (row[0], column): re.sub(r"\d+$", lambda found: reasons[found[0]], cell)
        for row in rows
        for column, cell in zip(COLUMNS, row[1:], strict=True)
    }


def rendered(found: Mapping[tuple[str, str], str]) -> str:
    """The table, and below it the reasons that it names by their numbers."""
    told_why = [text.partition(": ")[2] for text in found.values() if text.startswith("refused: ")]
    numbers = {reason: number for number, reason in enumerate(dict.fromkeys(told_why), 1)}

    def cell(text: str) -> str:
        standing, _, reason = text.partition(": ")
        return f"{standing}: {numbers[reason]}" if reason else text

    lines = [_line(["", *(f"`{one}`" if " " not in one else one for one in COLUMNS)]), "|--" * 6 + "|"]
    lines += [_line([row, *(cell(found[row, column]) for column in COLUMNS)]) for row in ROWS]
    return "\n".join((*lines, "", *(f"{number}. {reason}" for reason, number in numbers.items())))


def main() -> int:
    """Writes the table into the page. Fails where rules of a row have different verdicts, or one differs."""
    found: dict[tuple[str, str], set[str]] = {}
    with TemporaryDirectory() as folder:
        threshold = asking(Path(folder), "2m")
        for row, names in ROWS.items():
            for name in names:
                print(name, file=sys.stderr)
                each = verdicts(Path(folder), RULES[name], *TARGETS)
                asked = verdicts(Path(folder), RULES[name], "elastic-lucene", converters=threshold)
                for column, verdict in [*each.items(), (ASKING, *asked.values())]:
                    found.setdefault((row, column), set()).add(told(verdict))
    unclear = {where: texts for where, texts in found.items() if len(texts) > 1 or "differs" in str(texts)}
    for where, texts in unclear.items():
        print(*where, *sorted(texts), sep="\n  ", file=sys.stderr)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_MADE)
    block = rendered({where: min(texts) for where, texts in found.items()})
    PAGE.write_text(
        "\n".join((before + _MADE, "", block, "", _END + rest.partition(_END)[2])), encoding="utf-8"
    )
    return 1 if unclear else 0


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
