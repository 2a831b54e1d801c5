"""A rule's YAML, as plain values → `Rule`. Everything that makes a rule invalid is found here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sigmaproof.errors import nearest
from sigmaproof.languages.sigma.conditions import capitals, parse_condition
from sigmaproof.languages.sigma.correlations import refuse_correlation
from sigmaproof.languages.sigma.errors import InvalidRule, Misused, Path
from sigmaproof.languages.sigma.modifiers import check_modifiers, modify
from sigmaproof.languages.sigma.nodes import (
    Condition,
    Detection,
    Every,
    Item,
    LogSource,
    Null,
    Pattern,
    Regexp,
    Rule,
    Some,
)
from sigmaproof.languages.sigma.regexes import check_regex
from sigmaproof.logic.values import ANY_FIELD

MAX_DEPTH = 30

_RESERVED = ("condition", "timeframe")


def read_rule(mapping: Mapping[str, Any]) -> Rule:
    """The rule, or filter, in one YAML document.

    Raises `InvalidRule` with the path to what is wrong, and `UnsupportedQuery` for what Sigma has and
    sigmaproof has not.
    """
    if not isinstance(mapping, Mapping):
        raise InvalidRule("a rule is a mapping of attributes", help="begin with `title:`")
    if "correlation" in mapping:
        refuse_correlation(mapping)
    section = "detection" if "detection" in mapping or "filter" not in mapping else "filter"
    title = _word(mapping, "title")
    if not title:
        raise InvalidRule("the rule has no title", ("title",), "add `title:`")
    body = _body(mapping, section)
    hidden = {*_RESERVED, "rules"} if section == "filter" else {*_RESERVED}
    detections = tuple(
        (_identifier(name, section), _detection(value, (section, name), 0))
        for name, value in body.items()
        if name not in hidden
    )
    return Rule(
        title=title,
        logsource=_logsource(mapping),
        detections=detections,
        conditions=_conditions(body, [name for name, _ in detections], section),
        rules=_filtered_rules(body) if section == "filter" else None,
        timeframe="timeframe" in body,
        capitals=_capitals(body, [name for name, _ in detections]),
        tags=_tags(mapping),
        taxonomy=_word(mapping, "taxonomy") or "sigma",
        id=_word(mapping, "id"),
        name=_word(mapping, "name"),
        status=_word(mapping, "status"),
        level=_word(mapping, "level"),
    )


def _word(mapping: Mapping[str, Any], key: str) -> str:
    value = mapping.get(key)
    if isinstance(value, Mapping | list | bool):
        raise InvalidRule(f"`{key}` must be text", (key,), "write one line of text")
    return "" if value is None else str(value)


def _tags(mapping: Mapping[str, Any]) -> tuple[str, ...]:
    tags = mapping.get("tags") or []
    if not isinstance(tags, list):
        raise InvalidRule("`tags` must be a list", ("tags",), "begin each tag with a dash")
    return tuple(map(str, tags))


def _body(mapping: Mapping[str, Any], section: str) -> Mapping[Any, Any]:
    body = mapping.get(section)
    if body is None:
        hint = next((hint for key in mapping if (hint := nearest(str(key), (section,)))), "")
        raise InvalidRule(f"the rule has no `{section}`{hint}", (section,), f"add `{section}:`")
    if not isinstance(body, Mapping):
        raise InvalidRule(
            f"`{section}` must be a mapping", (section,), "give each part a name, and a condition"
        )
    return body


def _logsource(mapping: Mapping[str, Any]) -> LogSource:
    value = mapping.get("logsource")
    remedy = "give it a category, a product or a service"
    if not isinstance(value, Mapping):
        raise InvalidRule("the rule has no log source", ("logsource",), remedy)
    parts = {key: value.get(key) for key in ("category", "product", "service")}
    for key, part in parts.items():
        if part is not None and not isinstance(part, str):
            raise InvalidRule(f"`{key}` must be text", ("logsource", key), "quote it")
    if not any(parts.values()):
        raise InvalidRule("the log source is empty", ("logsource",), remedy)
    return LogSource(**{key: part or None for key, part in parts.items()})


def _filtered_rules(body: Mapping[Any, Any]) -> tuple[str, ...]:
    rules = body.get("rules")
    if rules == "any":
        return ()
    if isinstance(rules, str):
        return (rules,)
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise InvalidRule(
            "a filter needs `rules`", ("filter", "rules"), "list the rules' ids or names, or write `any`"
        )
    return tuple(rules)


def _identifier(name: object, section: str) -> str:
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise InvalidRule(f"{name!r} is no identifier", (section, str(name)), "quote it")
    return str(name)


def _conditions(body: Mapping[Any, Any], names: Sequence[str], section: str) -> tuple[Condition, ...]:
    path: Path = (section, "condition")
    if not names:
        raise InvalidRule(f"the {section} defines nothing to look for", (section,), "add a selection")
    written = body.get("condition")
    if isinstance(written, list) and written:
        return tuple(_condition(text, names, (*path, index)) for index, text in enumerate(written))
    return (_condition(written, names, path),)


def _capitals(body: Mapping[Any, Any], names: Sequence[str]) -> tuple[str, ...]:
    written = body.get("condition")
    texts = written if isinstance(written, list) else [written]
    return tuple(word for text in texts if isinstance(text, str) for word in capitals(text, names))


def _condition(text: object, names: Sequence[str], path: Path) -> Condition:
    if not isinstance(text, str):
        if isinstance(text, int) and str(text) in names:
            return parse_condition(str(text), names, path)
        raise InvalidRule("the condition is missing", path, "write a condition such as `selection`")
    return parse_condition(text, names, path)


def _detection(value: object, path: Path, depth: int) -> Detection:
    if depth > MAX_DEPTH:
        raise InvalidRule(f"more than {MAX_DEPTH} levels of nesting", path)
    if isinstance(value, Mapping) and value:
        return _one_or(Every, [_item(key, inner, path) for key, inner in value.items()])
    if isinstance(value, list) and value:
        if not any(isinstance(inner, Mapping | list) for inner in value):
            return _modified(None, (), value, path, is_list=True)
        return _one_or(Some, [_detection(inner, (*path, at), depth + 1) for at, inner in enumerate(value)])
    if value is None or isinstance(value, Mapping | list):
        raise InvalidRule(f"`{path[-1]}` is empty", path, "name a field and a value, or a keyword")
    return _modified(None, (), [value], path)


def _one_or(kind: type[Every] | type[Some], parts: list[Detection]) -> Detection:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _item(key: object, value: object, path: Path) -> Item:
    here = (*path, key if isinstance(key, str | int) else str(key))
    if isinstance(key, bool) or not isinstance(key, str | int | float):
        raise InvalidRule(f"{key!r} is no field name", here, "quote it")
    field, *modifiers = str(key).split("|")
    if field == ANY_FIELD:
        raise InvalidRule("`*` is no field name", here, "leave the name out to search the whole event")
    if isinstance(value, list):
        if not value:
            raise InvalidRule(f"`{key}` has an empty list of values", here, "name a value, or `null`")
        return _modified(field or None, modifiers, value, here, is_list=True)
    return _modified(field or None, modifiers, [value], here)


def _modified(
    field: str | None, modifiers: Sequence[str], values: Sequence[Any], path: Path, *, is_list: bool = False
) -> Item:
    try:
        check_modifiers(field, modifiers, values)
    except Misused as error:
        raise InvalidRule(error.message, path, error.help) from None
    places = [(*path, index) if is_list else path for index in range(len(values))]
    patterns = [_pattern(field, modifiers, value, place) for value, place in zip(values, places, strict=True)]
    return Item(field, tuple(modifiers), tuple(values), tuple(patterns), path)


def _pattern(field: str | None, modifiers: Sequence[str], value: Any, path: Path) -> Pattern:
    try:
        pattern = modify(modifiers, value)
        if isinstance(pattern, Regexp):
            check_regex(pattern)
    except Misused as error:
        raise InvalidRule(error.message, path, error.help) from None
    if field is None and isinstance(pattern, Null):
        raise InvalidRule("a keyword cannot be null", path, "quote it, or name a field")
    return pattern
