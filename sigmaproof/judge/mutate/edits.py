"""What can be changed in a tree of a rule, detection or condition: one small edit at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace

from sigmaproof.languages.sigma import nodes
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.languages.sigma.nodes import Denied, Every, Item, Name, Node, Quantified, Some


class Edit(Struct, frozen=True):
    """One change, and the tree that it leaves."""

    kind: str
    """What sort of change it is, such as `value dropped`."""
    text: str
    """The change in the rule's own words, such as `CommandLine|contains 'get' dropped`."""
    node: Node
    path: Path = ()
    """Where in the rule's YAML."""


Leaf = Callable[[Node], Iterator[Edit]]
"""The edits of what has no parts: a detection item, or a name in a condition."""


class Words(Struct, frozen=True):
    """What the parts of a tree are called."""

    part: str
    every: Callable[[Node], str]
    some: Callable[[Node], str]


def edits(node: Node, leaf: Leaf, words: Words) -> Iterator[Edit]:
    """Every edit of the tree."""
    match node:
        case Every(parts) | Some(parts):
            yield from _joined(node, words)
            for at, part in enumerate(parts):
                for edit in edits(part, leaf, words):
                    yield replace(edit, node=type(node)((*parts[:at], edit.node, *parts[at + 1 :])))
        case Denied(inner):
            yield Edit("negation dropped", f"{shown(node)} → {shown(inner)}", inner, path_of(inner))
            for edit in edits(inner, leaf, words):
                yield replace(edit, node=Denied(edit.node))
        case _:
            yield from leaf(node)


def _joined(node: Every | Some, words: Words) -> Iterator[Edit]:
    for at, part in enumerate(node.parts):
        left = node.parts[:at] + node.parts[at + 1 :]
        kind = "filter dropped" if isinstance(part, Denied) else f"{words.part} dropped"
        rest = left[0] if len(left) == 1 else type(node)(left)
        yield Edit(kind, f"{shown(part)} dropped", rest, path_of(part))
    if isinstance(node, Every):
        yield Edit("and → or", f"{words.every(node)}: and → or", Some(node.parts), path_of(node))
    else:
        yield Edit("or → and", f"{words.some(node)}: or → and", Every(node.parts), path_of(node))


def path_of(node: Node) -> Path:
    """Where a node of a detection stands: what its items' places have in common."""
    paths = [one.path for one in nodes.walk(node) if isinstance(one, Item)]
    if not paths:
        return ()
    same = takewhile(lambda steps: len(set(steps)) == 1, zip(*paths, strict=False))
    return tuple(steps[0] for steps in same)


def shown(node: Node, *, inside: bool = False) -> str:
    """A tree as its author would write it in one line; in parentheses where it is part of another."""
    match node:
        case Name(name):
            return name
        case Quantified(least, pattern):
            return f"{'all' if least is None else least} of {pattern or 'them'}"
        case Denied(inner):
            return f"not {shown(inner, inside=True)}"
        case Every(parts) | Some(parts):
            word = " and " if isinstance(node, Every) else " or "
            text = word.join(shown(part, inside=True) for part in parts)
            return f"({text})" if inside else text
        case _:
            return str(node)
