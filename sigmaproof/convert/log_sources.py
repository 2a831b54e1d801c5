"""Our own pipeline step `log_sources`: which events of an index a log source means, and their field names.

pySigma's `add_condition` cannot say "these events or those", and its `field_name_mapping` makes an OR of
`f: null` when a field has two names. Here a field with several names is one test: it holds if it holds under
the name that the event has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from pydantic import Field, ValidationError, model_validator
from sigma.exceptions import SigmaConfigurationError
from sigma.processing.transformations import transformations
from sigma.processing.transformations.base import PreprocessingTransformation
from sigma.rule import SigmaRule

from sigmaproof.convert.events import Events, condition, split
from sigmaproof.convert.possible import possible
from sigmaproof.convert.readings import InvalidReading, reading
from sigmaproof.convert.rewrite import rewritten
from sigmaproof.convert.value_readings import InParts
from sigmaproof.convert.values import Unsayable
from sigmaproof.errors import Problem, nearest
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import Source, check

STEP = "log_sources"
PYSIGMA_KEYS = frozenset(
    {
        *("type", "id", "rule_conditions", "rule_cond_op", "rule_cond_not", "rule_cond_expr"),
        *("detection_item_conditions", "field_name_conditions"),
    }
)
"""Keys of every step, which pySigma reads."""

KNOWN = "log_source_kinds"
"""In pySigma's state of a rule whose events the step knows: the kinds of fields that they hold in parts."""

_ADDED = "_log_source"
EVENTS = "_events"
"""The attribute of a rewritten rule that holds its kinds of `Events`."""

Scalar = str | int
Where = dict[Text, Scalar | list[Scalar]]


class Named(Model):
    """How events hold fields of Sigma's taxonomy."""

    fields: dict[Text, Any] = Field(default_factory=dict)
    """A name, several, null for a field that they lack, or `{kind: …}` for one that they hold in parts."""

    @model_validator(mode="after")
    def _readable(self) -> Named:
        for name, spec in self.fields.items():
            try:
                reading(spec)
            except InvalidReading as error:
                raise ValueError(f"{name}: {error}") from error
        return self


class Variant(Named):
    """Events of a channel that hold some fields in their own way."""

    event_id: int | list[int]


class Channel(Named):
    """Events of one channel."""

    where: Where = Field(default_factory=dict)
    blank: list[str] = Field(default_factory=list)
    """Texts that the index holds no value for."""
    never: list[str | None] = Field(default_factory=list)
    """Values that no field of these events has; null: every event has the field."""
    rest: str | None = None
    """What is put before names that no `fields` has, in place of the step's."""
    variants: list[Variant] = Field(default_factory=list)


class SourceEvents(Named):
    """Some events of one channel."""

    channel: Text
    """A name from `channels`."""
    event_id: int | list[int] = Field(default_factory=list)
    """Without it, every event of the channel."""
    where: Where = Field(default_factory=dict)
    never: list[str | None] = Field(default_factory=list)
    may_lack: list[Text] = Field(default_factory=list)
    """Fields of which `never: [null]` is not said."""


class LogSource(Model):
    """A log source of Sigma, and the events it means: any of them."""

    category: Text | None = None
    service: Text | None = None
    events: list[SourceEvents] = Field(min_length=1)


class StepModel(Named):
    """The log sources of one product; `where` and `fields` hold for all of their events."""

    product: Text
    event_id: Text
    """The index's field with the event id."""
    rest: str = ""
    """What is put before names that `fields` does not have."""
    blank: list[str] = Field(default_factory=list)
    where: Where = Field(default_factory=dict)
    channels: dict[Text, Channel]
    sources: list[LogSource] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_channels(self) -> StepModel:
        for one in (events for source in self.sources for events in source.events):
            if one.channel not in self.channels:
                raise ValueError(f"no channel {one.channel!r}{nearest(one.channel, self.channels)}")
        return self


