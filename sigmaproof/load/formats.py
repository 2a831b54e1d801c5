"""The YAML formats that people write, as pydantic models; `schemas/` is generated from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.json_schema import SkipJsonSchema

MAX_TIMELINE = 100_000
"""Events of one case, repetitions counted."""
MAX_SECONDS = 3660 * 86400.0

Text = Annotated[str, StringConstraints(min_length=1, strict=True)]
Reason = Annotated[str, StringConstraints(min_length=8, strict=True)]
Span = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|m|h|d)$", strict=True)]
Count = Annotated[int, Field(ge=0, strict=True)]
Fields = Annotated[dict[Text, Any], Field(min_length=1)]
Lines = Text | Annotated[list[Text], Field(min_length=1)]
Absent = SkipJsonSchema[None]
"""The value of a key that is not written; writing `key:` without a value is an error."""
Label = Literal["malicious", "benign"]

_CRON = r"^[0-9*/,-]+( [0-9*/,-]+){4}$"
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_INPUTS = ("event", "command_line", "events", "file")


def seconds(span: str) -> float:
    """A time span as it is written in fixtures: `30s`, `4m`, `1.5h`."""
    number = span.rstrip("mshd")
    return float(number) * _SECONDS[span[len(number) :]]


class Model(BaseModel):
    """Unknown keys are errors, nothing is converted, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    nullable: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _has_value(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.field_name not in cls.nullable:
            raise ValueError(f"`{info.field_name}` has no value")
        return value


class Bounds(Model):
    """How many matches a case wants, as a range."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    at_least: Count = 0
    at_most: Count | Absent = None

    @model_validator(mode="after")
    def _ordered(self) -> Bounds:
        if not self.model_fields_set:
            raise ValueError("say at_least, at_most or both")
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError("at_most is smaller than at_least")
        return self


class Step(Model):
    """An event at a time after the case's start, perhaps repeated."""

    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {"repeat": ["every"], "every": ["repeat"]},
            "oneOf": [{"required": ["event"]}, {"required": ["command_line"]}],
        }
    )

    at: Span
    event: Fields | Absent = None
    """The whole event; the fixture's own `event` is not merged under it."""
    command_line: Text | Absent = None
    """Merged into the fixture's `event` as CommandLine."""
    repeat: Annotated[int, Field(ge=2, le=MAX_TIMELINE, strict=True)] | Absent = None
    every: Span | Absent = None

    @model_validator(mode="after")
    def _paired(self) -> Step:
        if (self.repeat is None) != (self.every is None):
            raise ValueError("`repeat` and `every` belong together")
        if (self.event is None) == (self.command_line is None):
            raise ValueError("a step has one of `event` and `command_line`")
        return self


class GroupModel(Model):
    """A group for which a correlation rule fires."""

    group: dict[Text, Any]
    """What the rule groups by, with its values; {} for a rule without `group-by`."""
    at: Span | Absent = None
    """When its first match begins, after the case's start."""
    matches: Count | Bounds | Absent = None
    """Default: at least one."""


class Difference(Model):
    """A known difference between rule and target."""

    kind: Literal["todo", "upstream", "never"]
    """todo: ours to repair · upstream: a fault of the converter or the SIEM · never: cannot be said there."""
    fires: Annotated[bool, Field(strict=True)]
    """What the target does today."""
    reason: Reason
    issue: Annotated[str, Field(pattern=r"^https?://\S+$", json_schema_extra={"format": "uri"})] | Absent = (
        None
    )


