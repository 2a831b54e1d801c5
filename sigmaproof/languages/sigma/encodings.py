"""What the encoding modifiers make of text: bytes as UTF-16, bytes as Base64, flags with other dashes."""

from __future__ import annotations

import re
from base64 import b64encode
from codecs import BOM_UTF16_LE
from itertools import product

from sigmaproof.languages.sigma.errors import Misused
from sigmaproof.languages.sigma.nodes import DASHES, Dash, Part

MOST_SPELLINGS = 125

_FLAG = re.compile(rf"\B[{re.escape(DASHES)}]\b")
_WHOLE_CHARACTERS = {0: None, 1: -3, 2: -2}
"""What to cut off the end for bytes beyond a multiple of three: padding, and the character they share."""
_SHARED = (0, 2, 3)
"""Characters at the start that also depend on the bytes before, for 0, 1 or 2 of those."""


def utf16(text: str, encoding: str) -> bytes:
    """The bytes of the text; `utf16` is little-endian after a byte order mark."""
    big = encoding == "utf16be"
    body = text.encode("utf-16-be" if big else "utf-16-le", "surrogatepass")
    return BOM_UTF16_LE + body if encoding == "utf16" else body


def base64(data: bytes) -> str:
    """The whole encoding, padding included."""
    return b64encode(data).decode()


def base64_offsets(data: bytes) -> tuple[str, ...]:
    """For each place in a stream, the characters that depend on these bytes alone."""
    return tuple(_at_offset(data, offset) for offset in range(3))


def _at_offset(data: bytes, offset: int) -> str:
    end = _WHOLE_CHARACTERS[(len(data) + offset) % 3]
    return base64(bytes(offset) + data)[_SHARED[offset] : end]


def with_dashes(parts: tuple[Part, ...]) -> list[Part]:
    """The parts with each dash or slash that begins a word opened to all of them."""
    opened: list[Part] = []
    for part in parts:
        if isinstance(part, str):
            pieces = _FLAG.split(part)
            opened += [piece for text in pieces for piece in (Dash.ANY, text)][1:]
        else:
            opened.append(part)
    return opened


def spellings(parts: tuple[Part, ...]) -> list[list[Part]]:
    """Every way to write the dashes. Raises `Misused` if there are too many."""
    places = [index for index, part in enumerate(parts) if part is Dash.ANY]
    if len(DASHES) ** len(places) > MOST_SPELLINGS:
        raise Misused(
            f"{len(places)} dashes in one encoded value have more than {MOST_SPELLINGS} spellings",
            "write the values that occur as a list",
        )
    written: list[list[Part]] = []
    for dashes in product(DASHES, repeat=len(places)):
        left = iter(dashes)
        written.append([next(left) if part is Dash.ANY else part for part in parts])
    return written
