"""Networks as patterns of text."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.convert.addresses import spellings

NUMBERS = st.integers(0, 2**32 - 1)


@given(NUMBERS, st.integers(0, 32), st.one_of(NUMBERS, st.integers(-3, 3)))
def test_spellings(number: int, length: int, other: int) -> None:
    network = IPv4Network((number, length), strict=False)
    pattern = spellings(str(network))
    assert pattern is not None
    edges = (int(network.network_address), int(network.broadcast_address))
    for one in {other % 2**32, *((edge + other) % 2**32 for edge in edges), *edges}:
        address = IPv4Address(one)
        assert (re.fullmatch(pattern, str(address)) is not None) is (address in network)


def test_neither_zeros_in_front_nor_ipv6() -> None:
    pattern = spellings("10.0.0.0/8")
    assert pattern is not None
    assert re.fullmatch(pattern, "10.01.0.0") is None
    assert re.fullmatch(pattern, "10.256.0.0") is None
    assert spellings("fe80::/10") is None