class CaseModel(Model):
    """One labelled input: an event, a command line, a timeline or a file."""

    model_config = ConfigDict(
        title="case",
        json_schema_extra={
            "oneOf": [{"required": [name]} for name in _INPUTS],
            "dependentRequired": {"start": ["events"]},
        },
    )

    name: Text
    label: Label
    """The truth, whatever the rule says."""
    why: str = ""
    event: Fields | Absent = None
    """The whole event; the fixture's own `event` is not merged under it."""
    command_line: Text | Absent = None
    """Merged into the fixture's `event` as CommandLine."""
    events: Annotated[list[Step], Field(min_length=1)] | Absent = None
    file: Annotated[str, StringConstraints(pattern=r"\.(evtx|json|ndjson|jsonl|txt)$")] | Absent = None
    """A file of events relative to this fixture; .txt holds one command line per line."""
    start: Annotated[str, Field(json_schema_extra={"format": "date-time"})] | Absent = None
    """When the timeline begins."""
    matches: Count | Bounds | Absent = None
    """Default: at least one when malicious, none when benign."""
    groups: Annotated[list[GroupModel], Field(min_length=1)] | Absent = None
    """The groups for which a correlation rule fires; it must fire for no other."""
    tags: list[Text] = Field(default_factory=list)
    todo: Reason | Absent = None
    """Accepted miss or false alarm today; the case turns red the day it passes."""
    differs: Annotated[dict[Text, Difference], Field(min_length=1)] | Absent = None
    """Target → known difference."""

    @field_validator("start")
    @classmethod
    def _is_a_time(cls, value: str | None) -> str | None:
        try:
            zone = value is None or datetime.fromisoformat(value).tzinfo
        except ValueError:
            zone = None
        if not zone:
            raise ValueError("`start` is not a time with its zone, such as 2026-01-01T00:00:00Z")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> CaseModel:
        given = [name for name in _INPUTS if getattr(self, name) is not None]
        if len(given) != 1:
            said = f"not {' and '.join(f'`{name}`' for name in given)}" if given else "and this has none"
            raise ValueError(f"a case has one of `event`, `command_line`, `events` and `file`, {said}")
        if self.start is not None and self.events is None:
            raise ValueError("`start` belongs to `events`")
        if self.groups is not None and self.events is None and self.file is None:
            raise ValueError("`groups` belongs to `events` or `file`: only correlation rules have groups")
        if self.events is None and any(one.at is not None for one in self.groups or ()):
            raise ValueError("`at` of a group belongs to `events`")
        if self.groups is not None and self.label == "benign":
            raise ValueError("a benign case wants no match; admit a gap with `todo`")
        self._timeline_is_bounded()
        self._label_agrees()
        return self

    def _timeline_is_bounded(self) -> None:
        steps = self.events or ()
        if sum(step.repeat or 1 for step in steps) > MAX_TIMELINE:
            raise ValueError(f"more than {MAX_TIMELINE} events")
        if any(
            seconds(step.at) + (step.repeat or 1) * seconds(step.every or "0s") > MAX_SECONDS
            for step in steps
        ):
            raise ValueError("the timeline is longer than ten years")

    def _label_agrees(self) -> None:
        least, most = limits(self.matches, self.label)
        if self.label == "malicious" and most == 0:
            raise ValueError("a malicious case wants a match; admit a gap with `todo`")
        if self.label == "benign" and least > 0:
            raise ValueError("a benign case wants no match; admit a gap with `todo`")


def limits(matches: int | Bounds | None, label: str) -> tuple[int, int | None]:
    """The least and the greatest number of matches that a case wants."""
    if matches is None:
        return (1, None) if label == "malicious" else (0, 0)
    if isinstance(matches, int):
        return matches, matches
    return matches.at_least, matches.at_most


class FixtureModel(Model):
    """Labelled cases of one rule."""

    model_config = ConfigDict(
        title="sigmaproof fixture",
        json_schema_extra={"anyOf": [{"required": [name]} for name in ("malicious", "benign", "cases")]},
    )

    rule: Text | Absent = None
    """Rule id (UUID) or path. Default: the rule whose file has this file's stem."""
    event: Fields | Absent = None
    """Fields that every command line of this file is merged into."""
    malicious: Lines | Absent = None
    """Command lines on which the rule must fire, one per line of a text block; `# ` names what follows."""
    benign: Lines | Absent = None
    """Command lines on which the rule must stay silent."""
    cases: Annotated[list[CaseModel], Field(min_length=1)] | Absent = None
    differs: Annotated[dict[Text, Difference], Field(min_length=1)] | Absent = None
    """Target → why it cannot say the rule at all; under every case that says nothing else of the target."""

    @model_validator(mode="after")
    def _differs_everywhere(self) -> FixtureModel:
        if any(one.kind != "never" or one.fires for one in (self.differs or {}).values()):
            raise ValueError(
                "`differs` of a whole fixture is `kind: never, fires: false`; others stand in cases"
            )
        return self


