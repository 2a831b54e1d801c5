"""What a target says about its ES|QL queries, and the named switches for what Elastic does not document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_type_hints

from msgspec import Struct

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.elastic_kinds import Engine
from sigmaproof.languages import Options


class Settings(Struct, frozen=True):
    """Every option with its default; docs/semantics/esql.md says what each one does."""

    now: int | None = None
    normalized: Literal["stored", "folded"] = "stored"
    lowering: Literal["function", "ascii"] = "function"
    precision: int = 3000


def settings(options: Options) -> Settings:
    """The options over the defaults. Raises `UnsupportedQuery` for one that there is not."""
    known: dict[str, Any] = get_type_hints(Settings)
    for name, value in options.items():
        if name not in known:
            raise UnsupportedQuery(f"ES|QL has no option {name!r}{nearest(name, known)}")
        choices = get_args(known[name])
        if isinstance(value, str) and value not in choices:
            raise UnsupportedQuery(f"{name} is one of {', '.join(map(str, choices))}, not {value!r}")
    return Settings(**dict(options))


@dataclass(slots=True)
class Scope:
    """What a query is read against."""

    index: ElasticIndex
    settings: Settings
    notes: dict[str, None] = field(default_factory=dict)
    """What its reader should know, each once."""
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = Engine(now=Engine(now=self.settings.now).clock)

    def note(self, text: str) -> None:
        """Tells the reader something, once."""
        self.notes[text] = None

    def undocumented(self, switch: str, why: str) -> None:
        """Says that the query depends on a switch."""
        self.note(f"{why}: undocumented, see `{switch}` (here {getattr(self.settings, switch)})")
