"""What a search says: frozen values, one per construct. Texts are still as written, without their quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sigmaproof.logic.plans.records import Stage
from sigmaproof.logic.plans.records_transactions import Transactions

# ---- the expression of `search` ----


@dataclass(frozen=True, slots=True)
class Word:
    """A value; `cased`: inside `CASE( )`."""

    text: str
    quoted: bool = False
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """`name operator value`."""

    name: str
    operator: str
    value: Word


@dataclass(frozen=True, slots=True)
class OneOf:
    """`name IN (a, b)`."""

    name: str
    values: tuple[Word, ...]
    keyword: str = "IN"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or quoted text that is looked for in `_raw`."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Indexed:
    """`TERM(text)`, or `CASE(text)` where no field stands before it."""

    text: str
    cased: bool


@dataclass(frozen=True, slots=True)
class Subsearch:
    """`[ … ]`, by where it stands in the command's arguments."""

    offset: int


@dataclass(frozen=True, slots=True)
class Without:
    """`NOT part`."""

    part: Search


@dataclass(frozen=True, slots=True)
class Series:
    """Parts with `AND` or `OR` between each two; how they bind is not decided yet."""

    parts: tuple[Search, ...]
    joints: tuple[str, ...] = ()


Search = Comparison | OneOf | Phrase | Indexed | Subsearch | Without | Series

# ---- the expressions of `eval` and `where` ----


@dataclass(frozen=True, slots=True)
class Field:
    """A field."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
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


@dataclass(frozen=True, slots=True)
class Filter:
    """`search`."""

    expression: Search


@dataclass(frozen=True, slots=True)
class Where:
    """`where`."""

    expression: Expr


@dataclass(frozen=True, slots=True)
class Eval:
    """`eval`."""

    assignments: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True, slots=True)
class RegexFilter:
    """`regex`."""

    field: str
    negated: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Rex:
    """`rex`."""

    field: str
    pattern: str
    most: int = 1
    sed: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """`fields` and `table`."""

    names: tuple[str, ...]
    drop: bool = False
    table: bool = False


@dataclass(frozen=True, slots=True)
class Rename:
    """`rename`."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """A command that is stages over records as it stands: `dedup`, `sort`, `head`, `tail`, `mvexpand` …"""

    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class HeadWhile:
    """`head` with a condition."""

    condition: Expr
    options: Mapping[str, str | Expr]


@dataclass(frozen=True, slots=True)
class Transaction:
    """`transaction`; a beginning and an end are searches or conditions."""

    gathering: Transactions
    starts: Filter | Where | None = None
    ends: Filter | Where | None = None


@dataclass(frozen=True, slots=True)
class FillNull:
    """`fillnull`; no names: every field that some row has."""

    value: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """`bin` with a span."""

    field: str
    name: str
    span: str


@dataclass(frozen=True, slots=True)
class MakeMv:
    """`makemv` with a delimiter."""

    field: str
    delimiter: str
    keep_empty: bool = False


@dataclass(frozen=True, slots=True)
class Convert:
    """`convert`: function, field, new name."""

    conversions: tuple[tuple[str, str, str], ...]
    time_format: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One `function(argument) AS name`."""

    function: str
    argument: Expr | None
    name: str


@dataclass(frozen=True, slots=True)
class Stats:
    """`stats`, `eventstats`, `streamstats` (by `command`)."""

    command: str
    aggregates: tuple[Aggregate, ...]
    by: tuple[str, ...]
    options: Mapping[str, str | Expr]


@dataclass(frozen=True, slots=True)
class Tstats:
    """`tstats … from datamodel=`; `spans`: of the fields in `by`."""

    aggregates: tuple[Aggregate, ...]
    model: str
    where: Search
    by: tuple[str, ...]
    span: str | None
    fill: str | None


@dataclass(frozen=True, slots=True)
class MakeResults:
    """`makeresults`."""

    count: int


@dataclass(frozen=True, slots=True)
class MultiSearch:
    """`multisearch` over all its subsearches."""


@dataclass(frozen=True, slots=True)
class Append:
    """`append`."""


@dataclass(frozen=True, slots=True)
class Join:
    """`join`."""

    names: tuple[str, ...]
    left: bool
    most: int = 1
    overwrite: bool = True


@dataclass(frozen=True, slots=True)
class Lookup:
    """`lookup`: pairs of (column, field); no outputs: every other column."""

    table: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...] | None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class InputLookup:
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
