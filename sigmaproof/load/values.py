"""What files become: frozen values, and beside them the problems that were found while reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from sigmaproof.errors import Problem

if TYPE_CHECKING:
    from sigmaproof.load.formats import ExportModel

Event: TypeAlias = dict[str, Any]
"""Field → value, as a log source writes it; nested values of nested sources stay nested."""

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When a timeline begins that does not say so."""


class Kind(StrEnum):
    """What a Sigma document is; the value is the key that makes it so (`rule` has `detection`)."""

    RULE = "rule"
    CORRELATION = "correlation"
    FILTER = "filter"


class Label(StrEnum):
    """The truth about a case, whatever a rule says."""

    MALICIOUS = "malicious"
    BENIGN = "benign"


class RuleDocument(Struct, frozen=True):
    """One YAML document of a rule file, with the values that pySigma's loader gives."""

    path: Path
    line: int
    index: int
    """0-based position among the documents of its file, as `Lines.line(…, document=)` wants it."""
    kind: Kind
    title: str
    id: str
    """Lower case; empty when the document has none."""
    name: str
    """Sigma's `name`, by which correlations may refer to it; empty when the document has none."""
    data: Mapping[str, Any]


class RuleFile(Struct, frozen=True):
    """One file of rules, correlation rules or filters."""

    path: Path
    text: str
    documents: tuple[RuleDocument, ...]

    @property
    def stem(self) -> str:
        """The name by which a fixture finds its rule."""
        return self.path.stem

    @property
    def kind(self) -> Kind:
        """The kind of its first document."""
        return self.documents[0].kind


class Rules(Struct, frozen=True):
    """All rule files that load, in path order, and what is wrong with the others."""

    files: tuple[RuleFile, ...]
    problems: tuple[Problem, ...]
    by_id: Mapping[str, RuleDocument]
    by_name: Mapping[str, RuleDocument]
    by_stem: Mapping[str, tuple[RuleFile, ...]]

    @property
    def documents(self) -> tuple[RuleDocument, ...]:
        """Every document of every file, in path order."""
        return tuple(document for file in self.files for document in file.documents)


class Matches(Struct, frozen=True):
    """How many matches a case wants; `at_most` None means any number."""

    at_least: int
    at_most: int | None = None

    def __contains__(self, count: int) -> bool:
        return self.at_least <= count and (self.at_most is None or count <= self.at_most)

    def __str__(self) -> str:
        if self.at_least == self.at_most:
            return str(self.at_least)
        return f"at least {self.at_least}" if self.at_most is None else f"{self.at_least} to {self.at_most}"


class Difference(Struct, frozen=True):
    """A known difference between rule and target, kept beside its case; strict both ways."""

    kind: Literal["todo", "upstream", "never"]
    fires: bool
    reason: str
    issue: str = ""


class GroupMatch(Struct, frozen=True):
    """A group for which a case wants a correlation rule to fire."""

    group: Mapping[str, Any]
    matches: Matches
    at: float | None = None
    """When its first match begins, in seconds after the case's start; None: whenever."""


class Case(Struct, frozen=True):
    """One labelled input. Its events are inline, or in `file` (`events_of` reads either)."""

    name: str
    """As written, or `malicious[2]`: the second command line of that list, from 1."""
    label: Label
    path: Path
    line: int
    events: tuple[Event, ...]
    offsets: tuple[float, ...]
    """Seconds after `start`, one per event, never falling; all 0 unless the case is a timeline."""
    matches: Matches
    """Without the author's word: at least one for malicious, none for benign."""
    file: Path | None = None
    base: Event = {}
    """Fields under every command line of a `.txt` file."""
    start: datetime = START
    timeline: bool = False
    why: str = ""
    note: str = ""
    """The `# ` line above a command line."""
    todo: str = ""
    """The reason of an accepted gap; empty when there is none."""
    tags: tuple[str, ...] = ()
    differs: Mapping[str, Difference] = {}
    text: str = ""
    """The source line to show in a message."""
    groups: tuple[GroupMatch, ...] | None = None
    """The only groups that may fire; None: nothing is said of groups."""


class Fixture(Struct, frozen=True):
    """The labelled cases of one rule."""

    path: Path
    rule: str
    """A rule's id, path or file stem, as `find_rule` takes it."""
    rule_line: int
    """Where the reference stands; 0 when it is the file's own stem."""
    cases: tuple[Case, ...]


class Fixtures(Struct, frozen=True):
    """All fixtures that load, in path order; `notes` are worth a line of output, not an exit code."""

    fixtures: tuple[Fixture, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


class EventFile(Struct, frozen=True):
    """The events of one file; not `complete` when the file is damaged after them or between them."""

    path: Path
    events: tuple[Event, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every record of the file was read."""
        return not self.problems


class Target(Struct, frozen=True):
    """A SIEM as queries see it: backend + pipelines + output format + index model."""

    name: str
    """The stem of its file."""
    path: Path
    title: str
    backend: str
    output_format: str
    pipelines: tuple[str | Path, ...]
    """In order of use: a pySigma name, or the path of a file under `pipelines/`."""
    backend_options: Mapping[str, Any]
    language: str | None
    """None: queries are written, and reported as not verified."""
    index: Path | None
    """The index model's file under `indices/`."""
    options: Mapping[str, Any]
    """What the language needs to know: flavour, version, switches."""
    description: str = ""
    export: ExportModel | None = None
    """How its rules are written for its product; None: as if nothing was said."""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it is made of."""
        pipelines = (one for one in self.pipelines if isinstance(one, Path))
        return (self.path, *pipelines, *([self.index] if self.index else []))


class Targets(Struct, frozen=True):
    """All targets that load, in name order, and what is wrong with the others."""

    targets: tuple[Target, ...]
    problems: tuple[Problem, ...] = ()

    def named(self, name: str) -> Target | None:
        """The target of that name, if it loaded."""
        return next((target for target in self.targets if target.name == name), None)
