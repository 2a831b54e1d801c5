"""What a text check asks, as languages: alternatives apart, and everything else in a normal form.

Normal forms are what makes a glob, and a regular expression that says the same, one and the same test.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

from msgspec import Struct

from sigmaproof.logic.prove.images import Folded
from sigmaproof.logic.prove.machines import Language, State, blocks_of
from sigmaproof.logic.prove.sequences import chain, glob_chain
from sigmaproof.text.automata import Automaton
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob, as_regex
from sigmaproof.text.named_classes import NEWLINE, WORD
from sigmaproof.text.regex import (
    ANY_TEXT,
    EMPTY,
    Anchor,
    Chars,
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    Regex,
    Repeat,
    concat,
    ungrouped,
)
from sigmaproof.text.walk import anchors
from sigmaproof.text.walk import mapped as changed

_MOST_ALTERNATIVES = 24
"""Beyond that an expression stays one language instead of becoming one for each alternative."""

_END = Repeat(NEWLINE, 0, 1)


@lru_cache(maxsize=65536)
def languages(pattern: Glob | Regex, fold: Fold, without: str = "") -> tuple[Language, ...]:
    """Languages that together are what the pattern matches under the case rule.

    With `without`: what it matches of the texts that hold none of these characters. Languages that differ
    only in those are then one and the same.
    """
    if isinstance(pattern, Glob):
        found = glob_chain(pattern, lambda char: _letter(char, fold, without))
        return (found or Pattern(changed(as_regex(pattern, fold), lambda one: _read_without(one, without))),)
    plain = regex_languages(pattern, without)
    return plain if fold is Fold.EXACT else tuple(Folded(one, fold) for one in plain)


def regex_languages(regex: Regex, without: str = "") -> tuple[Language, ...]:
    """Languages that together are the expression's."""
    regex = ungrouped(regex)
    if without:
        regex = changed(regex, lambda one: _read_without(one, without))
    ways = _alternatives(_trimmed(_flat(regex)))
    # only of a whole way is it known what stands before and behind its anchors
    return tuple(dict.fromkeys(_language(tuple(_trimmed(list(way)))) for way in ways))


@lru_cache(maxsize=65536)
def _read_without(part: Regex, characters: str) -> Regex:
    """A class with each of these characters inside if the one before it is: nothing tells the two apart."""
    if not isinstance(part, Chars):
        return part
    for char in characters:
        one = Chars.one(char)
        part = part | one if chr(ord(char) - 1) in part else part & ~one
    return part


@lru_cache(maxsize=65536)
def _letter(char: str, fold: Fold, without: str) -> Chars:
    found = _read_without(Chars.one(char, fold), without)
    assert isinstance(found, Chars)
    return found


def one_language(regex: Regex) -> Language:
    """The expression's language, in one piece."""
    return _language(tuple(_trimmed(_flat(ungrouped(regex)))))


class Pattern(Struct, frozen=True):
    """The texts that an expression matches."""

    regex: Regex

    def machine(self) -> PatternMachine:
        """Its automaton."""
        return PatternMachine(Automaton(self.regex), blocks_of(_classes(self.regex)))


@dataclass(slots=True)
class PatternMachine:
    """States are those of the automaton of derivatives."""

    automaton: Automaton
    blocks: Sequence[Chars]
    start: State = 0
    _rows: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def step(self, state: State, block: int) -> State:
        row = self._rows.get(state)
        if row is None:
            row = self._rows[state] = tuple(self._targets(state))
        return row[block]

    def _targets(self, state: State) -> Iterator[State]:
        moves = self.automaton.moves(state)
        for block in self.blocks:
            first = chr(block.ranges[0][0])
            yield next(target for chars, target in moves if first in chars)

    def accepts(self, state: State) -> bool:
        return self.automaton.accepts(state)

    def final(self, state: State) -> bool | None:
        return self.automaton.final(state)


def _language(parts: tuple[Regex, ...]) -> Language:
    return chain(parts) or Pattern(concat(parts))


def _classes(regex: Regex) -> Iterator[Chars]:
    if anchors(regex):
        yield from (NEWLINE, WORD)
    stack: list[Regex] = [regex]
    while stack:
        match stack.pop():
            case Chars() as chars:
                yield chars
            case Concat(parts) | Choice(parts) | Intersection(parts):
                stack += parts
            case Repeat(inner) | Group(_, inner) | Complement(inner):
                stack.append(inner)


def _flat(regex: Regex) -> list[Regex]:
    """The parts of a concatenation, however it is nested."""
    if not isinstance(regex, Concat):
        return [regex]
    return [inner for part in regex.parts for inner in _flat(part)]


def _trimmed(parts: list[Regex]) -> list[Regex]:
    """Without the anchors that only say where a text begins and ends anyway."""
    while Anchor.START in parts[:2] and parts[0] in (ANY_TEXT, Anchor.START):
        parts = parts[parts.index(Anchor.START) + 1 :]
    while parts[-1:] == [Anchor.END] or parts[-2:] == [Anchor.END, ANY_TEXT]:
        parts = parts[: -1 if parts[-1] is Anchor.END else -2]
    if parts[-2:] == [Anchor.BEFORE_FINAL_NEWLINE, ANY_TEXT]:
        parts = [*parts[:-2], _END]
    return parts


def _alternatives(parts: list[Regex]) -> list[tuple[Regex, ...]]:
    """One concatenation for each way through the choices, if there are not too many."""
    options = [_options(part) for part in parts]
    number = 1
    for one in options:
        number *= len(one)
    if number > _MOST_ALTERNATIVES and not (len(options) == 1 and number < 10 * _MOST_ALTERNATIVES):
        return [tuple(parts)]
    return [tuple(part for option in way for part in option) for way in product(*options)]


def _options(part: Regex) -> list[list[Regex]]:
    match part:
        case Choice(options):
            return [way for option in options for way in map(list, _alternatives(_flat(option)))]
        case Repeat(inner, 0, 1):
            return [_flat(EMPTY), *map(list, _alternatives(_flat(inner)))]
    return [[part]]
