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
_NEEDS_DOUBLING = re.compile(r"\\{2,}|\\(?=[*?%]|\Z)")


def parse(source: str, *, expand: bool = False) -> tuple[Part, ...]:
    r"""The parts of a value string; with `expand`, `%name%` is a placeholder and `\%` a percent sign."""
    return tuple(joined(_parts(source, _EXPANDED_TOKEN if expand else _TOKEN)))


def show(parts: Iterable[Part], *, expand: bool = False) -> str:
    """The value string that parses to these parts."""
    return "".join(_shown(part, expand) for part in parts)


def joined(parts: Iterable[Part]) -> list[Part]:
    """The same with neighbouring texts in one, and without empty ones."""
    out: list[Part] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        elif part != "":
            out.append(part)
    return out


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


def _shown(part: Part, expand: bool) -> str:
    if isinstance(part, Placeholder):
        return f"%{part.name}%"
    if not isinstance(part, str):
        return str(part.value)
    doubled = _NEEDS_DOUBLING.sub(lambda found: found[0] * 2, part)
    return re.sub(r"[*?%]" if expand else r"[*?]", r"\\\g<0>", doubled)
