"""What a log can write, as part of a question: forms of values, and fields that are always there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from sigmaproof.index.event_data import EventData, Form, whole
from sigmaproof.index.shape import Place
from sigmaproof.logic.prove.graph import Graph, Leaf, Literal, Slot
from sigmaproof.logic.prove.machines import Language, runner
from sigmaproof.logic.prove.reading import only
from sigmaproof.logic.prove.texts import one_language
from sigmaproof.logic.values import text_of
from sigmaproof.text.perl import parse


def writable(graph: Graph, data: EventData, place: Place, slots: Iterable[Slot]) -> Literal:
    """The log can write an event with such values in these slots."""
    always = data.always(place)
    return graph.all(one for slot in slots for one in _conditions(graph, data, place, slot, always))


def _conditions(
    graph: Graph, data: EventData, place: Place, slot: Slot, always: frozenset[str]
) -> Iterator[Literal]:
    present = graph.present(slot)
    if slot.field in always and slot.place == 0:
        yield present
    form = data.form(place, slot.field)
    if form is None or form == Form():
        return
    if form.source:
        yield graph.any([-present, graph.leaf(Leaf(slot, _language(form)))])
    for text in form.never:
        yield -graph.leaf(Leaf(slot, only(text)))


@lru_cache(maxsize=256)
def _language(form: Form) -> Language:
    """All in one: a question is quicker with one test that is not looked into than with many."""
    return one_language(parse(whole("|".join([f"(?:{form.source})", *map(re.escape, form.unknown)]))))


def written(data: EventData, event: Mapping[str, Any]) -> bool:
    """Whether the log can write the values of an event."""
    place = Place.of(event)
    return all(
        _fits(form, text_of(one))
        for name, value in event.items()
        if (form := data.form(place, name)) is not None
        for one in (value if isinstance(value, list) else [value])
    )


def _fits(form: Form, text: str) -> bool:
    if not form.source:
        return text not in form.never
    return runner(_language(form)).contains(text)
