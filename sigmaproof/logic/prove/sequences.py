"""Languages of globs and of expressions that are like them: classes one after the other, and loops between.

Their machine keeps the set of places that it can be at as the bits of a number, which is far cheaper than
derivatives; nearly every pattern of a detection rule is such a sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from sigmaproof.logic.prove.machines import blocks_of, members
from sigmaproof.text.glob import Glob, Wild
from sigmaproof.text.regex import ANY_CHAR, Chars, Regex, Repeat

_MOST_PLACES = 4000


class Chain(Struct, frozen=True, cache_hash=True):
    """Each class once; before the first, between two, and after the last, any run of the loop's class."""

    chars: tuple[Chars, ...]
    loops: tuple[Chars | None, ...]
    """One more than classes; None: nothing can come in between."""

    def machine(self) -> ChainMachine:
        """Its automaton."""
        return ChainMachine(self)

    @property
    def text(self) -> str | None:
        """The one text that it holds, if it is only one."""
        if any(self.loops) or any(
            len(one.ranges) != 1 or one.ranges[0][0] != one.ranges[0][1] for one in self.chars
        ):
            return None
        return "".join(chr(one.ranges[0][0]) for one in self.chars)


ALL = Chain((), (ANY_CHAR,))
"""Every text."""


def glob_chain(glob: Glob, chars_of: Callable[[str], Chars]) -> Chain | None:
    """A glob as a chain, with a class for each of its letters; None if it is too long."""
    chars: list[Chars] = []
    loops: list[Chars | None] = [None]
    for part in glob.parts:
        if part is Wild.MANY:
            loops[-1] = ANY_CHAR
        else:
            chars += map(chars_of, part) if isinstance(part, str) else [ANY_CHAR]
            loops += [None] * (len(chars) + 1 - len(loops))
    return Chain(tuple(chars), tuple(loops)) if len(chars) <= _MOST_PLACES else None


def chain(parts: Iterable[Regex]) -> Chain | None:
    """The parts of a concatenation as a chain, if they are simple enough."""
    chars: list[Chars] = []
    loops: list[Chars | None] = [None]
    for part in parts:
        least, loop, one = _simple(part)
        if one is None or len(chars) + least > _MOST_PLACES:
            return None
        for _ in range(least):
            _append(chars, loops, one)
        if loop:
            joined = _joined(loops[-1], one)
            if joined is None:
                return None
            loops[-1] = joined
    return Chain(tuple(chars), tuple(loops))


def _append(chars: list[Chars], loops: list[Chars | None], one: Chars) -> None:
    chars.append(one)
    if loops[-1] == one:  # `x*x` is `xx*`: one normal form for both
        loops[-1] = None
        loops.append(one)
    else:
        loops.append(None)


def _simple(part: Regex) -> tuple[int, bool, Chars | None]:
    match part:
        case Chars():
            return 1, False, part
        case Repeat(Chars() as inner, least, most) if most is None or most == least:
            return least, most is None, inner
    return 0, False, None


def _joined(before: Chars | None, loop: Chars) -> Chars | None:
    """Two loops in a row as one, if one holds all of the other."""
    if before is None or before | loop == loop:
        return loop
    return before if before | loop == before else None


@dataclass(slots=True)
class ChainMachine:
    """Bit n: n classes are read. A place that loops over everything makes all earlier ones needless."""

    chain: Chain
    start: int = 1
    blocks: Sequence[Chars] = ()
    _advance: list[int] = field(default_factory=list)
    _loop: list[int] = field(default_factory=list)
    _open: int = 0
    _end: int = 0

    def __post_init__(self) -> None:
        chars, loops = self.chain.chars, self.chain.loops
        self.blocks = blocks_of({*chars, *(loop for loop in loops if loop is not None)})
        inside = {one: members(self.blocks, one) for one in {*chars, *(one for one in loops if one)}}
        self._advance = [_bits(inside[one][at] for one in chars) for at in range(len(self.blocks))]
        self._loop = [
            _bits(one is not None and inside[one][at] for one in loops) for at in range(len(self.blocks))
        ]
        self._open = _bits(one == ANY_CHAR for one in loops)
        self._end = 1 << len(chars)

    def step(self, state: int, block: int) -> int:
        after: int = ((state & self._advance[block]) << 1) | (state & self._loop[block])
        settled = after & self._open
        return after >> (top := settled.bit_length() - 1) << top if settled else after

    def accepts(self, state: int) -> bool:
        return bool(state & self._end)

    def final(self, state: int) -> bool | None:
        if state & self._end & self._open:
            return True
        return None if state else False


def _bits(places: Iterable[bool]) -> int:
    return sum(1 << at for at, there in enumerate(places) if there)
