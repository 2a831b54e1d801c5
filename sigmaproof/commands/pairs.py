"""Options of the form NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

from sigmaproof.errors import Problem, UsageError


def parted(option: str, pairs: Iterable[str], form: str) -> dict[str, str]:
    """The values by name, the last one given for each. Raises `UsageError` for one without a `=`."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, found, value = pair.partition("=")
        if not found:
            raise UsageError(Problem("usage", f"{option} {pair!r} is not {form}"))
        values[name] = value
    return values
