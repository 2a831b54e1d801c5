"""`-k`: words joined by `and`, `or`, `not` and parentheses; each is looked for in a case's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sigmaproof.errors import Problem, UsageError

Selection = Callable[[str], bool]

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_DEEPEST = 50


def everything(name: str) -> bool:
    """The selection that leaves nothing out."""
    return True


def selection(expression: str) -> Selection:
    """The names an expression selects, whatever their case. Raises `UsageError` when it does not parse."""
    if not expression.strip():
        return everything
    tokens = [match[1] for match in _TOKEN.finditer(expression.strip())]
    parser = _Parser(expression, iter([*tokens, ""]))
    selects = parser.either(0)
    if parser.token:
        raise parser.wrong()
    return lambda name: selects(name.lower())


class _Parser:
    def __init__(self, expression: str, tokens: Iterator[str]) -> None:
        self._expression, self._tokens = expression, tokens
        self.token = next(tokens)

    def either(self, depth: int) -> Selection:
        parts = [self.both(depth)]
        while self._skip("or"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else lambda name: any(part(name) for part in parts)

    def both(self, depth: int) -> Selection:
        parts = [self.single(depth)]
        while self._skip("and"):
            parts.append(self.single(depth))
        return parts[0] if len(parts) == 1 else lambda name: all(part(name) for part in parts)

    def single(self, depth: int) -> Selection:
        if depth > _DEEPEST:
            raise self.wrong()
        if self._skip("not"):
            inner = self.single(depth + 1)
            return lambda name: not inner(name)
        if self._skip("("):
            inner = self.either(depth + 1)
            if not self._skip(")"):
                raise self.wrong()
            return inner
        word = self.token.lower()
        if word in ("", ")", "and", "or"):
            raise self.wrong()
        self.token = next(self._tokens)
        return lambda name: word in name

    def _skip(self, token: str) -> bool:
        if self.token != token:
            return False
        self.token = next(self._tokens)
        return True

    def wrong(self) -> UsageError:
        found = f"at {self.token!r}" if self.token else "at its end"
        help_ = "write words joined by `and`, `or`, `not` and parentheses"
        return UsageError(Problem("usage", f"-k {self._expression!r} does not parse {found}", help=help_))
