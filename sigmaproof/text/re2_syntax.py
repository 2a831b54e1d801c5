"""Trees in RE2's syntax."""

from __future__ import annotations

from collections.abc import Callable

from sigmaproof.text.regex import (
    Anchor,
    Chars,
    Choice,
    Complement,
    Concat,
    Group,
    Intersection,
    Regex,
    Repeat,
)

MOST_REPEATS = 1000
"""RE2 takes no larger count, and no larger product of counts inside counts."""

LONGEST = 100_000
"""Characters of the longest pattern that is written to get around that."""

_ANCHORS = {
    Anchor.START: r"\A",
    Anchor.END: r"\z",
    Anchor.LINE_START: "(?m:^)",
    Anchor.LINE_END: "(?m:$)",
    Anchor.WORD: r"\b",
    Anchor.NOT_WORD: r"\B",
}


class NotRE2(Exception):
    """RE2 has no way to say this."""


def re2_pattern(regex: Regex, group: Callable[[str], str | None] = lambda name: None) -> str:
    """The tree as an RE2 pattern. `group` gives the name that RE2 is to use for a group, if any.

    Raises `NotRE2` for complement, intersection, Perl's `$` and counts beyond RE2's limit.
    """
    match regex:
        case Chars(ranges):
            return _class(ranges)
        case Concat(parts):
            return "".join([_operand(part, group, Choice) for part in parts]) or "(?:)"
        case Choice(options):
            return "|".join([re2_pattern(option, group) for option in options]) or _class(())
        case Repeat():
            return _repeat(regex, group)
        case Group(name, inner):
            known = group(name)
            opener = "(?:" if known is None else f"(?P<{known}>"
            return f"{opener}{re2_pattern(inner, group)})"
        case Anchor() if regex in _ANCHORS:
            return _ANCHORS[regex]
        case Complement() | Intersection() | Anchor():
            raise NotRE2(type(regex).__name__)


def _operand(regex: Regex, group: Callable[[str], str | None], *loose: type[Regex]) -> str:
    text = re2_pattern(regex, group)
    return f"(?:{text})" if isinstance(regex, loose) else text


def _repeat(repeat: Repeat, group: Callable[[str], str | None]) -> str:
    inner = _operand(repeat.inner, group, Choice, Concat, Repeat)
    if inner == "(?:)" or not inner:
        return "(?:)"
    suffixes = _suffixes(repeat, MOST_REPEATS // _product(repeat.inner))
    if len(inner) * len(suffixes) > LONGEST:
        raise NotRE2("counts")
    return "".join([inner + suffix for suffix in suffixes]) or "(?:)"


def _suffixes(repeat: Repeat, largest: int) -> list[str]:
    """The quantifier, in pieces of which none counts further than `largest`."""
    lazy = "" if repeat.greedy else "?"
    least, most = repeat.least, repeat.most
    if most is None:
        whole, rest = divmod(max(least - 1, 0), largest)
        last = f"{{{rest + 1},}}" if least > 1 else "+" if least else "*"
        return [f"{{{largest}}}"] * whole + [last + lazy]
    if (least, most) == (0, 1):
        return ["?" + lazy]
    if most <= largest:
        return [f"{{{least},{most}}}{lazy}"]
    fixed, optional = _pieces(least, largest), _pieces(most - least, largest)
    return [f"{{{count}}}" for count in fixed] + [f"{{0,{count}}}{lazy}" for count in optional]


def _pieces(count: int, largest: int) -> list[int]:
    whole, rest = divmod(count, largest)
    return [largest] * whole + [rest] * (rest > 0)


def _product(regex: Regex) -> int:
    """How far counts inside counts go, once they are written in pieces."""
    match regex:
        case Concat(parts) | Choice(parts):
            return max([_product(part) for part in parts], default=1)
        case Group(_, inner):
            return _product(inner)
        case Repeat(inner, least, most):
            product = _product(inner)
            return product * max(1, min(most or least, MOST_REPEATS // product))
    return 1


def _class(ranges: tuple[tuple[int, int], ...]) -> str:
    if not ranges:
        return r"[^\x{0}-\x{10FFFF}]"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return _char(ranges[0][0])
    return (
        f"[{''.join([_char(low) if low == high else f'{_char(low)}-{_char(high)}' for low, high in ranges])}]"
    )


def _char(code: int) -> str:
    char = chr(code)
    return char if char.isascii() and char.isalnum() else rf"\x{{{code:X}}}"
