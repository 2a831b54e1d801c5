"""What is legal in a rule, and probably not meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sigmaproof.languages.sigma.conditions import selected
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.languages.sigma.modifiers import FLAGS, ORDERS, POSITIONS, WIDE
from sigmaproof.languages.sigma.nodes import (
    Both,
    Condition,
    Denied,
    Either,
    Item,
    Name,
    Null,
    Quantified,
    Rule,
    Scalar,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about a rule."""

    code: str
    """Stable and greppable."""
    message: str
    path: Path = ()
    """Where in the rule's YAML."""


def lint(rule: Rule) -> tuple[Finding, ...]:
    """Every doubt about the rule, in the order of its text; its filters are linted on their own."""
    found = [finding for item in rule.items() for finding in _item(item)]
    return (*found, *_conditions(rule), *_names(rule))


def _item(item: Item) -> Iterator[Finding]:
    names = set(item.modifiers)
    if item.every and len(item.values) == 1:
        yield Finding("all-of-one", "`all` has a single value, which the specification forbids", item.path)
    if names & {"base64", "base64offset"} and "cased" not in names:
        yield Finding("base64-any-case", "Base64 text is compared in any case; add `cased`", item.path)
    if "base64offset" in names and "contains" not in names:
        yield Finding(
            "base64offset-whole", "`base64offset` without `contains` finds a whole value", item.path
        )
    if names & set(WIDE) and not names & {"base64", "base64offset"}:
        yield Finding("wide-alone", "UTF-16 without Base64 looks for NUL characters in the text", item.path)
    if long := next((name for name in item.modifiers if name in FLAGS and len(name) > 1), None):
        yield Finding("long-flag", f"`{long}` is not in the specification; write `{long[0]}`", item.path)
    if item.time_part and names & set(ORDERS):
        yield Finding("compared-time", "converters drop the part of a timestamp that is compared", item.path)
    yield from _values(item)


def _values(item: Item) -> Iterator[Finding]:
    numeric, textual = _first(item.modifiers, ORDERS), _first(item.modifiers, _TEXTUAL)
    for value in item.values:
        if textual and value is not None and not isinstance(value, str):
            yield Finding("number-as-text", f"`{textual}` on {_shown(value)}; quote it", item.path)
        if numeric and isinstance(value, str):
            yield Finding("quoted-number", f"`{numeric}` on the text '{value}'; unquote it", item.path)
    if len(item.values) > 1 and Null() in item.patterns:
        yield Finding("null-in-list", "the specification knows no null inside a list", item.path)


_TEXTUAL = frozenset({*POSITIONS, *WIDE, "re", "windash", "base64", "base64offset"})


def _first(names: tuple[str, ...], among: object) -> str | None:
    return next((name for name in names if name in among), None)  # type: ignore[operator]


def _shown(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else f"the number {value}"


def _conditions(rule: Rule) -> Iterator[Finding]:
    path: Path = (rule.section, "condition")
    names = [name for name, _ in rule.detections]
    used: set[str] = set()
    for condition in rule.conditions:
        for part in _parts(condition):
            if isinstance(part, Quantified):
                used.update(selected(part.pattern, names))
                yield from _quantified(part, names, path)
            elif isinstance(part, Name):
                used.add(part.name)
    for name in names:
        if name not in used:
            yield Finding("unused-identifier", f"`{name}` is not in the condition", (rule.section, name))
    if rule.rules is not None and not any(_denies(condition) for condition in rule.conditions):
        yield Finding("filter-keeps", "without `not`, the filter keeps only what it describes", path)


def _quantified(part: Quantified, names: list[str], path: Path) -> Iterator[Finding]:
    shown = f"{part.word} of {part.pattern or 'them'}"
    found = selected(part.pattern, names)
    if not found:
        truth = "always" if part.least is None else "never"
        yield Finding("nothing-selected", f"`{shown}` means no identifier and {truth} holds", path)
    elif part.least is not None and part.least > len(found):
        yield Finding("too-few-selected", f"`{shown}` never holds: there are {len(found)}", path)
    if part.word not in {"1", "all"}:
        yield Finding("quantifier", f"`{part.word} of` is not in the specification: write 1 or all", path)


def _parts(condition: Condition) -> Iterator[Condition]:
    yield condition
    match condition:
        case Denied(inner):
            yield from _parts(inner)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from _parts(part)


def _denies(condition: Condition) -> bool:
    return any(isinstance(part, Denied) for part in _parts(condition))


def _names(rule: Rule) -> Iterator[Finding]:
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for field in rule.fields:
        spellings[field.lower()].append(field)
    for same in spellings.values():
        if len(same) > 1:
            yield Finding("field-case", f"{' and '.join(same)} are different fields", (rule.section,))
    for word in rule.capitals:
        path = (rule.section, "condition")
        yield Finding("capitals", f"converters know `{word.lower()}`, not `{word}`", path)
    if rule.timeframe:
        message = "`timeframe` means nothing since Sigma 2; write a correlation rule"
        yield Finding("timeframe", message, (rule.section, "timeframe"))
