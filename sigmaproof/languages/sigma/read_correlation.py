"""A correlation rule's YAML, as plain values → `Correlation`. All faults of its own are found here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from sigmaproof.errors import nearest
from sigmaproof.languages.sigma.conditions import parse_condition, tokens
from sigmaproof.languages.sigma.correlation import OPERATORS, Correlation, Threshold, Type
from sigmaproof.languages.sigma.errors import InvalidRule, Path
from sigmaproof.languages.sigma.nodes import Name, Node, Quantified, walk
from sigmaproof.languages.sigma.read import word
from sigmaproof.logic.values import number_of

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}
"""Of the units of a timespan; a month and a year are those of the calendar on average, as in pySigma."""
MOST_SECONDS = 10 * SECONDS["y"]
MOST_RULES = 100

_AT = ("correlation",)
_KEYS = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
_SPAN = re.compile(r"([0-9]{1,12})([smhdwMy])")
_REMEDY_SPAN = "write a whole number and one of s, m, h, d, such as 90m"

Body = Mapping[Any, Any]


def read_correlation(mapping: Body) -> Correlation:
    """The correlation rule in one YAML document. Raises `InvalidRule` with the path to what is wrong."""
    body = mapping.get("correlation")
    if not isinstance(body, Mapping) or not body:
        raise InvalidRule("the correlation says nothing", _AT, "give it a type, rules and a timespan")
    _known(body, _KEYS, _AT)
    kind = _type(body)
    rules = _rules(body, kind)
    condition = _condition(body, kind, rules)
    tags = mapping.get("tags")
    return Correlation(
        title=word(mapping, "title", required=True),
        type=kind,
        rules=rules or _named(condition),
        span=_span(body),
        condition=condition,
        fields=_fields(body, kind),
        percentile=_percentile(body, kind),
        group_by=_names(body, "group-by"),
        aliases=_aliases(body),
        generate=_generate(mapping, ()) or _generate(body, _AT),
        id=word(mapping, "id"),
        name=word(mapping, "name"),
        status=word(mapping, "status"),
        level=word(mapping, "level"),
        tags=tuple(map(str, tags)) if isinstance(tags, list) else (),
        written_span=str(body.get("timespan")),
        idle=_idle(body, kind),
    )


def _known(mapping: Body, keys: Sequence[str], path: Path) -> None:
    for key in mapping:
        if key not in keys:
            hint = nearest(str(key), keys)
            raise InvalidRule(f'unknown key "{key}"{hint}', (*path, key), f"known keys: {', '.join(keys)}")


def _type(body: Body) -> Type:
    value, known = body.get("type"), [one.value for one in Type]
    if value is None:
        raise InvalidRule("the correlation has no type", _AT, f"add `type:`, one of {', '.join(known)}")
    if value not in known:
        hint = nearest(str(value), known)
        raise InvalidRule(f'unknown type "{value}"{hint}', (*_AT, "type"), f"types are {', '.join(known)}")
    return Type(value)


def _rules(body: Body, kind: Type) -> tuple[str, ...]:
    """The references; none where an expression names them itself."""
    value, path = body.get("rules"), (*_AT, "rules")
    if value is None and kind.temporal and isinstance(body.get("condition"), str):
        return ()
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found:
        at = path if "rules" in body else _AT
        raise InvalidRule("the correlation refers to no rule", at, "list ids or names under `rules:`")
    for position, one in enumerate(found):
        if not isinstance(one, str) or not one.strip():
            raise InvalidRule("a reference is a rule's id or name", (*path, position), "quote it")
    if len(found) > MOST_RULES:
        raise InvalidRule(f"more than {MOST_RULES} rules", path, "chain several correlation rules")
    return tuple(one.strip() for one in found)


def _span(body: Body) -> int:
    value, path = body.get("timespan"), (*_AT, "timespan")
    if value is None:
        raise InvalidRule("the correlation has no timespan", _AT, f"add `timespan:`; {_REMEDY_SPAN}")
    written = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise InvalidRule(f'"{value}" is no timespan', path, _REMEDY_SPAN)
    seconds = int(written[1]) * SECONDS[written[2]]
    if not 0 < seconds <= MOST_SECONDS:
        raise InvalidRule("a timespan is longer than nothing and at most ten years", path, _REMEDY_SPAN)
    return seconds


def _names(body: Body, key: str, at: Path = _AT) -> tuple[str, ...]:
    """One field or a list of them."""
    value = body.get(key)
    found = [] if value is None else value if isinstance(value, list) else [value]
    for position, one in enumerate(found):
        if isinstance(one, bool) or not isinstance(one, str | int) or one == "":
            path = (*at, key, position) if isinstance(value, list) else (*at, key)
            raise InvalidRule(f"`{key}` holds something that is no field name", path, "quote it")
    return tuple(dict.fromkeys(map(str, found)))


def _aliases(body: Body) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    value, path = body.get("aliases"), (*_AT, "aliases")
    remedy = "write `alias: {rule_name: Field}`"
    if value is None:
        return ()
    if not isinstance(value, Mapping):
        raise InvalidRule("`aliases` must be a mapping", path, remedy)
    found = []
    for alias, fields in value.items():
        if not isinstance(fields, Mapping) or not fields:
            raise InvalidRule(f"the alias `{alias}` names no field of any rule", (*path, alias), remedy)
        for rule, field in fields.items():
            if isinstance(field, bool) or not isinstance(field, str | int) or field == "":
                raise InvalidRule("an alias stands for one field name", (*path, alias, rule), "quote it")
        found.append((str(alias), tuple((str(rule), str(field)) for rule, field in fields.items())))
    return tuple(found)


def _generate(mapping: Body, at: Path) -> bool:
    value = mapping.get("generate", False)
    if not isinstance(value, bool):
        raise InvalidRule("`generate` is true or false", (*at, "generate"), "write one of the two, unquoted")
    return value


def _condition(body: Body, kind: Type, rules: Sequence[str]) -> tuple[Threshold, ...] | Node:
    value, path = body.get("condition"), (*_AT, "condition")
    if value is None and kind.temporal:
        return ()
    if isinstance(value, str):
        if kind.temporal:
            return _expression(value, rules, path)
        raise InvalidRule("an expression over rules needs a temporal type", path, "write it like `gte: 10`")
    if not isinstance(value, Mapping):
        at = path if "condition" in body else _AT
        raise InvalidRule("the correlation has no condition", at, "add `condition:`, such as `gte: 10` in it")
    _known(value, (*OPERATORS, "field", "percentile"), path)
    found = [_threshold(operator, value[operator], path) for operator in OPERATORS if operator in value]
    if not found:
        raise InvalidRule("the condition compares with nothing", path, f"add one of {', '.join(OPERATORS)}")
    return tuple(found)


def _threshold(operator: str, value: object, path: Path) -> Threshold:
    found = number_of(value) if isinstance(value, str | int | float) else None
    if found is None or not isfinite(found):
        raise InvalidRule(f"`{operator}` needs a number", (*path, operator), "write it like `gte: 10`")
    return Threshold(operator, found)


def _expression(source: str, rules: Sequence[str], path: Path) -> Node:
    words = [one for one in tokens(source) if one not in ("", "(", ")", "|")]
    named = list(rules) or [one for one in words if one.lower() not in ("and", "or", "not")]
    node = parse_condition(source, named, path)
    if any(isinstance(one, Quantified) for one in walk(node)):
        remedy = "name the rules one by one, or compare their number: `gte: 2`"
        raise InvalidRule("a correlation's expression has no quantifiers", path, remedy)
    return node


def _named(condition: tuple[Threshold, ...] | Node) -> tuple[str, ...]:
    nodes = () if isinstance(condition, tuple) else walk(condition)
    return tuple(dict.fromkeys(node.name for node in nodes if isinstance(node, Name)))


def _fields(body: Body, kind: Type) -> tuple[str, ...]:
    path: Path = (*_AT, "condition")
    if not kind.reads_values:
        return ()
    found = _names(body["condition"], "field", path)
    if not found:
        remedy = "add `field:` beside the comparison"
        raise InvalidRule(f"`{kind}` does not say whose values it looks at", path, remedy)
    if len(found) > 1 and kind is not Type.VALUE_COUNT:
        raise InvalidRule(f"`{kind}` reads one field", (*path, "field"), "name one field")
    return found


def _idle(body: Body, kind: Type) -> tuple[str, ...]:
    """Keys of the condition that mean nothing under this type."""
    condition = body.get("condition")
    if not isinstance(condition, Mapping):
        return ()
    means = {"field": kind.reads_values, "percentile": kind is Type.VALUE_PERCENTILE}
    return tuple(key for key, used in means.items() if key in condition and not used)


def _percentile(body: Body, kind: Type) -> float:
    if kind is not Type.VALUE_PERCENTILE:
        return 50
    path: Path = (*_AT, "condition")
    value = body["condition"].get("percentile")
    if value is None:
        remedy = "add `percentile:`, such as 95"
        raise InvalidRule("the condition does not say which percentile it compares", path, remedy)
    found = number_of(value) if isinstance(value, str | int | float) else None
    if found is None or not 0 <= found <= 100:
        raise InvalidRule("a percentile is a number from 0 to 100", (*path, "percentile"), "such as 95")
    return found
