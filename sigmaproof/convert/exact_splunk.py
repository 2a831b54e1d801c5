"""SPL that means what the rule means, or a refusal.

What pySigma's backend gets wrong, and what is written here instead: regular expressions and field comparisons
that are pulled out of the condition they belong to; a literal asterisk and `?`, which `search` cannot say;
comparisons with a number, which `search` makes by the alphabet where a value is no number; networks, whose
own text `search` finds, too; keywords.
https://github.com/SigmaHQ/pySigma-backend-splunk

What `search` can say is said there. Conjuncts that it cannot say become one `where`; what of them narrows the
search is said there as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from sigma.backends.splunk import SplunkBackend

from sigmaproof.convert.exact import Exact
from sigmaproof.convert.splunk_where import Where
from sigmaproof.convert.tree import Every, Leaf, Some, Tree, every, some
from sigmaproof.convert.values import Flag, Network, Number, Presence, Text, Unsayable, Value
from sigmaproof.logic.checks import Order
from sigmaproof.text.glob import MANY, ONE, Glob

_PLAIN_NAME = re.compile(r"[\w.]+")
_NETWORK = re.compile(r"[0-9a-fA-F.:]+/\d+")


class ExactSplunk(Exact, SplunkBackend):  # type: ignore[misc]  # pySigma has no types here
    """pySigma's Splunk backend with its conditions written anew."""

    language: ClassVar[str] = "an SPL search"
    and_word: ClassVar[str] = ""
    or_word: ClassVar[str] = "OR"
    not_word: ClassVar[str] = "NOT"
    formats: ClassVar[dict[str, str]] = {"default": "SPL searches"}

    def query(self, tree: Tree) -> str:
        """A search, and a `where` behind it for the conjuncts that need one."""
        searched: list[Tree] = []
        computed: list[Tree] = []
        for part in tree.parts if isinstance(tree, Every) else (tree,):
            wider = self._wider(part)
            searched += [wider] if wider else []
            computed += [] if wider == part else [part]
        search = self.write(every(searched), outermost=True) if searched else "*"
        return f"{search}\n| where {self._where.whole(computed)}" if computed else search

    @property
    def _where(self) -> Where:
        return Where(xml="xml_data" in (self.kinds or ()))

    def _wider(self, tree: Tree) -> Tree | None:
        """The least that a search can say and that holds wherever the tree does; None if it is nothing."""
        if self._sayable(tree):
            return tree
        match tree:
            case Every(parts):
                found = [wider for part in parts if (wider := self._wider(part))]
                return every(found) if found else None
            case Some(parts):
                wide = [self._wider(part) for part in parts]
                return None if None in wide else some([part for part in wide if part])
            case Leaf(str(field), values):
                texts = [_wider_text(value) for value in values]
                return None if None in texts else Leaf(field, tuple(text for text in texts if text))
        return None

    def _sayable(self, tree: Tree) -> bool:
        try:
            self.write(tree)
        except Unsayable:
            return False
        return True

    def absent(self, field: str) -> str:
        return f"NOT {field_name(field)}=*"

    def tests(self, field: str, values: Sequence[Value]) -> Iterator[str]:
        name, listed = field_name(field), []
        for value in values:
            if isinstance(value, Text) and not value.cased:
                listed.append(self._text(value.glob))
            elif isinstance(value, Number) and value.order is Order.EQ:
                listed.append(str(value.value))
            else:
                yield f"{name}={self._right(value)}"
        unique = list(dict.fromkeys(listed))
        if len(unique) == 1:
            yield f"{name}={unique[0]}"
        elif unique:
            yield f"{name} IN ({', '.join(unique)})"

    def _right(self, value: Value) -> str:
        match value:
            case Presence():
                return "*"
            case Flag(flag):
                return '"true"' if flag else '"false"'
            case Network():
                raise self.unsayable("a network, which also finds its own text")
        raise self.unsayable(type(value).__name__)

    def _text(self, glob: Glob) -> str:
        literals = [part for part in glob.parts if isinstance(part, str)]
        if ONE in glob.parts or any("*" in part for part in literals):
            raise self.unsayable("a literal asterisk, or exactly one character")
        if glob.literal is not None and _NETWORK.fullmatch(glob.literal):
            raise self.unsayable("a text that reads as a network")
        if any(char in part for part in literals for char in "\r\n"):
            raise self.unsayable("a line break")
        return '"' + "".join("*" if part is MANY else _escaped(str(part)) for part in glob.parts) + '"'


def _wider_text(value: Value) -> Value | None:
    """A text with `*` for what a search cannot say of it, or that the field is there."""
    match value:
        case Text(glob):
            pieces = [re.split(r"([*\r\n])", one) if isinstance(one, str) else [one] for one in glob.parts]
            vague = (ONE, "*", "\r", "\n")
            wide = Glob.of(*(MANY if piece in vague else piece for one in pieces for piece in one))
            said = any(isinstance(one, str) for one in wide.parts) and not _NETWORK.fullmatch(
                wide.literal or ""
            )
            return Text(wide, cased=False) if said else Presence(True)
        case Number() | Presence() | Network() | Flag():
            return Presence(True)
    return None


def field_name(field: str) -> str:
    """A field's name as `search` and `BY` take it."""
    return field if _PLAIN_NAME.fullmatch(field) else f'"{_escaped(field)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
