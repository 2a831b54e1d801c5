"""A search as text: comments, macros, saved-search stanzas, and the split into commands and subsearches."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from sigmaproof.errors import InvalidQuery, QuerySyntaxError, UnsupportedQuery, nearest

_DEEPEST, _LONGEST = 50, 200_000

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|```.*?```|`[^`]*`|\\["\\|]|[^"`\[\]|\\()]+|.', re.DOTALL)
_STANZA = re.compile(r"(?:\s*#.*\n)*\s*\[[^\]\n]*\][ \t]*\n(?=\s*(?:[\w.]+[ \t]*=|\[))")
_SETTING = re.compile(r"^[ \t]*search[ \t]*=[ \t]*((?:.*\\\n)*.*)$", re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z_][\w.]*)?")
_BUILT_IN: Mapping[str, Any] = {
    "drop_dm_object_name(1)": {"args": ["root"], "definition": 'rename "$root$.*" AS "*"'},
}


class RawCommand(Struct, frozen=True):
    """One command: its arguments are the query from `start`, with every subsearch blanked to `[   ]`."""

    name: str
    offset: int
    arguments: str
    start: int
    subsearches: tuple[RawPipeline, ...] = ()


class RawPipeline(Struct, frozen=True):
    """Commands between pipes. `source` is the text that offsets count in; `piped`: it begins with a pipe."""

    source: str
    commands: tuple[RawCommand, ...]
    piped: bool


def read_pipeline(query: str, macros: Mapping[str, Any], *, comments: bool) -> RawPipeline:
    """The commands of a search, after comments and macros are gone."""
    text = _prepared(saved_search(query), {**_BUILT_IN, **macros}, comments, 0)
    pieces = list(_pieces(text))
    pipeline, end = _pipeline(text, pieces, 0, 0)
    if end < len(pieces):
        raise QuerySyntaxError("this bracket closes nothing", text, pieces[end][0])
    return pipeline


def saved_search(query: str) -> str:
    """The search inside a `savedsearches.conf`, or the query itself if it is none."""
    text = query.replace("\r\n", "\n")
    if _STANZA.match(text) is None:
        return query
    found = _SETTING.findall(text)
    if len(found) != 1:
        raise InvalidQuery(f"one `search =` is expected among the stanzas, there are {len(found)}")
    return re.sub(r"[ \t]*\\\n", "\n", found[0])


def _prepared(text: str, macros: Mapping[str, Any], comments: bool, depth: int) -> str:
    if comments and "```" in text:
        text = "".join(_blank(piece) if piece.startswith("```") else piece for _, piece in _scan(text))
    pieces = [piece for _, piece in _scan(text)] if "`" in text else []
    if not any(piece.startswith("`") for piece in pieces):
        return text
    if depth > _DEEPEST or len(text) > _LONGEST:
        raise InvalidQuery("macros that call each other without end")
    parts = [_expanded(piece, macros) if piece.startswith("`") else piece for piece in pieces]
    return _prepared("".join(parts), macros, comments, depth + 1)


def _scan(text: str) -> Iterator[tuple[int, str]]:
    return ((found.start(), found.group()) for found in _PIECE.finditer(text))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    for at, piece in _scan(text):
        if piece == '"':
            raise QuerySyntaxError("this quote is never closed", text, at)
        yield at, piece


def _blank(text: str) -> str:
    return re.sub(r"\S", " ", text)


def _expanded(call: str, macros: Mapping[str, Any]) -> str:
    if len(call) < 2:
        raise UnsupportedQuery("a macro without its closing backtick")
    name, _, rest = call.strip("`").strip().partition("(")
    given = _arguments(rest.rstrip().removesuffix(")")) if rest else []
    key = f"{name.strip()}({len(given)})" if given else name.strip()
    if key not in macros:
        if any(known.partition("(")[0] == name.strip() for known in macros):
            raise InvalidQuery(f"there is no macro `{key}`{nearest(key, macros)}")
        raise UnsupportedQuery(f"no definition is given for the macro `{key}`{nearest(key, macros)}")
    macro = macros[key]
    if isinstance(macro, str):
        macro = {"definition": macro}
    text = str(macro["definition"])
    for argument, value in zip(macro.get("args", ()), given, strict=False):
        text = text.replace(f"${argument}$", value)
    return text


def _arguments(text: str) -> list[str]:
    parts = re.findall(r'(?:"(?:[^"\\]|\\.)*"|[^,"])+', text)
    return [part.strip().removeprefix('"').removesuffix('"') for part in parts]


def _pipeline(text: str, pieces: list[tuple[int, str]], at: int, depth: int) -> tuple[RawPipeline, int]:
    """The pipeline from piece `at` on, and the piece that ends it: a closing bracket or the end."""
    if depth > _DEEPEST:
        raise UnsupportedQuery(f"subsearches nested more than {_DEEPEST} deep")
    start = pieces[at][0] if at < len(pieces) else len(text)
    sections: list[tuple[int, str, tuple[RawPipeline, ...]]] = []
    words = ""
    inner: tuple[RawPipeline, ...] = ()
    while at < len(pieces) and pieces[at][1] != "]":
        offset, piece = pieces[at]
        if piece == "[":
            sub, at = _pipeline(text, pieces, at + 1, depth + 1)
            if at == len(pieces):
                raise QuerySyntaxError("this subsearch is never closed", text, offset)
            words, inner = words + "[" + " " * (pieces[at][0] - offset - 1) + "]", (*inner, sub)
        elif piece == "|":
            sections.append((start, words, inner))
            start, words, inner = offset + 1, "", ()
        else:
            words += piece
        at += 1
    sections.append((start, words, inner))
    return _commands(text, sections, top=depth == 0), at


def _commands(
    text: str, sections: list[tuple[int, str, tuple[RawPipeline, ...]]], *, top: bool
) -> RawPipeline:
    piped = len(sections) > 1 and not sections[0][1].strip()
    commands = []
    for number, (start, words, inner) in enumerate(sections[1:] if piped else sections):
        implied = top and not piped and number == 0 and not re.match(r"\s*search\s", words)
        if not words.strip() and not implied:
            raise QuerySyntaxError("a command is missing", text, min(start, len(text)))
        commands.append(_command(text, start, words, inner, implied))
    return RawPipeline(text, tuple(commands), piped)


def _command(text: str, start: int, words: str, inner: tuple[RawPipeline, ...], implied: bool) -> RawCommand:
    if implied:
        return RawCommand("search", start, words, start, inner)
    found = _NAME.match(words)
    name = found.group(1) if found else None
    if found is None or name is None:
        raise QuerySyntaxError("a command is expected", text, start + len(words) - len(words.lstrip()))
    offset = start + found.start(1)
    return RawCommand(name, offset, words[found.end() :], start + found.end(), inner)
