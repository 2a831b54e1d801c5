"""Our own pipeline step `log_sources`: which events of an index a log source means, and their field names.

pySigma's `add_condition` cannot say "these events or those", and its `field_mapping` makes an OR of `f: null`
when a field has two names. Here a field with several names is one test: it holds if it holds under the name
that the event has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field, ValidationError
from sigma.exceptions import SigmaConfigurationError, SigmaFeatureNotSupportedByBackendError
from sigma.processing.transformations import transformations
from sigma.processing.transformations.base import PreprocessingTransformation
from sigma.rule import SigmaDetection, SigmaRule

from sigmaproof.convert.rewrite import Events, condition, rewritten
from sigmaproof.load.formats import Model, Text

STEP = "log_sources"
_ADDED = "_log_source"

Scalar = str | int
Where = dict[Text, Scalar | list[Scalar]]
Names = dict[Text, Any]


class ChannelModel(Model):
    """Events of one kind."""

    where: Where = Field(default_factory=dict)
    fields: Names = Field(default_factory=dict)


class EventsModel(ChannelModel):
    """Some events of one channel."""

    channel: Text
    """A name from `channels`."""


class SourceModel(Model):
    """A log source of Sigma, and the events it means: any of them."""

    category: Text | None = None
    service: Text | None = None
    events: list[EventsModel] = Field(min_length=1)


class StepModel(ChannelModel):
    """The log sources of one product; `where` and `fields` hold for all of their events."""

    product: Text
    rest: str = ""
    """What is put before names that `fields` does not have."""
    channels: dict[Text, ChannelModel]
    sources: list[SourceModel] = Field(min_length=1)


Key = tuple[str | None, str | None]


@dataclass
class LogSources(PreprocessingTransformation):  # type: ignore[misc]  # pySigma has no types here
    """Restricts a rule to the events of its log source, and names its fields as those events do."""

    product: str
    sources: list[Any]
    channels: dict[str, Any]
    where: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, Any] = field(default_factory=dict)
    rest: str = ""

    def __post_init__(self) -> None:
        """Raises `SigmaConfigurationError` where a part has the wrong form."""
        names = ("product", "sources", "channels", "where", "fields", "rest")
        try:
            model = StepModel.model_validate({name: getattr(self, name) for name in names})
        except ValidationError as error:
            raise SigmaConfigurationError(f"{STEP}: {error.errors()[0]['msg']}") from error
        self._all = _events(model, model)
        self._known = {(one.category, one.service): _each(model, one) for one in model.sources}

    def apply(self, rule: Any) -> None:
        """Rewrites a rule of this product; other rules stay as they are. pySigma calls this."""
        super().apply(rule)
        if not isinstance(rule, SigmaRule) or rule.logsource.product != self.product:
            return
        events = self._of(rule.logsource.category, rule.logsource.service)
        detections = rule.detection.detections
        for name, detection in detections.items():
            detections[name] = rewritten(detection, events)
        rule.fields = list(dict.fromkeys(one for name in rule.fields for one in _shown(events, name)))
        _restrict(rule, condition(events))

    def _of(self, category: str | None, service: str | None) -> Sequence[Events]:
        if not category and not service:
            return [self._all]
        found = self._known.get((category, service))
        if found is None and category and service:
            channels = {one.channel for one in self._known.get((None, service), ())}
            found = [one for one in self._known.get((category, None), ()) if one.channel in channels]
        if not found:
            words = {"category": category, "service": service}
            named = ", ".join(f"{key} {value}" for key, value in words.items() if value)
            raise SigmaFeatureNotSupportedByBackendError(
                f"the pipeline knows no events of the log source {self.product}, {named}"
            )
        return found


def _each(step: StepModel, source: SourceModel) -> list[Events]:
    found = []
    for one in source.events:
        if one.channel not in step.channels:
            raise SigmaConfigurationError(f"{STEP}: no channel {one.channel!r}")
        found.append(_events(step, step, step.channels[one.channel], one, channel=one.channel))
    return found


def _events(step: StepModel, *models: ChannelModel, channel: str = "") -> Events:
    """What the models say together, the later ones first heard."""
    where: dict[str, tuple[Scalar, ...]] = {}
    names: dict[str, Any] = {}
    for model in models:
        where |= {name: _listed(value) for name, value in model.where.items()}
        names |= model.fields
    return Events.of(channel, where, names, step.rest)


def _listed(value: Scalar | list[Scalar]) -> tuple[Scalar, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _shown(events: Iterable[Events], name: str) -> Iterable[str]:
    return (target for one in events for target in one.reading(name).targets)


def _restrict(rule: Any, added: SigmaDetection | None) -> None:
    """Puts the condition of the log source before every condition of the rule."""
    if added is None:
        return
    rule.detection.detections[_ADDED] = added
    for parsed in rule.detection.parsed_condition:
        parsed.condition = f"{_ADDED} and ({parsed.condition})"


def register() -> None:
    """Makes the step known to pySigma under its name."""
    transformations.setdefault(STEP, LogSources)
