"""Places where YAML gives something else than what its author sees: joined, cut, converted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from sigmaproof.errors import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigmaproof.load.validate import Source

_BLOCK = "put it under `malicious: |` or `benign: |`, where nothing needs quotes"
_TEXT = "tag:yaml.org,2002:str"
_TYPES = {
    "int": "it is a number now",
    "float": "it is a number now",
    "bool": "it is true or false now",
    "null": "there is no text",
}
_DRIVE = re.compile(r"[A-Za-z]:\\(?!\\)")
_ESCAPE = "a backslash in double quotes is an escape"


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
    shown = source.line_text(node.start_mark.line + 1)[node.start_mark.column :]
    alone = shown and node.start_mark.line == _last(node).end_mark.line
    remedy = f"{_BLOCK}, or quote it: {_quoted(shown)}" if alone else _BLOCK
    return _problem(source, node, f"YAML changed the text of {name}: {message}", remedy)


def _what_happened(source: Source, node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return f"it is a {'mapping' if isinstance(node, yaml.MappingNode) else 'list'} now"
    if node.tag != _TEXT:
        return _TYPES.get(node.tag.rpartition(":")[2], f"it is a {node.tag} now")
    if node.style in ("|", ">"):
        return "`>` joins the lines" if node.style == ">" else None
    if node.start_mark.line != node.end_mark.line:
        return "the lines are joined"
    if _escaped_path(source, node):
        return _ESCAPE
    return "it ends where ` #` begins" if _cut(source, node) else None


def _last(node: yaml.Node) -> yaml.Node:
    """The last thing in a node: a block's own end lies on the next line."""
    if isinstance(node, yaml.MappingNode) and node.value:
        return _last(node.value[-1][1])
    return _last(node.value[-1]) if isinstance(node, yaml.SequenceNode) and node.value else node


def _cut(source: Source, node: yaml.ScalarNode) -> bool:
    if node.style in ("'", '"'):
        return False
    line = source.line_text(node.end_mark.line + 1)
    return line[node.end_mark.column :].lstrip().startswith("#")


def _escaped_path(source: Source, node: yaml.ScalarNode) -> bool:
    if node.style != '"' or node.start_mark.line != node.end_mark.line:
        return False
    written = source.line_text(node.start_mark.line + 1)[node.start_mark.column : node.end_mark.column]
    return bool(_DRIVE.search(written))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def changed_values(source: Source, at: tuple[str | int, ...]) -> Iterator[Problem]:
    """Values below `at` that are not what they look like: `0x3e7` is a number, `"C:\temp"` has a tab."""
    root = source.lines.node(at)
    for node in () if root is None else scalar_values(root, set()):
        value = _number(node)
        if value is not None and str(value) != node.value:
            message = f"YAML reads {node.value} as the number {value}"
            yield _problem(source, node, message, f"quote it: {_quoted(node.value)}")
        elif _escaped_path(source, node):
            yield _problem(source, node, f"YAML changed the text: {_ESCAPE}", "use single quotes")


def _number(node: yaml.ScalarNode) -> Any:
    if node.style in ("'", '"') or node.tag not in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float"):
        return None
    if node.tag.endswith(":int"):
        return int(node.value, {"0o": 8, "0x": 16}.get(node.value[:2], 10))
    try:
        return float(node.value)
    except ValueError:
        return node.value.lower()


def scalar_values(node: yaml.Node, seen: set[int]) -> Iterator[yaml.ScalarNode]:
    """The scalars of a tree but for the keys of its mappings, each once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            yield from scalar_values(value, seen)
    else:
        for value in node.value:
            yield from scalar_values(value, seen)


def _problem(source: Source, node: yaml.Node, message: str, remedy: str) -> Problem:
    place = Place(source.path, node.start_mark.line + 1, node.start_mark.column + 1)
    return Problem(source.code, message, place, remedy)
