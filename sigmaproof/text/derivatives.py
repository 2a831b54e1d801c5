"""Brzozowski derivatives: what may follow in a language once a first character has been read.

Expressions are interned: equal ones, up to order, repetition and grouping of alternatives, are the same small
number, so that a language has finitely many derivatives and comparing them costs nothing. Anchors are decided
by the characters on both sides of a place. Beneath a complement they are taken for the whole text.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sigmaproof.text.named_classes import WORD
from sigmaproof.text.regex import (
    Anchor,
    Chars,
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    Regex,
    RegexTooLarge,
    Repeat,
)

Node = int
"""An interned expression."""

Key = tuple[Any, ...]

_ENDLESS = sys.maxsize

MOST_WORK = 200_000
"""Nodes visited for one expression, before it is refused as too large."""


class Side(IntEnum):
    """What is on one side of a place in a text."""

    EDGE = 0
    """The text's own start or end."""
    NEWLINE = 1
    WORD = 2
    """A word character."""
    OTHER = 3


class Empty(IntEnum):
    """Whether an expression matches the empty text at a place."""

    NO = 0
    LAST = 1
    """Only if the newline that follows ends the text."""
    YES = 2


def side(code: int) -> Side:
    """What a code point is to its neighbours."""
    if code == 0x0A:
        return Side.NEWLINE
    return Side.WORD if code < 0x80 and chr(code) in WORD else Side.OTHER


