"""Lengths of time as Kibana's rules say them: `90s`, `5m`, `2h`, in whole numbers."""

from __future__ import annotations

import re

_WRITTEN = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def written(amount: int) -> str:
    """Seconds in hours, minutes or seconds, whichever is whole."""
    for unit, size in (("h", 3600), ("m", 60)):
        if amount % size == 0:
            return f"{amount // size}{unit}"
    return f"{amount}s"


def read(text: str) -> int | None:
    """The seconds of such a text; None if it is none."""
    found = _WRITTEN.fullmatch(text)
    return int(found[1]) * _SECONDS[found[2]] if found else None
