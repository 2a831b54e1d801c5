"""What is legal in a rule, and probably not meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sigmaproof.languages.sigma.conditions import selected, tokens
from sigmaproof.languages.sigma.correlation import Correlation, Resolved, Type
from sigmaproof.languages.sigma.errors import Path
from sigmaproof.languages.sigma.modifiers import BASE64, ORDERS, POSITIONS, UTF16
from sigmaproof.languages.sigma.nodes import Denied, Item, Quantified, Rule, shown, walk

_TEXTUAL = {*POSITIONS, *UTF16, *BASE64, "re", "windash"}
_KEYWORDS = {"and", "or", "not", "of", "them"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubt about a rule."""

    code: str
    """Stable and greppable."""
    message: str
    path: Path = ()
    """Where in the rule's YAML."""


def lint(rule: Rule) -> tuple[Finding, ...]:
    """Every doubt about the rule; those about its filters are theirs."""
    items = [Finding(code, text, item.path) for item in rule.items for code, text in _item(item)]
    path = (rule.section, "condition")
    conditions = [Finding(code, text, path) for code, text in _conditions(rule)]
    if rule.timeframe:
        message = "`timeframe` means nothing since Sigma 2: write a correlation rule"
        items.append(Finding("timeframe", message, (rule.section, "timeframe")))
    return (*items, *conditions, *_fields(rule))


def lint_correlation(found: Resolved) -> tuple[Finding, ...]:
    """Every doubt about the correlation rule itself; those about what it refers to are theirs."""
    rule = found.correlation
    doubts = (*_thresholds(rule), *_references(found), *_aliases(found))
    return tuple(Finding(code, message, ("correlation", key)) for code, key, message in doubts)


def _thresholds(rule: Correlation) -> Iterator[tuple[str, str, str]]:
    if rule.written_span[-1:] in "wMy":
        yield "timespan-unit", "timespan", "the specification knows s, m, h and d only"
    for key in rule.idle:
        yield "idle-key", "condition", f"`{key}` means nothing for {rule.type}"
    bounds = rule.condition if isinstance(rule.condition, tuple) else ()
    counts = rule.type.temporal or rule.type in (Type.EVENT_COUNT, Type.VALUE_COUNT)
    if not bounds or not counts:
        return
    # the whole numbers beside a bound are where its truth may change
    beside = {1, *(int(bound.than) + step for bound in bounds for step in (-1, 0, 1, 2))}
    held = [all(bound.holds(amount) for bound in bounds) for amount in beside if amount > 0]
    told = " and ".join(map(str, bounds))
    if all(held):
        yield "always-fires", "condition", f"every event fires: any number of them is {told}"
    elif all(bound.holds(0) for bound in bounds):
        yield "absence", "condition", "a group without any event is not seen: nothing stands for zero"
    if not any(held):
        yield "never-fires", "condition", f"no number is {told}"


def _references(found: Resolved) -> Iterator[tuple[str, str, str]]:
    rule = found.correlation
    for reference in rule.rules:
        if reference not in rule.used:
            yield "unused-rule", "rules", f"the condition says nothing about {reference}"
    if rule.type is not Type.TEMPORAL_ORDERED and len(set(found.parts)) < len(found.parts):
        yield "rule-twice", "rules", "a rule that is listed twice counts once"


def _aliases(found: Resolved) -> Iterator[tuple[str, str, str]]:
    rule = found.correlation
    parts = [part.correlation if isinstance(part, Resolved) else part for part in found.parts]
    called = {name.lower() for name in rule.rules} | {
        name.lower() for one in parts for name in (one.id, one.name)
    }
    for alias, fields in rule.aliases:
        if alias not in (*rule.group_by, *rule.fields):
            yield "unused-alias", "aliases", f"neither `group-by` nor `field` names {alias}"
        for reference, _ in fields:
            if reference.lower() not in called:
                yield "unused-alias", "aliases", f"{alias} is for {reference}, which `rules` does not name"


def _item(item: Item) -> Iterator[tuple[str, str]]:
    names = set(item.modifiers)
    if "all" in names and len(item.values) == 1:
        yield "all-of-one", "`all` has a single value, which the specification forbids"
    if names & {*BASE64} and "cased" not in names:
        yield "base64-any-case", "Base64 is compared in any case, as all text is: add `cased`"
    if "base64offset" in names and "contains" not in names:
        yield "base64offset-whole", "`base64offset` finds whole values only: add `contains`"
    for value in item.values:
        if not isinstance(value, str | None) and names & _TEXTUAL:
            yield "number-as-text", f"{shown(value)} is read as text: quote it"
        if isinstance(value, str) and names & {*ORDERS}:
            yield "quoted-number", f"{shown(value)} is read as a number: unquote it"
    if len(item.values) > 1 and None in item.values:
        yield "null-in-list", "the specification knows no null inside a list"


def _conditions(rule: Rule) -> Iterator[tuple[str, str]]:
    names = [name for name, _ in rule.detections]
    parts = [part for condition in rule.conditions for part in walk(condition)]
    for part in parts:
        if isinstance(part, Quantified) and not selected(part.pattern, names):
            truth = "always" if part.least is None else "never"
            yield "nothing-selected", f"no identifier fits `{part.pattern or 'them'}`: this {truth} holds"
        if isinstance(part, Quantified) and part.least not in (None, 1):
            yield "quantifier", f"`{part.least} of` is not in the specification"
    for word in (word for text in rule.written for word in tokens(text)):
        if word.lower() in _KEYWORDS and word not in {*_KEYWORDS, *names}:
            yield "capitals", f"converters know `{word.lower()}` only, not `{word}`"
    if rule.rules is not None and not any(isinstance(part, Denied) for part in parts):
        yield "filter-keeps", "without `not`, rules keep only what the filter describes"


def _fields(rule: Rule) -> Iterator[Finding]:
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    for field in rule.fields:
        spellings[field.lower()].append(field)
    for same in spellings.values():
        if len(same) > 1:
            yield Finding("field-case", f"{' and '.join(same)} are different fields", (rule.section,))
