"""Modifiers that pySigma computes wrongly, anew. In force only while a rule is read for a repaired backend.

What each got wrong in pySigma 1.5 stands beside it. https://github.com/SigmaHQ/pySigma/blob/main/sigma/modifiers.py
"""

from __future__ import annotations

import re
from base64 import b64encode
from codecs import BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

from sigma.exceptions import SigmaValueError
from sigma.modifiers import SigmaValueModifier, modifier_mapping
from sigma.types import SigmaExpansion, SigmaString

_DASHES = "-/–—―"
_FLAG = re.compile(rf"\B[{re.escape(_DASHES)}]\b")
_MOST_SPELLINGS = 5**4


class _Bytes(SigmaString):  # type: ignore[misc]  # pySigma has no types here
    """Encoded text: each character stands for one byte."""


def _string(parts: list[Any], kind: type[SigmaString] = SigmaString) -> SigmaString:
    made = kind()
    made.s = parts
    made.original = made.to_plain()
    return made


def _encoded(value: SigmaString) -> bytes:
    """The bytes of a text without wildcards."""
    if value.contains_special() or value.contains_placeholder():
        raise SigmaValueError("an encoding of wildcards; escape them, and put `contains` behind the encoding")
    text = "".join(value.s)
    return text.encode("latin-1" if isinstance(value, _Bytes) else "utf-8", "surrogatepass")


class _Dash(SigmaValueModifier):  # type: ignore[misc]
    """pySigma does not take an en dash, an em dash or a horizontal bar in the rule for a dash."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        cut = [_FLAG.split(part) if isinstance(part, str) else [part] for part in val.s]
        count = sum(len(pieces) - 1 for pieces in cut)
        if len(_DASHES) ** count > _MOST_SPELLINGS:
            raise SigmaValueError(
                f"{count} dashes in one value have too many spellings: list those that occur"
            )
        return SigmaExpansion([_with_dashes(cut, dashes) for dashes in product(_DASHES, repeat=count)])


def _with_dashes(cut: list[list[Any]], dashes: tuple[str, ...]) -> SigmaString:
    left, parts = iter(dashes), []
    for pieces in cut:
        parts.append(pieces[0])
        for piece in pieces[1:]:
            parts[-1] += next(left) + piece
    return _string(parts)


class _Base64(SigmaValueModifier):  # type: ignore[misc]
    """pySigma encodes escaped wildcards with their backslashes."""

    def modify(self, val: SigmaString) -> SigmaString:
        return SigmaString(b64encode(_encoded(val)).decode())


class _Base64Offset(SigmaValueModifier):  # type: ignore[misc]
    """pySigma cuts by the number of characters, not of bytes."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        data = _encoded(val)
        found = [
            b64encode(bytes(at) + data)[(0, 2, 3)[at] : (None, -3, -2)[(len(data) + at) % 3]]
            for at in range(3)
        ]
        if not all(found):
            raise SigmaValueError("a text too short for `base64offset`: no character depends on it alone")
        return SigmaExpansion([SigmaString(one.decode()) for one in found])


class _Utf16(SigmaValueModifier):  # type: ignore[misc]
    """pySigma takes the characters of UTF-16 for those of UTF-8, and refuses what is not ASCII."""

    encoding, mark = "utf-16-le", b""

    def modify(self, val: SigmaString) -> SigmaString:
        if val.contains_special() or val.contains_placeholder():
            raise SigmaValueError("an encoding of wildcards; escape them, and put `contains` behind it")
        data = self.mark + "".join(val.s).encode(self.encoding, "surrogatepass")
        return _string([data.decode("latin-1")], _Bytes)


class _Utf16Marked(_Utf16):
    """pySigma writes the byte order mark of UTF-8."""

    mark = BOM_UTF16_LE


class _Utf16Big(_Utf16):
    encoding = "utf-16-be"


_REPAIRED: dict[str, type[Any]] = {
    "windash": _Dash,
    "base64": _Base64,
    "base64offset": _Base64Offset,
    "wide": _Utf16,
    "utf16le": _Utf16,
    "utf16": _Utf16Marked,
    "utf16be": _Utf16Big,
}


@contextmanager
def repaired_modifiers() -> Iterator[None]:
    """Rules that are read inside get these modifiers. pySigma has one table of them, for everyone."""
    before = dict(modifier_mapping)
    modifier_mapping.update(_REPAIRED)
    try:
        yield
    finally:
        modifier_mapping.clear()
        modifier_mapping.update(before)
