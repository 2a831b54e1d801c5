"""Addresses that a rule writes as text with wildcards, as networks."""

from __future__ import annotations

import re
from ipaddress import ip_address

from sigmaproof.text.glob import MANY, Glob

_OCTETS = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){1,3}")


def networks(glob: Glob) -> list[str] | None:
    """The networks whose addresses are exactly what the glob matches among addresses, if there are any.

    `10.*` is 10.0.0.0/8. `10.1*` is not a network, and neither is any IPv6 prefix, which has many spellings.
    """
    literal = glob.literal
    if literal is not None:
        return [literal] if _is_address(literal) else None
    match glob.parts:
        case (str(prefix), last) if last is MANY and _OCTETS.fullmatch(prefix):
            octets = prefix.rstrip(".").split(".")
            return [".".join([*octets, *["0"] * (4 - len(octets))]) + f"/{8 * len(octets)}"]
    return None


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