@dataclass(slots=True)
class Expressions:
    """Interned expressions, with their derivatives."""

    keys: list[Key] = field(default_factory=list)
    ids: dict[Key, Node] = field(default_factory=dict)
    derived: dict[tuple[Node, Side, int], Node] = field(default_factory=dict)
    joined: dict[tuple[Node, Node], Node] = field(default_factory=dict)
    emptiness: dict[tuple[Node, Side, Side], Empty] = field(default_factory=dict)
    skipped: dict[Node, bool] = field(default_factory=dict)
    """Whether a node can match nothing at some place."""
    work: int = 0
    nothing: Node = field(init=False)
    empty: Node = field(init=False)
    anything: Node = field(init=False)

    def __post_init__(self) -> None:
        self.nothing = self._id(Choice, frozenset())
        self.empty = self._id(Concat)
        self.anything = self._id(Repeat, self._id(Chars, ((0, 0x10FFFF),)), 0, None)

    def _id(self, *key: Any) -> Node:
        found = self.ids.get(key)
        if found is None:
            found = self.ids[key] = len(self.keys)
            self.keys.append(key)
        return found

    def spend(self, nodes: int) -> None:
        """Accounts for work done."""
        self.work += nodes
        if self.work > MOST_WORK:
            raise RegexTooLarge("the pattern's automaton takes too long to build")

    def of(self, regex: Regex) -> Node:
        """The tree, interned."""
        return self._followed(regex, self.empty)

    def _followed(self, regex: Regex, rest: Node) -> Node:
        match regex:
            case Concat(parts):
                for part in reversed(parts):
                    rest = self._followed(part, rest)
                return rest
            case Choice(options):
                return self.union([self._followed(option, rest) for option in options])
            case Group(_, inner):
                return self._followed(inner, rest)
            case Chars(ranges):
                return self._pair(self._id(Chars, ranges) if ranges else self.nothing, rest)
            case Repeat(inner, least, most):
                return self.concat(self.repeat(self.of(inner), least, most), rest)
            case Complement(inner):
                return self.concat(self.complement(self.of(inner)), rest)
            case Intersection(parts):
                return self.concat(self.meet([self.of(part) for part in parts]), rest)
            case Anchor():
                return self._pair(self._id(Anchor, regex), rest)

    def concat(self, first: Node, rest: Node) -> Node:
        """One after the other, nested to the right; alternatives outside."""
        known = self.joined.get((first, rest))
        if known is None:
            known = rest
            for part in reversed(self._spine(first)):
                known = self._pair(part, known)
            self.joined[first, rest] = known
        return known

    def _spine(self, node: Node) -> list[Node]:
        spine: list[Node] = []
        while self.keys[node][0] is Concat and node != self.empty:
            _, head, node = self.keys[node]
            spine.append(head)
        if node != self.empty:
            spine.append(node)
        self.spend(len(spine))
        return spine

    def _pair(self, first: Node, rest: Node) -> Node:
        if self.nothing in (first, rest):
            return self.nothing
        if rest == self.empty:
            return first
        if self.keys[first][0] is Choice:
            return self.union([self.concat(option, rest) for option in self.keys[first][1]])
        if first == self.anything and (rest == first or self.keys[rest][:2] == (Concat, first)):
            return rest
        return self._id(Concat, first, rest)

    def union(self, nodes: Iterable[Node]) -> Node:
        """Any of them; classes become one, and so do counts of one thing that leave no gap."""
        options = self._flat(Choice, nodes)
        if len(options) > 1 and self.anything not in options:
            options = self._joined_counts(self._one_class(options))
        if self.anything in options:
            return self.anything
        return next(iter(options)) if len(options) == 1 else self._id(Choice, frozenset(options))

    def _one_class(self, options: set[Node]) -> set[Node]:
        classes = [node for node in options if self.keys[node][0] is Chars]
        if len(classes) < 2:
            return options
        ranges = Chars.of(*(pair for node in classes for pair in self.keys[node][1])).ranges
        return options.difference(classes) | {self._id(Chars, ranges)}

    def _joined_counts(self, options: set[Node]) -> set[Node]:
        """`x{3,5}y|x{4,9}y` is `x{3,9}y`: what keeps `.{1,64}` in a search from having a state per subset."""
        groups: defaultdict[tuple[Node, Node], list[tuple[int, int, Node]]] = defaultdict(list)
        for node in options:
            key = self.keys[node]
            first, rest = key[1:] if key[0] is Concat and len(key) > 1 else (node, self.empty)
            kind, *counted = self.keys[first]
            if kind is Repeat:
                inner, least, most = counted
                groups[inner, rest].append((least, _ENDLESS if most is None else most, node))
        for (inner, rest), counts in groups.items():
            if len(counts) > 1:
                options = options.difference([node for _, _, node in counts])
                options |= {
                    self._pair(self.repeat(inner, least, None if most == _ENDLESS else most), rest)
                    for least, most in _joined(sorted(counts))
                }
        return options

    def meet(self, nodes: Iterable[Node]) -> Node:
        """All of them."""
        parts = self._flat(Intersection, nodes) - {self.anything}
        if self.nothing in parts:
            return self.nothing
        if not parts:
            return self.anything
        return next(iter(parts)) if len(parts) == 1 else self._id(Intersection, frozenset(parts))

    def _flat(self, kind: type, nodes: Iterable[Node]) -> set[Node]:
        found: set[Node] = set()
        for node in nodes:
            key = self.keys[node]
            found.update(key[1] if key[0] is kind else (node,))
        self.spend(len(found))
        return found

    def complement(self, node: Node) -> Node:
        """Every other text."""
        if self.keys[node][0] is Complement:
            inner: Node = self.keys[node][1]
            return inner
        if node in (self.nothing, self.anything):
            return self.anything if node == self.nothing else self.nothing
        return self._id(Complement, node)

    def repeat(self, node: Node, least: int, most: int | None) -> Node:
        """`least` to `most` times."""
        if most == 0 or node == self.empty:
            return self.empty
        if (least, most) == (1, 1):
            return node
        if node == self.nothing:
            return self.empty if least == 0 else self.nothing
        if self.keys[node][0] is Repeat and self.keys[node][2:] == (0, None):
            return node
        return self._id(Repeat, node, least, most)

    def matches_empty(self, node: Node, before: Side, after: Side) -> Empty:
        """Whether the node can match nothing between these two sides."""
        known = self.emptiness.get((node, before, after))
        if known is None:
            known = self.emptiness[node, before, after] = self._spine_matches_empty(node, before, after)
        return known

    def _spine_matches_empty(self, node: Node, before: Side, after: Side) -> Empty:
        key, worst = self.keys[node], Empty.YES
        while key[0] is Concat and len(key) > 1:
            self.spend(1)
            worst = min(worst, self.matches_empty(key[1], before, after))
            if worst is Empty.NO:
                return worst
            key = self.keys[key[2]]
        return min(worst, self._matches_empty(key, before, after))

    def _matches_empty(self, key: Key, before: Side, after: Side) -> Empty:
        kind = key[0]
        if kind is Anchor:
            return _ANCHORS[key[1]](before, after)
        if kind is Choice or kind is Intersection:
            found = [self.matches_empty(part, before, after) for part in key[1]]
            return max(found, default=Empty.NO) if kind is Choice else min(found)
        if kind is Repeat:
            return Empty.YES if key[2] == 0 else self.matches_empty(key[1], before, after)
        if kind is Complement:
            return Empty.NO if self.matches_empty(key[1], before, after) else Empty.YES
        return Empty.YES if kind is Concat else Empty.NO

    def derivative(self, node: Node, before: Side, code: int) -> Node:
        """What may follow `code`, which itself follows `before`."""
        known = self.derived.get((node, before, code))
        if known is None:
            self.spend(1)
            known = self.derived[node, before, code] = self._derivative(node, before, code)
        return known

    def _derivative(self, node: Node, before: Side, code: int) -> Node:
        key = self.keys[node]
        kind = key[0]
        if kind is Chars:
            at = bisect_right(key[1], (code, 0x110000)) - 1
            return self.empty if at >= 0 and code <= key[1][at][1] else self.nothing
        if kind is Concat:
            return self._derived_concat(node, before, code)
        if kind is Repeat:
            return self._derived_repeat(key, before, code)
        if kind is Choice:
            return self.union([self.derivative(part, before, code) for part in key[1]])
        if kind is Intersection:
            return self.meet([self.derivative(part, before, code) for part in key[1]])
        if kind is Complement:
            return self.complement(self.derivative(key[1], before, code))
        return self.nothing

    def _derived_concat(self, node: Node, before: Side, code: int) -> Node:
        # A loop over the spine: as deep as the pattern is long, recursion would not do.
        after, reached = side(code), Empty.YES
        options: list[Node] = []
        while node != self.empty and reached:
            key = self.keys[node]
            first, node = key[1:] if key[0] is Concat else (node, self.empty)
            rest = self.concat(self.derivative(first, before, code), node)
            options.append(rest if reached is Empty.YES else self.meet([rest, self.empty]))
            reached = min(reached, self.matches_empty(first, before, after))
        return self.union(options)

    def _derived_repeat(self, key: Key, before: Side, code: int) -> Node:
        _, inner, least, most = key
        first = self.derivative(inner, before, code)
        fewer = None if most is None else most - 1
        skipped = self.matches_empty(inner, before, side(code))  # then earlier rounds can have been empty
        counted = self.concat(first, self.repeat(inner, max(least - 1, 0), fewer))
        if skipped is Empty.NO or least <= 1:
            return counted
        uncounted = self.concat(first, self.repeat(inner, 0, fewer))
        return (
            uncounted if skipped is Empty.YES else self.union([counted, self.meet([uncounted, self.empty])])
        )

    def heads(self, node: Node) -> set[Node]:
        """Every class that a derivative of the node looks at."""
        found: set[Node] = set()
        seen, todo = {node}, [node]
        while todo:
            key = self.keys[node := todo.pop()]
            if key[0] is Chars:
                found.add(node)
            more = [part for part in self._looked_at(key) if part not in seen]
            seen.update(more)
            todo += more
        self.spend(len(seen))
        return found

    def _looked_at(self, key: Key) -> Iterable[Node]:
        if key[0] is Choice or key[0] is Intersection:
            parts: frozenset[Node] = key[1]
            return parts
        if key[0] is Repeat or key[0] is Complement:
            return (key[1],)
        if key[0] is Concat and len(key) > 1:
            return key[1:] if self._can_be_empty(key[1]) else key[1:2]
        return ()

    def _can_be_empty(self, node: Node) -> bool:
        """Whether the node can match nothing at some place."""
        known = self.skipped.get(node)
        if known is None:
            kind = self.keys[node][0]
            known = self.skipped[node] = (kind is Anchor or kind is Complement) or any(
                self.matches_empty(node, before, after) for before in Side for after in Side
            )
        return known