@dataclass
class LogSources(PreprocessingTransformation):  # type: ignore[misc]  # pySigma has no types here
    """Restricts a rule to the events of its log source, and names its fields as those events do."""

    product: Any = None
    event_id: Any = None
    sources: Any = None
    channels: Any = None
    where: Any = field(default_factory=dict)
    fields: Any = field(default_factory=dict)
    rest: Any = ""
    blank: Any = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises `SigmaConfigurationError` where a part has the wrong form."""
        parts = {name: getattr(self, name) for name in StepModel.model_fields}
        try:
            model = StepModel.model_validate(parts)
        except ValidationError as error:
            raise SigmaConfigurationError(f"{STEP}: {error.errors()[0]['msg']}") from error
        self._all = [_events(model, [model], "", None)]
        self._known = {(one.category, one.service): _of_source(model, one) for one in model.sources}

    def apply(self, rule: Any) -> None:
        """Rewrites a rule of this product; other rules stay as they are. pySigma calls this."""
        super().apply(rule)
        if not isinstance(rule, SigmaRule) or rule.logsource.product != self.product:
            return
        events = self._of(rule.logsource.category, rule.logsource.service)
        if self._pipeline is not None:
            # a rule of no log source in particular is about those of every channel
            every = chain.from_iterable(self._known.values()) if events is self._all else events
            self._pipeline.state[KNOWN] = frozenset(_kinds(every))
        added = condition(events)
        conditions = [one.parsed for one in rule.detection.parsed_condition]
        events = [one for one in events if possible(conditions, one)] or events
        detections = rule.detection.detections
        for name, detection in detections.items():
            detections[name] = rewritten(detection, events)
        rule.fields = list(dict.fromkeys(_shown(events, rule.fields)))
        rule.custom_attributes[EVENTS] = tuple(events)
        if added is not None:
            detections[_ADDED] = added
            for parsed in rule.detection.parsed_condition:
                parsed.condition = f"{_ADDED} and ({parsed.condition})"

    def _of(self, category: str | None, service: str | None) -> Sequence[Events]:
        if not category and not service:
            return self._all
        found = self._known.get((category, service))
        if found is None and category and service:
            channels = {one.channel for one in self._known.get((None, service), ())}
            found = [one for one in self._known.get((category, None), ()) if one.channel in channels]
        if not found:
            words = {"category": category, "service": service}
            named = ", ".join(f"{key} {value}" for key, value in words.items() if value)
            raise Unsayable(f"the pipeline knows no events of the log source {self.product}, {named}")
        return found


def _kinds(events: Iterable[Events]) -> Iterator[str]:
    readings = (one for event in events for one in event.fields.values())
    return (one.kind for one in readings if isinstance(one, InParts))


def _of_source(step: StepModel, source: LogSource) -> list[Events]:
    found = []
    for one in source.events:
        channel = step.channels[one.channel]
        whole = _events(step, [step, channel, one], one.channel, _ids(one.event_id) or None)
        variants = [(frozenset(_ids(two.event_id)), two.fields) for two in channel.variants]
        found += split(whole, variants, own=one.fields)
    return found


def _events(step: StepModel, models: Sequence[Any], channel: str, ids: Sequence[int] | None) -> Events:
    """What the models say together, the later ones first heard."""
    where: dict[str, tuple[Scalar, ...]] = {}
    names: dict[str, Any] = {}
    for model in models:
        where |= {name: tuple(_listed(value)) for name, value in model.where.items()}
        names |= model.fields
    blank = frozenset(text for model in models for text in getattr(model, "blank", ()))
    never = frozenset(value for model in models for value in getattr(model, "never", ()))
    return Events(
        channel=channel,
        where=where,
        id_field=step.event_id,
        ids=None if ids is None else frozenset(ids),
        fields={name: reading(spec) for name, spec in names.items()},
        rest=next(rest for model in reversed(models) if (rest := getattr(model, "rest", None)) is not None),
        blank=blank,
        never=never,
        may_lack=frozenset(name for model in models for name in getattr(model, "may_lack", ())),
    )


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]


def _ids(written: int | list[int]) -> list[int]:
    return _listed(written)


def _shown(events: Iterable[Events], names: Iterable[str]) -> Iterable[str]:
    return (target for name in names for one in events for target in one.reading(name).targets)


def problems(parts: Any, source: Source, at: tuple[str | int, ...]) -> list[Problem]:
    """What is wrong with a step of this kind, at its lines."""
    found = check(StepModel, parts, source, at)
    return found if isinstance(found, list) else []


def register() -> None:
    """Makes the step known to pySigma under its name."""
    transformations.setdefault(STEP, LogSources)
