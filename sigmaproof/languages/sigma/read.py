"""A rule's YAML, as plain values → `Rule`. Everything that makes a rule invalid is found here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sigmaproof.errors import UnsupportedQuery, nearest
from sigmaproof.languages.sigma.conditions import parse_condition
from sigmaproof.languages.sigma.errors import InvalidRule, Misused, Path
from sigmaproof.languages.sigma.modifiers import check_modifiers, modify
from sigmaproof.languages.sigma.nodes import Every, Item, LogSource, Node, Pattern, Rule, Some
from sigmaproof.logic.values import ANY_FIELD

MAX_DEPTH = 30

Body = Mapping[Any, Any]


def read_rule(mapping: Mapping[str, Any]) -> Rule:
    """The rule, or filter, in one YAML document.

    Raises `InvalidRule` with the path to what is wrong, and `UnsupportedQuery` for what Sigma has and
    sigmaproof has not. A correlation rule is read by `read_correlation`.
    """
    if not isinstance(mapping, Mapping):
        raise InvalidRule("a rule is a mapping of attributes", help="begin with `title:`")
    if "correlation" in mapping:
        raise UnsupportedQuery("a correlation rule, where a rule about single events is wanted")
    section = "filter" if "filter" in mapping and "detection" not in mapping else "detection"
    body = _body(mapping, section)
    hidden = {"condition", "timeframe"} | ({"rules"} if section == "filter" else set())
    detections = {
        str(name): _detection(value, (section, name), 0) for name, value in body.items() if name not in hidden
    }
    if not detections:
        raise InvalidRule(f"the {section} defines nothing to look for", (section,), "add a selection")
    written, tags = _written(body, section), mapping.get("tags")
    return Rule(
        title=word(mapping, "title", required=True),
        logsource=_logsource(mapping),
        detections=tuple(detections.items()),
        conditions=tuple(parse_condition(text, list(detections), path) for path, text in written),
        written=tuple(text for _, text in written),
        id=word(mapping, "id"),
        name=word(mapping, "name"),
        status=word(mapping, "status"),
        level=word(mapping, "level"),
        taxonomy=word(mapping, "taxonomy") or "sigma",
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        timeframe="timeframe" in body,
        rules=_filtered_rules(body) if section == "filter" else None,
    )


def word(mapping: Body, key: str, *, required: bool = False) -> str:
    """The text under a key; empty where there is none, unless it is required."""
    value = mapping.get(key)
    if value is None and required:
        raise InvalidRule(f"the rule has no {key}", (key,), f"add `{key}:`")
    if isinstance(value, Mapping | list | bool):
        raise InvalidRule(f"`{key}` must be text", (key,), "write one line of text")
    return "" if value is None else str(value)


def _body(mapping: Body, section: str) -> Body:
    body = mapping.get(section)
    if not isinstance(body, Mapping) or not body:
        hint = next((hint for key in mapping if (hint := nearest(str(key), (section,)))), "")
        problem = "has no" if body is None else "needs names and a condition in its"
        raise InvalidRule(f"the rule {problem} `{section}`{hint}", (section,), f"write `{section}:` in full")
    return body


def _logsource(mapping: Body) -> LogSource:
    value = mapping.get("logsource")
    parts = {key: value.get(key) for key in LogSource.__slots__} if isinstance(value, Mapping) else {}
    for key, part in parts.items():
        if not isinstance(part, str | None):
            raise InvalidRule(f"`{key}` must be text", ("logsource", key), "quote it")
    if not any(parts.values()):
        remedy = "give it a category, a product or a service"
        raise InvalidRule("the rule has no log source", ("logsource",), remedy)
    return LogSource(**{key: part or None for key, part in parts.items()})


def _filtered_rules(body: Body) -> tuple[str, ...]:
    rules = body.get("rules")
    if isinstance(rules, str):
        return () if rules == "any" else (rules,)
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        remedy = "list the rules' ids or names, or write `any`"
        raise InvalidRule("the filter does not say which rules it is for", ("filter", "rules"), remedy)
    return tuple(rules)


def _written(body: Body, section: str) -> list[tuple[Path, str]]:
    """Every condition, with its place."""
    path: Path = (section, "condition")
    found = body.get("condition")
    texts = found if isinstance(found, list) else [found]
    if not texts or any(not isinstance(text, str | int) for text in texts):
        raise InvalidRule("the condition is missing", path, "write a condition such as `selection`")
    if texts is not found:
        return [(path, str(found))]
    return [((*path, at), str(text)) for at, text in enumerate(texts)]


def _detection(value: object, path: Path, depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise InvalidRule(f"more than {MAX_DEPTH} levels of nesting", path)
    if value in (None, [], {}):
        raise InvalidRule(f"`{path[-1]}` is empty", path, "name a field and a value, or a keyword")
    if isinstance(value, Mapping):
        return _one_or(Every, [_item(key, inner, path) for key, inner in value.items()])
    if isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        return _one_or(Some, [_detection(part, (*path, at), depth + 1) for at, part in enumerate(value)])
    return read_item(None, (), value, path)


def _one_or(kind: type[Every] | type[Some], parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _item(key: object, value: object, path: Path) -> Item:
    here = (*path, key if isinstance(key, str | int) else str(key))
    if isinstance(key, bool) or not isinstance(key, str | int | float):
        raise InvalidRule(f"{key!r} is no field name", here, "quote it")
    field, *modifiers = str(key).split("|")
    if field == ANY_FIELD:
        raise InvalidRule("`*` is no field name", here, "leave the name out to search the whole event")
    if value == []:
        raise InvalidRule(f"`{key}` has an empty list of values", here, "name a value, or `null`")
    return read_item(field or None, modifiers, value, here)


def read_item(field: str | None, modifiers: Sequence[str], value: object, path: Path = ()) -> Item:
    """A detection item: a value, or a list of them, under modifiers. Raises `InvalidRule`."""
    values: list[Any] = value if isinstance(value, list) else [value]
    places = [(*path, at) for at in range(len(values))] if isinstance(value, list) else [path]
    try:
        check_modifiers(field, modifiers, values)
    except Misused as error:
        raise InvalidRule(error.message, path, error.help) from None
    patterns = [_pattern(field, modifiers, *where) for where in zip(values, places, strict=True)]
    return Item(field, tuple(modifiers), tuple(values), tuple(patterns), path)


def _pattern(field: str | None, modifiers: Sequence[str], value: Any, path: Path) -> tuple[Pattern, ...]:
    if field is None and value is None:
        raise InvalidRule("a keyword cannot be null", path, "quote it, or name a field")
    try:
        return modify(modifiers, value)
    except Misused as error:
        raise InvalidRule(error.message, path, error.help) from None
