"""What a text of a search asks of a value: wildcards, networks, words of `_raw`, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_network

from sigmaproof.errors import InvalidQuery, UnsupportedQuery
from sigmaproof.languages.spl.options import SplOptions
from sigmaproof.logic.checks import (
    AllOf,
    AnyOf,
    Check,
    InNetwork,
    Lexical,
    Matches,
    Number,
    Order,
    Other,
    Present,
)
from sigmaproof.logic.values import number_of
from sigmaproof.text.fold import Fold, fold
from sigmaproof.text.glob import MANY, Glob, Wild
from sigmaproof.text.perl import Dialect, parse
from sigmaproof.text.regex import (
    ANY_TEXT,
    EMPTY,
    Chars,
    Choice,
    Concat,
    Group,
    Regex,
    RegexError,
    Repeat,
    UnsupportedRegex,
    literal,
    search,
    ungrouped,
)
from sigmaproof.text.replace import replacer

LONGEST_NAME = 32
"""PCRE's limit on the name of a group."""

LONGEST_WORD = 10_000
"""Letters of what is looked for in `_raw`."""

NUMERIC = AnyOf((Number(Order.LT, 0), Number(Order.GE, 0)))
"""The value is a number."""

_ORDERS = {"<": Order.LT, "<=": Order.LE, ">": Order.GT, ">=": Order.GE}
_ESCAPE = re.compile(r'\\(["\\|])|(\\\*)|(\*)', re.DOTALL)


def unescaped(text: str, *, pipe: bool = True) -> str:
    """A quoted argument of a command: `\\"`, `\\\\` and `\\|` lose a backslash, others keep it."""
    return re.sub(r'\\(["\\|])' if pipe else r'\\(["\\])', r"\1", text)


def wildcards(text: str, quoted: bool, options: SplOptions) -> Glob:
    """The value of a search term: escapes undone, every `*` a wildcard."""
    if "\\" not in text and "*" not in text:
        return Glob.of(text)
    escapes = quoted or options.switches.unquoted_escapes == "process"
    pattern = _ESCAPE if escapes else re.compile(r"()()(\*)")
    parts: list[str | Wild] = []
    end = 0
    for found in pattern.finditer(text):
        parts.append(text[end : found.start()])
        end = found.end()
        if found.group(1):
            parts.append(found.group(1))
        elif found.group(2) and options.switches.escaped_asterisk == "literal":
            parts.append("*")
        else:
            parts += ["\\", MANY] if found.group(2) else [MANY]
    return Glob.of(*parts, text[end:])


def value_check(pattern: Glob, cased: bool, cidr: str, options: SplOptions) -> Check:
    """`field=value`."""
    rule = Fold.EXACT if cased else letter_rule(options)
    if pattern.parts == (MANY,):
        return Present() if options.switches.empty_values == "present" else Other(Matches(Glob.of()))
    if not pattern.parts and options.switches.empty_values == "missing":
        return AnyOf(())
    as_text = Matches(pattern, rule)
    network = network_of(pattern.literal) if cidr != "text" else None
    if network is None:
        return as_text
    inside = InNetwork(network, mapped=options.switches.cidr_mapped == "yes")
    return inside if cidr == "network" else AnyOf((inside, as_text))


def order_check(operator: str, value: str | int | float, *, mixed: bool = True) -> Check:
    """`<` and its like: as numbers if both sides are, else as texts (not at all, without `mixed`)."""
    order = _ORDERS[operator]
    number = number_of(value) if isinstance(value, str) else value
    if number is None:
        return Lexical(order, str(value))
    if not mixed:
        return Number(order, number)
    return AnyOf((Number(order, number), AllOf((Other(NUMERIC), Lexical(order, str(value))))))


def letter_rule(options: SplOptions) -> Fold:
    """How `search` compares letters."""
    return Fold.SIMPLE if options.switches.letter_case == "unicode" else Fold.ASCII


def keyword_check(pattern: Glob, rule: Fold, breakers: str) -> Check:
    """The text stands in the value between breakers (an end that is itself one needs no other)."""
    if sum(len(part) for part in pattern.parts if isinstance(part, str)) > LONGEST_WORD:
        raise UnsupportedQuery(f"a word of more than {LONGEST_WORD} letters")
    stop = Chars.of(*((ord(char), ord(char)) for char in breakers))
    head: list[Regex] = [ANY_TEXT]
    tail: list[Regex] = [ANY_TEXT]
    first, last = pattern.parts[0], pattern.parts[-1]
    if isinstance(first, str) and first[0] not in breakers:
        head = [Choice((EMPTY, Concat((ANY_TEXT, stop))))]
    if isinstance(last, str) and last[-1] not in breakers:
        tail = [Choice((EMPTY, Concat((stop, ANY_TEXT))))]
    middle = [literal(fold(part, rule)) if isinstance(part, str) else ANY_TEXT for part in pattern.parts]
    return Matches(Concat((*head, *middle, *tail)), rule)


@lru_cache(maxsize=4096)
def regex(pattern: str) -> Regex:
    """A PCRE pattern, with its groups."""
    try:
        return parse(pattern, dialect=Dialect.PCRE)
    except UnsupportedRegex as error:
        raise UnsupportedQuery(f"the regular expression {pattern!r}: {error.message}") from None
    except RegexError as error:
        raise InvalidQuery(
            f"the regular expression {pattern!r} is wrong at character {error.offset + 1}: {error.message}"
        ) from None


