"""Sigma: rule YAML → frozen rule → term. Reads the rule itself, not what a converter makes of it.

The specification is https://github.com/SigmaHQ/sigma-specification, version 2.1.0; where it is silent,
docs/semantics/sigma.md decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery
from sigmaproof.index import Index
from sigmaproof.index.events import EventIndex
from sigmaproof.languages import Lowered, Options
from sigmaproof.languages.sigma.errors import InvalidRule
from sigmaproof.languages.sigma.filters import with_filters
from sigmaproof.languages.sigma.lint import Finding, lint
from sigmaproof.languages.sigma.lower import lower
from sigmaproof.languages.sigma.nodes import LogSource, Rule
from sigmaproof.languages.sigma.read import read_rule
from sigmaproof.load.yaml_text import Flavour, YamlError, read_yaml
from sigmaproof.logic.plans import Select

__all__ = ["Finding", "InvalidRule", "LogSource", "Rule"]
__all__ += ["case_index", "lint", "lower", "lower_query", "read_rule", "with_filters"]


def lower_query(query: str, index: Index, options: Options) -> Lowered:  # noqa: ARG001 events read alike
    """What the last rule of a YAML text means, with those of the text's filters that apply to it.

    Options: `placeholders` (name → list of value strings), `taxonomy` (of the events, default `sigma`).
    """
    documents = [read_rule(document) for document in _documents(query)]
    _refuse_twins(documents)
    rules = [found for found in documents if found.rules is None]
    if not rules:
        raise InvalidRule("there is no rule", help="begin with `title:`")
    rule = with_filters(rules[-1], (found for found in documents if found.rules is not None))
    if rule.taxonomy != options.get("taxonomy", "sigma"):
        raise UnsupportedQuery(f"the rule's fields are of the taxonomy {rule.taxonomy!r}")
    notes = tuple(f"{finding.code}: {finding.message}" for finding in lint(rule))
    return Lowered(Select(lower(rule, options.get("placeholders"))), notes)


def case_index(index: Mapping[str, Any] | None, options: Options) -> Index:  # noqa: ARG001 events have no mapping
    """Events as they are."""
    return EventIndex()


def _documents(text: str) -> list[Any]:
    try:
        return [document.data for document in read_yaml(text, Flavour.RULES)]
    except YamlError as error:
        lines = text.splitlines(keepends=True)[: max(error.line - 1, 0)]
        offset = min(sum(map(len, lines)) + max(error.column - 1, 0), len(text))
        raise QuerySyntaxError(f"not valid YAML: {error.message}", text, offset) from None


def _refuse_twins(rules: Iterable[Rule]) -> None:
    names = [name for rule in rules for name in {rule.id.lower(), rule.name} if name]
    if twin := next((name for name in names if names.count(name) > 1), None):
        raise InvalidRule(f"two rules are called {twin}", ("id",), "give each an id of its own")
