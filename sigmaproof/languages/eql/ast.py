"""What an EQL query says, as written. An expression prints itself with no more parentheses than it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

KEYWORDS: Mapping[str, str] = {
    **{word: word.upper() for word in ("and", "any", "not", "or")},
    **dict.fromkeys(("in", "in~"), "IN"),
    **dict.fromkeys(("like", "like~", "regex", "regex~"), "MATCH"),
    **dict.fromkeys(("false", "null", "true"), "WORD"),
    **{word: f"_{word.upper()}" for word in ("by", "join", "maxspan", "of", "sample", "sequence", "until")},
    **{word: f"_{word.upper()}" for word in ("where", "with")},
}
"""Words that name nothing, unless in backticks, and what the grammar calls them."""

OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGN, PREDICATE, PRIMARY = range(9)
"""How tightly operators bind, loosest first."""

LEVELS: Mapping[str, int] = {
    "or": OR,
    "and": AND,
    "not": NOT,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARE),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/", "%"), PRODUCT),
    **dict.fromkeys((":", "like", "like~", "regex", "regex~", "in", "in~", "not in", "not in~"), PREDICATE),
}
"""Every operator; before a single operand, `+` and `-` are signs."""

_PLAIN = re.compile(r"[A-Za-z_@][A-Za-z0-9_]*")
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f"}


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


class Field(Struct, frozen=True):
    """A field by its whole dotted name; `?name` is optional. `indexed`: it is written with an array index."""

    name: str
    optional: bool = False
    indexed: bool = False

    def __str__(self) -> str:
        plain = all(map(_plain, self.name.split(".")))
        name = self.name if plain else "`" + self.name.replace("`", "``") + "`"
        return f"{'?' if self.optional else ''}{name}{'[0]' if self.indexed else ''}"


class Call(Struct, frozen=True):
    """A function by its name as written, or an operator of `LEVELS`; `and` and `or` take two and more."""

    name: str
    arguments: tuple[Expression, ...]

    @property
    def level(self) -> int:
        """How tightly it binds."""
        if len(self.arguments) == 1 and self.name in ("+", "-"):
            return SIGN
        return LEVELS.get(self.name, PRIMARY)

    def __str__(self) -> str:
        level, listed = self.level, ", ".join(map(str, self.arguments))
        if level == PRIMARY:
            return f"{self.name}({listed})"
        first, *rest = self.arguments
        if level == PREDICATE:
            listed = ", ".join(map(str, rest))
            alone = len(rest) == 1 and not self.name.rstrip("~").endswith("in")
            return f"{_within(first, PRIMARY)} {self.name} {listed if alone else f'({listed})'}"
        if level in (NOT, SIGN):
            return f"{self.name}{' ' if level == NOT else ''}{_within(first, level)}"
        # Sums and products group to the left; of the others, none stands beside its own kind.
        parts = [_within(first, level if level in (SUM, PRODUCT) else level + 1)]
        return f" {self.name} ".join([*parts, *(_within(part, level + 1) for part in rest)])


Expression = Literal | Field | Call


class Event(Struct, frozen=True):
    """`category where condition`; the category `any` is None."""

    category: str | None
    condition: Expression


class Stage(Struct, frozen=True):
    """One bracket of a sequence or sample: `[…] by … with runs=…`, or `![…]`."""

    event: Event
    by: tuple[Field, ...] = ()
    runs: int = 1
    missing: bool = False


class Join(Struct, frozen=True):
    """A sequence (`ordered`) or a sample; `span` is `maxspan` in milliseconds."""

    ordered: bool
    stages: tuple[Stage, ...]
    by: tuple[Field, ...] = ()
    span: int | None = None
    until: Stage | None = None


class Query(Struct, frozen=True):
    """One search; a pipe is a call of its name."""

    body: Event | Join
    pipes: tuple[Call, ...] = ()


def depth(query: Query, limit: int) -> int:
    """How deeply expressions nest, counted no further than `limit`."""
    stages = (*query.body.stages, query.body.until) if isinstance(query.body, Join) else ()
    events = (query.body, *(stage and stage.event for stage in stages))
    level: list[Expression] = [event.condition for event in events if isinstance(event, Event)]
    level += [argument for pipe in query.pipes for argument in pipe.arguments]
    found = 0
    while level and found <= limit:
        found += 1
        level = [part for above in level if isinstance(above, Call) for part in above.arguments]
    return found


def _within(node: Expression, level: int) -> str:
    """The node as an operand of something that binds as tightly as `level`."""
    return f"({node})" if isinstance(node, Call) and node.level < level else str(node)


def _plain(name: str) -> bool:
    return _PLAIN.fullmatch(name) is not None and name not in KEYWORDS
