"""Edits of detection items: their values, modifiers and field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sigmaproof.judge.mutate.edits import Edit, Words, edits
from sigmaproof.judge.mutate.values import changed_values
from sigmaproof.languages.sigma.errors import InvalidRule
from sigmaproof.languages.sigma.modifiers import BASE64, FLAGS, ORDERS, POSITIONS, UTF16
from sigmaproof.languages.sigma.nodes import Item, Node, Scalar, Text, shown
from sigmaproof.languages.sigma.read import read_item

_OTHER_POSITIONS = {
    "contains": ("startswith", "endswith", ""),
    "startswith": ("contains", "endswith", ""),
    "endswith": ("contains", "startswith", ""),
    "": ("contains", "startswith", "endswith"),
}
_OTHER_ORDERS = {"lt": ("lte", "gt"), "lte": ("lt", "gte"), "gt": ("gte", "lt"), "gte": ("gt", "lte")}
_PAIRS = (
    ("Image", "ParentImage"),
    ("CommandLine", "ParentCommandLine"),
    ("User", "ParentUser"),
    ("SourceImage", "TargetImage"),
    ("SourceIp", "DestinationIp"),
    ("SourcePort", "DestinationPort"),
    ("SourceHostname", "DestinationHostname"),
    ("SubjectUserName", "TargetUserName"),
    ("src_ip", "dst_ip"),
    ("src_port", "dst_port"),
)
"""Fields that are about two sides of one thing, and easily taken for each other."""
SIBLINGS = {**dict(_PAIRS), **{second: first for first, second in _PAIRS}}

_WORDS = Words("item", lambda _: "items", lambda _: "alternatives")


def detection_edits(detection: Node, fields: Sequence[str]) -> Iterator[Edit]:
    """Every edit of a detection; `fields` are those that the rule looks at."""
    return edits(detection, lambda node: _item(node, fields), _WORDS)


def _item(node: Node, fields: Sequence[str]) -> Iterator[Edit]:
    if isinstance(node, Item):
        yield from _dropped_values(node)
        yield from _modifiers(node)
        yield from _values(node)
        yield from _fields(node, fields)


def _dropped_values(item: Item) -> Iterator[Edit]:
    for at in range(len(item.values)) if len(item.values) > 1 else ():
        rest = replace(
            item,
            values=item.values[:at] + item.values[at + 1 :],
            patterns=item.patterns[:at] + item.patterns[at + 1 :],
        )
        text = f"{_key(item)} {shown(item.values[at])} dropped"
        yield Edit("value dropped", text, rest, (*item.path, at))


def _modifiers(item: Item) -> Iterator[Edit]:
    for kind, names in _other_modifiers(item):
        yield from _changed(item, kind, modifiers=tuple(name for name in names if name))


def _other_modifiers(item: Item) -> Iterator[tuple[str, Sequence[str]]]:
    """Other modifiers that the item might have been given, an empty name for none."""
    names = item.modifiers
    if len(item.values) > 1:
        if "all" in names:
            yield "all → one", _without(names, "all")
        else:
            yield "one → all", (*names, "all")
    if "neq" in names:
        yield "negation dropped", _without(names, "neq")
    if all(isinstance(one, Text) for patterns in item.patterns for one in patterns):
        yield from _textual(names)
    elif "re" in names:
        yield from _regex_flags(names)
    for order in (name for name in names if name in ORDERS):
        for other in _OTHER_ORDERS[order]:
            yield "comparison", _swapped(names, order, other)


def _textual(names: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    position = next((name for name in names if name in POSITIONS), "")
    for other in _OTHER_POSITIONS[position]:
        yield "position", _swapped(names, position, other) if position else (*names, other)
    yield "letter case", _without(names, "cased") if "cased" in names else (*names, "cased")
    if "windash" in names:
        yield "dashes", _without(names, "windash")
    elif not any(name in UTF16 or name in BASE64 for name in names):
        yield "dashes", (*names, "windash")
    for name in names:
        if name in UTF16:
            yield "encoding", _without(names, name)
        elif name in BASE64:
            yield "encoding", _swapped(names, name, next(one for one in BASE64 if one != name))


def _regex_flags(names: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    flags = [name for name in names if name in FLAGS]
    for name in flags:
        yield "regex flag", _without(names, name)
    if not any(FLAGS[name] == "i" for name in flags):
        yield "regex flag", (*names, "i")


def _values(item: Item) -> Iterator[Edit]:
    for at, value in enumerate(item.values):
        for kind, other, words in changed_values(value, item.modifiers):
            values = (*item.values[:at], other, *item.values[at + 1 :])
            found = _read(item, item.field, item.modifiers, values)
            if found is not None:
                text = f"{_key(item)} {words or f'{shown(value)} → {shown(other)}'}"
                yield Edit(kind, text, found, (*item.path, at))


def _fields(item: Item, fields: Sequence[str]) -> Iterator[Edit]:
    if item.field is None:
        return
    others = [name for name in fields if name != item.field]
    after = [name for name in fields[fields.index(item.field) + 1 :] if name != item.field]
    sibling = SIBLINGS.get(item.field)
    candidates = [*([sibling] if sibling else []), *(after or others)[:1]]
    for field in dict.fromkeys(candidates):
        yield from _changed(item, "field", field=field)


def _changed(
    item: Item, kind: str, *, field: str | None = None, modifiers: tuple[str, ...] | None = None
) -> Iterator[Edit]:
    field = item.field if field is None else field
    modifiers = item.modifiers if modifiers is None else modifiers
    found = _read(item, field, modifiers, item.values)
    if found is not None:
        yield Edit(kind, f"{_key(item)} → {_key(found)}", found, item.path)


def _read(item: Item, field: str | None, modifiers: Sequence[str], values: Sequence[Scalar]) -> Item | None:
    """The item as the front end reads it; None for what is no valid rule, and so no mutant."""
    try:
        return replace(read_item(field, modifiers, list(values), item.path), path=item.path)
    except InvalidRule:
        return None


def _key(item: Item) -> str:
    return "|".join([item.field or "", *item.modifiers]) or "keyword"


def _without(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


def _swapped(names: Sequence[str], old: str, new: str) -> tuple[str, ...]:
    return tuple(new if one == old else one for one in names)
