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
"""RE2 takes no larger count."""

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
            return _operand(regex.inner, group, Choice, Concat, Repeat) + _counts(regex)
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


def _counts(repeat: Repeat) -> str:
    lazy = "" if repeat.greedy else "?"
    match repeat.least, repeat.most:
        case 0, None:
            return "*" + lazy
        case 1, None:
            return "+" + lazy
        case 0, 1:
            return "?" + lazy
        case least, most:
            if max(least, most or 0) > MOST_REPEATS:
                raise NotRE2("count")
            return f"{{{least},{'' if most is None else most}}}{lazy}"


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
