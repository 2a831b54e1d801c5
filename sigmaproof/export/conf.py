"""Splunk's configuration files: `[stanza]`, `key = value`; a line that ends with a backslash goes on.

https://docs.splunk.com/Documentation/Splunk/latest/Admin/Howtoeditaconfigurationfile
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from unicodedata import category

_NAME = str.maketrans({"[": "(", "]": ")", "\\": "-", "/": "-", "%": "_", "$": "_"})
LONGEST_NAME = 99
"""Characters of a saved search's name: Splunk's own content keeps to it, as paths are made of names."""


def unwritable(value: str) -> str:
    """Why a text cannot be the value of a key and be read as the same text again; nothing if it can."""
    lines = value.split("\n")
    if value != value.strip():
        return "blanks at its ends would be cut off"
    if any(line.endswith("\\") for line in lines):
        return "a line that ends with a backslash would go on into the next one"
    if any(line.lstrip()[:1] in ("#", "[") for line in lines[1:]) or "" in lines[1:]:
        return "a line of it would be read as a comment, as a stanza or as the end"
    if any(category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t" for char in value):
        return "it holds control characters"
    return ""


def name(text: str) -> str:
    """One line of text as the name of a stanza."""
    return text.translate(_NAME)[:LONGEST_NAME].rstrip()


def conf(stanzas: Iterable[tuple[str, Mapping[str, str | int]]]) -> str:
    """The file's text. `unwritable` must have nothing against any value."""
    return "\n".join(_stanza(title, keys) for title, keys in stanzas)


def _stanza(title: str, keys: Mapping[str, str | int]) -> str:
    lines = [f"{key} = {_value(str(value))}\n" for key, value in keys.items()]
    return f"[{title}]\n{''.join(lines)}"


def _value(text: str) -> str:
    assert not unwritable(text), text
    return text.replace("\n", "\\\n")
