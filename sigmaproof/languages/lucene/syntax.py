"""The syntax tree of a query string. Texts are kept as written, escapes included; `str` writes them back."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Joint(Enum):
    """What joins a clause to the one before it."""

    AND = "AND"
    OR = "OR"


class Sign(Enum):
    """What stands before a clause."""

    REQUIRED = "+"
    PROHIBITED = "-"


class Suffix(Struct, frozen=True):
    """`~1^2` after a term or phrase; the empty text for a bare `~`."""

    fuzzy: str | None = None
    boost: str | None = None

    def __str__(self) -> str:
        return _marked("~", self.fuzzy) + _marked("^", self.boost)


PLAIN = Suffix()


class Word(Struct, frozen=True):
    """A term without wildcards. An operator with a space behind it is one, too."""

    image: str
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f"{self.image}{' ' if self.image in ('+', '-', '!') else ''}{self.suffix}"


class Words(Struct, frozen=True):
    """Two and more plain terms side by side, analysed as one text."""

    image: str

    def __str__(self) -> str:
        return self.image


class Prefix(Struct, frozen=True):
    """A term whose only wildcard is `*` at its end, without that."""

    image: str
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f"{self.image}*{self.suffix}"


class Wildcard(Struct, frozen=True):
    """A term with wildcards."""

    image: str
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f"{self.image}{self.suffix}"


class Pattern(Struct, frozen=True):
    """What stands between two slashes."""

    image: str
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f"/{self.image}/{self.suffix}"


class Quoted(Struct, frozen=True):
    """What stands between two quotation marks."""

    image: str
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f'"{self.image}"{self.suffix}'


class Range(Struct, frozen=True):
    """`[low TO high}`; a bound keeps its quotation marks."""

    low: str
    high: str
    with_low: bool
    with_high: bool
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        opening, closing = "[" if self.with_low else "{", "]" if self.with_high else "}"
        return f"{opening}{self.low} TO {self.high}{closing}{self.suffix}"


class Group(Struct, frozen=True):
    """A query in parentheses."""

    query: Query
    suffix: Suffix = PLAIN

    def __str__(self) -> str:
        return f"({self.query}){self.suffix}"


Node = Word | Words | Prefix | Wildcard | Pattern | Quoted | Range | Group


class Clause(Struct, frozen=True):
    """One part of a query. `field` is as written, None where there is none."""

    node: Node
    field: str | None = None
    joint: Joint | None = None
    sign: Sign | None = None

    def __str__(self) -> str:
        joint = f"{self.joint.value} " if self.joint else ""
        field = "" if self.field is None else f"{self.field}:"
        return f"{joint}{self.sign.value if self.sign else ''}{field}{self.node}"


class Query(Struct, frozen=True):
    """Clauses, in order. How they combine is decided clause by clause: there is no precedence."""

    clauses: tuple[Clause, ...]

    def __str__(self) -> str:
        return " ".join(map(str, self.clauses))


def _marked(mark: str, text: str | None) -> str:
    return "" if text is None else mark + text
