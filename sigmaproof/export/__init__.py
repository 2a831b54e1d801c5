"""Rules as the files that a product imports: one module per product, each a function from values to text.

`Search` is what they are made from: one query of one rule, with all that the rule's author said of it.
Nothing here reads, converts or proves, and none of it knows what a query means: its text is written as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sigmaproof.export.conf import unwritable
from sigmaproof.export.elastic import elastic_rules
from sigmaproof.export.kibana import kibana_searches
from sigmaproof.export.search import Search
from sigmaproof.export.splunk import splunk_app
from sigmaproof.export.threshold import threshold
from sigmaproof.load.values import Target

Files = Mapping[str, str]
"""Path below the target's folder → text."""

FORMS: Mapping[str, Callable[[Target, Sequence[Search]], Files]] = {
    "elastic-rules": elastic_rules,
    "kibana-searches": kibana_searches,
    "splunk-app": splunk_app,
}
_LANGUAGES = {
    "eql": ("elastic-rules",),
    "esql": ("elastic-rules",),
    "lucene": ("elastic-rules", "kibana-searches"),
    "spl": ("splunk-app",),
}


def forms(target: Target) -> tuple[str, ...]:
    """What a target's queries can be exported as; what its file asks for, if it is among that."""
    possible = _LANGUAGES.get(target.language or "", ())
    wanted = target.export.forms if target.export else None
    return possible if wanted is None else tuple(one for one in wanted if one in possible)


def unexportable(form: str, query: str) -> str:
    """Why a query cannot be written in a form so that its very text is read again; nothing if it can."""
    if form == "splunk-app":
        return unwritable(query)
    if form == "kibana-searches" and threshold(query):
        return "a search has no threshold"
    return "it holds half of a character" if any("\ud800" <= char <= "\udfff" for char in query) else ""


def impossible(target: Target) -> tuple[str, ...]:
    """The forms that a target's file asks for, and that its language cannot have."""
    wanted = (target.export.forms if target.export else None) or ()
    return tuple(one for one in wanted if one not in _LANGUAGES.get(target.language or "", ()))
