"""Cases as text: how a fixture's cases are written, and put behind those that a file has."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml
from msgspec import Struct

from sigmaproof.load.values import GroupMatch, Label
from sigmaproof.load.yaml_text import Flavour, Lines, YamlError, read_yaml

REVIEW = "review"
"""The tag of a case that no person has looked at."""
_PLAIN = re.compile(r"[A-Za-z][\w.\\/-]*(?: [\w.\\/-]+)*|[A-Za-z]:\\[\w.\\/()-]+(?: [\w.\\/()-]+)*", re.ASCII)
_NAME = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
_SAFE = re.compile(r"[A-Za-z][\w.\\-]*|[0-9]+(?:\.[0-9]+)?s", re.ASCII)
"""What needs no quotes between brackets, either."""
_MICROSECOND = 1e-6
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class NewCase(Struct, frozen=True):
    """A case to be written, for a person to review."""

    name: str
    label: Label
    event: Mapping[str, Any]
    why: str = "review: the label is what the rule answers"
    timeline: tuple[tuple[float, Mapping[str, Any]], ...] = ()
    """Several events in place of the one, with their seconds after the first."""
    groups: tuple[GroupMatch, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The case as a fixture's reader sees it."""
        why = {"why": self.why} if self.why else {}
        head = {"name": self.name, "label": self.label.value, **why, "tags": [REVIEW]}
        if not self.timeline:
            return {**head, "event": dict(self.event)}
        found: dict[str, Any] = {**head, "events": list(_steps(self.timeline))}
        if self.groups:
            found["matches"] = sum(one.matches.at_least for one in self.groups)
            found["groups"] = [_group(one) for one in self.groups]
        return found


class NotWritable(ValueError):
    """A fixture whose text leaves no place for cases; the message says why."""


def case_lines(case: NewCase, indent: int = 2) -> Iterator[str]:
    """The lines of an item of `cases:`."""
    lines = [f"- name: {scalar(case.name)}", f"  label: {case.label.value}"]
    lines += [f"  why: {scalar(case.why)}"] if case.why else []
    lines += [f"  tags: [{REVIEW}]"]
    if case.timeline:
        lines += [f"  matches: {case.data['matches']}"] if case.groups else []
        for key in ("events", "groups"):
            lines += (
                [f"  {key}:", *(f"    - {scalar(one)}" for one in case.data[key])] if key in case.data else []
            )
    else:
        lines += ["  event:", *(f"    {scalar(name)}: {scalar(value)}" for name, value in case.event.items())]
    return (" " * indent + line for line in lines)


def _steps(timeline: Iterable[tuple[float, Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """The steps of a timeline; one event again and again at even distances is one of them."""
    runs: list[list[tuple[float, Mapping[str, Any]]]] = []
    for at, event in timeline:
        run = runs[-1] if runs else []
        same = bool(run) and run[0][1] == event
        if same and (len(run) == 1 or abs(at - run[-1][0] - (run[1][0] - run[0][0])) < _MICROSECOND):
            run.append((at, event))
        else:
            runs.append([(at, event)])
    for run in runs:
        often = {"repeat": len(run), "every": _span(run[1][0] - run[0][0])} if len(run) > 1 else {}
        yield {"at": _span(run[0][0]), **often, "event": dict(run[0][1])}


def _group(found: GroupMatch) -> dict[str, Any]:
    at = {} if found.at is None else {"at": _span(found.at)}
    often = {"matches": found.matches.at_least} if found.matches.at_least > 1 else {}
    return {"group": dict(found.group), **at, **often}


def _span(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def scalar(value: Any) -> str:
    """A value in YAML, on one line, that every reader takes for the same."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))}: {_inner(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_inner, value)) + "]"
    return json.dumps(value)


def _inner(value: Any) -> str:
    """A value between brackets, where more signs mean something."""
    return _key(value, _SAFE) if isinstance(value, str) else scalar(value)


def _key(text: str, plain: re.Pattern[str] = _NAME) -> str:
    return text if plain.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


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