def _joined(counts: Iterable[tuple[int, int, Node]]) -> list[tuple[int, int]]:
    """Sorted intervals of counts, as few as possible."""
    joined: list[tuple[int, int]] = []
    for least, most, _ in counts:
        if joined and least <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], most))
        else:
            joined.append((least, most))
    return joined


def _yes(holds: bool) -> Empty:
    return Empty.YES if holds else Empty.NO


def _before_final_newline(_: Side, after: Side) -> Empty:
    return Empty.LAST if after is Side.NEWLINE else _yes(after is Side.EDGE)


_ANCHORS: dict[Anchor, Callable[[Side, Side], Empty]] = {
    Anchor.START: lambda before, after: _yes(before is Side.EDGE),
    Anchor.END: lambda before, after: _yes(after is Side.EDGE),
    Anchor.BEFORE_FINAL_NEWLINE: _before_final_newline,
    Anchor.LINE_START: lambda before, after: _yes(before in (Side.EDGE, Side.NEWLINE)),
    Anchor.LINE_END: lambda before, after: _yes(after in (Side.EDGE, Side.NEWLINE)),
    Anchor.WORD: lambda before, after: _yes((before is Side.WORD) != (after is Side.WORD)),
    Anchor.NOT_WORD: lambda before, after: _yes((before is Side.WORD) == (after is Side.WORD)),
}