Every = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}[mhd]$", strict=True)]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$", strict=True)]
Switch = Annotated[bool, Field(strict=True)]
Level = Literal["informational", "low", "medium", "high", "critical"]
ExportForm = Literal["elastic-rules", "kibana-searches", "splunk-app"]
Score = Annotated[int, Field(ge=0, le=100, strict=True)]


class ElasticExportModel(Model):
    """What `export` writes into rules of Elastic Security, and searches of Kibana."""

    index: Annotated[list[Text], Field(min_length=1)] = ["winlogbeat-*", "logs-*"]
    """The patterns of the indices to search."""
    lookback: Every = "1m"
    """So much further back than the last run, for events that come late; Elastic alerts once for an event."""
    risk: dict[Level, Score] = Field(default_factory=dict)
    """Risk scores by level; default: 1, 21, 47, 73, 99."""
    building_blocks: list[Level] = ["informational"]
    """Rules of these levels are building blocks: they alert for other rules, not for people."""
    max_alerts: Annotated[int, Field(ge=1, le=1000, strict=True)] = 100
    """The most alerts of one run."""


class SplunkExportModel(Model):
    """What `export` writes into a Splunk app."""

    app: Word = "sigmaproof_detections"
    """The app's id, and its folder."""
    label: Text = "Detections"
    """Its name as people read it."""
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$", strict=True)] = "1.0.0"
    cron: Annotated[str, StringConstraints(pattern=_CRON, strict=True)] | Absent = None
    """The schedule of every search. Default: from `interval`, at a minute of its own for each rule."""
    delay: Every = "5m"
    """A search is about events that are at least so old: late ones are found, and none is found twice."""
    expires: Every = "24h"
    """How long an alert's results are kept."""


class ExportModel(Model):
    """How `export` writes the rules of this target for its product."""

    forms: Annotated[list[ExportForm], Field(min_length=1)] | Absent = None
    """Default: what the language allows."""
    enabled: Switch = False
    """Whether rules run as soon as they are imported."""
    prefix: str = ""
    """Before every rule's name."""
    author: list[Text] = Field(default_factory=list)
    """Of rules that name no author."""
    tags: list[Text] = Field(default_factory=list)
    """Beside each rule's own."""
    interval: Every = "5m"
    """How often a rule runs."""
    elastic: ElasticExportModel = Field(default_factory=ElasticExportModel)
    splunk: SplunkExportModel = Field(default_factory=SplunkExportModel)


class TargetModel(Model):
    """A SIEM as queries see it."""

    model_config = ConfigDict(title="sigmaproof target")

    nullable: ClassVar[frozenset[str]] = frozenset({"language", "index"})

    title: Text
    description: str = ""
    backend: Text
    """The pySigma backend's name, as sigma-cli has it."""
    output_format: Text = "default"
    backend_options: dict[Text, Any] = Field(default_factory=dict)
    pipelines: list[Text] = Field(default_factory=list)
    """In order of use: files under converters/pipelines/, or names of pySigma pipelines."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    """The language that runs and proves its queries (eql, lucene, spl); null: converted, but not verified."""
    index: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The index model under converters/indices/: how a Sigma event looks in this SIEM."""
    options: dict[Text, Any] = Field(default_factory=dict)
    """What the language needs to know: flavour, version, switches."""
    export: ExportModel = Field(default_factory=ExportModel)
