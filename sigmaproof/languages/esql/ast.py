"""What an ES|QL query says, as written. Everything prints itself with no more parentheses than it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

KEYWORDS = frozenset({"and", "as", "asc", "by", "desc", "false", "first", "in", "is", "last", "like"})
KEYWORDS |= {"not", "null", "nulls", "or", "rlike", "true", "where"}
"""Words that name nothing in expressions, in any letter case, unless in backticks."""

OR, AND, NOT, PREDICATE, SUM, PRODUCT, SIGN, PRIMARY = range(8)
"""How tightly operators bind, loosest first."""

LEVELS: Mapping[str, int] = {
    "OR": OR,
    "AND": AND,
    "NOT": NOT,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "RLIKE"), PREDICATE),
    **dict.fromkeys(("IS NULL", "IS NOT NULL", "NOT IN", "NOT LIKE", "NOT RLIKE", ":"), PREDICATE),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "%"), PRODUCT),
}

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


class Literal(Struct, frozen=True, eq=False):
    """A constant: text, number, boolean or null. 1, 1.0 and true are three of them."""

    value: str | int | float | bool | None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and repr(self) == repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return '"' + "".join(_ESCAPES.get(char, char) for char in self.value) + '"'
        if isinstance(self.value, bool) or self.value is None:
            return {None: "null", True: "true", False: "false"}[self.value]
        return repr(self.value)


class Span(Struct, frozen=True):
    """A time span, in the unit as written: `5 minutes`."""

    amount: int
    unit: str

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


class Field(Struct, frozen=True):
    """A field or column by its whole dotted name."""

    name: str

    def __str__(self) -> str:
        return quoted(self.name)


class Call(Struct, frozen=True):
    """A function by its name in capitals, or an operator of `LEVELS`; `AND` and `OR` take two and more.

    `COUNT(*)` is a call without arguments.
    """

    name: str
    arguments: tuple[Expression, ...] = ()

    @property
    def level(self) -> int:
        """How tightly it binds."""
        if len(self.arguments) == 1 and self.name == "-":
            return SIGN
        return LEVELS.get(self.name, PRIMARY)

    def __str__(self) -> str:
        level = self.level
        if level == PRIMARY:
            listed = ", ".join(map(str, self.arguments)) or ("*" if self.name == "COUNT" else "")
            return f"{self.name}({listed})"
        first, *rest = self.arguments
        if level in (NOT, SIGN):
            return f"{self.name}{' ' if level == NOT else ''}{_within(first, level)}"
        if self.name.startswith("IS "):
            return f"{_within(first, SUM)} {self.name}"
        if self.name.endswith("IN") or (self.name.endswith("LIKE") and len(rest) > 1):
            return f"{_within(first, SUM)} {self.name} ({', '.join(_within(one, SUM) for one in rest)})"
        parts = [_within(first, level if level in (SUM, PRODUCT) else level + 1)]
        return f" {self.name} ".join([*parts, *(_within(part, level + 1) for part in rest)])


Expression = Literal | Span | Field | Call


class Assigned(Struct, frozen=True):
    """`name = value`; of STATS, with `WHERE condition`. Without a name, what is written names it."""

    value: Expression
    name: str | None = None
    condition: Expression | None = None

    @property
    def called(self) -> str:
        """The column's name."""
        if self.name is not None:
            return self.name
        return self.value.name if isinstance(self.value, Field) else str(self.value)

    def __str__(self) -> str:
        named = f"{quoted(self.name)} = {self.value}" if self.name is not None else str(self.value)
        return named if self.condition is None else f"{named} WHERE {self.condition}"


class From(Struct, frozen=True):
    """Where rows come from."""

    sources: tuple[str, ...]
    metadata: tuple[str, ...] = ()

    def __str__(self) -> str:
        metadata = f" METADATA {', '.join(self.metadata)}" if self.metadata else ""
        return f"FROM {', '.join(self.sources)}{metadata}"


class Where(Struct, frozen=True):
    """The rows for which a condition is true."""

    condition: Expression

    def __str__(self) -> str:
        return f"WHERE {self.condition}"


class Eval(Struct, frozen=True):
    """Columns computed one after the other."""

    columns: tuple[Assigned, ...]

    def __str__(self) -> str:
        return f"EVAL {_listed(self.columns)}"


class Stats(Struct, frozen=True):
    """One row per group."""

    measures: tuple[Assigned, ...] = ()
    by: tuple[Assigned, ...] = ()

    def __str__(self) -> str:
        by = f"BY {_listed(self.by)}" if self.by else ""
        return " ".join(part for part in ("STATS", _listed(self.measures), by) if part)


class Columns(Struct, frozen=True):
    """`KEEP`, `DROP` or `MV_EXPAND`: names, with `*` for any run of letters."""

    command: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.command} {', '.join(map(quoted, self.names))}"


class Rename(Struct, frozen=True):
    """Columns under other names, old ones first."""

    pairs: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "RENAME " + ", ".join(f"{quoted(old)} AS {quoted(new)}" for old, new in self.pairs)


class Order(Struct, frozen=True):
    """One key of `SORT`; nulls come last when ascending and first when descending, unless it says so."""

    value: Expression
    descending: bool = False
    nulls_first: bool | None = None

    def __str__(self) -> str:
        nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[self.nulls_first]
        return f"{self.value}{' DESC' if self.descending else ''}{nulls}"


class Sort(Struct, frozen=True):
    """Rows in an order."""

    keys: tuple[Order, ...]

    def __str__(self) -> str:
        return f"SORT {_listed(self.keys)}"


class Limit(Struct, frozen=True):
    """So many rows at most."""

    count: int

    def __str__(self) -> str:
        return f"LIMIT {self.count}"


Command = From | Where | Eval | Stats | Columns | Rename | Sort | Limit


class Query(Struct, frozen=True):
    """Commands, each on what the one before it leaves."""

    commands: tuple[Command, ...]

    def __str__(self) -> str:
        return "\n| ".join(map(str, self.commands))


def quoted(name: str) -> str:
    """A name as it stands in a query: parts that are no plain words are in backticks."""
    if "*" in name:
        return name
    return ".".join(
        part
        if _PLAIN.fullmatch(part) and part.lower() not in KEYWORDS
        else "`" + part.replace("`", "``") + "`"
        for part in name.split(".")
    )


def depth(query: Query, limit: int) -> int:
    """How deeply expressions nest, counted no further than `limit`."""
    level = [one for command in query.commands for one in _expressions(command)]
    found = 0
    while level and found <= limit:
        found += 1
        level = [part for above in level if isinstance(above, Call) for part in above.arguments]
    return found


def _expressions(command: Command) -> Iterable[Expression]:
    match command:
        case Where(condition):
            return [condition]
        case Eval(columns):
            return [one.value for one in columns]
        case Stats(measures, by):
            conditions = [one.condition for one in measures if one.condition is not None]
            return [*(one.value for one in (*measures, *by)), *conditions]
        case Sort(keys):
            return [one.value for one in keys]
    return []


def _listed(parts: Iterable[object]) -> str:
    return ", ".join(map(str, parts))


def _within(node: Expression, level: int) -> str:
    """The node as an operand of something that binds as tightly as `level`."""
    return f"({node})" if isinstance(node, Call) and node.level < level else str(node)
