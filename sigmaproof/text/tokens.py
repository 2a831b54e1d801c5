"""Analysers: how an index splits a text into the words it is searched by.

`standard` follows the word boundaries of Unicode's annex 29 as Lucene's StandardTokenizer does; lower case.
Letters that are newer than Lucene's Unicode (12.1) are letters here and nothing there.
https://www.unicode.org/reports/tr29/
https://lucene.apache.org/core/10_2_0/core/org/apache/lucene/analysis/standard/StandardTokenizer.html
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from sigmaproof.text.fold import Fold, fold

Analyser = Callable[[str], tuple[str, ...]]
"""Splits a text into its words; the place in the tuple is the word's position."""

_SCRIPT_WORD = re.compile(r"[\w-]+", re.ASCII)

LONGEST_WORD = 255
"""A longer word is cut into pieces of so many UTF-16 units."""


@lru_cache(maxsize=16384)
def standard(text: str) -> tuple[str, ...]:
    """The lower-cased words of a text by Unicode's word boundaries."""
    classes = text.translate(_ASCII) if text.isascii() else "".join(map(_class, text))
    words: list[str] = []
    for found in _WORD.finditer(classes):
        words += _pieces(fold(text[found.start() : found.end()], Fold.LOWER))
    return tuple(words)


def script_words(text: str) -> tuple[str, ...]:
    """The words of Winlogbeat's analyser of PowerShell scripts: `[\\W&&[^-]]+` separates them; lower case.

    https://github.com/elastic/beats/blob/main/x-pack/winlogbeat/module/powershell/_meta/fields.yml
    """
    return tuple(word.lower() for word in _SCRIPT_WORD.findall(text))


@lru_cache(maxsize=4096)
def trigrams(text: str) -> tuple[str, ...]:
    """The terms of an OpenSearch 3 `wildcard` field: three UTF-16 units each, zeros around both ends."""
    units = _units(text)
    padded = ["\0", "\0", *units, "\0", "\0"]
    return tuple(_text(padded[at : at + 3]) for at in range(len(units) + 2)) if units else ()


@lru_cache(maxsize=4096)
def short_grams(text: str) -> tuple[str, ...]:
    """The terms of an OpenSearch 2 `wildcard` field: one to three UTF-16 units, a zero at either end."""
    units = _units(text)
    padded = ["\0", *units, "\0"]
    grams = {
        _text(padded[at : at + size]): None
        for at in range(len(padded))
        for size in (1, 2, 3)
        if units and at + size <= len(padded) and padded[at : at + size] != ["\0"]
    }
    return tuple(grams)


ANALYSERS: Mapping[str, Analyser] = {
    "standard": standard,
    "default": standard,
    "keyword": lambda text: (text,),
    "whitespace": lambda text: tuple(text.split()),
    "winlogbeat_powershell_script_analyzer": script_words,
    "opensearch-3-wildcard": trigrams,
    "opensearch-2-wildcard": short_grams,
    "opensearch-3-wildcard-lowercase": lambda text: trigrams(fold(text, Fold.LOWER)),
    "opensearch-2-wildcard-lowercase": lambda text: short_grams(fold(text, Fold.LOWER)),
}
"""By the name that a mapping gives them, or that a language does."""


LOWERING = frozenset({"standard", "default", "winlogbeat_powershell_script_analyzer"})
"""Those that put words into lower case."""


def _units(text: str) -> list[str]:
    if text.isascii():
        return list(text)
    raw = text.encode("utf-16-be", "surrogatepass")
    return [chr(raw[at] << 8 | raw[at + 1]) for at in range(0, len(raw), 2)]


def _text(units: list[str]) -> str:
    """UTF-16 units as text; half a surrogate pair becomes the replacement character, as in an index."""
    joined = "".join(units)
    if joined.isascii():
        return joined
    return joined.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _pieces(word: str) -> list[str]:
    if len(word) * 2 <= LONGEST_WORD:
        return [word]
    pieces, piece, length = [], "", 0
    for char in word:
        width = 2 if char > "\uffff" else 1
        if length + width > LONGEST_WORD:
            pieces.append(piece)
            piece, length = "", 0
        piece += char
        length += width
    return [*pieces, piece]


# Classes of code points, by the Word_Break property and a few scripts.
LETTER, HEBREW, NUMBER, KATAKANA, JOINER = "L", "H", "N", "K", "_"
MID_LETTER, MID_NUMBER, MID_BOTH, QUOTE, DOUBLE_QUOTE = ":", ",", ".", "'", '"'
EXTEND, COMPLEX, SINGLE, PICTURE, FLAG, ZERO_JOINER, OTHER = "x", "S", "I", "P", "F", "z", " "
COMPLEX_MARK, SKIN = "c", "m"  # both extend what stands before, and are words of their own without it

_SPECIAL: Mapping[str, str] = {
    **dict.fromkeys(":\u00b7\u0387\u055f\u05f4\u2027\ufe13\ufe55\uff1a", MID_LETTER),
    **dict.fromkeys(
        ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b", MID_NUMBER
    ),
    **dict.fromkeys(".\u2018\u2019\u2024\ufe52\uff07\uff0e", MID_BOTH),
    **dict.fromkeys("_\u202f\u203f\u2040\u2054\ufe33\ufe34\ufe4d\ufe4e\ufe4f\uff3f", JOINER),
    **dict.fromkeys("\u3007", SINGLE),
    **dict.fromkeys("\u3031\u3032\u3033\u3034\u3035\u309b\u309c\u30a0\u30fc\uff70", KATAKANA),
    **dict.fromkeys("\u055b\u055c\u055e\u05f3\uab5b\u02ed\ua720\ua721\ua789\ua78a\u2139", LETTER),
    **dict.fromkeys("\uff9e\uff9f", EXTEND),
    "'": QUOTE,
    '"': DOUBLE_QUOTE,
    "\u200d": ZERO_JOINER,
    "\u200b": OTHER,
    "\u066b": NUMBER,
}

