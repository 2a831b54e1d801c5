"""The condition's grammar, read by recursive descent:

    condition   = conjunction { "or" conjunction }
    conjunction = denial { "and" denial }
    denial      = { "not" } operand
    operand     = "(" condition ")" | quantifier "of" ( "them" | pattern ) | identifier

Keywords are whole words. An identifier is any run of characters without blanks, parentheses and bars.
https://github.com/SigmaHQ/sigma-specification/blob/main/specification/sigma-rules-specification.md#condition
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from sigmaproof.errors import QuerySyntaxError, UnsupportedQuery, nearest
from sigmaproof.languages.sigma.errors import InvalidRule, Path
from sigmaproof.languages.sigma.nodes import Denied, Every, Name, Node, Quantified, Some
from sigmaproof.text.fold import Fold
from sigmaproof.text.glob import MANY, ONE, Glob
from sigmaproof.text.match import text_matcher

MAX_DEPTH = 50

_TOKEN = re.compile(r"[()|]|[^\s()|]+|$")
_WILD = {"*": MANY, "?": ONE}


def parse_condition(source: str, names: Sequence[str], path: Path = ()) -> Node:
    """The condition over these identifiers. Raises `InvalidRule` with a caret under what is wrong."""
    parser = _Parser(source, frozenset(names), path)
    condition = parser.condition(0)
    parser.finish()
    return condition


def selected(pattern: str | None, names: Iterable[str]) -> list[str]:
    """The identifiers that a pattern means; those with `_` in front only if the pattern has one too."""
    matches = text_matcher(Glob.of(*(_WILD.get(char, char) for char in pattern or "*")), Fold.EXACT)
    hidden = (pattern or "").startswith("_")
    return [name for name in names if matches(name) and (hidden or not name.startswith("_"))]


def tokens(source: str) -> list[str]:
    """The words of a condition."""
    return [found[0] for found in _TOKEN.finditer(source)]


class _Parser:
    def __init__(self, source: str, names: frozenset[str], path: Path) -> None:
        self._source, self._names, self._path = source, names, path
        self._tokens = list(_TOKEN.finditer(source))
        self._at = 0

    def condition(self, depth: int) -> Node:
        return self._joined("or", Some, lambda: self._joined("and", Every, lambda: self._denial(depth)))

    def finish(self) -> None:
        """Raises unless everything has been read."""
        if self._text():
            raise self._wrong("`and` or `or` is missing here, or a parenthesis opens nowhere")

    def _joined(self, word: str, kind: type[Every] | type[Some], operand: Callable[[], Node]) -> Node:
        parts = [operand()]
        while self._accept(word):
            parts.append(operand())
        return parts[0] if len(parts) == 1 else kind(tuple(parts))

    def _denial(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self._wrong(f"more than {MAX_DEPTH} levels of nesting")
        if self._accept("not"):
            return Denied(self._denial(depth + 1))
        if not self._accept("("):
            return self._operand()
        inner = self.condition(depth + 1)
        if not self._accept(")"):
            raise self._wrong("`and`, `or` or a closing parenthesis is missing here")
        return inner

    def _operand(self) -> Node:
        name = self._text()
        if self._text(1).lower() == "of":
            return self._quantified(name)
        if name not in self._names:
            raise self._undefined(name)
        self._at += 1
        return Name(name)

    def _quantified(self, quantifier: str) -> Node:
        words = {"all": None, "any": 1}
        if quantifier.lower() not in words and not re.fullmatch("[1-9][0-9]{0,2}", quantifier):
            raise self._wrong(f"{quantifier!r} is no quantifier", "write `1 of` or `all of`")
        self._at += 2
        pattern = self._text()
        if pattern in ("", "(", ")", "|"):
            raise self._wrong("`them` or one pattern is missing here", "write it like `1 of selection_*`")
        self._at += 1
        least = words[quantifier.lower()] if quantifier.lower() in words else int(quantifier)
        return Quantified(least, None if pattern.lower() == "them" else pattern)

    def _undefined(self, name: str) -> InvalidRule:
        known = sorted(self._names)
        if name in ("", ")", "|") or name.lower() in ("and", "or"):
            return self._wrong("an identifier is missing here", f"the identifiers are {', '.join(known)}")
        if "*" in name:
            return self._wrong("a pattern needs a quantifier", f"write `1 of {name}` or `all of {name}`")
        message = f'undefined identifier "{name}"{nearest(name, known)}'
        return self._wrong(message, f"the identifiers are {', '.join(known)}")

    def _text(self, ahead: int = 0) -> str:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)][0]

    def _accept(self, word: str) -> bool:
        # Capitals are understood, as the specification is silent; `lint` warns of them.
        found = self._text().lower() == word
        self._at += found
        return found

    def _wrong(self, message: str, help: str = "") -> InvalidRule:
        if self._text() == "|":
            rest = self._source[self._tokens[self._at].start() :].strip()
            raise UnsupportedQuery(f"the aggregation `{rest}`: Sigma 2 has correlation rules instead")
        error = QuerySyntaxError(message, self._source, self._tokens[self._at].start())
        return InvalidRule(f"condition: {message}", self._path, help, error.caret())
