"""LALR parsers. Their tables are the slowest part of starting, so they are kept between runs."""

from __future__ import annotations

from typing import Any

from lark import Lark

from sigmaproof.caches import cache_folder, made


def lalr(name: str, grammar: str, **options: Any) -> Lark:
    """The parser of a grammar; `name` tells it from every other. `options` are lark's."""
    folder = cache_folder()
    folder = folder / "grammars" if folder else None
    # lark keeps the tables beside a hash of the grammar, of the options and of its own version
    kept = str(folder / name) if folder and made(folder) else False
    return Lark(grammar, parser="lalr", cache=kept, **options)
