"""Queries for rules of log sources that no source model describes."""

from __future__ import annotations

from collections.abc import Sequence

from sigmaproof.index.elastic import ElasticIndex
from sigmaproof.index.elastic_values import NUMBERS
from sigmaproof.index.model import IndexModel, plain_model
from sigmaproof.judge.meaning import Meaning, queries_meaning
from sigmaproof.judge.prove import term_of
from sigmaproof.load.values import Target
from sigmaproof.logic.terms import subject_fields, tests


def under_plain(
    queries: Sequence[str], target: Target, known: IndexModel, rule: Meaning
) -> tuple[Meaning, IndexModel]:
    """What a target's queries mean in an index that keeps fields as the rule names them.

    For rules of log sources that no model describes. Where the target's own index has a number by one of the
    rule's names, such as `destination.port`, so has this one. Raises `QueryError`.
    """
    assert target.language is not None
    model = plain_model(target.language, lines=True, types=_numbers(known, rule))
    return queries_meaning(queries, target.language, model.index, model.document, target.options), model


def _numbers(known: IndexModel, rule: Meaning) -> tuple[tuple[str, str], ...]:
    """The rule's fields that the index has as numbers, and their types."""
    term, index = term_of(rule.plan), known.index
    if term is None or not isinstance(index, ElasticIndex):
        return ()
    names = dict.fromkeys(name for test in tests(term) for name in subject_fields(test.subject))
    found = [(name, index.by_name[name].type) for name in names if name in index.by_name]
    return tuple((name, type_) for name, type_ in found if type_ in NUMBERS)
