"""The expression of `search`: text to AST."""

from __future__ import annotations

from typing import Any

from lark import Token, Transformer, v_args

from sigmaproof.errors import UnsupportedQuery
from sigmaproof.languages.spl import ast
from sigmaproof.languages.spl.parse import Mistake, parser, run, unquoted

_RESERVED = frozenset({"AND", "OR", "NOT", "IN"})


def parse_search(text: str, query: str, base: int, *, edges: bool = False) -> ast.Search:
    """The expression; nothing at all is everything. `edges`: AND and OR may stand at its ends."""
    tree: ast.Search = run(
        parser("search", ("start",), _lenient if edges else _strict), "start", text, query, base
    )
    return tree


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Callbacks of `search.lark`."""

    def __init__(self, edges: bool) -> None:
        super().__init__()
        self.edges = edges

    def start(self, series: ast.Search | None = None) -> ast.Search:
        return ast.Series(()) if series is None else series

    def series(self, *items: Any) -> ast.Search:
        return _series(items, self.edges)

    def group(self, series: ast.Search) -> ast.Search:
        return series

    def negation(self, _not: Token, part: ast.Search) -> ast.Search:
        return part.part if isinstance(part, ast.Without) else ast.Without(part)

    def name(self, token: Token) -> str:
        name = _word(token).text
        if "*" in name:
            raise UnsupportedQuery(f"the wildcard in the field name {name!r} of a search term")
        return name

    def comparison(self, name: str, operator: Token, value: Token) -> ast.Search:
        return ast.Comparison(name, str(operator), _word(value))

    def list(self, name: str, _in: Token, *values: Token) -> ast.Search:
        return ast.OneOf(name, tuple(map(_word, values)), str(_in))

    def term(self, token: Token) -> ast.Search:
        return ast.Indexed(unquoted(token[5:-1]), token.type == "CASE")

    def phrase(self, token: Token) -> ast.Search:
        word = _word(token)
        return ast.Phrase(word.text, word.quoted)

    def subsearch(self, token: Token) -> ast.Search:
        return ast.Subsearch(token.start_pos or 0)


def _strict() -> _Build:
    return _Build(edges=False)


def _lenient() -> _Build:
    return _Build(edges=True)


def _word(token: Token) -> ast.Word:
    if token.type == "CASE":
        return ast.Word(unquoted(token[5:-1]), token[5:6] == '"', cased=True)
    if token.type == "WORD" and token in _RESERVED:
        raise Mistake(f"the reserved word {token} needs quotes here", token.start_pos)
    quoted = token.type == "QUOTED"
    return ast.Word(unquoted(token) if quoted else str(token), quoted)


def _series(items: tuple[Any, ...], edges: bool) -> ast.Search:
    parts: list[ast.Search] = []
    joints: list[str] = []
    waiting: Token | None = None
    for item in items:
        if not isinstance(item, Token):
            if parts:
                joints.append(str(waiting or "AND"))
            parts.append(item)
            waiting = None
        elif waiting is not None or not (parts or edges):
            raise Mistake(f"{item} needs something on its left", item.start_pos)
        else:
            waiting = item if parts else None
    if waiting is not None and not edges:
        raise Mistake(f"{waiting} needs something on its right", waiting.start_pos)
    return parts[0] if len(parts) == 1 else ast.Series(tuple(parts), tuple(joints))
