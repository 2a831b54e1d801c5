"""Derived values: what an indexing pipeline computes from raw fields. Pure, named, with a prover in mind.

Each function takes one argument per source, a scalar or a list as the raw event holds it, and gives a scalar,
a list, or None for "no value". `inverse` says which raw values lead to a derived one; empty means that there
is no useful description, so that only search over events can decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import wraps
from inspect import Parameter, signature
from ipaddress import ip_address
from typing import Any, TypeVar

from msgspec import Struct

from sigmaproof.index import command_lines, registry, winxml
from sigmaproof.logic.values import text_of

Apply = Callable[..., Any]
F = TypeVar("F", bound=Apply)


class Function(Struct, frozen=True):
    """A named derivation."""

    name: str
    apply: Apply
    inverse: str
    least: int
    most: int | None
    """How many sources it takes; None means any number."""
    several: bool
    """It can give several values where its sources have one each."""


FUNCTIONS: dict[str, Function] = {}


def _function(inverse: str, *, whole: bool = False) -> Callable[[F], F]:
    """Registers a function under its name; unless `whole`, it is for each value of its first source."""

    def register(apply: F) -> F:
        name = apply.__name__.strip("_")
        least, most = _arity(apply)
        several = str(signature(apply).return_annotation).startswith("list[")
        FUNCTIONS[name] = Function(name, apply if whole else _each(apply), inverse, least, most, several)
        return apply

    return register


def _arity(apply: Apply) -> tuple[int, int | None]:
    parameters = signature(apply).parameters.values()
    if any(one.kind is Parameter.VAR_POSITIONAL for one in parameters):
        return 1, None
    return len(parameters), len(parameters)


def _each(apply: Apply) -> Apply:
    @wraps(apply)
    def applied(first: Any, *others: Any) -> Any:
        if first is None:
            return None
        if not isinstance(first, list | tuple):
            return apply(first, *others)
        found = list(_flat(apply(one, *others) for one in first if one is not None))
        return found or None

    return applied


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        elif value is not None:
            yield value


@_function("the same text, or the number or boolean that is written so")
def text(value: Any) -> str:
    return text_of(value)


@_function("the same text in any letter case")
def lowercase(value: Any) -> str:
    return text_of(value).lower()


@_function("the number in decimal digits, or in hex after 0x")
def integer(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, int):
        return int(value)
    found = re.fullmatch(r"([-+]?)(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,19})", text_of(value))
    if found is None:
        return None
    number = int(found[2], 16 if found[2][:2].lower() == "0x" else 10)
    return -number if found[1] == "-" else number


@_function("any path that ends in a backslash and that name; never a text without a backslash")
def file_name(path: Any) -> str | None:
    _, found, name = text_of(path).rpartition("\\")
    return name if found and name else None


@_function("any path that ends in a backslash and that name, or the name alone")
def last_path_part(path: Any) -> str:
    return text_of(path).rpartition("\\")[2]


@_function("that text, a backslash, and anything without a backslash")
def directory(path: Any) -> str | None:
    before, found, _ = text_of(path).rpartition("\\")
    return before if found else None


@_function("a path with a backslash anywhere that ends in a dot and that text, without further dots")
def path_extension(path: Any) -> str | None:
    whole = text_of(path)
    _, dot, after = whole.rpartition(".")
    return after if dot and "\\" in whole else None


@_function("a text that ends in a dot and that text, without further dots")
def extension(name: Any) -> str | None:
    _, dot, after = text_of(name).rpartition(".")
    return after if dot and after else None


@_function("")
def windows_args(line: Any) -> list[str] | None:
    return command_lines.windows_args(text_of(line)) or None


@_function("")
def quoted_words(line: Any) -> list[str] | None:
    return command_lines.quoted_words(text_of(line)) or None


@_function("", whole=True)
def count(values: Any) -> int | None:
    if values is None:
        return None
    return len(values) if isinstance(values, list | tuple) else 1


@_function("comma-separated NAME=VALUE, where NAME in any letter case is the second source")
def hash_of(hashes: Any, algorithm: Any) -> str | None:
    return dict(_hashes(text_of(hashes))).get(text_of(algorithm).lower())


@_function("comma-separated NAME=VALUE")
def hash_values(hashes: Any) -> list[str] | None:
    return [value for _, value in _hashes(text_of(hashes))] or None


def _hashes(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split(","):
        name, found, value = pair.partition("=")
        if found and value.strip("0"):
            yield name.lower(), value.lower()


@_function("a text with one backslash, before that name")
def account_name(account: Any) -> str | None:
    parts = text_of(account).split("\\")
    return (parts[1] or None) if len(parts) == 2 else None


@_function("a text with one backslash, after that name")
def account_domain(account: Any) -> str | None:
    parts = text_of(account).split("\\")
    return (parts[0] or None) if len(parts) == 2 else None


@_function("the text; a lone dash has no value")
def unless_dash(value: Any) -> Any:
    return None if value in ("", "-") else value


@_function("a lone dash; anything else has no value")
def only_dash(value: Any) -> Any:
    return value if value == "-" else None


@_function("a distinguished name that begins with CN= and that name")
def member_name(name: Any) -> str | None:
    return re.split(r"(?<!\\),", text_of(name))[0].replace("CN=", "").replace("cn=", "") or None


@_function("a distinguished name with DC= and that name in fourth place")
def member_domain(name: Any) -> str | None:
    parts = re.split(r"(?<!\\),", text_of(name))
    return parts[3].replace("DC=", "").replace("dc=", "") if len(parts) > 3 else None


@_function("the name, or the name, an @ and anything")
def before_at(name: Any) -> str:
    return text_of(name).partition("@")[0]


@_function("the hive's short or long name, alone or before a backslash and anything")
def registry_hive(path: Any) -> str | None:
    return registry.hive(text_of(path))


@_function("a known hive, a backslash, and that text")
def registry_key(path: Any) -> str | None:
    return registry.key(text_of(path))


@_function("the text, or anything, a backslash and the text")
def registry_value(path: Any) -> str | None:
    return registry.value(text_of(path))


@_function("a known hive, a backslash, that text, a backslash and anything without a backslash")
def registry_parent_key(path: Any) -> str | None:
    return (registry.key(text_of(path)) or "").rpartition("\\")[0] or None


@_function("the same path; HKEY_USERS from HKU")
def endpoint_registry_path(path: Any) -> str:
    before, found, after = text_of(path).partition("\\")
    return ("HKEY_USERS" if before == "HKU" else before) + found + after


@_function("the path's first part; HKEY_USERS from HKU")
def endpoint_registry_hive(path: Any) -> str:
    return endpoint_registry_path(path).partition("\\")[0]


@_function("the text, or `DWORD (0x…)` and `QWORD (0x…-0x…)` of the number")
def registry_data(details: Any) -> str:
    return registry.data(text_of(details))[0]


@_function("any text for REG_SZ, `DWORD (0x…)`, `QWORD (0x…-0x…)`, `Binary Data`")
def registry_data_type(details: Any) -> str:
    return registry.data(text_of(details))[1]


@_function("the address, or an IPv4 address as ::ffff:…")
def plain_ip(address: Any) -> str:
    found = re.fullmatch(r"\[?::ffff:([0-9]+(?:\.[0-9]+){3})(?:\](?::[0-9]+)?)?", text_of(address))
    return found[1] if found else text_of(address)


@_function("the address; anything else has no value")
def address(value: Any) -> str | None:
    try:
        ip_address(text_of(value))
    except ValueError:
        return None
    return text_of(value)


@_function("the time in ISO 8601 or as `YYYY-MM-DD HH:MM:SS.fff`, in UTC unless it says otherwise")
def iso_time(value: Any) -> str | None:
    moment = _moment(value)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else None


@_function("the time in ISO 8601 or as `YYYY-MM-DD HH:MM:SS.fff`, in UTC unless it says otherwise")
def epoch_seconds(value: Any) -> float | None:
    moment = _moment(value)
    return moment.timestamp() if moment else None


def _moment(value: Any) -> datetime | None:
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(text_of(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


@_function("the words, with blanks between them")
def words(value: Any) -> list[str] | None:
    return text_of(value).split() or None


@_function("the words after %%, with blanks between them")
def message_codes(value: Any) -> list[str] | None:
    return [word.replace("%%", "") for word in text_of(value).split()] or None


@_function("lines NAME=VALUE, where NAME is the second source; blanks around both do not count")
def named_value(block: Any, name: Any) -> str | None:
    return _named_value(text_of(block).split("\n"), " \r\n\t", name)


@_function("lines NAME=VALUE after a tab, where NAME is the second source")
def tabbed_value(block: Any, name: Any) -> str | None:
    return _named_value(text_of(block).replace("\r\n", "\n").split("\n\t"), "\n\t", name)


def _named_value(lines: Iterable[str], blanks: str, name: Any) -> str | None:
    pairs = (line.partition("=") for line in lines)
    return next((value.strip(blanks) or None for key, _, value in pairs if key.strip(blanks) == name), None)


@_function("a list with the value at that place, counted from 1", whole=True)
def item(values: Any, place: Any) -> Any:
    if values is None:
        return None
    listed = values if isinstance(values, list | tuple) else [values]
    return listed[place - 1] if len(listed) >= place else None


@_function("lines of invocation details, as PowerShell writes them")
def invocation_types(details: Any) -> list[str] | None:
    return _invocations(details, "type")


@_function("lines of invocation details, as PowerShell writes them")
def invocation_commands(details: Any) -> list[str] | None:
    return _invocations(details, "related_command")


@_function("lines of invocation details, as PowerShell writes them")
def invocation_names(details: Any) -> list[str] | None:
    return _invocations(details, "name")


@_function("lines of invocation details, as PowerShell writes them")
def invocation_values(details: Any) -> list[str] | None:
    return _invocations(details, "value")


def _invocations(details: Any, part: str) -> list[str] | None:
    found = command_lines.invocation_details(text_of(details))
    return [detail[part] for detail in found if part in detail] or None


@_function("`type: N NAME;` for names, addresses for the rest")
def dns_answers(results: Any) -> list[str] | None:
    return [*_dns_names(text_of(results)), *_dns_addresses(text_of(results))] or None


@_function("addresses between semicolons")
def dns_addresses(results: Any) -> list[str] | None:
    return list(_dns_addresses(text_of(results))) or None


@_function("`type: N NAME;`")
def dns_names(results: Any) -> list[str] | None:
    return list(_dns_names(text_of(results))) or None


def _dns_names(results: str) -> Iterator[str]:
    for part in results.split(";"):
        words = part.split()
        if part.startswith("type:") and len(words) == 3:
            yield words[2]


def _dns_addresses(results: str) -> Iterator[str]:
    found = [plain_ip(part) for part in results.split(";") if part and not part.startswith("type:")]
    yield from (one for one in found if address(one))


@_function("the joined text, cut in two", whole=True)
def joined(*parts: Any) -> str | None:
    return None if any(part is None for part in parts) else "".join(text_of(part) for part in parts)


@_function("the value as any of the sources", whole=True)
def collect(*sources: Any) -> list[Any] | None:
    return list(dict.fromkeys(_flat(sources))) or None


@_function("the value as the first source that is there", whole=True)
def first(*sources: Any) -> Any:
    return next((source for source in sources if source is not None), None)


@_function("bits 52 and 53 of the number: audit failure and audit success")
def audit_outcome(keywords: Any) -> str | None:
    return winxml.audit_outcome(integer(keywords))


@_function("", whole=True)
def event_xml(event: Mapping[str, Any]) -> str:
    return winxml.event_xml(event)


@_function("", whole=True)
def event_data_xml(event: Mapping[str, Any]) -> str | None:
    return winxml.event_data_xml(event)
