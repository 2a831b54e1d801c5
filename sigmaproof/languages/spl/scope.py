"""What names stand for at one place of a pipeline, while it is read symbolically."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from sigmaproof.index import Index
from sigmaproof.languages.spl.options import SplOptions
from sigmaproof.logic.plans.records import Passing
from sigmaproof.logic.plans.records_values import NULL, Constant
from sigmaproof.logic.terms import Subject


class Scope(Struct, frozen=True):
    """Fields that commands have set, and which of the others are still there."""

    values: Mapping[str, Subject] = field(default_factory=dict)
    filters: tuple[Passing, ...] = ()

    def resolve(self, name: str) -> Subject:
        """The field as a value over the records that the scope began with."""
        if name in self.values:
            return self.values[name]
        return name if all(name in names for names in self.filters) else NULL

    def having(self, values: Mapping[str, Subject]) -> Scope:
        """The scope with these fields set."""
        return replace(self, values={**self.values, **values})

    def passing(self, names: Passing) -> Scope:
        """The scope with only those fields left."""
        kept = {name: value for name, value in self.values.items() if name in names}
        return Scope(kept, (*self.filters, names))

    @property
    def untouched(self) -> bool:
        """Nothing has been set or dropped."""
        return not self.values and not self.filters


class Context(Struct, frozen=True):
    """What lowering needs to know besides the search."""

    options: SplOptions
    index: Index
    notes: dict[str, None] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Tells the reader something about the search, once."""
        self.notes[text] = None


def constant(subject: Subject) -> str | int | float | None:
    """The one value that a subject always has, if it is known."""
    if isinstance(subject, Constant) and subject.value is not None and len(subject.value) == 1:
        value = subject.value[0]
        return value if not isinstance(value, bool) else None
    return None
