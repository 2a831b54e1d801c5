"""Addresses that a rule writes as text with wildcards, as networks."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, ip_address

from sigmaproof.text.glob import MANY, Glob

_OCTETS = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){1,3}")


def networks(glob: Glob) -> str | None:
    """The network whose addresses are exactly what the glob matches among addresses, if there is one.

    `10.*` is 10.0.0.0/8. `10.1*` is no network, and neither is any text for IPv6, which has many spellings.
    """
    literal = glob.literal
    if literal is not None:
        return literal if _is_plain(literal) else None
    match glob.parts:
        case (str(prefix), last) if last is MANY and _OCTETS.fullmatch(prefix):
            octets = prefix.rstrip(".").split(".")
            return ".".join([*octets, *["0"] * (4 - len(octets))]) + f"/{8 * len(octets)}"
    return None


def _is_plain(text: str) -> bool:
    try:
        return isinstance(ip_address(text), IPv4Address)
    except ValueError:
        return False
