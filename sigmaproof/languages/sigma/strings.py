r"""Value strings: `*` and `?` are wildcards, `\` makes them and itself plain, and is plain otherwise.

https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#escaping
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sigmaproof.languages.sigma.nodes import Part, Placeholder
from sigmaproof.text.glob import Wild

_TOKEN = re.compile(r"\\(?P<plain>[\\*?])|(?P<wild>[*?])")
_EXPANDED_TOKEN = re.compile(r"\\(?P<plain>[\\*?%])|(?P<wild>[*?])|%(?P<name>\w[\w.-]*)%")


def parse(source: str, *, expand: bool = False) -> tuple[Part, ...]:
    r"""The parts of a value string. With `expand`, `%name%` is a placeholder and `\%` a percent sign."""
    return joined(_parts(source, _EXPANDED_TOKEN if expand else _TOKEN))


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The same with neighbouring texts in one, and without empty ones."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return tuple(out)


def filled(parts: Iterable[Part], hole: type, fillings: Iterable[Iterable[Part]]) -> tuple[Part, ...]:
    """The parts with each of the kind `hole` replaced by its filling, in order."""
    left = iter(fillings)
    return joined(new for part in parts for new in (next(left) if isinstance(part, hole) else (part,)))


def _parts(source: str, token: re.Pattern[str]) -> Iterator[Part]:
    at = 0
    for found in token.finditer(source):
        yield source[at : found.start()]
        at = found.end()
        match found.lastgroup:
            case "plain":
                yield found["plain"]
            case "wild":
                yield Wild(found["wild"])
            case _:
                yield Placeholder(found["name"])
    yield source[at:]
