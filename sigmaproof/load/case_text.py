"""Cases as text: how a fixture's cases are written, and put behind those that a file has."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml
from msgspec import Struct

from sigmaproof.load.values import Label
from sigmaproof.load.yaml_text import Flavour, Lines, YamlError, read_yaml

REVIEW = "review"
"""The tag of a case that no person has looked at."""
_PLAIN = re.compile(r"[A-Za-z][\w.\\/-]*(?: [\w.\\/-]+)*|[A-Za-z]:\\[\w.\\/()-]+(?: [\w.\\/()-]+)*", re.ASCII)
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class NewCase(Struct, frozen=True):
    """A case to be written, for a person to review."""

    name: str
    label: Label
    event: Mapping[str, Any]
    why: str = "review: the label is what the rule answers"

    @property
    def data(self) -> dict[str, Any]:
        """The case as a fixture's reader sees it."""
        why = {"why": self.why} if self.why else {}
        head = {"name": self.name, "label": self.label.value, **why, "tags": [REVIEW]}
        return {**head, "event": dict(self.event)}


class NotWritable(ValueError):
    """A fixture whose text leaves no place for cases; the message says why."""


def case_lines(case: NewCase, indent: int = 2) -> Iterator[str]:
    """The lines of an item of `cases:`."""
    lines = [f"- name: {scalar(case.name)}", f"  label: {case.label.value}"]
    lines += [f"  why: {scalar(case.why)}"] if case.why else []
    lines += [f"  tags: [{REVIEW}]", "  event:"]
    lines += [f"    {scalar(name)}: {scalar(value)}" for name, value in case.event.items()]
    return (" " * indent + line for line in lines)


def scalar(value: Any) -> str:
    """A value in YAML, on one line, that every reader takes for the same."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(str(key))}: {_inner(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return json.dumps(value)


def _inner(value: Any) -> str:
    """A value between brackets, where more signs mean something."""
    return _quoted(value) if isinstance(value, str) else scalar(value)


def _text(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def with_cases(text: str, cases: Sequence[NewCase]) -> str:
    """The text of a fixture with these cases behind its own; everything else stays as it is.

    Raises `NotWritable` where that is not possible.
    """
    lines = Lines(text, Flavour.CORE)
    root, listed = lines.node(()), lines.node(("cases",))
    if not isinstance(root, yaml.MappingNode) or root.flow_style or root.start_mark.column:
        raise NotWritable("the fixture is not a mapping with a key per line")
    if listed is None:
        added = ["cases:", *(line for case in cases for line in case_lines(case))]
        return _checked(text, _inserted(text, len(text), added), cases)
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style:
        raise NotWritable("`cases` is not a list with an item per line")
    added = [line for case in cases for line in case_lines(case, listed.start_mark.column)]
    return _checked(text, _inserted(text, _behind(text, root, "cases"), added), cases)


def _behind(text: str, root: yaml.MappingNode, name: str) -> int:
    """Where what belongs to a key ends: before the next key, and what is said above that."""
    after = [key.start_mark.line for key, _ in root.value]
    line = next(key.start_mark.line for key, _ in root.value if key.value == name)
    following = next((one for one in after if one > line), None)
    if following is None:
        return len(text)
    lines = text.splitlines(keepends=True)
    while following and (not lines[following - 1].strip() or lines[following - 1].startswith("#")):
        following -= 1
    return sum(map(len, lines[:following]))


def _inserted(text: str, at: int, lines: Iterable[str]) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    before = text[:at] if text[:at].endswith("\n") else text[:at] + ending
    return before + "".join(line + ending for line in lines) + text[at:]


def _checked(before: str, after: str, cases: Sequence[NewCase]) -> str:
    (document,) = read_yaml(before + "\n", Flavour.CORE)  # the last line of a block ends now, if it did not
    wanted = {**document.data, "cases": [*document.data.get("cases", ()), *(one.data for one in cases)]}
    try:
        found = [one.data for one in read_yaml(after, Flavour.CORE)]
    except YamlError:
        found = []
    if found != [wanted]:
        raise NotWritable("its text does not allow anything behind its last case")
    return after
