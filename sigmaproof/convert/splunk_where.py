"""Conditions as an expression of SPL's `where`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from sigmaproof.convert.exact import Words
from sigmaproof.convert.tree import Leaf, Tree
from sigmaproof.convert.values import Flag, Network, Number, OtherField, Pattern, Presence, Text, Value
from sigmaproof.convert.xml_text import glob_in_xml
from sigmaproof.logic.checks import Order
from sigmaproof.text.glob import MANY, Glob

_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}]")
_CONTROL = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}


class Where(Words):
    """No leaf is ever null: one over an absent field is false, and `NOT` of it holds."""

    language: ClassVar[str] = "an SPL expression"
    and_word: ClassVar[str] = "AND"
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"

    def __init__(self, *, xml: bool = False) -> None:
        """With `xml`, the text of an event is XML."""
        self._in_raw = in_xml if xml else in_raw

    def whole(self, parts: Sequence[Tree]) -> str:
        """All the parts as one expression. A part that is null keeps the event out, as a false one does."""
        return " AND ".join(dict.fromkeys(self._bare(part, outermost=len(parts) == 1) for part in parts))

    def write(self, tree: Tree, *, outermost: bool = False) -> str:
        if isinstance(tree, Leaf) and tree.field is None:
            tree = self._in_raw(tree.values)
        return super().write(tree, outermost=outermost)

    def _bare(self, part: Tree, *, outermost: bool) -> str:
        if isinstance(part, Leaf) and part.field is None:
            part = self._in_raw(part.values)
        text = self.write(part, outermost=outermost)
        if isinstance(part, Leaf) and len(list(self.tests(part.field or "", part.values))) == 1:
            name = value_of(part.field or "_raw")
            present = f"(isnotnull({name}) AND "
            for guard in (f"{present}match(", f"{present}cidrmatch(", f"(isnotnull(tonumber({name})) AND "):
                if text.startswith(guard):
                    return text[text.index(" AND ") + len(" AND ") : -1]
        return text

    def absent(self, field: str) -> str:
        return f"isnull({value_of(field)})"

    def tests(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        name = value_of(field)
        for cased in (False, True):
            texts = [value.glob for value in values if isinstance(value, Text) and value.cased is cased]
            if texts:
                yield _match(name, _globs_regex(texts, cased))
        for value in values:
            if not isinstance(value, Text):
                yield self._test(name, value)

    def _test(self, name: str, value: Value) -> str:
        match value:
            case Presence():
                return f"isnotnull({name})"
            case Pattern():
                return _match(name, _pattern_regex(value))
            case Number(order, number):
                sign = "=" if order is Order.EQ else order.value
                return f"(isnotnull(tonumber({name})) AND tonumber({name}){sign}{number})"
            case Flag(flag):
                return _match(name, f"(?i)^{'true' if flag else 'false'}\\z")
            case Network(cidr):
                return f'(isnotnull({name}) AND cidrmatch("{cidr}", {name}))'
            case OtherField():
                return _compared(name, value)
        raise self.unsayable(type(value).__name__)


def in_raw(values: Sequence[Value]) -> Leaf:
    """Keywords as tests of the whole event's text."""
    return Leaf("_raw", tuple(map(_anywhere, values)))


def in_xml(values: Sequence[Value]) -> Leaf:
    """Keywords as tests of the whole event's text, which is XML. Raises `Unsayable`."""
    return in_raw(
        [Text(glob_in_xml(one.glob), one.cased) if isinstance(one, Text) else one for one in values]
    )


def _anywhere(value: Value) -> Value:
    match value:
        case Text(glob, cased):
            return Text(Glob.of(MANY, *glob.parts, MANY), cased)
        case Number(Order.EQ, number):
            return Text(Glob.of(MANY, str(number), MANY), cased=False)
    return value


def _compared(name: str, other: OtherField) -> str:
    left, right = f"lower({name})", f"lower({value_of(other.name)})"
    match other.before, other.behind:
        case False, False:
            test = f"{left}={right}"
        case False, True:
            test = f"substr({left}, 1, len({right}))={right}"
        case True, False:
            test = f"substr({left}, -len({right}))={right}"
        case _:
            test = f'replace({left}, {right}, "")!={left}'
    return f"(isnotnull({name}) AND isnotnull({value_of(other.name)}) AND {test})"


def _match(name: str, regex: str) -> str:
    text = regex.replace("\\", "\\\\").replace('"', '\\"')
    return f'(isnotnull({name}) AND match({name}, "{text}"))'


_DOLLAR = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<dollar>\$)", re.DOTALL)


def _pattern_regex(pattern: Pattern) -> str:
    """The rule's own expression. Sigma's `$` is the very end; PCRE's also stands before a last newline."""
    source = pattern.source
    if "m" not in pattern.flags and "(?m" not in source:
        source = _DOLLAR.sub(lambda found: r"\z" if found["dollar"] else found[0], source)
    return f"(?{pattern.flags}){source}" if pattern.flags else source


def _globs_regex(globs: Sequence[Glob], cased: bool) -> str:
    """One unanchored expression for the texts that some of the globs match."""
    bodies = list(dict.fromkeys(map(_glob_regex, globs)))
    text = bodies[0] if len(bodies) == 1 else f"(?:{'|'.join(bodies)})"
    flags = ("" if cased else "i") + ("s" if any("." in body.replace("\\.", "") for body in bodies) else "")
    return f"(?{flags}){text}" if flags else text


def _glob_regex(glob: Glob) -> str:
    parts = list(glob.parts)
    front = back = ""
    if parts[:1] == [MANY]:
        parts.pop(0)
    else:
        front = "^"
    if parts[-1:] == [MANY]:
        parts.pop()
    else:
        back = r"\z"
    inner = "".join(_literal(p) if isinstance(p, str) else ".*" if p is MANY else "." for p in parts)
    return f"{front}{inner}{back}"


def _literal(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return "".join(_CONTROL.get(char, char) for char in escaped)


def value_of(field: str) -> str:
    """A field's value as an expression takes it."""
    return field if _PLAIN_NAME.fullmatch(field) else f"'{field}'"
