"""Sigma: rule YAML → frozen rule → term. Reads the rule itself, not what a converter makes of it.

The specification is https://github.com/SigmaHQ/sigma-specification, version 2.1.0; where it is silent,
docs/semantics/sigma.md decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.index.events import EventIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.sigma.correlation import Correlation, Resolved
from sigmaproof.languages.sigma.errors import InvalidRule, NoValues
from sigmaproof.languages.sigma.filters import with_filters
from sigmaproof.languages.sigma.lint import Finding, lint, lint_correlation
from sigmaproof.languages.sigma.lower import lower
from sigmaproof.languages.sigma.lower_correlation import lower_correlation
from sigmaproof.languages.sigma.nodes import LogSource, Rule
from sigmaproof.languages.sigma.read import read_rule
from sigmaproof.languages.sigma.read_correlation import read_correlation
from sigmaproof.languages.sigma.references import InvalidReference, resolve
from sigmaproof.load.yaml_text import Flavour, YamlError, read_yaml
from sigmaproof.logic.plans import Plan, Select
from sigmaproof.logic.terms import Term

__all__ = ["Correlation", "Finding", "InvalidReference", "InvalidRule", "LogSource"]
__all__ += ["NoValues", "Resolved", "Rule", "case_index", "lint", "lint_correlation", "lower"]
__all__ += ["lower_correlation", "lower_query"]
__all__ += ["read_correlation", "read_document", "read_rule", "resolve", "with_filters"]


def read_document(mapping: Mapping[str, Any]) -> Rule | Correlation:
    """The rule, filter or correlation rule in one YAML document."""
    if isinstance(mapping, Mapping) and "correlation" in mapping:
        return read_correlation(mapping)
    return read_rule(mapping)


def lower_query(query: str, index: Index, options: Options) -> Lowered:  # noqa: ARG001 events read alike
    """What the last rule of a YAML text means, with those of the text's filters that apply to it.

    Options: `placeholders` (name → list of value strings), `taxonomy` (of the events, default `sigma`).
    """
    documents = [read_document(document) for document in _documents(query)]
    _refuse_twins(documents)
    filters = [one for one in documents if isinstance(one, Rule) and one.rules is not None]
    rules = [
        with_filters(one, filters) if isinstance(one, Rule) else one
        for one in documents
        if one not in filters
    ]
    if not rules:
        raise InvalidRule("there is no rule", help="begin with `title:`")

    def term(rule: Rule) -> Term:
        _check_taxonomy(rule, options)
        return lower(rule, options.get("placeholders"))

    plan, found = _lowered(rules[-1], _Text([*rules, *filters]), term)
    return Lowered(plan, tuple(f"{one.code}: {one.message}" for one in found))


def _lowered(
    rule: Rule | Correlation, text: _Text, term: Callable[[Rule], Term]
) -> tuple[Plan, tuple[Finding, ...]]:
    if isinstance(rule, Rule):
        return Select(term(rule)), lint(rule)
    resolved = resolve(rule, text)
    return lower_correlation(resolved, lambda rule: [(term(rule), {})]), lint_correlation(resolved)


def _check_taxonomy(rule: Rule, options: Options) -> None:
    if rule.taxonomy != options.get("taxonomy", "sigma"):
        raise UnsupportedQuery(f"the rule's fields are of the taxonomy {rule.taxonomy!r}")


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:  # noqa: ARG001 events have no mapping
    """Events as they are."""
    return EventIndex()


@dataclass(frozen=True, slots=True)
class _Text:
    """The rules of one text."""

    documents: Sequence[Rule | Correlation]

    def find(self, reference: str) -> Sequence[Rule | Correlation]:
        return [one for one in self.documents if reference == one.name or reference.lower() == one.id.lower()]

    def names(self) -> Iterable[str]:
        return [one.name for one in self.documents if one.name]

    def has_title(self, title: str) -> bool:
        return any(one.title == title for one in self.documents)


def _documents(text: str) -> list[Any]:
    try:
        return [document.data for document in read_yaml(text, Flavour.RULES)]
    except YamlError as error:
        lines = text.splitlines(keepends=True)[: max(error.line - 1, 0)]
        offset = min(sum(map(len, lines)) + max(error.column - 1, 0), len(text))
        raise QuerySyntaxError(f"not valid YAML: {error.message}", text, offset) from None


def _refuse_twins(rules: Iterable[Rule | Correlation]) -> None:
    names = [name for rule in rules for name in {rule.id.lower(), rule.name} if name]
    if twin := next((name for name in names if names.count(name) > 1), None):
        raise InvalidRule(f"two rules are called {twin}", ("id",), "give each an id of its own")
