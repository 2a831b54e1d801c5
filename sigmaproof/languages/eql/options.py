"""What a target says about its EQL searches, and the named switches for what Elastic does not document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.index import Index
from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.elastic_kinds import Engine
from sigmaproof.languages import Options
from sigmaproof.text.fold import Fold


class Settings(Struct, frozen=True):
    """Every option with its default; docs/semantics/eql.md says what each one does."""

    event_category_field: str = "event.category"
    timestamp_field: str = "@timestamp"
    tiebreaker_field: str | None = "event.sequence"
    size: int | None = None
    result_position: str = "tail"
    max_samples_per_key: int = 1
    now: int | None = None
    version: int = 9
    case_fold: str = "ascii"
    unmapped_optional: str = "missing"
    normalized_exact: str = "fold"
    escape_function_literals: bool = False
    version_patterns: bool = True
    script_regex: str = "match"

    @property
    def fold(self) -> Fold:
        """How `:`, `like~`, `in~` and functions with a tilde compare letters."""
        return Fold(self.case_fold)

    @property
    def regex_fold(self) -> Fold:
        """The same of `regex~`: Lucene 10 (Elasticsearch 9) was the first to know letters outside ASCII."""
        return Fold.SIMPLE if self.version >= 9 else Fold.ASCII


_CHOICES: dict[str, tuple[str, ...]] = {
    "result_position": ("tail", "head"),
    "case_fold": ("ascii", "simple"),
    "unmapped_optional": ("missing", "null"),
    "normalized_exact": ("fold", "reject"),
    "script_regex": ("match", "find"),
}
_NAMES = Settings.__struct_fields__
INDEX_NAMES = ("event_category_field", "timestamp_field", "tiebreaker_field")
"""Options that a case states with its index."""


class EventIndex(ElasticIndex, frozen=True):
    """An index that says which fields hold an event's category, time and place among equals."""

    names: tuple[tuple[str, str], ...] = ()


def settings(options: Options, index: Index) -> Settings:
    """The options over what the index says over the defaults."""
    given: dict[str, Any] = dict(index.names) if isinstance(index, EventIndex) else {}
    given |= options
    for name, value in given.items():
        if name not in _NAMES:
            raise UnsupportedQuery(f"EQL has no option {name!r}{nearest(name, _NAMES)}")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise UnsupportedQuery(f"{name} is one of {', '.join(_CHOICES[name])}, not {value!r}")
    if "version" in given:
        given["version"] = int(str(given["version"]).partition(".")[0])
    return replace(Settings(), **given)


@dataclass(slots=True)
class Scope:
    """What a query is read against."""

    index: ElasticIndex
    settings: Settings
    notes: dict[str, None] = field(default_factory=dict)
    """What its reader should know, each once."""
    engine: Engine = field(init=False)
    """What answers questions about fields; `now` is one moment for the whole query."""

    def __post_init__(self) -> None:
        self.engine = Engine(now=Engine(now=self.settings.now).clock)

    def undocumented(self, switch: str, why: str) -> None:
        """Says that the query depends on a switch."""
        self.notes[f"{why}: undocumented, see `{switch}` (here {getattr(self.settings, switch)})"] = None
