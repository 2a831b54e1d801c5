"""What the repaired backends share: conditions written out in full, leaf by leaf.

pySigma still parses the rule and applies the pipelines; only the text of the query is written here, since
that is where its backends go wrong. A leaf that the language cannot say refuses the whole rule.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)

from sigmaproof.convert.values import OneOf, Unsayable, Value, read_value
from sigmaproof.index.model import IndexModel


class Exact:
    """Mixed into a pySigma backend, before it. `model` is the target's index model."""

    language: ClassVar[str]
    and_word: ClassVar[str]
    or_word: ClassVar[str]
    not_word: ClassVar[str]

    def __init__(self, *args: Any, model: IndexModel, **options: Any) -> None:
        super().__init__(*args, **options)
        self.model = model

    @abstractmethod
    def leaves(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        """Queries of which one must hold for some of the values to be in the field. Raises `Unsayable`."""

    def keyword(self, value: Value) -> str:
        """The query for a value that may stand anywhere in the event. Raises `Unsayable`."""
        raise self.unsayable("a keyword anywhere in the event")

    def unsayable(self, what: str) -> Unsayable:
        """The refusal of a construct that the language lacks."""
        return Unsayable(f"cannot be said in {self.language}: {what}")

    def convert_condition(self, cond: Any, state: Any) -> str:
        """The query for one of a rule's conditions; pySigma calls this."""
        return self._condition(cond, outermost=True)

    def _condition(self, cond: Any, *, outermost: bool = False) -> str:
        match cond:
            case ConditionAND():
                return self._joined(self.and_word, map(self._condition, cond.args), outermost)
            case ConditionOR():
                return self._joined(self.or_word, self._either(cond.args), outermost)
            case ConditionNOT():
                return f"{self.not_word} {self._condition(cond.args[0])}"
            case ConditionFieldEqualsValueExpression():
                return self._joined(self.or_word, self.leaves(cond.field, _values(cond)), outermost)
            case ConditionValueExpression():
                return self.keyword(read_value(cond.value))
        raise self.unsayable(f"a condition of type {type(cond).__name__}")

    def _either(self, parts: Sequence[Any]) -> Iterator[str]:
        """The parts of an `or`; neighbours on one field together, for languages that have lists."""
        for field, group in groupby(parts, key=lambda part: getattr(part, "field", None)):
            if field is None:
                yield from map(self._condition, group)
            else:
                yield from self.leaves(field, [value for part in group for value in _values(part)])

    def _joined(self, word: str, parts: Iterator[str], outermost: bool) -> str:
        unique = list(dict.fromkeys(parts))
        text = f" {word} ".join(unique)
        return text if outermost or len(unique) == 1 else f"({text})"


def _values(cond: Any) -> list[Value]:
    value = read_value(cond.value)
    return list(value.values) if isinstance(value, OneOf) else [value]
