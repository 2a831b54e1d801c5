"""Correlation rules to queries: written anew, or refused with the reason.

pySigma's own correlations count in bins that begin at full minutes, and miss what crosses an edge; its EQL
ignores the operator of a condition. What is written here slides along as Sigma's window does; threshold rules
(`lucene`) do not, and a target has to ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sigmaproof.convert.correlations import eql, esql, lucene, splunk
from sigmaproof.convert.correlations.bases import Base, read_base
from sigmaproof.convert.correlations.wanted import Wanted
from sigmaproof.convert.tree import leaves
from sigmaproof.convert.values import Unsayable

WRITERS: Mapping[str, Callable[[Any, Wanted, Sequence[Base]], list[str]]] = {
    "exact_eql": eql.write,
    "exact_esql": esql.write,
    "exact_lucene": lucene.write,
    "exact_splunk": splunk.write,
}
"""By the name of the backend."""


def written(name: str, backend: Any, want: Wanted, read: Callable[[Any], Any]) -> list[str]:
    """The queries of a backend. `read` makes a collection of a rule's document. Raises `Unsayable`."""
    if name not in WRITERS:
        raise Unsayable(f"the backend {name} has no correlations of ours")
    bases = [
        read_base(backend, read(rule.document), list(dict.fromkeys((*rule.by, *rule.values))))
        for rule in want.rules
    ]
    backend.kinds = bases[0].known
    if any(base.known != backend.kinds for base in bases) and any(map(_has_keywords, bases)):
        raise Unsayable("cannot be said: keywords in events of log sources that write their text differently")
    return WRITERS[name](backend, want, bases)


def _has_keywords(base: Base) -> bool:
    return any(leaf.field is None for leaf in leaves(base.tree))
