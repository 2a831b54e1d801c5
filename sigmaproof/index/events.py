"""Raw events in Sigma's own field names, as a rule reads them: nothing is analysed, nothing renamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sigmaproof.logic.run import Document
from sigmaproof.logic.values import ANY_FIELD, Cell, Value

_ABSENT = object()


class EventIndex:
    """An index that holds events as they are: flat keys, nested objects, arrays, or any mix."""

    def read(self, document: Document, field: str) -> Cell:
        """The values of a field: a key of that very name, else a path with dots, through arrays."""
        if field == ANY_FIELD:
            return tuple(_leaves(document))
        found = list(_found(document, field))
        return tuple(value for inner in found for value in _scalars(inner)) if found else None


def _found(value: Any, path: str) -> Iterator[Any]:
    """Everything that stands at the path."""
    if isinstance(value, Mapping):
        yield from _in_object(value, path)
    elif isinstance(value, list | tuple):
        index, _, rest = path.partition(".")
        if not (index.isascii() and index.isdigit() and len(index) < 10):
            for element in value:
                yield from _found(element, path)
        elif int(index) < len(value):
            yield from _found(value[int(index)], rest) if rest else [value[int(index)]]


def _in_object(value: Mapping[str, Any], path: str) -> Iterator[Any]:
    literal = value.get(path, _ABSENT)
    if literal is not _ABSENT:
        yield literal
        return
    dot = path.find(".")
    while dot >= 0:
        inner = value.get(path[:dot], _ABSENT)
        if isinstance(inner, Mapping | list | tuple):
            yield from _found(inner, path[dot + 1 :])
        dot = path.find(".", dot + 1)


def _scalars(value: Any) -> Iterable[Value]:
    """A field's own values: those of an array, however deep, and none of an object."""
    if not isinstance(value, list | tuple):
        return () if isinstance(value, Mapping) else (_scalar(value),)
    return _walk(value, through_objects=False)


def _leaves(document: Document) -> Iterator[Value]:
    return _walk(document.values(), through_objects=True)


def _walk(values: Iterable[Any], *, through_objects: bool) -> Iterator[Value]:
    # Not recursive: events are as deep as their writer likes.
    stack = [iter(values)]
    while stack:
        for value in stack[-1]:
            if isinstance(value, list | tuple):
                stack.append(iter(value))
                break
            if isinstance(value, Mapping):
                if through_objects:
                    stack.append(iter(value.values()))
                    break
            else:
                yield _scalar(value)
        else:
            stack.pop()


def _scalar(value: Any) -> Value:
    """What JSON does not know, such as a date, is its text."""
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)
