"""What the encoding modifiers make of text: bytes as UTF-16, bytes as Base64, flags with other dashes."""

from __future__ import annotations

import re
from base64 import b64encode
from codecs import BOM_UTF16_LE
from itertools import product

from sigmaproof.languages.sigma.errors import Misused
from sigmaproof.languages.sigma.nodes import DASHES, Dash, Part
from sigmaproof.languages.sigma.strings import filled, joined

MOST_SPELLINGS = 125

_FLAG = re.compile(rf"\B[{re.escape(DASHES)}]\b")
_END = {0: None, 1: -3, 2: -2}
"""What to cut off for bytes beyond a multiple of three: padding, and the character that others share."""
_START = (0, 2, 3)
"""Characters that depend on 0, 1 or 2 bytes before, too."""


def utf16(text: str, encoding: str) -> bytes:
    """The bytes of the text; `utf16` is little-endian after a byte order mark."""
    body = text.encode("utf-16-be" if encoding == "utf16be" else "utf-16-le", "surrogatepass")
    return BOM_UTF16_LE + body if encoding == "utf16" else body


def base64(data: bytes) -> list[str]:
    """The whole encoding, padding included."""
    return [b64encode(data).decode()]


def base64_offsets(data: bytes) -> list[str]:
    """For each place in a stream, the characters that depend on these bytes alone."""
    offsets = [b64encode(bytes(at) + data)[_START[at] : _END[(len(data) + at) % 3]] for at in range(3)]
    if not all(offsets):
        raise Misused("too short for `base64offset`: no character depends on it alone", "lengthen it")
    return [offset.decode() for offset in offsets]


def with_dashes(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The parts with each dash or slash that begins a word opened to all of them."""
    opened: list[Part] = []
    for part in parts:
        pieces: list[Part] = [*_FLAG.split(part)] if isinstance(part, str) else [part]
        opened += [either for piece in pieces for either in (Dash.ANY, piece)][1:]
    return joined(opened)


def spellings(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Every way to write the dashes. Raises `Misused` if there are too many."""
    count = parts.count(Dash.ANY)
    if len(DASHES) ** count > MOST_SPELLINGS:
        message = f"{count} dashes in one encoded value have more than {MOST_SPELLINGS} spellings"
        raise Misused(message, "list those that occur")
    return [filled(parts, Dash, dashes) for dashes in product(DASHES, repeat=count)]
