"""Addresses that a rule writes as text with wildcards, as networks; and networks as patterns of text."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, ip_address, ip_network

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


def spellings(cidr: str) -> str | None:
    """An expression for the addresses of a network as text; None for IPv6, which has many spellings."""
    network = ip_network(cidr, strict=False)
    if not isinstance(network, IPv4Network):
        return None
    ends = zip(network.network_address.packed, network.broadcast_address.packed, strict=True)
    return "\\.".join(_octet(low, high) for low, high in ends)


def _octet(low: int, high: int) -> str:
    ways = _numbers(low, high)
    return ways[0] if len(ways) == 1 else f"({'|'.join(ways)})"


def _numbers(low: int, high: int) -> list[str]:
    """Expressions for the numbers between two, without zeros in front."""
    if high < 10:
        return [_digits(low, high)]
    if low < 10:
        return [_digits(low, 9), *_numbers(10, high)]
    first, last = low // 10, high // 10
    if first == last:
        return [f"{first}{_digits(low % 10, high % 10)}"]
    front = [f"{first}{_digits(low % 10, 9)}"] if low % 10 else []
    back = [f"{last}{_digits(0, high % 10)}"] if high % 10 < 9 else []
    first, last = first + len(front), last - len(back)
    whole = [f"{tens}[0-9]" for tens in _numbers(first, last)] if first <= last else []
    return [*front, *whole, *back]


def _digits(low: int, high: int) -> str:
    return str(low) if low == high else f"[{low}-{high}]"
