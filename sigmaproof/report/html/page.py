"""What a page shows: what each command found out about a rule, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from sigmaproof.errors import Problem
from sigmaproof.judge.mutate.results import RuleMutation
from sigmaproof.judge.prove import Verdict
from sigmaproof.judge.results import Conversion, RuleResult
from sigmaproof.judge.story import GroupStory
from sigmaproof.logic.explain import Trace


class About(Struct, frozen=True):
    """What a rule says of itself."""

    id: str = ""
    level: str = ""
    status: str = ""
    description: str = ""
    log_source: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    """Its YAML."""
    line: int = 1
    """Where that begins in its file."""


CaseKey = tuple[Path, int, str]
"""A case: its fixture, line and name."""


class Explained(Struct, frozen=True):
    """How the rule answers on one event of a case."""

    position: int
    """0-based, among the case's events."""
    event: Mapping[str, object]
    trace: Trace


class Timeline(Struct, frozen=True):
    """How a correlation rule answers on the events of a case."""

    question: str
    """What it asks, in one line."""
    names: tuple[str, ...]
    """Of the rules that it refers to, in their order."""
    span: int
    """In microseconds, as all times are."""
    events: tuple[tuple[int | None, Mapping[str, object]], ...]
    """When each happened; None for one without a time."""
    groups: tuple[GroupStory, ...]


class PageRule(Struct, frozen=True):
    """One rule and all that is known of it; what no command asked for is not there."""

    path: Path
    line: int
    title: str
    about: About = About()
    conversions: tuple[Conversion, ...] = ()
    results: tuple[RuleResult, ...] = ()
    """One for each fixture."""
    explained: Mapping[CaseKey, Explained | Timeline] = {}
    verdicts: Mapping[str, Verdict] = {}
    """What is proven of each target's queries."""
    mutation: RuleMutation | None = None
    problem: Problem | None = None
    """Why there is nothing to say."""


class Page(Struct, frozen=True):
    """Everything that is shown."""

    asked: tuple[str, ...]
    """The commands whose results these are: `test`, `prove`, `mutate`."""
    targets: tuple[str, ...]
    rules: tuple[PageRule, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
