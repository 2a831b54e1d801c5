"""The engines' limit on automata: `max_determinized_states`.

Since Lucene 9 the limit is on work, ten units for each state that was once allowed; a state of the
deterministic automaton costs as many units as it stands for states of the other.
https://issues.apache.org/jira/browse/LUCENE-9981
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, pairwise
from operator import xor

from msgspec import Struct

from sigmaproof.text.glob import MANY, ONE, Glob
from sigmaproof.text.regex import (
    ANY_CHAR,
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

WORK_PER_STATE = 10
_DEFAULT = 10_000
_HARMLESS = 8
"""So few `?` after a `*` cannot need more than the limit."""
_MOST_PLACES = 20_000


def glob_is_complex(glob: Glob) -> bool:
    """Whether the engine gives up on a wildcard pattern; the option does not apply to these."""
    parts = glob.parts
    late = parts[parts.index(MANY) :] if MANY in parts else ()
    if sum(part is ONE for part in late) <= _HARMLESS:
        return False
    loops = 0
    places: list[str] = []  # the empty text stands for any character
    for part in parts:
        if part is MANY:
            loops |= 1 << len(places)
        else:
            places += list(part) if isinstance(part, str) else [""]
    masks = {
        char: sum(1 << at for at, place in enumerate(places) if place in ("", char)) for char in {"", *places}
    }
    # A place that loops stays, whatever is read; so the places after a step are the next ones and these.
    return _exceeds(1, lambda active: active << 1, [mask << 1 for mask in masks.values()], _DEFAULT, loops)


@lru_cache(maxsize=4096)
def regex_is_complex(regex: Regex, states: int) -> bool:
    """Whether the engine gives up on a regular expression with so many states allowed."""
    places = _Places()
    entry = places.read(regex)
    if any(regex_is_complex(part, states) for part in places.inner):
        return True
    masks = places.by_class()
    # The place before the text has no number of its own: its followers are the entry's first places.
    start = 1 << len(places.chars)
    places.follow.append(entry.first)
    return _exceeds(start, places.after, masks, states)


def _exceeds(
    start: int, after: Callable[[int], int], masks: Sequence[int], states: int, keep: int = 0
) -> bool:
    """Whether the deterministic automaton needs too much work: each state is a set of places, a bit each."""
    limit = states * WORK_PER_STATE
    seen, waiting, work = {start}, [start], 0
    while waiting:
        active = waiting.pop()
        work += active.bit_count()
        if work >= limit:
            return True
        following, kept = after(active), active & keep
        for reached in {following & mask | kept for mask in masks} - {0}:
            if reached not in seen:
                seen.add(reached)
                waiting.append(reached)
    return False


class _Part(Struct, frozen=True):
    """Which places can come first and last, and whether nothing at all will do."""

    first: int
    last: int
    empty: bool


_NOTHING_READ = _Part(0, 0, True)


@dataclass(slots=True)
class _Places:
    """The places of an expression where a character is read, and which can follow which."""

    chars: list[Chars] = field(default_factory=list)
    follow: list[int] = field(default_factory=list)
    inner: list[Regex] = field(default_factory=list)

    def read(self, regex: Regex) -> _Part:
        match regex:
            case Chars():
                return self.place(regex)
            case Concat(parts):
                return self.chain(self.read(part) for part in parts)
            case Choice(options):
                return self.either([self.read(option) for option in options])
            case Repeat(inner, least, most):
                return self.repeat(inner, least, most)
            case Group(_, inner):
                return self.read(inner)
            case Complement(inner):
                self.inner.append(inner)
                return self.loop(self.place(ANY_CHAR))
            case Intersection(parts):
                self.inner += parts
                return self.loop(self.place(ANY_CHAR))
        return _NOTHING_READ

    def place(self, chars: Chars) -> _Part:
        if len(self.chars) >= _MOST_PLACES:
            raise RegexTooLarge(f"more than {_MOST_PLACES} characters to read")
        self.chars.append(chars)
        self.follow.append(0)
        bit = 1 << (len(self.chars) - 1)
        return _Part(bit, bit, False)

    def link(self, last: int, first: int) -> None:
        while last:
            low = last & -last
            self.follow[low.bit_length() - 1] |= first
            last ^= low

    def chain(self, parts: Iterable[_Part]) -> _Part:
        whole = _NOTHING_READ
        for part in parts:
            self.link(whole.last, part.first)
            whole = _Part(
                whole.first | part.first if whole.empty else whole.first,
                whole.last | part.last if part.empty else part.last,
                whole.empty and part.empty,
            )
        return whole

    def either(self, parts: Sequence[_Part]) -> _Part:
        first = last = 0
        for part in parts:
            first, last = first | part.first, last | part.last
        return _Part(first, last, any(part.empty for part in parts))

    def loop(self, part: _Part) -> _Part:
        self.link(part.last, part.first)
        return _Part(part.first, part.last, True)

    def repeat(self, inner: Regex, least: int, most: int | None) -> _Part:
        needed = [self.read(inner) for _ in range(least)]
        if most is None:
            more = [self.loop(self.read(inner))]
        else:
            more = [self.nested([self.read(inner) for _ in range(most - least)])]
        return self.chain([*needed, *more])

    def nested(self, parts: Sequence[_Part]) -> _Part:
        """Each part only after the one before it: `(a(a(a)?)?)?`."""
        last = 0
        for part, following in pairwise(parts):
            self.link(part.last, following.first)
        for part in parts:
            last |= part.last
        return _Part(parts[0].first if parts else 0, last, True)

    def after(self, active: int) -> int:
        following = 0
        while active:
            low = active & -active
            following |= self.follow[low.bit_length() - 1]
            active ^= low
        return following

    def by_class(self) -> list[int]:
        """For each class of characters that the expression does not tell apart, the places that read it."""
        changes: defaultdict[int, int] = defaultdict(int)
        for at, chars in enumerate(self.chars):
            for low, high in chars.ranges:
                changes[low] ^= 1 << at
                changes[high + 1] ^= 1 << at
        masks = set(accumulate((changes[edge] for edge in sorted(changes)), xor))
        return [mask for mask in masks if mask]
