"""Which fields events carry (`converters/logs/*.yml`) of log sources that no source model describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import Field

from sigmaproof.errors import InvalidInput
from sigmaproof.index.sources import Key, LogSource, key_of
from sigmaproof.load.formats import Model, Text
from sigmaproof.load.validate import models

CODE = "invalid-logs"


class NamesModel(Model):
    """Log sources by what they name, and by nothing else."""

    category: Text | list[Text] = Field(default_factory=list)
    product: Text | list[Text] = Field(default_factory=list)
    service: Text | list[Text] = Field(default_factory=list)

    def combined(self) -> set[Key]:
        """Every combination."""
        ways: Iterable[Sequence[str | None]] = (
            _listed(one) or (None,) for one in (self.category, self.product, self.service)
        )
        return {(category, name, service) for category, name, service in product(*ways)}


class LogModel(Model):
    """Logs with the same fields."""

    fields: Text
    """Names, with blanks between them."""
    log_sources: list[NamesModel] = Field(min_length=1)


class LogsFile(Model):
    """What events of logs carry."""

    title: Text
    links: list[Text] = Field(min_length=1)
    logs: list[LogModel] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class LogFields:
    """The fields of events by log source."""

    by_key: Mapping[Key, frozenset[str]] = field(default_factory=dict)

    def of(self, logsource: LogSource | Mapping[str, Any]) -> frozenset[str] | None:
        """The fields that events of the log source can have; None if nothing is known of them."""
        return self.by_key.get(key_of(logsource))


def load_log_fields(folder: Path) -> LogFields:
    """What the YAML files in a folder say. Raises `InvalidInput` at the first problem."""
    found: dict[Key, frozenset[str]] = {}
    for source, model in models(folder, LogsFile, CODE, empty="write what logs carry: title, links, logs"):
        for position, one in enumerate(model.logs):
            keys = {key for names in one.log_sources for key in names.combined()}
            if keys & found.keys():
                raise InvalidInput(source.problem("a log source is there already", ("logs", position)))
            found |= dict.fromkeys(keys, frozenset(one.fields.split()))
    return LogFields(found)


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
