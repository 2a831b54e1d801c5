"""Languages of addresses hold exactly the texts that name an address of the network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigmaproof.logic.prove.machines import runner
from sigmaproof.logic.prove.networks import NO_ADDRESS, ODD, Addresses

NETWORKS = [
    "0.0.0.0/0",
    "0.0.0.0/32",
    "10.0.0.0/8",
    "13.107.6.152/31",
    "172.16.0.0/12",
    "255.255.255.255/32",
    "::/0",
    "::/64",
    "::1/128",
    "fe80::/10",
    "fc00::/7",
    "2603:1006::/40",
    "2a01:111:f100:2000::a83e:3019/128",
    "::ffff:10.0.0.0/104",
]
networks = st.sampled_from(NETWORKS)


@st.composite
def addresses(draw: st.DrawFn) -> IPv4Address | IPv6Address:
    """Inside one of the networks as often as not."""
    network = ip_network(draw(networks))
    if draw(st.booleans()):
        return network[draw(st.integers(0, network.num_addresses - 1))]
    bits = network.max_prefixlen
    return (IPv4Address if bits == 32 else IPv6Address)(draw(st.integers(0, 2**bits - 1)))


@st.composite
def written(draw: st.DrawFn) -> str:
    """An address in one of its forms."""
    address = draw(addresses())
    if isinstance(address, IPv4Address):
        return draw(st.sampled_from([str(address), f"::ffff:{address}", f"::FFFF:{address}"]))
    groups = address.exploded.split(":")
    forms = [str(address), str(address).upper(), address.exploded]
    forms.append(":".join(one.lstrip("0") or "0" for one in groups))
    return draw(st.sampled_from(forms))


@st.composite
def nearly(draw: st.DrawFn) -> str:
    """A form with signs changed, added or gone."""
    text = list(draw(written()))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text) - 1))
        text[at] = draw(st.sampled_from(["", "0", "1", "9", "f", "g", ":", ".", "::", "25"]))
    return "".join(text) or "0"


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def inside(text: str, network: IPv4Network | IPv6Network, *, mapped: bool) -> bool:
    """By the standard library; with `mapped`, an address of IPv4 and its form in IPv6 are one."""
    found = address_of(text)
    if found is None:
        return False
    if not mapped:
        return found in network
    as_six = found if isinstance(found, IPv6Address) else IPv6Address(f"::ffff:{found}")
    if isinstance(network, IPv4Network):
        network = IPv6Network((f"::ffff:{network.network_address}", 96 + network.prefixlen))
    return as_six in network


@pytest.mark.parametrize("mapped", [False, True])
@pytest.mark.parametrize("network", NETWORKS)
@given(text=st.one_of(written(), nearly()))
def test_a_text_belongs_as_its_address_lies_in_the_network(network: str, mapped: bool, text: str) -> None:
    if not runner(ODD).contains(text):
        # 4 in 6 counts only where the network says that it means them
        wanted = inside(text, ip_network(network), mapped=mapped and _may_be_mapped(network))
        assert runner(Addresses(network, mapped)).contains(text) is wanted


def _may_be_mapped(network: str) -> bool:
    """Networks of IPv4, and those of IPv6 that are all inside what IPv6 keeps for it."""
    found = ip_network(network)
    return isinstance(found, IPv4Network) or found.subnet_of(IPv6Network("::ffff:0:0/96"))


@given(text=st.one_of(written(), nearly(), st.text()))
def test_what_is_no_address_is_in_no_network(text: str) -> None:
    if not runner(ODD).contains(text):
        assert runner(NO_ADDRESS).contains(text) is (address_of(text) is None)
