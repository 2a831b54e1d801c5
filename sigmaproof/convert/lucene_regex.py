"""A regular expression in Lucene's dialect: whole values only, so anchors have to go.

https://www.elastic.co/docs/reference/query-languages/query-dsl/regexp-syntax
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, product

from sigmaproof.text.determinize import glob_is_complex, regex_is_complex
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import Glob, Wild
from sigmaproof.text.regex import (
    ANY_CHAR,
    ANY_TEXT,
    EMPTY,
    LAST,
    Anchor,
    Chars,
    Choice,
    Concat,
    Group,
    Regex,
    Repeat,
    ungrouped,
)
from sigmaproof.text.walk import anchors

LONGEST = 1000
"""Characters of a pattern that Lucene accepts by default (`index.max_regex_length`)."""

STATES = 10_000
"""States of an automaton that Lucene allows by default (`max_determinized_states`)."""

_MOST_BRANCHES = 64
_MOST_TIMES = 8
"""So often at most is a repetition with anchors in it written out."""
_WORD = Chars.of((48, 57), (65, 90), (95, 95), (97, 122))
_NEWLINE = Chars.of((10, 10))


class Inexpressible(ValueError):
    """An expression that Lucene's dialect cannot say; the message names the construct."""


def of_search(regex: Regex) -> str:
    """The pattern whose whole-value matches are the values that contain a match of `regex`.

    Raises `Inexpressible` for an anchor inside the expression, and for one that is too long.
    """
    found = [_inside(list(parts)) for parts in _branches(regex)]
    branches = [_whole(parts) for parts in found if parts is not None]
    whole = branches[0] if len(branches) == 1 else Choice(tuple(branches))
    text = checked(_show(whole, 0))
    if regex_is_complex(ungrouped(whole), STATES):
        raise Inexpressible("a regular expression with more states than Lucene allows")
    return text


def of_glob(glob: Glob, rule: Fold) -> str:
    """The pattern that matches what the glob matches under a case rule. Raises `Inexpressible`."""
    simple_enough(glob)
    parts: list[Regex] = []
    for part in glob.parts:
        if isinstance(part, Wild):
            parts.append(ANY_CHAR if part is Wild.ONE else ANY_TEXT)
        else:
            parts += (Chars.one(char, rule) for char in part)
    return checked(_show(Concat(tuple(parts)), 0))


def simple_enough(glob: Glob) -> None:
    """Raises `Inexpressible` for a wildcard pattern that Lucene gives up on."""
    if glob_is_complex(glob):
        raise Inexpressible("a text with more wildcards for one character than Lucene allows")


def checked(pattern: str) -> str:
    """The pattern, if Lucene accepts one so long."""
    if len(pattern) > LONGEST:
        raise Inexpressible(f"a regular expression of {len(pattern)} characters, over {LONGEST}")
    return pattern


def _branches(regex: Regex) -> list[tuple[Regex, ...]]:
    """The expression as alternatives of flat sequences, as far as anchors are inside."""
    match regex:
        case Group(_, inner):
            return _branches(inner) if anchors(inner) else [(inner,)]
        case Choice(options) if anchors(regex):
            return _bounded([branch for option in options for branch in _branches(option)])
        case Concat(parts):
            choices = [_branches(part) for part in parts]
            return _bounded([sum(chosen, ()) for chosen in product(*choices)])
        case Repeat(inner, least, int(most)) if anchors(inner) and most <= _MOST_TIMES:
            once = _branches(inner)
            times = (product(once, repeat=count) for count in range(least, most + 1))
            return _bounded([sum(chosen, ()) for chosen in chain.from_iterable(times)])
    return [(regex,)]


def _bounded(branches: list[tuple[Regex, ...]]) -> list[tuple[Regex, ...]]:
    if len(branches) > _MOST_BRANCHES:
        raise Inexpressible("a regular expression with anchors in many places")
    return branches


def _inside(parts: list[Regex]) -> list[Regex] | None:
    """One branch without the word boundaries that what is beside them decides; None if nothing matches it."""
    found: list[Regex] = []
    for at, part in enumerate(parts):
        if part is Anchor.WORD and found and at + 1 < len(parts):
            left, right = _is_word(found[-1], last=True), _is_word(parts[at + 1])
            if left is not None and right is not None:
                if left is right:
                    return None
                continue
        found.append(part)
    return found


def _whole(parts: list[Regex]) -> Regex:
    """One branch as an expression over the whole value: what stands before and after is said."""
    front: Regex = ANY_TEXT
    while parts and isinstance(parts[0], Anchor):
        front = _before(parts.pop(0), parts)
    back: Regex = ANY_TEXT
    while parts and isinstance(parts[-1], Anchor):
        back = _after(parts.pop(), parts)
    if any(map(anchors, parts)):
        raise Inexpressible("an anchor in the middle of a regular expression")
    return Concat(tuple(_merged([front, *parts, back])))


