"""Sigma the slow way: straight from the YAML, with loops and `re`, and nothing of sigmaproof's.

Small on purpose, so that it can be read beside the specification. Knows what the random tests write.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from typing import Any

DASHES = "-/–—―"


def matches(rule: dict[str, Any], event: dict[str, Any]) -> bool:
    detection = dict(rule["detection"])
    conditions = detection.pop("condition")
    truth = {name: holds(value, event) for name, value in detection.items()}
    conditions = conditions if isinstance(conditions, list) else [conditions]
    return any(condition_holds(condition, truth) for condition in conditions)


def condition_holds(condition: str, truth: dict[str, bool]) -> bool:
    def quantified(found: re.Match[str]) -> str:
        names = [name for name in truth if pattern_fits(found[2], name)]
        return str(all(map(truth.get, names)) if found[1] == "all" else any(map(truth.get, names)))

    python = re.sub(r"\b(1|all) of (\S+?)(?=[\s)]|$)", quantified, condition)
    words = {"and", "or", "not", "True", "False"}
    return eval(re.sub(r"\w+", lambda w: w[0] if w[0] in words else str(truth[w[0]]), python))


def pattern_fits(pattern: str, name: str) -> bool:
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    return pattern == "them" or re.fullmatch(pattern.replace("*", ".*"), name) is not None


def holds(detection: Any, event: dict[str, Any]) -> bool:
    if isinstance(detection, dict):
        return all(item_holds(key, value, event) for key, value in detection.items())
    if isinstance(detection, list):
        return any(holds(part, event) for part in detection)
    return item_holds("", detection, event)


def item_holds(key: str, written: Any, event: dict[str, Any]) -> bool:
    field, *modifiers = key.split("|")
    values = written if isinstance(written, list) else [written]
    answers = [value_holds(field, modifiers, value, event) for value in values]
    answer = all(answers) if "all" in modifiers else any(answers)
    return not answer if "neq" in modifiers else answer


def value_holds(field: str, modifiers: list[str], value: Any, event: dict[str, Any]) -> bool:
    cell = values_of(event, field) if field else list(leaves(event))
    if "exists" in modifiers:
        return (cell is not None) == value
    if "fieldref" in modifiers:
        others = values_of(event, value) or []
        return any(same(mine, other) for mine in cell or [] for other in others)
    if value is None:
        return cell is None or None in cell
    return any(one_holds(field, modifiers, value, actual) for actual in cell or [] if actual is not None)


def one_holds(field: str, modifiers: list[str], value: Any, actual: Any) -> bool:
    compare = next((name for name in modifiers if name in ("lt", "lte", "gt", "gte")), None)
    if compare:
        number = number_of(actual)
        tests = {"lt": "number < value", "lte": "number <= value", "gt": "number > value"}
        return number is not None and bool(eval(tests.get(compare, "number >= value")))
    if "re" in modifiers:
        flags = (re.IGNORECASE if "i" in modifiers else 0) | (re.DOTALL if "s" in modifiers else 0)
        return re.search(value, text_of(actual), flags) is not None
    if "cidr" in modifiers:
        try:
            return ipaddress.ip_address(actual) in ipaddress.ip_network(value)
        except ValueError:
            return False
    if field and not modifiers_of_text(modifiers):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric or (isinstance(value, str) and not isinstance(actual, str)):
            if number_of(value) is not None and number_of(actual) == number_of(value):
                return True
            if numeric:
                return False
    return any(
        text_holds(field, modifiers, tokens, text_of(actual)) for tokens in spellings(modifiers, value)
    )


def modifiers_of_text(modifiers: list[str]) -> bool:
    return bool(set(modifiers) - {"all", "neq", "cased"})


def text_holds(field: str, modifiers: list[str], tokens: list[str], actual: str) -> bool:
    where = next((name for name in modifiers if name in ("contains", "startswith", "endswith")), None)
    if where is None and not field:
        where = "contains"
    before = ".*" if where in ("contains", "endswith") else ""
    after = ".*" if where in ("contains", "startswith") else ""
    pattern = (
        before + "".join(".*" if t == "*" else "." if t == "?" else re.escape(t[1:]) for t in tokens) + after
    )
    flags = re.DOTALL if "cased" in modifiers else re.DOTALL | re.IGNORECASE
    return re.fullmatch(pattern, actual, flags) is not None


def spellings(modifiers: list[str], value: Any) -> list[list[str]]:
    """Every way to write a value: lists of `*`, `?`, and plain characters with `=` in front."""
    ways = [tokens_of(text_of(value))]
    for name in modifiers:
        if name == "windash":
            ways = [way for tokens in ways for way in with_dashes(tokens)]
        elif name in ("base64", "base64offset"):
            plain = ["".join(t[1:] for t in tokens) for tokens in ways]
            codec = "utf-16-le" if "wide" in modifiers else "utf-8"
            encode = whole_base64 if name == "base64" else offset_base64
            ways = [["=" + char for char in code] for text in plain for code in encode(text.encode(codec))]
    return ways


def tokens_of(text: str) -> list[str]:
    tokens = []
    while text:
        if text[0] == "\\" and text[1:2] in ("\\", "*", "?") and text[1:]:
            tokens.append("=" + text[1])
            text = text[2:]
        else:
            tokens.append(text[0] if text[0] in "*?" else "=" + text[0])
            text = text[1:]
    return tokens


def with_dashes(tokens: list[str]) -> list[list[str]]:
    def word(index: int) -> bool:
        return (
            0 <= index < len(tokens) and tokens[index][0] == "=" and bool(re.match(r"\w", tokens[index][1]))
        )

    def dash(index: int) -> bool:
        here = tokens[index][0] == "=" and tokens[index][1] in DASHES
        return here and not word(index - 1) and word(index + 1)

    options = [["=" + d for d in DASHES] if dash(i) else [token] for i, token in enumerate(tokens)]
    return [list(way) for way in itertools.product(*options)]


def whole_base64(data: bytes) -> list[str]:
    return [base64.b64encode(data).decode()]


def offset_base64(data: bytes) -> list[str]:
    """The characters that stay the same whatever stands before and after."""
    found = []
    for offset in range(3):
        some = base64.b64encode(b"\0" * offset + data + b"\0\0\0").decode()
        other = base64.b64encode(b"\xff" * offset + data + b"\xff\xff\xff").decode()
        end = (offset + len(data)) * 8 // 6
        start = -(-offset * 8 // 6)
        assert some[start:end] == other[start:end]
        found.append(some[start:end])
    return found


def values_of(event: Any, path: str) -> list[Any] | None:
    if isinstance(event, list):
        found = [values_of(part, path) for part in event]
        found = [part for part in found if part is not None]
        return [value for part in found for value in part] if found else None
    if not isinstance(event, dict):
        return None
    if path in event:
        return flat(event[path])
    for dot in (i for i, char in enumerate(path) if char == "."):
        if path[:dot] in event and (found := values_of(event[path[:dot]], path[dot + 1 :])) is not None:
            return found
    return None


def flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [inner for part in value for inner in flat(part)]
    return [] if isinstance(value, dict) else [value]


def leaves(value: Any) -> Any:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from leaves(inner)
    else:
        yield value


def same(mine: Any, other: Any) -> bool:
    if mine is None or other is None:
        return False
    if not (isinstance(mine, str) and isinstance(other, str)) and None not in (
        number_of(mine),
        number_of(other),
    ):
        return number_of(mine) == number_of(other)
    return text_of(mine).lower() == text_of(other).lower()


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_of(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", value):
        return float(value) if "." in value else int(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
