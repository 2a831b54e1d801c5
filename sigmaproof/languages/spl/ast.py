"""What a search says: frozen values, one per construct. Texts are still as written, without their quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.plans.records import Stage
from sigmaproof.logic.plans.records_transactions import Transactions

# ---- the expression of `search` ----


class Word(Struct, frozen=True):
    """A value; `cased`: inside `CASE( )`."""

    text: str
    quoted: bool = False
    cased: bool = False


class Comparison(Struct, frozen=True):
    """`name operator value`."""

    name: str
    operator: str
    value: Word


class OneOf(Struct, frozen=True):
    """`name IN (a, b)`."""

    name: str
    values: tuple[Word, ...]
    keyword: str = "IN"


class Phrase(Struct, frozen=True):
    """A word or quoted text that is looked for in `_raw`."""

    text: str
    quoted: bool = False


class Indexed(Struct, frozen=True):
    """`TERM(text)`, or `CASE(text)` where no field stands before it."""

    text: str
    cased: bool


class Subsearch(Struct, frozen=True):
    """`[ … ]`, by where it stands in the command's arguments."""

    offset: int


class Without(Struct, frozen=True):
    """`NOT part`."""

    part: Search


class Series(Struct, frozen=True):
    """Parts with `AND` or `OR` between each two; how they bind is not decided yet."""

    parts: tuple[Search, ...]
    joints: tuple[str, ...] = ()


Search = Comparison | OneOf | Phrase | Indexed | Subsearch | Without | Series

# ---- the expressions of `eval` and `where` ----


class Field(Struct, frozen=True):
    """A field."""

    name: str


class Literal(Struct, frozen=True):
    """A text or a number."""

    value: str | int | float


@dataclass(frozen=True, slots=True)
class Call:
    """A function or an operator with its arguments."""

    name: str
    arguments: tuple[Expr, ...]
    depth: int = field(default=1, compare=False)

    @staticmethod
    def of(name: str, *arguments: Expr) -> Call:
        """The call, with how deep it nests."""
        return Call(name, arguments, 1 + max(map(depth, arguments), default=0))


Expr = Field | Literal | Call


def depth(expression: Expr) -> int:
    """How deep an expression nests."""
    return expression.depth if isinstance(expression, Call) else 1


# ---- commands ----


class Filter(Struct, frozen=True):
    """`search`."""

    expression: Search


class Where(Struct, frozen=True):
    """`where`."""

    expression: Expr


class Eval(Struct, frozen=True):
    """`eval`."""

    assignments: tuple[tuple[str, Expr], ...]


class RegexFilter(Struct, frozen=True):
    """`regex`."""

    field: str
    negated: bool
    pattern: str


class Rex(Struct, frozen=True):
    """`rex`."""

    field: str
    pattern: str
    most: int = 1
    sed: bool = False


class Fields(Struct, frozen=True):
    """`fields` and `table`."""

    names: tuple[str, ...]
    drop: bool = False
    table: bool = False


class Rename(Struct, frozen=True):
    """`rename`."""

    pairs: tuple[tuple[str, str], ...]


class Staged(Struct, frozen=True):
    """A command that is stages over records as it stands: `dedup`, `sort`, `head`, `tail`, `mvexpand` …"""

    stages: tuple[Stage, ...]


class HeadWhile(Struct, frozen=True):
    """`head` with a condition."""

    condition: Expr
    options: Mapping[str, str | Expr]


class Transaction(Struct, frozen=True):
    """`transaction`; a beginning and an end are searches or conditions."""

    gathering: Transactions
    starts: Filter | Where | None = None
    ends: Filter | Where | None = None


class FillNull(Struct, frozen=True):
    """`fillnull`; no names: every field that some row has."""

    value: str
    names: tuple[str, ...]


class Bin(Struct, frozen=True):
    """`bin` with a span."""

    field: str
    name: str
    span: str


class MakeMv(Struct, frozen=True):
    """`makemv` with a delimiter."""

    field: str
    delimiter: str
    keep_empty: bool = False


class Convert(Struct, frozen=True):
    """`convert`: function, field, new name."""

    conversions: tuple[tuple[str, str, str], ...]
    time_format: str


class Aggregate(Struct, frozen=True):
    """One `function(argument) AS name`."""

    function: str
    argument: Expr | None
    name: str


class Stats(Struct, frozen=True):
    """`stats`, `eventstats`, `streamstats` (by `command`)."""

    command: str
    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...]
    options: Mapping[str, str | Expr]


class Tstats(Struct, frozen=True):
    """`tstats … from datamodel=`; `spans`: of the fields in `by`."""

    aggregates: tuple[Aggregate, ...]
    model: str
    where: Search
    by: tuple[str, ...]
    span: str | None
    fill: str | None


class MakeResults(Struct, frozen=True):
    """`makeresults`."""

    count: int


class MultiSearch(Struct, frozen=True):
    """`multisearch` over all its subsearches."""


class Append(Struct, frozen=True):
    """`append`."""


class Join(Struct, frozen=True):
    """`join`."""

    names: tuple[str, ...]
    left: bool
    most: int = 1
    overwrite: bool = True


class Lookup(Struct, frozen=True):
    """`lookup`: pairs of (column, field); no outputs: every other column."""

    table: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...] | None
    keep: bool = False


class InputLookup(Struct, frozen=True):
    """`inputlookup`."""

    table: str
    where: Search
    append: bool = False
    start: int = 0
    most: int = 10**9


Command = (
    Filter | Where | Eval | RegexFilter | Rex | Fields | Rename | Staged | FillNull | Bin | MakeMv | Convert
    | HeadWhile | Transaction | Stats | Tstats | MakeResults | MultiSearch | Append | Join | Lookup
    | InputLookup
)  # fmt: skip
