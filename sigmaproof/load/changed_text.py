"""Places where YAML gives something else than what its author sees: joined, cut, converted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from sigmaproof.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigmaproof.load.validate import Source

_BLOCK = "put it under `malicious: |` or `benign: |`, where nothing needs quotes"
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"


def changed_items(source: Source, key: str) -> Iterator[tuple[int, Problem]]:
    """The items of a list of command lines that YAML read as something else."""
    for position in range(len(source.data[key])):
        node = source.lines.node((key, position))
        if node is not None and (problem := _changed(source, node, f"{key}[{position + 1}]")):
            yield position, problem


def changed_block(source: Source, key: str) -> Problem | None:
    """What YAML did to the text of `key`, unless it is a `|` block."""
    node = source.lines.node((key,))
    return None if node is None else _changed(source, node, f"`{key}`")


def _changed(source: Source, node: yaml.Node, name: str) -> Problem | None:
    message = _what_happened(source, node)
    if message is None:
        return None
    shown = source.source_line(node.start_mark.line + 1).removeprefix("- ")
    return _problem(
        source,
        node,
        f"YAML changed the text of {name}: {message}",
        f"{_BLOCK}, or quote it: {_quoted(shown)}",
    )


def _what_happened(source: Source, node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return "this is a mapping or list, not text"
    if node.tag == _NULL:
        return "there is no text"
    if node.tag != _TEXT:
        return f"this is a {node.tag.rpartition(':')[2]}, not text"
    if node.style == ">":
        return "`>` joins the lines"
    if node.style == "|":
        return None
    if node.start_mark.line != node.end_mark.line:
        return "the lines are joined"
    return "it ends where ` #` begins" if _cut(source, node) else None


def _cut(source: Source, node: yaml.ScalarNode) -> bool:
    if node.style in ("'", '"'):
        return False
    line = source.text.split("\n")[node.end_mark.line]
    return line[node.end_mark.column :].lstrip().startswith("#")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def converted_numbers(source: Source, at: tuple[str | int, ...]) -> Iterator[Problem]:
    """Unquoted values below `at` that YAML takes for numbers, and that are written another way: `0x3e7`."""
    root = source.lines.node(at)
    for node in () if root is None else _values(root, set()):
        value = _number(node)
        if value is not None and str(value) != node.value:
            message = f"YAML reads {node.value} as the number {value}"
            yield _problem(source, node, message, f"quote it: {_quoted(node.value)}")


def _number(node: yaml.ScalarNode) -> Any:
    if node.style in ("'", '"') or node.tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        return None
    if node.tag.endswith(":int"):
        return int(node.value, {"0o": 8, "0x": 16}.get(node.value[:2], 10))
    try:
        return float(node.value)
    except ValueError:
        return node.value.lower()


def _values(node: yaml.Node, seen: set[int]) -> Iterator[yaml.ScalarNode]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from _values(value, seen)
    else:
        for value in node.value:
            yield from _values(value, seen)


def _problem(source: Source, node: yaml.Node, message: str, remedy: str) -> Problem:
    place = Place(source.path, node.start_mark.line + 1, node.start_mark.column + 1)
    return Problem(source.code, message, place, remedy)
