"""Our own pipeline step `keyword_fields`: a keyword as a test of every field that a log source's events have.

For languages that ask named fields only. A log source is meant as it is written, with nothing more or less:
`product: linux` is not auditd, whose events have fields of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from pydantic import Field, ValidationError
from sigma.exceptions import SigmaConfigurationError
from sigma.modifiers import SigmaEndswithModifier, SigmaStartswithModifier
from sigma.processing.transformations import transformations
from sigma.processing.transformations.base import PreprocessingTransformation
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaExpansion, SigmaNumber, SigmaRegularExpression, SigmaString, SpecialChars

from sigmaproof.convert.nodes import Node, any_of, negated, with_values
from sigmaproof.errors import Problem
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import Source, check

STEP = "keyword_fields"
_POSITIONED = {SigmaStartswithModifier, SigmaEndswithModifier}
_MANY = SpecialChars.WILDCARD_MULTI


class Names(Model):
    """Log sources by what they name."""

    category: Text | list[Text] = Field(default_factory=list)
    product: Text | list[Text] = Field(default_factory=list)
    service: Text | list[Text] = Field(default_factory=list)


class StepModel(Model):
    """Log sources whose events have the same fields."""

    fields: list[Text] = Field(min_length=1)
    log_sources: list[Names] = Field(min_length=1)


@dataclass
class KeywordFields(PreprocessingTransformation):  # type: ignore[misc]  # pySigma has no types here
    """Asks keywords of the fields, and of those that the rule names.

    A keyword that has to stand at a certain place in the event stays as it is.
    """

    fields: Any = None
    log_sources: Any = field(default_factory=list)

    def __post_init__(self) -> None:
        """Raises `SigmaConfigurationError` where a part has the wrong form."""
        try:
            model = StepModel.model_validate({"fields": self.fields, "log_sources": self.log_sources})
        except ValidationError as error:
            raise SigmaConfigurationError(f"{STEP}: {error.errors()[0]['msg']}") from error
        self._keys = {key for names in model.log_sources for key in _keys(names)}

    def apply(self, rule: Any) -> None:
        """Rewrites the keywords of a rule of these log sources. pySigma calls this."""
        super().apply(rule)
        if not isinstance(rule, SigmaRule):
            return
        source = rule.logsource
        if (source.category, source.product, source.service) in self._keys:
            detections = rule.detection.detections
            own = (name for detection in detections.values() for name in _named(detection))
            names = list(dict.fromkeys([*self.fields, *own]))
            for name, detection in detections.items():
                detections[name] = _rewritten(detection, names)


def _named(node: Node) -> Iterator[str]:
    if isinstance(node, SigmaDetection):
        for part in node.detection_items:
            yield from _named(part)
    elif node.field is not None:
        yield node.field


def _rewritten(node: Node, names: Sequence[str]) -> Node:
    if isinstance(node, SigmaDetection):
        parts = [_rewritten(part, names) for part in node.detection_items]
        return SigmaDetection(parts, node.source, node.item_linking)
    if node.field is not None or _POSITIONED & set(node.modifiers):
        return node
    parts = [_anywhere(value, names) for value in node.value]
    linked = parts[0] if len(parts) == 1 else SigmaDetection(parts, node.source, node.value_linking)
    return negated(linked) if node.negated else linked


def _anywhere(value: Any, names: Sequence[str]) -> Node:
    if isinstance(value, SigmaExpansion):
        return any_of([_anywhere(one, names) for one in value.values])
    found = _inside(value)
    plain = SigmaDetectionItem(None, [], [value], auto_modifiers=False)
    return plain if found is None else any_of([with_values(plain, [found], name) for name in names])


def _keys(names: Names) -> list[tuple[str | None, ...]]:
    written = (names.category, names.product, names.service)
    ways: Iterable[Sequence[str | None]] = (_listed(one) or (None,) for one in written)
    return list(product(*ways))


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names


def _inside(value: Any) -> Any:
    """What a field must be for the value to stand somewhere in it; None for what is no text."""
    match value:
        case SigmaRegularExpression():
            return value
        case SigmaNumber():
            return _inside(SigmaString(str(value.number)))
        case SigmaString():
            found = type(value)()
            found.s = [_MANY, *value.s, _MANY]
            return found
    return None


def problems(parts: Any, source: Source, at: tuple[str | int, ...]) -> list[Problem]:
    """What is wrong with a step of this kind, at its lines."""
    found = check(StepModel, parts, source, at)
    return found if isinstance(found, list) else []


def register() -> None:
    """Makes the step known to pySigma under its name."""
    transformations.setdefault(STEP, KeywordFields)
