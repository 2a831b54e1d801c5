"""Edits of single values: wildcards, numbers, networks, truth, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from itertools import pairwise

from sigmaproof.languages.sigma.modifiers import POSITIONS
from sigmaproof.languages.sigma.nodes import Scalar

_TOKEN = re.compile(r"\\[\\*?]|[*?]")
_OTHER_WAYS = {
    "*": (("wildcard narrowed", "?"), ("wildcard narrowed", "")),
    "?": (("wildcard widened", "*"), ("wildcard narrowed", "")),
    "\\*": (("wildcard widened", "*"),),
    "\\?": (("wildcard widened", "?"),),
}
_REGEX_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\(\?[a-zA-Z]+\)|.", re.DOTALL)


Change = tuple[str, Scalar, str]
"""What kind of change it is, the value that it leaves, and how to tell it; nothing where both values do."""


def changed_values(value: Scalar, modifiers: Sequence[str]) -> Iterator[Change]:
    """Other values that might have been written in place of this one."""
    if isinstance(value, bool):
        yield "truth", not value, ""
    elif isinstance(value, int):
        yield from (("number", value + step, "") for step in (-1, 1))
    elif isinstance(value, str):
        yield from _texts(value, frozenset(modifiers))


def _texts(text: str, names: frozenset[str]) -> Iterator[Change]:
    if "cidr" in names:
        yield from (("network", other, "") for other in _networks(text))
    elif "re" in names:
        yield from _regexes(text)
    elif re.fullmatch("[0-9]{1,18}", text) and not names & {*POSITIONS}:
        yield from (("number", str(int(text) + step), "") for step in (-1, 1) if int(text) + step >= 0)
    elif "fieldref" not in names:
        yield from _wildcards(text)


def _wildcards(text: str) -> Iterator[Change]:
    for found in _TOKEN.finditer(text):
        for kind, other in _OTHER_WAYS.get(found[0], ()):
            yield kind, text[: found.start()] + other + text[found.end() :], ""


def _networks(text: str) -> Iterator[str]:
    """The network twice as large, and its first half."""
    try:
        network = ip_network(text)
    except ValueError:
        return
    if network.prefixlen > 0:
        yield str(network.supernet())
    if network.prefixlen < network.max_prefixlen:
        yield f"{network.network_address}/{network.prefixlen + 1}"


def _regexes(source: str) -> Iterator[Change]:
    """The expression without an anchor, or without one of its alternatives."""
    spans = [("alternative dropped", start, end) for start, end in _alternatives(source)]
    if source.endswith("$") and not source.endswith("\\$"):
        spans.insert(0, ("anchor dropped", len(source) - 1, len(source)))
    if source.startswith("^"):
        spans.insert(0, ("anchor dropped", 0, 1))
    for kind, start, end in spans:
        words = f"'{source[start:end]}' dropped at character {start + 1}"
        yield kind, source[:start] + source[end:], words


def _alternatives(source: str) -> Iterator[tuple[int, int]]:
    """Where each alternative stands, its bar included."""
    open_: list[list[int]] = [[0]]
    for token in _REGEX_TOKEN.finditer(source):
        if token[0] == "(":
            open_.append([token.end() + _head(source, token.end())])
        elif token[0] == "|":
            open_[-1].append(token.start())
        elif token[0] == ")" and len(open_) > 1:
            yield from _spans([*open_.pop(), token.start()])
    yield from _spans([*open_[0], len(source)])


def _head(source: str, at: int) -> int:
    """The length of what makes a group special, such as `?:`."""
    found = re.match(r"\?(?:P?<\w+>|[:=!>]|<[=!]|[a-zA-Z-]*:)", source[at:])
    return len(found[0]) if found else 0


def _spans(marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Of n alternatives: the first with the bar behind it, every other one with the bar before it."""
    if len(marks) > 2:
        yield marks[0], marks[1] + 1
        yield from pairwise(marks[1:])