_X = f"[{EXTEND}{ZERO_JOINER}{COMPLEX_MARK}{SKIN}]*"
_AH = f"(?:[{LETTER}{HEBREW}]{_X})"
_LETTERS = f"(?:{_AH}(?:(?:(?:{JOINER}{_X})*|[:.']{_X}){_AH})*)"
_HEBREW = f"(?:{HEBREW}{_X}(?:'{_X}|\"{_X}{HEBREW}{_X}))"
_NUMBERS = f"(?:{NUMBER}{_X}(?:(?:(?:{JOINER}{_X})*|[,.']{_X}){NUMBER}{_X})*)"
_KATAKANA = f"(?:{KATAKANA}{_X}(?:(?:{JOINER}{_X})*{KATAKANA}{_X})*)"
_RUN = f"(?:{_KATAKANA}|(?:{_HEBREW}|{_NUMBERS}|{_LETTERS})+)"
_PICTURE = f"[{PICTURE}{SKIN}][{EXTEND}{SKIN}]*(?:{ZERO_JOINER}{PICTURE}[{EXTEND}{SKIN}]*)*"

_WORD = re.compile(
    f"{FLAG}{FLAG}{_X}|{_PICTURE}{_X}"
    f"|(?:{JOINER}{_X})*{_RUN}(?:(?:{JOINER}{_X})+{_RUN})*(?:{JOINER}{_X})*"
    f"|(?:[{COMPLEX}{COMPLEX_MARK}]{_X})+|{SINGLE}{_X}"
)


_RANGES: Mapping[str, str] = {
    LETTER: "2c2-2c5 2d2-2d7 2de-2df 2ef-2ff 24b6-24e9 1f130-1f149 1f150-1f169 1f170-1f189",
    SINGLE: "2e80-2fd5 3021-3029 3038-303a 1f200-1f200",
    KATAKANA: "32d0-32fe 3300-3357",
    COMPLEX: "19da-19da 19de-19df 1aa0-1aad aade-aadf",
    FLAG: "1f1e6-1f1ff",
    SKIN: "1f3fb-1f3ff",
    # Extended_Pictographic, unassigned code points included.
    PICTURE: "a9-a9 ae-ae 203c-203c 2049-2049 2122-2122 2194-2199 21a9-21aa 231a-231b 2328-2328 "
    "2388-2388 23cf-23cf 23e9-23f3 23f8-23fa 25aa-25ab 25b6-25b6 25c0-25c0 25fb-25fe 2600-2605 2607-2612 "
    "2614-2685 2690-2705 2708-2712 2714-2714 2716-2716 271d-271d 2721-2721 2728-2728 2733-2734 2744-2744 "
    "2747-2747 274c-274c 274e-274e 2753-2755 2757-2757 2763-2767 2795-2797 27a1-27a1 27b0-27b0 27bf-27bf "
    "2934-2935 2b05-2b07 2b1b-2b1c 2b50-2b50 2b55-2b55 3030-3030 303d-303d 3297-3297 3299-3299 1f000-1f0ff "
    "1f10d-1f10f 1f12f-1f12f 1f16c-1f16f 1f18e-1f18e 1f191-1f19a 1f1ad-1f1e5 1f201-1f20f 1f21a-1f21a "
    "1f22f-1f22f 1f232-1f23a 1f23c-1f23f "
    "1f249-1f3fa 1f400-1f53d "
    "1f546-1f64f 1f680-1f6ff 1f774-1f77f 1f7d5-1f7ff 1f80c-1f80f 1f848-1f84f 1f85a-1f85f 1f888-1f88f "
    "1f8ae-1f8ff 1f90c-1f93a 1f93c-1f945 1f947-1fffd",
}

_COMPLEX_SCRIPTS = ("THAI ", "LAO ", "MYANMAR ", "KHMER ", "TAI ", "NEW TAI ", "AHOM ")
_SINGLE_SCRIPTS = ("HIRAGANA ", "HENTAIGANA ", "CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH")


@cache
def _ranges() -> list[tuple[int, int, str]]:
    pairs = ((pair.split("-"), kind) for kind, text in _RANGES.items() for pair in text.split())
    return sorted((int(low, 16), int(high, 16), kind) for (low, high), kind in pairs)


@cache
def _class(char: str) -> str:
    if char in _SPECIAL:
        return _SPECIAL[char]
    ranges = _ranges()
    below = bisect_right(ranges, (ord(char), 0x110000, "")) - 1
    if below >= 0 and ranges[below][0] <= ord(char) <= ranges[below][1]:
        return ranges[below][2]
    return _class_by_name(char)


def _class_by_name(char: str) -> str:
    category, name = unicodedata.category(char), unicodedata.name(char, "")
    if category == "Nd":
        return NUMBER
    if name.startswith(_COMPLEX_SCRIPTS) and category[0] in "LMS" and category != "Sc":
        return COMPLEX_MARK if category[0] == "M" else COMPLEX
    if category in ("Mn", "Me", "Mc", "Cf"):
        return EXTEND
    if "KATAKANA" in name and category[0] == "L":
        return KATAKANA
    if name.startswith("HEBREW LETTER") or "\ufb1d" <= char <= "\ufb4f":
        return HEBREW
    if name.startswith(_SINGLE_SCRIPTS):
        return SINGLE
    return LETTER if category[0] == "L" or category == "Nl" else OTHER


_ASCII = str.maketrans({chr(code): _class(chr(code)) for code in range(128)})
