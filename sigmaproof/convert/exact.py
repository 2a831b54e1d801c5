"""What the repaired backends share: conditions written out in full, leaf by leaf.

pySigma still parses the rule and applies the pipelines; only the text of the query is written here, since
that is where its backends go wrong. A leaf that the language cannot say refuses the whole rule.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from sigmaproof.convert.log_sources import KNOWN
from sigmaproof.convert.lucene_regex import Inexpressible
from sigmaproof.convert.tree import Denied, Every, Leaf, Some, Tree, read_condition
from sigmaproof.convert.values import Presence, Unsayable, Value
from sigmaproof.index.model import IndexModel

T = TypeVar("T")


class Words:
    """Writes a tree in a language that has the three boolean words and parentheses."""

    language: ClassVar[str]
    and_word: ClassVar[str]
    or_word: ClassVar[str]
    not_word: ClassVar[str]

    def write(self, tree: Tree, *, outermost: bool = False) -> str:
        """The tree as text; in parentheses if it has several parts, unless it is the outermost."""
        match tree:
            case Every(parts):
                return grouped(self.and_word, map(self.write, parts), outermost)
            case Some(parts):
                return grouped(self.or_word, map(self._alternative, parts), outermost)
            case Denied(Leaf(str(field), (Presence(),))):
                return self.absent(field)
            case Denied(part):
                return f"{self.not_word} {self.write(part)}"
            case Leaf(None, values):
                return grouped(self.or_word, map(self.keyword, values), outermost)
            case Leaf(str(field), values):
                return grouped(self.or_word, self.tests(field, values), outermost)
        raise AssertionError(tree)

    def _alternative(self, part: Tree) -> str:
        return self.write(part)

    @abstractmethod
    def tests(self, field: str, values: Sequence[Value]) -> Iterable[str]:
        """Queries of which one must hold for some of the values to be in the field. Raises `Unsayable`."""

    @abstractmethod
    def absent(self, field: str) -> str:
        """The query for a field that is not there."""

    def keyword(self, value: Value) -> str:
        """The query for a value that may stand anywhere in the event. Raises `Unsayable`."""
        raise self.unsayable("a keyword anywhere in the event")

    def expressed(self, write: Callable[[], T]) -> T:
        """What `write` gives. Raises `Unsayable` for what the dialect of patterns cannot express."""
        try:
            return write()
        except Inexpressible as error:
            raise self.unsayable(str(error)) from error

    def unsayable(self, what: str) -> Unsayable:
        """The refusal of a construct that the language lacks."""
        return Unsayable(f"cannot be said in {self.language}: {what}")


class Exact(Words):
    """Mixed into a pySigma backend, before it. `model` is the target's index model.

    `exact_fields`: fields whose values the product itself writes, in one case only, such as `event.category`;
    in events that a pipeline knows.
    """

    def __init__(
        self, *args: Any, model: IndexModel, exact_fields: Iterable[str] = (), **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self.model = model
        self._exact_fields = frozenset(exact_fields)
        self.kinds: frozenset[str] | None = None
        """What a pipeline says that the events at hand hold in parts; None: it does not know them."""

    def convert_condition(self, cond: Any, state: Any) -> str:
        """The query for one of a rule's conditions; pySigma calls this."""
        self.kinds = state.processing_state.get(KNOWN)
        return self.query(read_condition(cond))

    def is_exact(self, field: str) -> bool:
        """Whether the events at hand have the field's values in one spelling only."""
        return self.kinds is not None and field in self._exact_fields

    def query(self, tree: Tree) -> str:
        """The query for a whole condition."""
        return self.write(tree, outermost=True)


def grouped(word: str, parts: Iterable[str], outermost: bool = False) -> str:
    """The different parts with a word between them, in parentheses where there are several."""
    unique = list(dict.fromkeys(parts))
    text = f" {word} ".join(unique) if word else " ".join(unique)
    return text if outermost or len(unique) == 1 else f"({text})"
