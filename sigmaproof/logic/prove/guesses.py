"""Events to try where only running them decides: texts that the question itself mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, permutations, product
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from sigmaproof.logic.prove.graph import Free, Graph, Leaf
from sigmaproof.logic.prove.search import Limits, OutOfBudget, shortest
from sigmaproof.logic.prove.sequences import ALL
from sigmaproof.text.glob import Glob, Wild

_PER_FIELD = 12
_PAIRED = 6
_MOST = 60
_EVENTS = 400
_MISSING = object()


def guesses(
    graph: Graph, free: Sequence[Free], event: Mapping[str, Any], limits: Limits
) -> Iterator[dict[str, Any]]:
    """The event with other values in the fields that the free tests look at, a few hundred at most."""
    names = list(dict.fromkeys(name for one in free for name in one.fields))
    said = [text for one in free for text in mentioned(one.what)]
    pools = {name: _pool(graph, name, event, said, limits) for name in names}
    together = [
        {**event, **dict.fromkeys(names, value)}
        for pool in pools.values()
        for value in pool
        if value is not _MISSING
    ]
    yield from islice(together, _EVENTS)
    for values in islice(product(*pools.values()), _EVENTS):
        changed = {**event, **dict(zip(names, values, strict=True))}
        yield {name: value for name, value in changed.items() if value is not _MISSING}


def mentioned(thing: Any) -> Iterator[str]:
    """The texts of the patterns in a test, without their wildcards."""
    if isinstance(thing, Glob):
        yield "".join(
            part if isinstance(part, str) else "a" if part is Wild.ONE else "" for part in thing.parts
        )
    elif isinstance(thing, Struct):
        for inner in astuple(thing):
            yield from mentioned(inner)
    elif isinstance(thing, tuple):
        for inner in thing:
            yield from mentioned(inner)


def _pool(
    graph: Graph, name: str, event: Mapping[str, Any], said: Iterable[str], limits: Limits
) -> list[Any]:
    found: dict[Any, None] = {event.get(name, _MISSING): None}
    texts = [text for text in dict.fromkeys(said) if text]
    found.update(dict.fromkeys(texts[:_PER_FIELD]))
    # what asks for words, or for arguments, wants some of them side by side
    pairs = permutations(texts[:_PAIRED], 2)
    found.update(dict.fromkeys(" ".join(pair) for pair in pairs))
    found[" ".join(texts[:_PER_FIELD])] = None
    for leaf in graph.leaves.values():
        if len(found) < _MOST and isinstance(leaf, Leaf) and leaf.slot.field == name:
            found.update(dict.fromkeys(_sample(leaf, limits)))
    return [*found, *([_MISSING] if _MISSING not in found else [])]


def _sample(leaf: Leaf, limits: Limits) -> Iterator[str]:
    if leaf.values != ALL and hasattr(leaf.values, "machine"):
        try:
            text = shortest([leaf.values], [], limits)
        except OutOfBudget:
            return
        if text is not None:
            yield text