@lru_cache(maxsize=4096)
def regex_check(pattern: str) -> Check:
    """The value contains a match of the pattern."""
    looking = _LOOKING.match(pattern)
    rest = f"{looking['flags'] or ''}^{pattern[looking.end() :]}" if looking else ""
    if looking is None or (_LOOKING.match(rest) is None and isinstance(regex(rest), Choice)):
        return Matches(ungrouped(search(regex(_without_edges(pattern)))))
    ahead = Matches(ungrouped(search(regex(f"{looking['flags'] or ''}^(?:{looking['ahead']})"))))
    return AllOf((ahead if looking["kind"] == "=" else Other(ahead), regex_check(rest)))


def _without_edges(pattern: str) -> str:
    """The pattern with look-behind before it and look-ahead after it spelled out, where that can be done:
    whether there is a match stays the same, where it is does not.
    """
    edges = _EDGES.fullmatch(pattern)
    if edges is None or (edges["behind"] is None and edges["ahead"] is None):
        return pattern
    try:
        tree = parse(edges["middle"], dialect=Dialect.PCRE)
    except RegexError:
        return pattern
    before = _beside(edges["behind"], edges["behind_kind"], r"\A")
    after = _beside(edges["ahead"], edges["ahead_kind"], r"\z")
    if isinstance(tree, Choice) or before is None or after is None:
        return pattern
    return f"{edges['flags'] or ''}{before}{edges['middle']}{after}"


def _beside(char: str | None, kind: str | None, end: str) -> str | None:
    """What is looked at; or (`!`, of one character) another character, or the end of the text."""
    if char is None or kind == "=":
        return f"(?:{char})" if char else ""
    if re.fullmatch(_CHAR, char, re.DOTALL) is None:
        return None
    inside = char[1:-1] if char.startswith("[") else char
    other = f"[{inside[1:]}]" if inside.startswith("^") else f"[^{inside}]"
    return f"(?:{end}|{other})"


def capturing(pattern: str, *, once: bool) -> tuple[Check, Regex]:
    """What a text must pass to match a pattern with groups, and the tree that then captures.

    `once`: only the first match counts, so that what stands around it may be part of it.
    """
    group = re.fullmatch(r"\(\?P?<(\w+)>(.*)\)", pattern, re.DOTALL)
    looking = _LOOKING.match(group[2]) if group else None
    if group is None or looking is None:
        return regex_check(pattern), regex(_without_edges(pattern) if once else pattern)
    tree = regex(f"(?<{group[1]}>{looking['flags'] or ''}^{group[2][looking.end() :]})")
    if not isinstance(tree, Group):
        raise UnsupportedQuery(f"the regular expression {pattern!r}: look-ahead in one of several groups")
    return regex_check(group[2]), tree


_CHAR = r"(?:\\[dwsDWS]|\\[^A-Za-z0-9]|\[\^?(?:[^\]\\^]|\\.)+\]|[^\\\[\](){}.*+?|^$])"
_INSIDE = r"(?:[^()\[\]\\]|\\.|\[(?:[^\]\\]|\\.)+\]|\((?:[^()\\]|\\.)*\))*"
_EDGES = re.compile(
    rf"(?P<flags>\(\?[a-z]+\))?(?:\(\?<(?P<behind_kind>[=!])(?P<behind>{_INSIDE})\))?(?P<middle>.+?)"
    rf"(?:\(\?(?P<ahead_kind>[=!])(?P<ahead>{_INSIDE})\))?",
    re.DOTALL,
)
_LOOKING = re.compile(rf"(?P<flags>\(\?[a-z]+\))?\^\(\?(?P<kind>[=!])(?P<ahead>{_INSIDE})\)")
"""A pattern that is anchored and looks ahead there: that much of look-ahead needs no engine of its own."""


def groups(tree: Regex) -> dict[str, Regex]:
    """The named groups of a pattern with what they hold."""
    match tree:
        case Group(name, inner):
            own = {} if name.isdigit() else {name: inner}
            return own | groups(inner)
        case Concat(parts) | Choice(parts):
            return {name: inner for part in parts for name, inner in groups(part).items()}
        case Repeat(inner):
            return groups(inner)
    return {}


def always_captures(tree: Regex, group: str) -> bool:
    """Whether every match of the pattern leaves some text in the group."""
    match tree:
        case Group(name, inner):
            return (name == group and not _nullable(inner)) or always_captures(inner, group)
        case Concat(parts):
            return any(always_captures(part, group) for part in parts)
        case Choice(options):
            return bool(options) and all(always_captures(option, group) for option in options)
        case Repeat(inner, least):
            return least > 0 and always_captures(inner, group)
    return False


def replaceable(pattern: str) -> Regex:
    """A PCRE pattern whose matches can be replaced."""
    try:
        replacer(tree := regex(pattern))
    except RegexError as error:
        raise UnsupportedQuery(f"the regular expression {pattern!r}: {error.message}") from None
    return tree


def never_captures(tree: Regex, group: str) -> bool:
    """Whether the group can only hold the empty text."""
    inner = groups(tree)[group]
    return all(not isinstance(part, Chars) for part in _leaves(inner))


def _leaves(tree: Regex) -> Iterator[Regex]:
    match tree:
        case Concat(parts) | Choice(parts):
            for part in parts:
                yield from _leaves(part)
        case Group(_, inner) | Repeat(inner):
            yield from _leaves(inner)
        case _:
            yield tree


def _nullable(tree: Regex) -> bool:
    match tree:
        case Chars():
            return False
        case Group(_, inner):
            return _nullable(inner)
        case Concat(parts):
            return all(map(_nullable, parts))
        case Choice(options):
            return any(map(_nullable, options))
        case Repeat(inner, least):
            return least == 0 or _nullable(inner)
    return True


def network_of(text: str | None) -> str | None:
    """The network that a text names, without host bits."""
    if text is None or "/" not in text:
        return None
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return None