def _merged(parts: list[Regex]) -> list[Regex]:
    """The sequence with `.*.{5,}` as `.{5,}`: Lucene counts the states of what it reads."""
    found: list[Regex] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(last, Repeat) and isinstance(part, Repeat) and last.inner == part.inner:
            most = None if last.most is None or part.most is None else last.most + part.most
            found[-1] = Repeat(part.inner, last.least + part.least, most)
        else:
            found.append(part)
    return found


def _before(anchor: Regex, rest: list[Regex]) -> Regex:
    if anchor is Anchor.START:
        return EMPTY
    if anchor is Anchor.LINE_START:
        return Choice((EMPTY, Concat((ANY_TEXT, _NEWLINE))))
    if anchor is Anchor.WORD and rest and _is_word(rest[0]):
        return Choice((EMPTY, Concat((ANY_TEXT, ~_WORD))))
    raise Inexpressible(
        f"the anchor {anchor.value if isinstance(anchor, Anchor) else anchor} where it stands"
    )


def _after(anchor: Regex, rest: list[Regex]) -> Regex:
    if anchor is Anchor.END:
        return EMPTY
    if anchor is Anchor.BEFORE_FINAL_NEWLINE:
        return Repeat(_NEWLINE, 0, 1)
    if anchor is Anchor.LINE_END:
        return Choice((EMPTY, Concat((_NEWLINE, ANY_TEXT))))
    if anchor is Anchor.WORD and rest and _is_word(rest[-1], last=True):
        return Choice((EMPTY, Concat((~_WORD, ANY_TEXT))))
    raise Inexpressible(
        f"the anchor {anchor.value if isinstance(anchor, Anchor) else anchor} where it stands"
    )


def _is_word(regex: Regex, *, last: bool = False) -> bool | None:
    """Whether what the expression matches begins (or ends) with a word character; None: it depends."""
    match regex:
        case Chars():
            return True if (regex | _WORD) == _WORD else False if (regex | ~_WORD) == ~_WORD else None
        case Group(_, inner):
            return _is_word(inner, last=last)
        case Repeat(inner, least) if least > 0:
            return _is_word(inner, last=last)
        case Choice(options):
            found = {_is_word(option, last=last) for option in options}
            return found.pop() if len(found) == 1 else None
        case Concat(parts) if parts:
            return _is_word_of(parts[::-1] if last else parts, last)
    return None


def _is_word_of(parts: Sequence[Regex], last: bool) -> bool | None:
    """The same of a sequence, of which the first parts may be missing."""
    kinds = set()
    for part in parts:
        missing = isinstance(part, Repeat) and part.least == 0
        kinds.add(_is_word(Repeat(part.inner, 1, 1) if isinstance(part, Repeat) else part, last=last))
        if not missing:
            return kinds.pop() if len(kinds) == 1 else None
    return None


def _show(regex: Regex, tightness: int) -> str:
    """The text of an expression; 0 inside a choice, 1 inside a sequence, 2 before a repetition."""
    match regex:
        case Chars():
            return _class(regex)
        case Group(_, inner):
            return _show(inner, tightness)
        case Concat(parts):
            parts = tuple(part for part in parts if part != EMPTY)
            if len(parts) == 1:
                return _show(parts[0], tightness)
            return _grouped("".join(_show(part, 1) for part in parts) or "()", tightness > 1 and bool(parts))
        case Choice(options):
            return _grouped("|".join(_show(option, 0) for option in options) or "#", tightness > 0)
        case Repeat(inner, least, most):
            return _grouped(_show(inner, 2) + _times(least, most), tightness > 1)
    raise Inexpressible(f"{type(regex).__name__} in a regular expression")


def _grouped(text: str, wanted: bool) -> str:
    return f"({text})" if wanted else text


def _times(least: int, most: int | None) -> str:
    simple = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    return simple.get((least, most)) or (
        f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
    )


def _class(chars: Chars) -> str:
    if chars == ANY_CHAR:
        return "."
    ranges = chars.ranges
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return escaped(chr(ranges[0][0]))
    if ranges and ranges[-1][1] == LAST:
        return f"[^{''.join(_ranges(~chars))}]"
    return f"[{''.join(_ranges(chars))}]" if ranges else "#"


def _ranges(chars: Chars) -> Iterator[str]:
    for low, high in chars.ranges:
        yield escaped(chr(low))
        if high > low:
            yield f"{'-' if high > low + 1 else ''}{escaped(chr(high))}"


def escaped(char: str) -> str:
    """A code point that stands for itself, inside a class and outside."""
    plain = char.isalnum() or char.isspace() or ord(char) > 127 or char in "_%,;:='!`"
    return char if plain else f"\\{char}"
