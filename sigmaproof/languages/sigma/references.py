"""What correlation rules refer to: rules and other correlation rules, by id or name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from sigmaproof.errors import nearest
from sigmaproof.languages.sigma.correlation import Correlation, Resolved
from sigmaproof.languages.sigma.errors import InvalidRule, Path
from sigmaproof.languages.sigma.nodes import Rule

LONGEST_CHAIN = 20
MOST_PARTS = 1000
"""Rules under one correlation rule, each as often as it is referred to."""


class Catalogue(Protocol):
    """The rules that there are."""

    def find(self, reference: str) -> Sequence[Rule | Correlation]:
        """Every rule of that id or name."""

    def names(self) -> Iterable[str]:
        """The names by which rules can be referred to."""

    def has_title(self, title: str) -> bool:
        """Whether some rule has this title."""


class InvalidReference(InvalidRule):
    """A correlation rule that refers to something it cannot; `correlation` is the one at fault."""

    def __init__(self, correlation: Correlation, message: str, path: Path, help: str) -> None:
        super().__init__(message, path, help)
        self.correlation = correlation


def resolve(correlation: Correlation, catalogue: Catalogue) -> Resolved:
    """The correlation rule with all that it refers to, however indirectly. Raises `InvalidReference`."""
    return _Resolver(catalogue).resolved(correlation, (correlation,))


class _Resolver:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._parts = 0

    def resolved(self, correlation: Correlation, chain: tuple[Correlation, ...]) -> Resolved:
        """The correlation rule at the end of a chain of references."""
        parts: list[Rule | Resolved] = []
        for position, reference in enumerate(correlation.rules):
            path = ("correlation", "rules", position)
            found = _found(correlation, reference, path, self._catalogue)
            self._parts += 1
            problem = self._problem(found, chain)
            if problem:
                raise InvalidReference(correlation, problem, path, "take one of the references out")
            parts.append(found if isinstance(found, Rule) else self.resolved(found, (*chain, found)))
        _check_aliases(correlation, self._catalogue)
        return Resolved(correlation, tuple(parts))

    def _problem(self, found: Rule | Correlation, chain: tuple[Correlation, ...]) -> str:
        if found in chain:
            told = " → ".join(one.title for one in (*chain, found) if isinstance(one, Correlation))
            return f"the correlation refers to itself: {told}"
        if len(chain) > LONGEST_CHAIN:
            return f"more than {LONGEST_CHAIN} correlation rules in a chain"
        return f"more than {MOST_PARTS} rules under one correlation" if self._parts > MOST_PARTS else ""


def _found(correlation: Correlation, reference: str, path: Path, catalogue: Catalogue) -> Rule | Correlation:
    found = catalogue.find(reference)
    if len(found) > 1:
        titles = " and ".join(one.title for one in found)
        remedy = "give them different names, or refer to one by its id"
        raise InvalidReference(correlation, f'"{reference}" may mean {titles}', path, remedy)
    if found and isinstance(found[0], Rule) and found[0].rules is not None:
        remedy = "refer to the rule: its filters come with it"
        raise InvalidReference(correlation, f'"{reference}" is a filter', path, remedy)
    if found:
        return found[0]
    if catalogue.has_title(reference):
        remedy = "give that rule a `name:` and refer to it by that, or by its id"
        raise InvalidReference(correlation, f'"{reference}" is a title, not a name or an id', path, remedy)
    hint = nearest(reference, catalogue.names())
    remedy = "put it into the same file, or give the folder that it is in"
    raise InvalidReference(correlation, f'no rule has the name or id "{reference}"{hint}', path, remedy)


def _check_aliases(correlation: Correlation, catalogue: Catalogue) -> None:
    """An alias for a rule that nobody knows is a typo; one for a rule that is not referred to is idle."""
    for alias, fields in correlation.aliases:
        for reference, _ in fields:
            if reference not in correlation.rules and not catalogue.find(reference):
                hint = nearest(reference, correlation.rules)
                message = f'the alias `{alias}` is for a rule that is not there: "{reference}"{hint}'
                path = ("correlation", "aliases", alias, reference)
                remedy = f"the rules are {', '.join(correlation.rules)}"
                raise InvalidReference(correlation, message, path, remedy)
