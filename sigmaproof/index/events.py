"""Raw events in Sigma's own field names, as a rule reads them: nothing is analysed, nothing renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sigmaproof.logic.run import Document
from sigmaproof.logic.values import ANY_FIELD, Cell, Value

_ABSENT = object()
_SCALAR = str | bool | int | float | None
_SCALARS = frozenset((str, bool, int, float, type(None)))


class EventIndex:
    """An index that holds events as they are: flat keys, nested objects, arrays, or any mix."""

    def read(self, document: Document, field: str) -> Cell:
        """The values of a field: a key of that very name, else a path with dots, through arrays."""
        if field == ANY_FIELD:
            return tuple(map(_scalar, _walk([document], into=Mapping | list | tuple)))
        value = document.get(field, _ABSENT)
        if type(value) in _SCALARS:  # asked of every field of every event
            return (value,)
        found = list(_found(document, field))
        return tuple(value for inner in found for value in _scalars(inner)) if found else None


def _found(value: Any, path: str) -> Iterator[Any]:
    """Everything that stands at the path."""
    if isinstance(value, Mapping):
        yield from _in_object(value, path)
    elif isinstance(value, list | tuple):
        index, _, rest = path.partition(".")
        if not (index.isascii() and index.isdigit() and len(index) < 10):
            for element in _walk(value, into=list | tuple):
                yield from _in_object(element, path) if isinstance(element, Mapping) else ()
        elif int(index) < len(value):
            yield from _found(value[int(index)], rest) if rest else [value[int(index)]]


def _in_object(value: Mapping[str, Any], path: str) -> Iterator[Any]:
    literal = value.get(path, _ABSENT)
    if literal is not _ABSENT:
        yield literal
        return
    dot = path.find(".")
    while dot >= 0:
        yield from _found(value.get(path[:dot]), path[dot + 1 :])
        dot = path.find(".", dot + 1)


def _scalars(value: Any) -> Iterator[Value]:
    """A field's own values: those of an array, however deep, and none of an object."""
    return (_scalar(inner) for inner in _walk([value], into=list | tuple) if not isinstance(inner, Mapping))


def _walk(values: Iterable[Any], into: Any) -> Iterator[Any]:
    """What is not one of the types `into`, in order, at any depth of those that are."""
    stack = [iter(values)]  # not recursive: events are as deep as their writer likes
    while stack:
        for value in stack[-1]:
            if isinstance(value, into):
                stack.append(iter(value.values() if isinstance(value, Mapping) else value))
                break
            yield value
        else:
            stack.pop()


def _scalar(value: Any) -> Value:
    """What JSON does not know, such as a date, is its text."""
    return value if isinstance(value, _SCALAR) else str(value)
